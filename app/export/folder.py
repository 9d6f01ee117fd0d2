"""The folder of an export: what is ours in it is replaced and removed, what is not stays.

A list in the folder says which files an export wrote, with their digests. A file gets its line
before it is written, so that an export that was killed knows its own files again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from indexer.errors import UsageError

LIST = ".essays-export"
_HEADER = "essays-export 1"


class ExportFolder:
    """A folder that an export is written to. Raises :class:`~indexer.errors.UsageError` for one
    that has files and no export, unless ``beside`` allows to write beside them."""

    def __init__(self, root: Path, *, beside: bool = False) -> None:
        self.root = root
        self.written = 0
        self.removed = 0
        self.bytes = 0
        self._new: dict[str, str] = {}
        self._safe: set[Path] = {root}
        if root.exists() and not root.is_dir():
            raise UsageError(f"{root} is not a folder.", "Choose another one.")
        listed = _listed(root / LIST)
        strange = listed is None and root.is_dir() and any(root.iterdir())
        if strange and not beside:
            raise UsageError(
                f"{root} has files that are not of an export.",
                "Choose an empty folder, or add --beside: then they stay beside the site.",
            )
        self._old = listed or {}

    def write(self, path: str, data: bytes) -> None:
        """Write a file of the site, unless it is there already; ``path`` has ``/`` between its
        parts. Raises :class:`~indexer.errors.UsageError` where a file of somebody else is in the
        way, or a link leads out of the folder."""
        file = self.root / PurePosixPath(path)
        digest = _digest(data)
        self.bytes += len(data)
        self._no_links(file)
        there = _digest(file.read_bytes()) if file.is_file() else ""
        if path not in self._old and path not in self._new and there not in ("", digest):
            raise UsageError(f"{file} is in the way: no export wrote it.", "Move it away.")
        self._note(path, digest)
        if there == digest:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f".{digest}.new")
        new.write_bytes(data)
        new.replace(file)
        self.written += 1

    def finish(self) -> None:
        """Remove what an earlier export wrote and this one did not, and nothing that was changed
        since; then write the list."""
        for path, digest in sorted(self._old.items()):
            file = self.root / PurePosixPath(path)
            if path in self._new or file.is_symlink() or not file.is_file():
                continue
            self._no_links(file)
            if _digest(file.read_bytes()) != digest:
                continue
            file.unlink()
            self.removed += 1
            self._remove_empty(file.parent)
        lines = [_HEADER, *(f"{digest}  {path}" for path, digest in sorted(self._new.items()))]
        new = self.root / f"{LIST}.new"
        new.write_text("\n".join(lines) + "\n", "utf-8")
        new.replace(self.root / LIST)

    def _note(self, path: str, digest: str) -> None:
        """Put a file on the list, before it is written."""
        place = self.root / LIST
        self.root.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_text(f"{_HEADER}\n", "utf-8")
        if self._old.get(path) != digest and self._new.get(path) != digest:
            with place.open("a", encoding="utf-8") as listing:
                listing.write(f"{digest}  {path}\n")
        self._new[path] = digest

    def _no_links(self, file: Path) -> None:
        """Raises :class:`~indexer.errors.UsageError` where a part of a path is a link."""
        for each in (file, *file.parents):
            if each in self._safe or each == self.root:
                break
            if each.is_symlink():
                raise UsageError(f"{each} is a link, which exports do not follow.", "Remove it.")
            if each != file:
                self._safe.add(each)

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _listed(place: Path) -> dict[str, str] | None:
    """The files that a list names, with the last digest of each; None for no list of ours."""
    try:
        header, *lines = place.read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError, ValueError):
        return None
    if header != _HEADER:
        return None
    found: dict[str, str] = {}
    for line in lines:
        digest, _, path = line.partition("  ")
        # A list that was written over may name anything; only what lies below is ours.
        if path and not path.startswith("/") and ".." not in path.split("/"):
            found[path] = digest
    return found


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
