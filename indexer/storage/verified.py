"""Which files of segments were read whole, and how they lay then: a build trusts those a while.

One small file of the index folder, which no answer depends on: without it every file is read whole,
for its checksum, by the next build. Whoever finds a file damaged takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from indexer.errors import IndexUnwritable
from indexer.storage.arrays import Arrays, Stamp
from indexer.storage.writing import replace

NAME = "verified.json"
#: Seconds after which a file is read whole again, however it lies: a disk may lose what nobody
#: changed.
TRUSTED_SECONDS = 86_400.0
#: File times closer than this to the reading say nothing: a change within the clock's grain would
#: leave them as they are.
GRAIN_NS = 2_000_000_000


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """How a file lay when it was read whole, and when that was, in seconds since 1970."""

    stamp: Stamp
    at: float


_decode = msgspec.json.Decoder(dict[str, _Seen]).decode


class Verified:
    """The files of the index folder ``index`` that were read whole, by their names, which no two
    files share."""

    def __init__(self, index: Path) -> None:
        self._place = index / NAME
        self._seen: Mapping[str, _Seen] = {}
        with suppress(OSError, msgspec.DecodeError):
            self._seen = _decode(self._place.read_bytes())

    def vouches(self, file: Path) -> bool:
        """Whether a file was read whole not long ago, and lies as it did then."""
        seen = self._seen.get(file.name)
        with suppress(OSError):
            return (
                seen is not None
                and 0 <= time.time() - seen.at < TRUSTED_SECONDS
                and seen.stamp == Stamp.of(file.stat())
            )
        return False

    def keep(self, opened: Mapping[Path, Arrays]) -> None:
        """Note which of the files that a generation has were read whole, now or before; the others
        are forgotten. A disk that has no room for that loses only the time."""
        kept: dict[str, _Seen] = {}
        for path, files in opened.items():
            known = self._seen.get(path.name)
            if not files.verified:
                if known is not None:
                    kept[path.name] = known
            elif files.opened_ns - max(files.stamp.mtime_ns, files.stamp.ctime_ns) > GRAIN_NS:
                seen = _Seen(files.stamp, files.opened_ns / 1e9)
                if known is None or known.stamp != seen.stamp or known.at < seen.at:
                    known = seen
                kept[path.name] = known
        if kept == self._seen and self._place.exists():
            return
        with suppress(IndexUnwritable):
            replace(self._place, msgspec.json.encode(kept))
        self._seen = kept


def distrust(index: Path) -> None:
    """Have the next build read every file whole; to be called where one is damaged. Never fails."""
    with suppress(OSError):
        (index / NAME).unlink()
