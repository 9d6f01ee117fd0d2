"""Whether content and index still agree, as far as the process that watches knows.

It keeps one small file in the index folder, replaced as a whole; whoever serves reads it. The
file's time tells when the watcher was last heard of.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import msgspec

from indexer.errors import EssaysError
from indexer.storage.writing import replace

NAME = "watch.json"
#: Seconds after which a watcher that says nothing is taken for gone; it looks every ten.
SILENT = 60

State = Literal["up to date", "building", "failing", "stopped"]
STATES: tuple[State, ...] = get_args(State)

#: Room for what is said: where a full disk has none for a new file, the old one is written over.
_BYTES = 2_000
_PATH = re.compile(r"(?:[A-Za-z]:)?[\\/][^\s:;,]*[\\/]([^\s:;,\\/]+)")


class WatchStatus(msgspec.Struct, frozen=True):
    """What the watcher says: the state, since when (UTC), and why, for anybody to read."""

    state: State
    since: str
    message: str = ""


def write_status(index: Path, state: State, message: str = "") -> None:
    """Say how things stand; a state that holds already keeps its time. Never fails: where nothing
    can be written, the file grows old."""
    place = index / NAME
    with suppress(OSError, msgspec.DecodeError):
        known = msgspec.json.decode(place.read_bytes(), type=WatchStatus)
        if (known.state, known.message) == (state, message):
            os.utime(place)
            return
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    data = msgspec.json.encode(WatchStatus(state, now, message)).ljust(_BYTES)
    with suppress(OSError):
        index.mkdir(parents=True, exist_ok=True)
        try:
            replace(place, data)
        except EssaysError:
            with place.open("r+b") as file:
                file.write(data)


def read_status(index: Path) -> WatchStatus:
    """How things stand, by what the watcher wrote last."""
    place = index / NAME
    try:
        heard = place.stat().st_mtime
        standing = msgspec.json.decode(place.read_bytes(), type=WatchStatus)
    except (OSError, msgspec.DecodeError):
        return WatchStatus("stopped", "", "The watcher process does not respond.")
    if standing.state != "building" and time.time() - heard > SILENT:
        since = datetime.fromtimestamp(heard, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return WatchStatus("stopped", since, "The watcher process does not respond.")
    return standing


def public_message(error: BaseException, *folders: Path) -> str:
    """What readers may know of an error: no paths of this machine beyond the last name.

    >>> public_message(EssaysError("There is no permission to write /srv/x/g1/a.post."))
    'There is no permission to write a.post.'
    >>> public_message(KeyError("x"))
    'The build failed with an unexpected error (KeyError); see the log.'
    """
    if not isinstance(error, EssaysError):
        name = type(error).__name__
        return f"The build failed with an unexpected error ({name}); see the log."
    text = f"{error} {error.hint}".strip()
    for folder in folders:
        text = text.replace(str(folder), f"/x/{folder.name}")
    return _PATH.sub(r"\1", text)
