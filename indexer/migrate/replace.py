"""A file replaced at once, through no link."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from indexer.errors import FileRefused


def replace_file(content: Path, path: str, old: bytes, new: bytes) -> None:
    """Put ``new`` in the place of a file of the folder ``content`` that still holds ``old``.

    A reader sees one or the other, never a part; the file keeps its mode and, where the system
    lets us, its owner. Folders on the way are opened one by one without following links. Raises
    :class:`~indexer.errors.FileRefused` for a file that changed meanwhile or became a link, and
    OSError.
    """
    *folders, name = path.split("/")
    if os.open not in os.supports_dir_fd:  # Windows: its links need rights that few have
        _replace_in(str(Path(content, *folders)), name, old, new, None)
        return
    here = os.open(content, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            below = os.open(folder, flags, dir_fd=here)
            os.close(here)
            here = below
        _replace_in("", name, old, new, here)
    finally:
        os.close(here)


def _replace_in(folder: str, name: str, old: bytes, new: bytes, at: int | None) -> None:
    file = os.path.join(folder, name)  # noqa: PTH118 - relative to an open folder
    info = os.stat(file, dir_fd=at, follow_symlinks=False)
    binary = getattr(os, "O_BINARY", 0)
    if not stat.S_ISREG(info.st_mode) or _bytes_of(file, binary, at) != old:
        raise FileRefused("The file changed meanwhile; it is not rewritten.", "Run it again.")
    # Hidden, so that no build takes it for an essay.
    made = os.path.join(folder, f".{secrets.token_hex(8)}.migrate")  # noqa: PTH118
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary
    descriptor = os.open(made, flags, 0o600, dir_fd=at)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(new)
            written.flush()
            if hasattr(os, "fchown"):
                with suppress(PermissionError):
                    os.fchown(written.fileno(), info.st_uid, info.st_gid)
                os.fchmod(written.fileno(), stat.S_IMODE(info.st_mode))
            os.fsync(written.fileno())
        os.replace(made, file, src_dir_fd=at, dst_dir_fd=at)
    except BaseException:
        with suppress(OSError):
            os.unlink(made, dir_fd=at)
        raise


def _bytes_of(file: str, binary: int, at: int | None) -> bytes:
    flags = os.O_RDONLY | binary | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(file, flags, dir_fd=at), "rb") as opened:
        return opened.read()
