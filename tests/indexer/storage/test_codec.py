"""The codec under Whoosh's own writer, merges, deletions and readers, beside Whoosh's own codec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from indexer.analysis import analyzer
from indexer.build import segment_writer
from indexer.build.batch import BatchBuilder
from indexer.build.merge import as_batch, merge
from indexer.build.segment_writer import SegmentBuilder
from indexer.errors import IndexDamaged
from indexer.essay import Essay, Section
from indexer.schema import whoosh_schema
from indexer.storage import arrays
from indexer.storage.arrays import Arrays
from indexer.storage.codec import ArrayCodec, ArraySegment
from indexer.storage.documents import DOCUMENTS
from indexer.storage.postings import Field, Postings
from indexer.storage.postings import arrays as posting_arrays
from indexer.storage.segment import open_arrays
from indexer.storage.terms import POSTINGS

TEXTS = [
    "tides answer a force",
    "a map of tides, and of tides again",
    "no proof without a letter",
    "über maps",
    "",
]


def write(folder: Path, codec: object) -> FileIndex:
    """Two commits, a deletion, then a merge of everything, by Whoosh's own writer."""
    folder.mkdir()
    index = FileIndex.create(FileStorage(str(folder)), whoosh_schema.schema(), "essays")
    for number, text in enumerate(TEXTS):
        writer = index.writer(codec=codec)
        writer.add_document(
            path=[f"{number}.md"],
            slug=[f"slug-{number}"],
            title=analyzer.positions([f"Essay {number}"]),
            body=analyzer.positions([text]),
            tag=["maps"] if "map" in text else ["tides", "proof"],
            published_at=number * 10,
            card=b"card %d" % number,
        )
        writer.commit(merge=False)
    writer = index.writer(codec=codec)
    writer.delete_by_term("path", "3.md")
    writer.commit(merge=False)
    return index


@pytest.fixture(params=["segments", "merged"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[FileIndex, FileIndex]:
    indexes = write(tmp_path / "ours", ArrayCodec()), write(tmp_path / "theirs", W3Codec())
    if request.param == "merged":
        for index, codec in zip(indexes, (ArrayCodec(), W3Codec()), strict=True):
            index.writer(codec=codec).commit(optimize=True)
    return indexes


def paths(index: FileIndex, query: wq.Query) -> list[str]:
    with index.searcher() as searcher:
        return sorted(hit["slug"][0] for hit in searcher.search(query, limit=None))


@pytest.mark.parametrize(
    "query",
    [
        wq.Term("body", "tide"),
        wq.Term("body", "proof"),
        wq.Phrase("body", ["a", "map"]),
        wq.Phrase("body", ["tide", "again"]),
        wq.Prefix("body", "ma"),
        wq.Wildcard("body", "*r*"),
        wq.FuzzyTerm("body", "tibe", maxdist=1),
        wq.TermRange("tag", "n", "z"),
        wq.Every(),
    ],
    ids=str,
)
def test_whoosh_finds_the_same_as_on_its_own_codec(
    both: tuple[FileIndex, FileIndex], query: wq.Query
) -> None:
    found = paths(both[0], query)
    assert found == paths(both[1], query)
    assert found


def test_terms_statistics_and_columns_are_the_same(both: tuple[FileIndex, FileIndex]) -> None:
    ours, theirs = (index.reader() for index in both)
    assert list(ours.all_terms()) == list(theirs.all_terms())
    for field, term in theirs.all_terms():
        assert ours.doc_frequency(field, term) == theirs.doc_frequency(field, term)
        assert ours.frequency(field, term) == theirs.frequency(field, term)
        mine, other = ours.term_info(field, term), theirs.term_info(field, term)
        assert (mine.weight(), mine.max_weight()) == (other.weight(), other.max_weight())
        assert (mine.min_id(), mine.max_id()) == (other.min_id(), other.max_id())
    assert ours.doc_frequency("body", b"nowhere") == 0
    docs = list(ours.all_doc_ids())
    assert docs == list(theirs.all_doc_ids())
    columns = [reader.column_reader("published_at") for reader in (ours, theirs)]
    assert [columns[0][doc] for doc in docs] == [columns[1][doc] for doc in docs]
    assert ours.field_length("body") == theirs.field_length("body")
    assert [dict(d) for d in ours.all_stored_fields()] == [
        dict(d) for d in theirs.all_stored_fields()
    ]


def test_matchers_walk_skip_and_tell_positions(both: tuple[FileIndex, FileIndex]) -> None:
    matcher = both[0].reader().postings("body", "tide")
    other = both[1].reader().postings("body", "tide")
    assert matcher.value_as("positions") == other.value_as("positions")
    matcher.skip_to(1)
    other.skip_to(1)
    assert matcher.id() == other.id()
    assert matcher.weight() == other.weight() == 2
    assert matcher.value_as("positions") == other.value_as("positions") == [3, 6]


def test_whooshs_highlighter_works(both: tuple[FileIndex, FileIndex]) -> None:
    with both[0].searcher() as searcher:
        hit = searcher.search(wq.Term("body", "tide"))[0]
        shown = hit.highlights("body", text="Of tidal maps and Tides")
    assert 'class="match term0">Tides</b>' in shown


class _Damage:
    @staticmethod
    def cut(data: bytes) -> bytes:
        return data[: len(data) * 2 // 3]

    @staticmethod
    def flip(data: bytes) -> bytes:
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]

    @staticmethod
    def first(data: bytes) -> bytes:
        return bytes([data[0] ^ 1]) + data[1:]

    @staticmethod
    def where(data: bytes) -> bytes:
        return data[:20] + bytes([data[20] ^ 1]) + data[21:]

    @staticmethod
    def empty(_: bytes) -> bytes:
        return b""


@pytest.mark.parametrize(
    "damage", [_Damage.cut, _Damage.flip, _Damage.first, _Damage.where, _Damage.empty]
)
def test_a_damaged_file_is_recognised(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "arrays"
    arrays.write(path, [("numbers", np.arange(1000)), ("none", np.empty(0))])
    assert Arrays(path)["numbers"].sum() == 499_500
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IndexDamaged):
        Arrays(path)


def test_a_missing_file_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        Arrays(tmp_path / "nothing")


def essay(number: int, text: str, tags: tuple[str, ...] = ()) -> Essay:
    section = Section(2, f"Part {number}", f"part-{number}", text)
    return Essay(
        path=f"{number}.md",
        slug=f"s{number}",
        title=f"Essay {number}",
        tags=tags,
        sections=(section,),
    )


texts = st.lists(
    st.lists(st.sampled_from(["tide", "Tides", "map", "clock", "été", "don't"]), max_size=30),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    texts=texts,
    cut=st.integers(0, 12),
    deleted=st.sets(st.integers(0, 11)),
    block=st.sampled_from([1, 7, segment_writer.BLOCK]),
)
def test_batches_segments_and_merges_keep_every_posting(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str]],
    cut: int,
    deleted: set[int],
    block: int,
) -> None:
    """However documents are batched, deleted and merged, a field's postings are those that
    analysing the remaining texts one by one gives."""
    folder = tmp_path_factory.mktemp("segments")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_writer, "BLOCK", block)
        merged = written(folder, texts, cut, deleted)
    kept = [words for doc, words in enumerate(texts) if doc not in deleted]
    assert merged.size == len(kept)
    expected: dict[str, dict[int, list[int]]] = {}
    for doc, words in enumerate(kept):
        for term, places in analyzer.positions([" ".join(words)]).items():
            expected.setdefault(term, {})[doc] = places
    assert postings(merged, folder, "body") == expected


def written(folder: Path, texts: list[list[str]], cut: int, deleted: set[int]) -> ArraySegment:
    """A segment of two batches, without its deleted documents written once more."""
    builder = SegmentBuilder()
    for part in (texts[:cut], texts[cut:]):
        batch = BatchBuilder()
        base = builder.size
        for number, words in enumerate(part, base):
            batch.add(essay(number, " ".join(words)))
        if part:
            builder.add(batch.finish(), [f"s{base + n}" for n in range(len(part))])
    segment = builder.write(folder, "essays")
    for doc in deleted:
        if doc < segment.size:
            segment.delete_document(doc)
    again = SegmentBuilder()
    again.add(as_batch(segment, folder))
    return again.write(folder, "essays")


def postings(segment: ArraySegment, folder: Path, name: str) -> dict[str, dict[int, list[int]]]:
    field = Field(open_arrays(segment.path(folder, POSTINGS)), name)
    found: dict[str, dict[int, list[int]]] = {}
    for number in range(len(field)):
        where = field.span(number)
        starts, ends = field.places(where)
        assert field.positions is not None
        found[field.terms[number].decode()] = {
            doc: field.positions[start:end].tolist()
            for doc, start, end in zip(field.docs[where].tolist(), starts, ends, strict=True)
        }
    return found


def test_numbers_outgrow_the_types_of_those_before_them(tmp_path: Path) -> None:
    texts = [["tide"]] * 299 + [["tide"] * 70_000 + ["map"]]
    found = postings(written(tmp_path, texts, 200, {0}), tmp_path, "body")
    assert found["map"] == {298: [70_000]}
    assert found["tide"] == {doc: [0] for doc in range(298)} | {298: list(range(70_000))}


@pytest.mark.parametrize("often", [[], [0], [4095, 4096, 9_000], range(0, 10_000, 7)], ids=str)
@pytest.mark.parametrize("count", [0, 1, 4095, 4096, 4097, 10_000])
def test_frequencies_and_where_positions_lie(count: int, often: Sequence[int]) -> None:
    freqs = np.arange(count) % 7 + 1
    freqs[[n for n in often if n < count]] += 300
    starts, docs = np.zeros(1, np.int64), np.zeros(count, np.int64)
    files = posting_arrays("f", Postings([], starts, docs, freqs, np.empty(0, np.int64)))
    field = Field(files, "f")
    ends = np.cumsum(freqs)
    for start in {0, count // 2, max(count - 3, 0)}:
        where = slice(start, count)
        weights = field.weights(where)
        assert weights is None or weights.tolist() == freqs[where].tolist()
        assert (weights is None) == (freqs == 1).all()
        found = field.places(where)
        assert found[0].tolist() == (ends - freqs)[where].tolist()
        assert found[1].tolist() == ends[where].tolist()
        kept = np.arange(0, count - start, 3)
        some = field.places(where, kept)
        assert some[0].tolist() == found[0][kept].tolist()
        assert some[1].tolist() == found[1][kept].tolist()
        # The same stretch twice, as if the postings of two words lay there.
        which = np.repeat([0, 1], len(kept))
        twice = field.places_of([where, where], which, np.tile(kept + start, 2))
        assert twice[0].tolist() == [*some[0].tolist()] * 2
        assert twice[1].tolist() == [*some[1].tolist()] * 2


def test_a_frequency_takes_a_byte_whatever_the_greatest() -> None:
    freqs = np.array([1, 255, 256, 70_000, 2])
    made = posting_arrays("f", Postings([], np.zeros(1, np.int64), np.zeros(5, np.int64), freqs))
    assert made["f.freqs"].dtype == np.uint8
    assert made["f.often"].tolist() == [2, 3]
    assert made["f.times"].tolist() == [256, 70_000]


def of_one_each(folder: Path) -> list[ArraySegment]:
    """Ten segments of one essay, each of eight words in all its texts."""
    made = []
    for number in range(10):
        batch = BatchBuilder()
        batch.add(essay(number, f"word{number} tides", ("Maps",)))
        builder = SegmentBuilder()
        builder.add(batch.finish(), [f"s{number}"])
        made.append(builder.write(folder, "essays"))
    return made


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [
        ("MAX_DOCUMENTS", 4, [4, 4, 2]),
        ("MAX_DOCUMENTS", 5, [5, 5]),
        ("MAX_WORDS", 20, [2, 2, 2, 2, 2]),
        ("MAX_WORDS", 1, [1] * 10),
    ],
)
def test_a_merge_stays_within_the_limits_of_a_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(segment_writer, limit, value)
    merged = merge(of_one_each(tmp_path), tmp_path, "essays")
    assert [segment.size for segment in merged] == sizes


def test_small_and_stale_segments_become_one(tmp_path: Path) -> None:
    small = of_one_each(tmp_path)
    small[3].delete_document(0)
    merged = merge(small, tmp_path, "essays")
    assert [segment.size for segment in merged] == [9]
    stored = open_arrays(merged[0].path(tmp_path, DOCUMENTS))
    assert len(stored["stored.slug.at"]) == 10
    field = Field(open_arrays(merged[0].path(tmp_path, POSTINGS)), "tag")
    assert field.docs.tolist() == list(range(9))
