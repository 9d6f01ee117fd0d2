"""The safe HTML of an essay with marks, anchors and frames for tables.

The HTML was written by the sanitizer, so it can be read as what it is: tags and text, one after
the other. Nothing here changes a tag or a letter; marks, anchors and the frames of tables are put
between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from typing import NamedTuple

#: Where words stand in each of some texts, as (start, end).
Finding = Callable[[Sequence[str]], Sequence[Sequence[tuple[int, int]]]]

#: Places that are marked in one essay at the most.
MAX_MARKS = 1_000

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9-]*)(?P<rest>(?:[^<>"]|"[^"]*")*)>')
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_ID = re.compile(r'\sid="([^"]+)"')
_FOOTNOTE_LINK = re.compile(r'\sclass="footnote-(?:ref|backref)"')
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt figcaption figure footer "
    "header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)


class Marked(NamedTuple):
    """HTML with the wanted words in ``<mark>``, and how many places these are."""

    html: str
    places: int


def mark(html: str, find: Finding) -> Marked:
    """Mark what ``find`` finds in the text of ``html``, across the tags within a block.

    Every place has its number, and its first mark an ``id``; without the marks the HTML is what
    it was.

    >>> mark("<p>a <b>bl</b>ack box</p>", lambda texts: [[(3, 8)] for _ in texts]).html
    '<p>a <b><mark id="page--mark-1" data-place="1">bl</mark></b><mark data-place="1">ack</mark> box</p>'
    """  # noqa: E501
    pieces, runs = _runs(html)
    edits: dict[int, list[tuple[int, int, str]]] = {}
    number = 0
    for run, found in zip(runs, find([run.text for run in runs]), strict=True):
        at = 0
        for start, end in found:
            while at < len(run.parts) and run.parts[at].stop <= start:
                at += 1
            if number == MAX_MARKS:
                break
            opened = False
            for part in run.parts[at:]:
                if part.start >= end:
                    break
                low, high = max(start, part.start), min(end, part.stop)
                if run.text[low:high].isspace():
                    continue  # between two blocks there may stand no mark
                if not opened:
                    number += 1
                name = "" if opened else f' id="page--mark-{number}"'
                tag = f'<mark{name} data-place="{number}">'
                edits.setdefault(part.piece, []).append((part.raw(low), part.raw(high), tag))
                opened = True
    for piece, marks in edits.items():
        raw, made, done = pieces[piece], [], 0
        for low, high, tag in marks:
            made += [raw[done:low], tag, raw[low:high], "</mark>"]
            done = high
        pieces[piece] = "".join([*made, raw[done:]])
    return Marked("".join(pieces), number)


class _Part(NamedTuple):
    """One piece of text in a run: where it stands there, and where its characters stand in it."""

    piece: int
    start: int
    stop: int
    offsets: Sequence[int]

    def raw(self, place: int) -> int:
        return self.offsets[place - self.start]


class _Run:
    """Text that words and phrases are looked for in as a whole."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.length = 0
        self.parts: list[_Part] = []

    @property
    def text(self) -> str:
        return "".join(self.said)

    def say(self, text: str) -> None:
        self.said.append(text)
        self.length += len(text)

    def add(self, piece: int, raw: str) -> None:
        text, offsets = _plain(raw)
        self.parts.append(_Part(piece, self.length, self.length + len(text), offsets))
        self.say(text)


def _runs(html: str) -> tuple[list[str], list[_Run]]:
    """The tags and texts of some HTML in order, and the runs that its texts make: one for each
    heading, and for all between two of them."""
    pieces: list[str] = []
    runs = [_Run()]
    silent = False
    at = 0
    for tag in _TAG.finditer(html):
        if tag.start() > at:
            pieces.append(html[at : tag.start()])
            if not silent:
                runs[-1].add(len(pieces) - 1, pieces[-1])
        pieces.append(tag[0])
        at = tag.end()
        name = tag["name"].lower()
        if name in _HEADINGS or 'class="footnote"' in tag["rest"]:
            runs.append(_Run())
        elif name in _BLOCKS:
            runs[-1].say("\n")
        elif name == "a":  # the number of a note is no word
            silent = not tag["end"] and bool(_FOOTNOTE_LINK.search(tag["rest"]))
    if at < len(html):
        pieces.append(html[at:])
        runs[-1].add(len(pieces) - 1, pieces[-1])
    return pieces, [run for run in runs if run.parts]


def _plain(raw: str) -> tuple[str, Sequence[int]]:
    """The text of a piece, and for each of its characters, and its end, the place in the piece."""
    if "&" not in raw:
        return raw, range(len(raw) + 1)
    text: list[str] = []
    offsets: list[int] = []
    at = 0
    for entity in _ENTITY.finditer(raw):
        text.append(raw[at : entity.start()])
        offsets += range(at, entity.start())
        said = unescape(entity[0])
        text.append(said)
        offsets += [entity.start()] * len(said)
        at = entity.end()
    text.append(raw[at:])
    return "".join(text), [*offsets, *range(at, len(raw) + 1)]


def furnish(html: str) -> str:
    """The HTML with a link to itself in every heading, and with tables and code that scroll by
    themselves and can be reached with the keyboard.

    >>> furnish('<h2 id="a">A</h2>')
    '<h2 id="a">A <a class="anchor" href="#a" aria-label="Permalink">#</a></h2>'
    """
    return "".join(_furnished(html))


def _furnished(html: str) -> Iterator[str]:
    at = deep = tables = 0
    anchor = ""
    for tag in _TAG.finditer(html):
        yield html[at : tag.start()]
        at = tag.end()
        name = tag["name"].lower()
        if name in _HEADINGS:
            found = _ID.search(tag["rest"]) if not tag["end"] else None
            if tag["end"] and anchor:
                yield f' <a class="anchor" href="#{anchor}" aria-label="Permalink">#</a>'
            yield tag[0]
            anchor = found[1] if found else ""
        elif name == "table" and not tag["end"]:
            deep += 1
            if deep == 1:
                tables += 1
                said = _caption(html, tag.end()) or f"Table {tables}"
                yield f'<div class="scroll" role="region" aria-label="{said}" tabindex="0">'
            yield tag[0]
        elif name == "table":
            yield tag[0]
            deep -= 1
            if not deep:
                yield "</div>"
        elif name == "pre" and not tag["end"]:
            yield f'<pre tabindex="0"{tag["rest"]}>'
        else:
            yield tag[0]
    yield html[at:]


def _caption(html: str, start: int) -> str:
    """What the table that begins at ``start`` is called, as an attribute's value."""
    found = _CAPTION.search(html, start, html.find("</table>", start))
    return " ".join(_TAG.sub("", found[1]).split()).replace('"', "&quot;") if found else ""
