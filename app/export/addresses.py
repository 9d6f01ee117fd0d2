"""Addresses of the site as files of the export, and links from one file to another.

Every link names a file and is relative, so that the export works below any path, and from the disk
of a reader. A page is ``index.html`` in a folder that is called as its address, so hosts that look
for it there keep the addresses of the site.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from urllib.parse import quote

#: What every system and host can have in the name of a file: letters and digits of any script and
#: a few signs, with neither a point nor a space at an end.
_PLAIN = re.compile(r"[^\W_](?:[\w .,~!'()+=@-]*[\w~!'()+=@-])?")
#: Names that some systems keep for devices.
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
MAX_BYTES = 150
PAGE = "index.html"


class Addresses:
    """The file of every address, given out as addresses are made known; no two have one file, on
    systems that take ``A`` and ``a`` for one either."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._taken: set[str] = set()

    def add(self, address: str, file: str = "") -> str:
        """The file of an address (as it is read, not quoted); ``file`` where it is known."""
        if address in self._files:
            return self._files[address]
        path, _, value = address.partition("?")
        parts = [part for part in path.split("/") if part]
        wanted = file or posixpath.join(*map(plain, [*parts, *filter(None, [value])]), PAGE)
        if _key(wanted) in self._taken:
            folder, name = posixpath.split(wanted)
            mark = _mark(address)
            wanted = posixpath.join(f"{folder}-{mark}", name) if folder else f"{mark}-{name}"
        self._taken.add(_key(wanted))
        self._files[address] = wanted
        return wanted

    def find(self, address: str) -> str | None:
        """The file of an address that was made known."""
        return self._files.get(address)

    def __len__(self) -> int:
        return len(self._files)


def plain(part: str) -> str:
    """A part of an address as the name of a file or folder.

    >>> plain("on maps"), plain("C++"), plain("a:b"), plain("..")
    ('on maps', 'C++', 'a-b-78d6dbab', '-e6fc5bb9')
    """
    fits = len(part.encode("utf-8", "replace")) <= MAX_BYTES
    if fits and _PLAIN.fullmatch(part) and not _DEVICES.fullmatch(part):
        return part
    letters = re.sub(r"[^\w]+", "-", part[:40]).strip("-_")
    return f"{letters}-{_mark(part)}"


def relative(target: str, source: str) -> str:
    """A link from one file to another, quoted.

    >>> relative("essay/a b/index.html", "essay/c/index.html"), relative("a.html", "a.html")
    ('../a%20b/index.html', 'a.html')
    """
    return quote(posixpath.relpath(target, posixpath.dirname(source) or "."), safe="/!'()+,=@~")


def _key(file: str) -> str:
    return unicodedata.normalize("NFKC", file).casefold()


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
