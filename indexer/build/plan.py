"""What of a content folder may have changed since the last generation, and so is read.

A file whose size and time are those of the last build is unchanged; another is read, and unchanged
if its digest is (:mod:`indexer.build.outcomes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from indexer.parsing.walk import File
from indexer.storage.manifest import Known

#: Bytes of the index for a byte of essays, and besides, where room is asked for: a little more
#: than what small archives take.
INDEX_BYTES_PER_BYTE = 2
LEAST_INDEX_BYTES = 1_000_000


class Plan(NamedTuple):
    """The work of a build.

    ``files`` are those of the folder in the order of their paths, ``suspects`` the ones that may
    have changed and are read, in the same order, and ``missing`` what was known of files that are
    there no more.
    """

    files: Sequence[File]
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


def plan_build(files: Sequence[File], known: Mapping[str, Known]) -> Plan:
    """Compare the files of a folder, in the order of their paths, with what is known of them.

    >>> known = {name: Known(name, size=10, mtime_ns=1, digest="") for name in ("a.md", "c.md")}
    >>> work = plan_build([File("a.md", 10, 1), File("b.md", 20, 1)], known)
    >>> [each.path for each in work.suspects], [each.path for each in work.missing]
    (['b.md'], ['c.md'])
    """
    suspects = [f for f in files if not _is_vouched_for(f, known.get(f.path))]
    missing = sorted(known.keys() - {f.path for f in files}) if known else []
    return Plan(files, suspects, [known[path] for path in missing])


def _is_vouched_for(file: File, last: Known | None) -> bool:
    return last is not None and (file.size, file.mtime_ns) == (last.size, last.mtime_ns)
