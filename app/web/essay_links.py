"""An essay's links into the archive as addresses of this site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import unquote

from flask import url_for

from app.web.context import engine
from app.web.urls import address
from indexer.essay import Essay

#: A link by name, as :mod:`indexer.parsing.wikilinks` leaves it; no link stands in a link.
_NAMED = re.compile(r'<a href="essay:(wiki//[^"#]*)(#[^"]*)?">(.*?)</a>', re.DOTALL)
_MARKED = re.compile(r'(href|src)="(essay|media):([^"#]*)(#[^"]*)?"')


def with_addresses(found: Essay) -> str:
    """An essay's HTML with its links into the archive as addresses of this site.

    The HTML was made safe when it was indexed; only the marked addresses change. A name that no
    essay has is no link.
    """
    paths = {unquote(unescape(m[3])) for m in _MARKED.finditer(found.html) if m[2] == "essay"}
    slugs: Mapping[str, str] = engine().resolve_links(tuple(sorted(paths)))

    def link(match: re.Match[str]) -> str:
        name, kind, quoted, anchor = match[1], match[2], unescape(match[3]), match[4] or ""
        path = unquote(quoted)
        if kind == "media":
            where = url_for("pages.media", path=path)
        else:
            where = address(slugs.get(path, path))
        return f'{name}="{escape(where)}{anchor}"'

    def named(match: re.Match[str]) -> str:
        known = unquote(unescape(match[1])) in slugs
        return match[0] if known else f'<span class="unwritten">{match[3]}</span>'

    return _MARKED.sub(link, _NAMED.sub(named, found.html))
