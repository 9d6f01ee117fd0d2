"""The live documents of a term, against Whoosh's own reader of the same segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.indexer.storage import whoosh_reader

if TYPE_CHECKING:
    from tests.conftest import Archive


def test_deleted_essays_have_no_terms(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(9):
        archive.write(f"{number}.md", f"Owls at night, number{number}.", title=f"Owl {number % 3}")
    archive.build()
    (archive.content / "4.md").unlink()
    archive.write("5.md", "Nothing of the kind.", title="Other")
    archive.build()
    leaves = archive.engine._current().leaves
    assert not all(leaf.whole for leaf in leaves.leaves)
    reader = whoosh_reader.opened(archive.index)
    for field, term in [("words", "owls"), ("words", "number4"), ("words", "kind"), ("body", "owl"),
                        ("words", "absent"), ("no such field", "owl")]:  # fmt: skip
        known = (field, term) in reader if field in reader.schema else False
        wanted = sorted(reader.postings(field, term).all_ids()) if known else []
        found = leaves.live_docs(field, term)
        assert found.tolist() == wanted
        assert found.dtype == "int64"
        assert leaves.live_frequency(field, term) == len(wanted)
