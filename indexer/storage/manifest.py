"""What a build knew of every content file when it committed.

The files of a large archive come and go one by one: a build packs what it knows of each as it is
done with it, since records of a million files would take half a gigabyte.
"""

from __future__ import annotations

import msgspec

from indexer.essay import Problem

_encode = msgspec.msgpack.Encoder().encode


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the build knows of one content file.

    ``digest`` is of the bytes last read; ``mtime_ns`` is 0 where the file's time cannot vouch for
    them. ``wanted`` is the slug that the file asks for, ``slug`` the one it has. ``indexed`` says
    whether a version of it answers (a broken file's last good one does), ``draft`` why it may not.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str
    wanted: str = ""
    slug: str = ""
    indexed: bool = False
    draft: bool = False
    problems: tuple[Problem, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What the build knew when it committed: under which rules, and of every file."""

    rules: str = ""
    files: tuple[Known, ...] = ()

    def encoded(self) -> bytes:
        """What the manifest's file holds."""
        return _encode(self)


decode = msgspec.msgpack.Decoder(Manifest).decode


class ManifestBuilder:
    """A manifest in the making: its files as bytes, and what a report says of them.

    ``files``, ``essays`` (files of which a version answers) and ``drafts`` that were left out are
    numbers; ``problems`` are those of all files.

    >>> made, known = ManifestBuilder(), Known("a.md", 10, 1, "5d1c", indexed=True)
    >>> made.add(known)
    >>> made.encoded("rules") == Manifest("rules", (known,)).encoded()
    True
    """

    def __init__(self) -> None:
        self.files = self.essays = self.drafts = 0
        self.problems: list[Problem] = []
        self._packed = bytearray()
        self._in_order = True
        self._last = ""

    def count(self, known: Known) -> None:
        """Take a file into the numbers alone."""
        self.files += 1
        self.essays += known.indexed
        self.drafts += known.draft and not known.indexed
        self.problems += known.problems

    def add(self, known: Known) -> None:
        """Take what is known of the next file, in any order of paths."""
        self.count(known)
        self._in_order &= self._last < known.path
        self._last = known.path
        self._packed += _encode(known)

    def encoded(self, rules: str) -> bytes:
        """What the file of a manifest under ``rules`` holds, its files in the order of paths."""
        packed: bytes | bytearray = self._packed
        if not self._in_order:
            files = msgspec.msgpack.decode(_header(self.files) + packed, type=list[Known])
            packed = b"".join(map(_encode, sorted(files, key=lambda known: known.path)))
        return b"".join(
            (
                b"\x82",
                _encode("rules"),
                _encode(rules),
                _encode("files"),
                _header(self.files),
                packed,
            )
        )


def _header(count: int) -> bytes:
    """What stands before ``count`` values of an array in MessagePack."""
    if count < 16:
        return bytes([0x90 | count])
    if count < 1 << 16:
        return b"\xdc" + count.to_bytes(2, "big")
    return b"\xdd" + count.to_bytes(4, "big")
