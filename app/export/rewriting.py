"""The links of a page, each led to a file of the export or taken away.

A page is a text of our own templates and of the sanitizer, so its tags can be read as they stand:
attributes have double quotes, and no text has a tag in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

#: A tag with its attributes; the contents of scripts and styles have no tags.
_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>\"]|\"[^\"]*\")*)>")
_LINK = re.compile(r'(\s)(href|src|action|data-search)="([^"]*)"')
_ELSEWHERE = re.compile(r"(?i)[a-z][a-z0-9+.-]*:|//")

#: Makes an address of the site, with its query and anchor, a link; None where nothing of the
#: export is there.
Target = Callable[[str], str | None]


def rewrite(html: str, address: str, target: Target) -> str:
    """The HTML of the page at ``address`` with its links led by ``target``. A link that leads
    nowhere keeps its words and is no link; an element that is nothing but a link is left out.

    >>> rewrite('<a href="/map">Map</a> <a href="#x">x</a>', "/", lambda at: "map/index.html")
    '<a href="map/index.html">Map</a> <a href="#x">x</a>'
    >>> rewrite('<link rel="search" href="/a.xml"><a href="/b">B</a>', "/", lambda at: None)
    '<a>B</a>'
    """

    def tag(match: re.Match[str]) -> str:
        name, attributes = match[1].lower(), match[2]
        lost = False

        def link(found: re.Match[str]) -> str:
            nonlocal lost
            given = unescape(found[3])
            if given.startswith("#") or _ELSEWHERE.match(given):
                return found[0]
            led = target(urljoin(address, given))
            if led is None:
                lost = True
                return ""
            return f'{found[1]}{found[2]}="{escape(led)}"'

        changed = _LINK.sub(link, attributes)
        if lost and name in ("link", "script", "source"):
            return ""
        return f"<{match[1]}{changed}>" if changed != attributes else match[0]

    return _TAG.sub(tag, html)


def split(address: str) -> tuple[str, str, str]:
    """The path, query and anchor of an address of the site."""
    parts = urlsplit(address)
    return parts.path, parts.query, parts.fragment


def classic(script: str) -> str:
    """A script that was a module as one that browsers also run from a disk: names of its own, and
    strict. Modules are loaded from hosts alone."""
    return f'(() => {{\n"use strict";\n{script.rstrip()}\n}})();\n'


def classic_scripts(html: str) -> str:
    """A page with its scripts as browsers load them from a disk too."""
    return html.replace('<script type="module" src=', "<script defer src=")
