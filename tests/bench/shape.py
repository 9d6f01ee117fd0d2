"""What is asked of every engine, and what has to be in its answer?

One faceted search: the total, exact counts of six facets, each under every filter but its own,
both ten-bar histograms, and ten hits with title, dates, ratings and a highlighted snippet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

KINDS = ("common", "rare", "and", "or", "phrase", "common phrase", "prefix", "question", "filters",
         "all")  # fmt: skip
#: The kind of which engines need not find the same: ours looks for the words that tell most.
QUESTION = "question"
FACETS = ("tag", "category", "status", "certainty", "importance", "year")
#: The facets that queries filter by; each is counted without its own filter.
FILTERED = ("certainty", "category")
UNRATED = "unrated"
HITS = 10
BARS = 10


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One generated essay as data, so that peers need not parse Markdown. Times are Unix seconds;
    a rating is (value, percentage)."""

    slug: str
    title: str
    description: str
    excerpt: str
    published: int
    updated: int
    tags: list[str]
    categories: list[str]
    status: tuple[str, int] | None
    certainty: tuple[str, int] | None
    importance: tuple[str, int] | None
    bibliography: list[str]
    headings: list[str]
    body: str

    def values(self, facet: str) -> list[str]:
        """The values of one facet."""
        if facet == "tag":
            return self.tags
        if facet == "category":
            return self.categories
        if facet == "year":
            return [str(year(self.published))]
        rating: tuple[str, int] | None = getattr(self, facet)
        return [rating[0] if rating else UNRATED]

    def texts(self) -> dict[str, str]:
        """The searched texts by field, as in ``indexer.schema.document``; no generated essay has
        authors."""
        return {
            "title": self.title,
            "headings": "\n".join(self.headings),
            "topics": "\n".join([*self.tags, *self.categories]),
            "summary": f"{self.description}\n{self.excerpt}",
            "body": self.body,
            "cites": "\n".join(self.bibliography),
        }


#: The weight of a hit in each field, as in ``indexer.schema.document``.
BOOSTS = {
    "title": 6.0,
    "headings": 2.5,
    "topics": 3.0,
    "summary": 2.0,
    "body": 1.0,
    "cites": 0.8,
}
#: Fields of names, which are not stemmed.
NAMES = ("cites",)


def year(seconds: int) -> int:
    """The year of a Unix time.

    >>> year(1_704_067_199), year(1_704_067_200)
    (2023, 2024)
    """
    return datetime.fromtimestamp(seconds, UTC).year


class Query(msgspec.Struct, frozen=True):
    """One question: words (one, two, many, a prefix, or none), filters, and the page of hits."""

    kind: str
    words: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    page: int = 1

    @property
    def text(self) -> str:
        """As our reader would type it.

        >>> Query("phrase", ("black", "box"), {}).text
        '"black box"'
        """
        joined = (" OR " if self.kind == "or" else " ").join(self.words)
        if self.kind in ("phrase", "common phrase"):
            return f'"{joined}"'
        return f"{joined}*" if self.kind == "prefix" else joined

    @property
    def strict_text(self) -> str:
        """As a reader of the other engines would, who find any of some words only where OR stands
        between them.

        >>> Query("question", ("black", "box"), {}).strict_text
        'black OR box'
        """
        return " OR ".join(self.words) if self.kind == QUESTION else self.text


class Hit(NamedTuple):
    """One hit as a page shows it; ratings are facet values, the snippet has its matches marked."""

    slug: str
    title: str
    published: int
    updated: int
    ratings: tuple[str, str, str]
    snippet: str


class Answer(NamedTuple):
    total: int
    counts: dict[str, dict[str, int]]
    histograms: dict[str, list[int]]
    hits: list[Hit]


class Engine(Protocol):
    """An open index."""

    def search(self, query: Query) -> Answer: ...


class Peer(Protocol):
    """A module that can build an index of generated essays and open it."""

    NAME: str

    def build(self, content: Path, index: Path) -> None: ...

    def open(self, index: Path) -> Engine: ...


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def write_records(records: Iterable[Record], file: Path) -> None:
    """Keep records in a file, each behind its length (4 bytes)."""
    with file.open("wb") as out:
        for record in records:
            data = _encoder.encode(record)
            out.write(len(data).to_bytes(4, "big"))
            out.write(data)


def records(content: Path) -> Iterator[Record]:
    """The records of a generated folder, from the file beside it."""
    with content.with_suffix(".records").open("rb") as file:
        while head := file.read(4):
            yield _decoder.decode(file.read(int.from_bytes(head, "big")))


def histogram(numbers: Mapping[float, int], top: float) -> list[int]:
    """Ten bars from counts per number; the last includes its upper end.

    >>> histogram({0: 1, 95: 2, 100: 3}, 100)
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 5]
    """
    bars = [0] * BARS
    for number, count in numbers.items():
        bars[min(int(number * BARS / top), BARS - 1)] += count
    return bars


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files under a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
