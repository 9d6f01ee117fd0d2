"""How does a collection become a folder of essays, its text staying text?

One Markdown file for each document: the title in the front matter, the id as the slug, the text
as paragraphs. Markdown is written for people who mean their stars and brackets; these texts do
not, so every character that could be markup becomes a character reference.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote, unquote

import msgspec
import yaml

from tests.relevance.collection import Document

#: Markup wherever it stands, and the two control characters that Python-Markdown keeps for itself.
_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|{}~]")
#: Markup at the beginning of a line: headings, lists, rules, quotations, definitions.
_FIRST = re.compile(r"[^\w\s]|\d+(?=[.)])(?P<dot>[.)])")
_RESERVED = str.maketrans("", "", "\x02\x03")
#: A title without words, for documents that have none: the file's name would be words.
UNTITLED = "…"
#: Documents in one folder.
_FOLDER = 1000


def escape(text: str) -> str:
    """Markdown that says ``text`` and nothing else; white space becomes single spaces or breaks.

    >>> escape("2 * 3 < 7\\n# not a heading\\n1. no list")
    '2 &#42; 3 &#60; 7\\n&#35; not a heading\\n1&#46; no list'
    """
    lines = text.translate(_RESERVED).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(map(_line, lines)).strip("\n")


def _line(line: str) -> str:
    line = _ANYWHERE.sub(_reference, " ".join(line.split()))
    first = _FIRST.match(line)
    if first is None or first[0] == "&":
        return line
    at = first.end() - 1
    return f"{line[:at]}&#{ord(line[at])};{line[at + 1 :]}"


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def slug_of(identifier: str) -> str:
    """An id as a slug, which has no slashes to mean folders and no dots to climb.

    >>> slug_of("MED-10"), id_of(slug_of("a/../b 100%"))
    ('MED-10', 'a/../b 100%')
    """
    return quote(identifier, safe="").replace(".", "%2E")


def id_of(slug: str) -> str:
    """The id that :func:`slug_of` made a slug of."""
    return unquote(slug)


def essay(document: Document) -> str:
    """A document as a Markdown file."""
    title = " ".join(document.title.split()) or UNTITLED
    top = yaml.safe_dump(
        {"title": title, "slug": slug_of(document.id)},
        allow_unicode=True, sort_keys=False, width=2**20,
    )  # fmt: skip
    return f"---\n{top}---\n\n{escape(document.text)}\n"


def digest(documents: list[Document]) -> str:
    """What tells two collections' documents apart, and two ways to write them."""
    told = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=16)
    for document in documents:
        told.update(msgspec.msgpack.encode(document))
    return told.hexdigest()


def write(documents: list[Document], content: Path) -> None:
    """The documents as files below the folder ``content``, which is made."""
    for number, document in enumerate(documents):
        file = content / f"{number // _FOLDER:04}" / f"{number:07}.md"
        if number % _FOLDER == 0:
            file.parent.mkdir(parents=True)
        file.write_text(essay(document), "utf-8")
