"""How near is a search to what the memory of the machine allows?

    python -m tests.bench.physical_limits --sizes 1000 10000 --data .bench

No search can take less time than reading what it is about: the postings of its words, the places
of the words of a phrase where all of them are, what facets and histograms count of each essay that
matches, and the stored values of ten hits. Those bytes, at the speed at which one processor reads
memory in order, are its physical limit; the time that it takes beside that goes to everything else.
How many functions it calls, of Python and of C, says most about the rest: a call costs from a tenth
of a microsecond to one, whatever it works on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from types import FrameType
from typing import NamedTuple

import numpy as np

from app.search.binding.clauses import (
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    TermPrefix,
    TermSequence,
)
from app.search.embedded.engine import EmbeddedEngine
from app.search.embedded.matching.any_term import AnyTerm
from app.search.embedded.ranking import ranking
from app.search.embedded.ranking.expansion import bound
from app.search.embedded.reader.segments import SegmentReader
from app.search.embedded.snapshot import Snapshot
from app.search.query.limits import Limits
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from indexer.parsing.rules import Rules
from indexer.storage import generation
from indexer.storage.postings import Field
from tests.bench.asking import questions
from tests.bench.generator import generate
from tests.bench.peers import prepare
from tests.bench.report import SAID
from tests.bench.shape import FACETS, HITS, KINDS, Query

#: Questions of a kind, each asked once after the first few.
MANY, WARM = 60, 20
#: Bytes that memory's speed is measured over: more than any cache holds.
MEASURED, ROUNDS = 256 << 20, 5
#: A length of a field as it lies on disk, and the number of a value or a bar.
LENGTH, NUMBER = 2, 1
#: The histograms beside the facets.
HISTOGRAMS = 2
STORED = ("card", "slug", "sections")


class Row(NamedTuple):
    """One kind of question: medians of the bytes it has to read, of the milliseconds and of the
    calls of functions that it takes."""

    size: int
    kind: str
    read: float
    took: float
    calls: float


def memory_speed() -> float:
    """Bytes a second that one processor reads in order: the best of some rounds."""
    numbers = np.ones(MEASURED // 8, np.uint64)
    best = np.inf
    for _ in range(ROUNDS):
        started = time.perf_counter()
        np.bitwise_or.reduce(numbers)
        best = min(best, time.perf_counter() - started)
    return MEASURED / float(best)


def bytes_to_read(
    query: Query, snapshot: Snapshot, language: QueryParser, engine: EmbeddedEngine
) -> int:
    """The bytes that an answer depends on, however it is found."""
    parsed = language.parse(query.text, snapshot.analyzer)
    clause = bound(parsed.tree, snapshot, language.limits.expansions, [])
    total = sum(
        _postings(clause, leaf, number) for number, leaf in enumerate(snapshot.leaves.leaves)
    )
    matching = engine.search(SearchRequest(q=query.text, per_page=1)).total
    total += matching * NUMBER * (len(FACETS) + HISTOGRAMS)
    shown = engine.search(_request(query))
    for hit in shown.hits:
        doc = snapshot.find("slug", hit.essay.slug)
        assert doc is not None
        leaf, local = snapshot.leaves.locate(doc)
        total += sum(len(leaf.documents.raw(name, local)) for name in STORED)
    return total


def _postings(clause: Clause, leaf: SegmentReader, number: int) -> int:
    """Bytes of the postings that a clause names in one segment."""
    match clause:
        case BoundWord():
            return sum(_stretch(field, where) for _, field, where in leaf.spans(clause.terms))
        case BoundPhrase():
            words = sum(_postings(word, leaf, number) for word in clause.words)
            places = sum(_places(each, leaf) for each in clause.sequences)
            return words + places
        case BoundSynonyms():
            others = [other for other, _ in clause.others]
            return sum(_postings(each, leaf, number) for each in (clause.typed, *others))
        case Conjunction() | Disjunction():
            return sum(_postings(part, leaf, number) for part in clause.parts)
        case Constant() | Complement():
            return _postings(clause.part, leaf, number)
        case AnyTerm():
            field = clause.fields[number]
            numbers = () if field is None else clause.numbers[number].tolist()
            return sum(_stretch(field, field.span(each)) for each in numbers if field is not None)
        case TermPrefix():
            field = leaf.fields.get(clause.field)
            found = () if field is None else field.prefixed(clause.text.encode())
            return sum(_stretch(field, field.span(each)) for each in found if field is not None)
    return 0


def _stretch(field: Field, where: slice) -> int:
    """Documents, frequencies of one byte where not all are 1, and lengths."""
    postings = where.stop - where.start
    counted = 0 if field.weights(where) is None else 1
    return int(postings * (field.docs.itemsize + counted + LENGTH))


def _places(sequence: TermSequence, leaf: SegmentReader) -> int:
    """Bytes of the places of all terms in the documents that have all of them."""
    spans = leaf.spans(tuple((sequence.field, term) for term in sequence.terms))
    if len(spans) < len(sequence.terms):
        return 0
    field = spans[0].field
    assert field.positions is not None
    common = field.docs[spans[0].where]
    for span in spans[1:]:
        common = np.intersect1d(common, field.docs[span.where], assume_unique=True)
    total = 0
    for span in spans:
        starts, ends = field.places(span.where, np.searchsorted(field.docs[span.where], common))
        total += int((ends - starts).sum()) * field.positions.itemsize
    return total


def calls(engine: EmbeddedEngine, query: Query) -> int:
    """Functions of Python and of C that one search calls."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        engine.search(_request(query))
    finally:
        sys.setprofile(None)
    return counted


def _request(query: Query) -> SearchRequest:
    return SearchRequest(q=query.text, filters=query.filters, page=query.page, per_page=HITS)


def rows(size: int, data: Path, kinds: Sequence[str] = KINDS) -> Iterator[Row]:
    """Every kind of question over an archive of ``size`` generated essays."""
    content = generate(size, data)
    index = prepare("ours", content)
    rules = Rules()
    # Each question is asked again, for its calls; what was found is then remembered.
    ranking.MAX_REMEMBERED_OF_ONE = 0
    engine = EmbeddedEngine(index, rules, Limits(milliseconds=60_000))
    snapshot = Snapshot(index, generation.current(index), rules)
    asked = questions(content, MANY + WARM)
    for kind in kinds:
        for query in asked[kind][:WARM]:
            engine.search(_request(query))
        took = []
        for query in asked[kind][WARM:]:
            started = time.thread_time()
            engine.search(_request(query))
            took.append(1000 * (time.thread_time() - started))
        read = [
            bytes_to_read(query, snapshot, engine.language, engine) for query in asked[kind][WARM:]
        ]
        called = [calls(engine, query) for query in asked[kind][WARM:]]
        yield Row(size, kind, median(read), median(took), median(called))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 10_000])
    parser.add_argument("--data", type=Path, default=Path(".bench"))
    given = parser.parse_args()
    speed = memory_speed()
    print(f"One processor reads {speed / 1e9:.1f} GB a second.\n")
    print("| essays | question | kB to read | at that speed, µs | takes, µs | factor | calls |")
    print("| --: | --- | --: | --: | --: | --: | --: |")
    for size in given.sizes:
        for row in rows(size, given.data):
            least = row.read / speed * 1e6
            print(
                f"| {row.size:,} | {SAID[row.kind]} | {row.read / 1000:,.1f} | {least:,.1f} "
                f"| {row.took * 1000:,.0f} | {row.took * 1000 / least:,.0f} | {row.calls:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
