"""What of a content folder may have changed since the last generation, and so is read.

A file whose size and time are those of the last build is unchanged; another is read, and unchanged
if its digest is (:mod:`indexer.build.outcomes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from indexer.parsing.walk import File, Files, Folder
from indexer.storage.file_columns import Columns
from indexer.storage.manifest import Known, Manifest

#: Bytes of the index for a byte of essays, and besides, where room is asked for: a little more
#: than what small archives take.
INDEX_BYTES_PER_BYTE = 2
LEAST_INDEX_BYTES = 1_000_000


class Plan(NamedTuple):
    """The work of a build.

    ``suspects`` are the files that may have changed and are read, in the order of their paths, and
    ``missing`` what was known of files that are there no more.
    """

    suspects: Sequence[File]
    missing: list[Known]

    @property
    def changes_nothing(self) -> bool:
        """Whether every file is as it is known."""
        return not self.suspects and not self.missing

    def index_bytes(self) -> int:
        """The bytes on the disk that the build may take."""
        size = sum(file.size for file in self.suspects)
        return INDEX_BYTES_PER_BYTE * size + LEAST_INDEX_BYTES

    def left(self) -> frozenset[str]:
        """The paths of the files that do not just keep what they had."""
        return frozenset(file.path for file in self.suspects) | {k.path for k in self.missing}


def plan_build(folders: Iterable[Folder], known: Manifest) -> Plan:
    """Compare the files of some folders, which are all, with what is known of them.

    >>> last = {name: Known(name, size=10, mtime_ns=1, digest="") for name in ("a.md", "c.md")}
    >>> here = Folder.of("", [("a.md", 10, 1), ("b.md", 20, 1)])
    >>> work = plan_build([here], Manifest.of(last))
    >>> [each.path for each in work.suspects], [each.path for each in work.missing]
    (['b.md'], ['c.md'])
    """
    suspects: list[tuple[Folder, list[int]]] = []
    missing: list[str] = []
    unseen = set(known.columns.folders) if known.columns else set()
    changed: dict[str, list[str]] = {}
    for path in known.changed:
        changed.setdefault(path.rpartition("/")[0], []).append(path)
    for folder in folders:
        unseen.discard(folder.path)
        own = changed.pop(folder.path, [])
        places, absent = _differing(folder, known.columns)
        listed = set(places)
        for path in own:
            place = folder.find(path)
            if place < 0:
                missing.append(path)
            else:
                listed.add(place)
        looked_at = ((place, folder.file(place)) for place in sorted(listed))
        read = [at for at, file in looked_at if not is_vouched_for(file, known.get(file.path))]
        suspects.append((folder, read))
        missing += absent
    missing += _files_of(unseen, known.columns)
    missing += (path for paths in changed.values() for path in paths)
    gone = (known.get(path) for path in sorted(set(missing)))
    return Plan(Files(suspects), [each for each in gone if each is not None])


def is_vouched_for(file: File, last: Known | None) -> bool:
    """Whether a file has the size and time that were known of it."""
    return last is not None and (file.size, file.mtime_ns) == (last.size, last.mtime_ns)


def _differing(folder: Folder, columns: Columns | None) -> tuple[list[int], list[str]]:
    """The places in a folder of the files that are not as in the columns; and the paths of files
    that only the columns have there."""
    span = columns.span(folder.path) if columns else range(0)
    if columns is None or not span:
        return list(range(len(folder))), []
    sizes = columns.sizes[span.start : span.stop]
    mtimes = columns.mtimes[span.start : span.stop]
    names = columns.names(span)
    if names == folder.names:
        differ = (sizes != folder.sizes) | (mtimes != folder.mtimes)
        return np.flatnonzero(differ).tolist(), []
    known, found = names.split(b"\0")[:-1], folder.names.split(b"\0")[:-1]
    places = dict(zip(known, range(len(known)), strict=True))
    at = np.fromiter((places.get(name, -1) for name in found), np.int64, len(found))
    differ = (at < 0) | (sizes[at] != folder.sizes) | (mtimes[at] != folder.mtimes)
    absent = sorted(places.keys() - set(found))
    return np.flatnonzero(differ).tolist(), [folder.join(name.decode()) for name in absent]


def _files_of(folders: Iterable[str], columns: Columns | None) -> Iterator[str]:
    """The paths of all files that some folders have in the columns."""
    for folder in sorted(folders):
        assert columns is not None
        yield from map(columns.path, columns.span(folder))
