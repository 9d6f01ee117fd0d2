"""Files of the index written whole or not at all, and errors in plain words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import IndexUnwritable

_ELSEWHERE = "choose another place with --index"
_FULL = f"Free some space there, or {_ELSEWHERE}."

#: What the system says -> what a person reads ({folder}, {path}), and the way out.
_PLAIN = {
    errno.ENOSPC: ("The disk that holds {folder} is full: {path} could not be written.", _FULL),
    errno.EDQUOT: (
        "The share of the disk that this user may fill is used up: {path} could not be written.",
        _FULL,
    ),
    errno.EROFS: (
        "The disk that holds {folder} is read-only: {path} could not be written.",
        f"Make it writable, or {_ELSEWHERE}.",
    ),
    errno.EACCES: (
        "There is no permission to write {path}.",
        f"Let the user that runs this write there, or {_ELSEWHERE}.",
    ),
    errno.EFBIG: (
        "{path} would be larger than a file may be here.",
        f"Raise the limit (ulimit -f), or {_ELSEWHERE}.",
    ),
    errno.EIO: (
        "The disk that holds {folder} failed while {path} was written.",
        f"Check that disk, or {_ELSEWHERE}.",
    ),
    errno.EEXIST: ("{path} exists and is not a folder.", f"Remove it, or {_ELSEWHERE}."),
}
_PLAIN[errno.EPERM] = _PLAIN[errno.EACCES]
_PLAIN[errno.ENOTDIR] = _PLAIN[errno.EEXIST]
_OTHER = ("{path} could not be written: {reason}.", f"Fix that, or {_ELSEWHERE}.")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Write ``path``, or something in it, in the block: whatever the system refuses becomes
    :class:`~indexer.errors.IndexUnwritable`, which names the file."""
    try:
        yield
    except OSError as error:
        place = Path(os.fsdecode(error.filename)) if error.filename else path
        what, hint = _PLAIN.get(error.errno or 0, _OTHER)
        reason = error.strerror or type(error).__name__
        raise IndexUnwritable(
            what.format(folder=place.parent, path=place, reason=reason),
            hint,
            full=error.errno in (errno.ENOSPC, errno.EDQUOT),
        ) from error


def flush(path: Path) -> None:
    """Have the disk keep what was written to a file, or to a folder: which names are in it. Raises
    :class:`~indexer.errors.IndexUnwritable`."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders, and keeps their names by itself
    with writing(path):
        descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some file systems cannot do this for folders.
            if error.errno != errno.EINVAL or not path.is_dir():
                raise
        finally:
            os.close(descriptor)


def temporary(path: Path) -> Path:
    """Where :func:`replace` writes before the file has its name; a killed process leaves it."""
    return path.with_name(path.name + ".new")


def replace(path: Path, data: bytes) -> None:
    """Write a small file as a whole: whoever reads it sees the old one or the new one. The
    disk keeps what is in it before it has the name; that the name is kept is for :func:`flush` of
    its folder. Raises :class:`~indexer.errors.IndexUnwritable`."""
    new = temporary(path)
    with writing(path):
        try:
            with new.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
