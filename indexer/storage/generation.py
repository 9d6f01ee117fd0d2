"""The committed state of the index that is current, and what the build knew of every file then.

An index folder holds ``current``, one small file that is replaced as a whole, and the folder that
it names::

    index/
      current                  which commit answers, with the checksums of its two lists
      g12/                     made by the full build that became generation 12
        _essays_2.toc          its segments and deletions (:mod:`indexer.storage.contents`)
        manifest-2-5d1c…       what the build knew of files at that commit, but for
        essays_….files         what it knew of most of them (:mod:`indexer.storage.manifest`)
        essays_….post, .docs   segments (:mod:`indexer.storage.codec`)

A commit writes its lists beside the old ones, has the disk keep them, and then moves the pointer;
a full build does so in a folder of its own. Whatever is wrong with the old state cannot hurt the
new one, and a build that dies at any instant, or a machine that does, leaves the last generation
answering. What it leaves besides, :func:`sweep` removes: at its end, or before the next build
writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import xxhash
from whoosh.filedb.filestore import FileStorage

from indexer.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated
from indexer.schema.document import FORMAT
from indexer.storage import contents
from indexer.storage import manifest as manifest_
from indexer.storage import verified as verified_
from indexer.storage.arrays import Arrays
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS
from indexer.storage.file_columns import Columns
from indexer.storage.manifest import Listed, Manifest
from indexer.storage.segment import SegmentState, map_arrays, open_arrays
from indexer.storage.terms import POSTINGS
from indexer.storage.verified import Verified
from indexer.storage.writing import flush, replace, temporary, writing

NAME = "essays"
ENDINGS = (POSTINGS, DOCUMENTS)
_HINT = "Run: essays index"


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """The pointer: which ``commit`` of which ``folder`` is the generation ``number``.

    ``toc`` and ``manifest`` are the checksums of the commit's two lists, ``check`` that of this
    record without itself.
    """

    format: int = FORMAT
    folder: str = ""
    commit: int = 0
    number: int = 0
    toc: str = ""
    manifest: str = ""
    check: str = ""

    def same_state(self, other: Current) -> bool:
        """Whether both answer alike, whatever is known of files since."""
        return (self.folder, self.commit, self.toc) == (other.folder, other.commit, other.toc)

    def sealed(self) -> Current:
        """This record with its own checksum."""
        bare = msgspec.structs.replace(self, check="")
        return msgspec.structs.replace(bare, check=_digest(msgspec.json.encode(bare)))


def _digest(data: bytes) -> str:
    return xxhash.xxh3_64_hexdigest(data)


def current(index: Path) -> Current:
    """The pointer of an index folder. Raises IndexMissing, IndexDamaged for one that cannot be
    trusted, or IndexOutdated."""
    try:
        pointer = msgspec.json.decode((index / "current").read_bytes(), type=Current)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(f"There is no index at {index} yet.", _HINT) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"The index at {index} cannot be read.", _HINT) from error
    if pointer.format != FORMAT:
        raise IndexOutdated(
            f"The index at {index} has format {pointer.format}, this version reads {FORMAT}.",
            _HINT,
        )
    # Another name of a folder would have a build write where it leads.
    if pointer != pointer.sealed() or not _FOLDERS.fullmatch(pointer.folder):
        raise IndexDamaged(f"The index at {index} cannot be read.", _HINT)
    return pointer


def committed(index: Path) -> float | None:
    """When the current generation was committed, in seconds since 1970; None without one."""
    try:
        return (index / "current").stat().st_mtime
    except OSError:
        return None


def segments_of(index: Path, pointer: Current) -> list[ArraySegment]:
    """The segments of the pointer's commit, as its table of contents has them. Raises
    IndexDamaged."""
    place = index / pointer.folder / toc_name(pointer.commit)
    data = _read(place, pointer.toc)
    try:
        return contents.decode(data, NAME)
    except ValueError as error:
        raise IndexDamaged(f"The index file {place} cannot be read.", _HINT) from error


def open_files(
    folder: Path, segments: Iterable[SegmentState], listed: Listed, verified: Verified
) -> dict[Path, Arrays]:
    """The files of segments, and of the columns of what is known, each verified; those that are
    open already, or that were ``verified`` not long ago, are not read again. Raises
    IndexDamaged."""
    files = [*_files(folder, segments), *_columns(folder, listed)]
    return {file: _opened(file, verified) for file in files}


def manifest(index: Path, pointer: Current, verified: Verified | None = None) -> Manifest:
    """What the build knew at the pointer; its columns are read whole unless they were ``verified``
    not long ago. Raises IndexDamaged."""
    found = listed(index, pointer)
    for file in _columns(index / pointer.folder, found):
        return Manifest(found, Columns(_opened(file, verified)))
    return Manifest(found)


def listed(index: Path, pointer: Current) -> Listed:
    """What the list of the manifest holds. Raises IndexDamaged."""
    data = _read(index / pointer.folder / manifest_name(pointer), pointer.manifest)
    try:
        return manifest_.decode(data)
    except msgspec.DecodeError as error:
        raise IndexDamaged(f"The manifest in {index} cannot be read.", _HINT) from error


def _opened(file: Path, verified: Verified | None) -> Arrays:
    return (map_arrays if verified and verified.vouches(file) else open_arrays)(file)


def _read(path: Path, check: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"The index file {path} is missing.", _HINT) from error
    if _digest(data) != check:
        raise IndexDamaged(f"The index file {path} is damaged.", _HINT)
    return data


def toc_name(commit: int) -> str:
    """The file name of a table of contents."""
    return f"_{NAME}_{commit}.toc"


def manifest_name(pointer: Current) -> str:
    """The file name of the manifest; another one of the same commit lies beside it until the
    pointer has moved."""
    return f"manifest-{pointer.commit}-{pointer.manifest}"


def commit(
    index: Path, pointer: Current, segments: Sequence[ArraySegment], listed: Listed
) -> Current:
    """Make a state the current generation: write its lists, move the pointer, drop what no
    generation needs. ``pointer`` names folder, commit and number, ``listed`` is what is known of
    files; the result is what was published.
    All of it is on the disk before the pointer moves, and the pointer before anything is dropped:
    a power cut leaves the old generation or the new one. Raises IndexUnwritable.
    """
    folder = index / pointer.folder
    written = contents.encode(segments)
    replace(folder / toc_name(pointer.commit), written)
    for file in (*_files(folder, segments), *_columns(folder, listed)):
        flush(file)
    return _publish(index, msgspec.structs.replace(pointer, toc=_digest(written)), listed)


def _files(folder: Path, segments: Iterable[SegmentState]) -> list[Path]:
    return [each.path(folder, ending) for each in segments for ending in ENDINGS]


def _columns(folder: Path, listed: Listed) -> list[Path]:
    return [folder / listed.columns] if listed.columns else []


def note(index: Path, pointer: Current, listed: Listed) -> Current:
    """Store anew what is known of files where nothing that answers has changed."""
    for file in _columns(index / pointer.folder, listed):
        flush(file)
    return _publish(index, pointer, listed)


def _publish(index: Path, pointer: Current, listed: Listed) -> Current:
    data = manifest_.encode(listed)
    pointer = msgspec.structs.replace(pointer, manifest=_digest(data)).sealed()
    replace(index / pointer.folder / manifest_name(pointer), data)
    flush(index / pointer.folder)
    flush(index)
    replace(index / "current", msgspec.json.encode(pointer))
    flush(index)
    sweep(index)
    return pointer


#: Names of what a build writes: a folder of generations, and the files in it.
_FOLDERS = re.compile(r"g[0-9]+")
_FILES = re.compile(rf"_?{NAME}_.*|manifest-.*")


def sweep(index: Path) -> None:
    """Remove what builds wrote and the current generation does not need.

    Readers of an older one keep their open files; where the system does not let go of those, the
    next build tries again. Where the pointer cannot be read, nothing is removed.
    """
    try:
        needed = _needed(index)
    except OSError:
        return
    for folder in index.iterdir():
        if not _FOLDERS.fullmatch(folder.name) or not folder.is_dir():
            continue
        kept = needed.get(folder.name, set())
        if kept is None:
            continue
        for file in folder.iterdir():
            if file.name not in kept and _FILES.fullmatch(file.name):
                with suppress(OSError):
                    file.unlink()
        if folder.name not in needed:
            with suppress(OSError):  # something else lies in it
                folder.rmdir()
    for name in ("current", verified_.NAME):
        with suppress(OSError):
            temporary(index / name).unlink(missing_ok=True)


def _needed(index: Path) -> dict[str, set[str] | None]:
    """The folder that the pointer names, and which of its files; None for all, where its lists
    cannot be read. Raises OSError where it is not known."""
    try:
        data = (index / "current").read_bytes()
    except FileNotFoundError:
        return {}
    try:
        pointer = current(index)
        lists = {toc_name(pointer.commit), manifest_name(pointer)}
        segments = segments_of(index, pointer)
        columns = listed(index, pointer).columns
    except IndexMissing:
        return {}
    except IndexDamaged:
        with suppress(msgspec.DecodeError, AttributeError):  # of another format, or damaged in part
            return {str(msgspec.json.decode(data).get("folder")): None}
        return {}
    files = {segment.make_filename(ending) for segment in segments for ending in ENDINGS}
    return {pointer.folder: lists | files | {columns}}


def fresh(index: Path, number: int) -> Current:
    """A pointer to a new, empty folder for a full build; ``number`` is the last one known."""
    # Where the pointer is lost, the folders still tell how far numbers have come.
    seen = [number]
    for folder in index.glob("g*"):
        if folder.name[1:].isdigit():
            commits = (int(p.stem.rsplit("_", 1)[1]) for p in folder.glob(f"_{NAME}_*.toc"))
            seen.append(int(folder.name[1:]) - 1 + max(commits, default=1))
    number = max(seen)
    sweep(index)
    pointer = Current(folder=f"g{number + 1}", commit=0, number=number)
    with writing(index / pointer.folder):
        (index / pointer.folder).mkdir(parents=True)
    return pointer


@contextmanager
def lock(index: Path, name: str = "build.lock") -> Iterator[None]:
    """Hold the index folder for one build, or for what ``name`` says. Raises IndexLocked while
    another one has it, and IndexUnwritable."""
    with writing(index / name):
        index.mkdir(parents=True, exist_ok=True)
        held = FileStorage(str(index)).lock(name)
        free = held.acquire()
    if not free:
        raise IndexLocked(f"Another build is writing {index}.", "Wait until it is done.")
    try:
        yield
    finally:
        held.release()
