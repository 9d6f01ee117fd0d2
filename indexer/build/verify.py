"""Whether an index is whole, and holds what its folder says: without building anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from indexer.build.stored_versions import cards
from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.storage import generation as generation_
from indexer.storage.arrays import Arrays
from indexer.storage.generation import ENDINGS, Current
from indexer.storage.manifest import Known, Manifest
from indexer.storage.verified import distrust

#: How often it is begun again when a build commits meanwhile.
TRIES = 5


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it should be.

    ``path`` is that of a content file, or of a file of the ``index``, each from its folder on;
    empty for the index as a whole.
    """

    where: Literal["content", "index"]
    path: str
    kind: Literal["damaged", "settings", "new", "changed", "gone", "missing", "extra"]
    what: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What :func:`verify` looked at, and every difference.

    ``index_files`` of ``bytes`` together had the right checksums; ``files`` of the folder were
    compared with the ``essays`` that answer.
    """

    generation: int = 0
    index_files: int = 0
    bytes: int = 0
    files: int = 0
    essays: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


def verify(content: Path, index: Path, rules: Rules) -> Verification:
    """Check every file of the current generation by its checksum, and compare what answers with
    the folder ``content``, file by file. A build that commits meanwhile makes it begin again.
    Raises :class:`~indexer.errors.ContentMissing`.

    >>> import tempfile
    >>> from indexer.build.build import build
    >>> folder = Path(tempfile.mkdtemp())
    >>> file = folder / "a.md"
    >>> _ = file.write_text("# On maps")
    >>> _ = build(folder, folder / ".index", Rules())
    >>> verify(folder, folder / ".index", Rules()).agrees
    True
    >>> _ = file.write_text("# On tides")
    >>> verify(folder, folder / ".index", Rules()).differences[0].kind
    'changed'
    """
    for _ in range(TRIES):
        pointer = _pointer(index)
        found = _verify(content, index, rules)
        if _pointer(index) == pointer:
            break
    return found


def _pointer(index: Path) -> Current | None:
    with suppress(IndexUnavailable):
        return generation_.current(index)
    return None


def _verify(content: Path, index: Path, rules: Rules) -> Verification:
    try:
        pointer = generation_.current(index)
    except IndexUnavailable as error:
        files = len(corpus.scan(content, rules)[0])
        return Verification(files=files, differences=(_damage("current", error),))
    sizes, state, damages = _files(index, pointer)
    if state is None or damages:
        # The folder cannot be compared with what cannot be read.
        found = Verification(files=len(corpus.scan(content, rules)[0]))
    else:
        essays = {each.path: each.slug for each in cards(index)}
        known = {each.path: each for each in state}
        found = compare(content, rules, state.rules, known, essays)
    return msgspec.structs.replace(
        found,
        generation=pointer.number,
        index_files=len(sizes),
        bytes=sum(sizes),
        differences=(*damages, *found.differences),
    )


def _files(index: Path, pointer: Current) -> tuple[list[int], Manifest | None, list[Difference]]:
    """The sizes of the files that are whole, what the build knew, and what is damaged. Each file
    is read anew, whatever this process has open."""
    folder = index / pointer.folder
    whole = [index / "current"]
    damages = []
    state, segments = None, []
    lists = (generation_.manifest_name(pointer), generation_.toc_name(pointer.commit))
    name = lists[0]
    try:
        listed = generation_.listed(index, pointer)
        whole.append(folder / name)
        name = listed.columns
        state = generation_.manifest(index, pointer)
        whole += [folder / name] if name else []
    except IndexDamaged as error:
        damages.append(_damage(f"{pointer.folder}/{name}", error))
    try:
        segments = generation_.segments_of(index, pointer)
        whole.append(folder / lists[1])
    except IndexDamaged as error:
        damages.append(_damage(f"{pointer.folder}/{lists[1]}", error))
    for path in (each.path(folder, ending) for each in segments for ending in ENDINGS):
        try:
            Arrays(path)
            whole.append(path)
        except IndexDamaged as error:
            distrust(index)
            damages.append(_damage(f"{pointer.folder}/{path.name}", error))
    return [_bytes_of(path) for path in whole], state, damages


def _bytes_of(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _damage(path: str, error: IndexUnavailable) -> Difference:
    kind: Literal["missing", "damaged"] = (
        "missing" if isinstance(error, IndexMissing) else "damaged"
    )
    return Difference("index", path, kind, str(error))


def compare(
    content: Path,
    rules: Rules,
    made_under: str,
    known: Mapping[str, Known],
    essays: Mapping[str, str],
) -> Verification:
    """Compare a folder with an index that was ``made_under`` the rules of this fingerprint: what
    is ``known`` of every file, and the slugs of the ``essays`` that answer, both by content path.
    Raises :class:`~indexer.errors.ContentMissing`.
    """
    files, _ = corpus.scan(content, rules)
    differences = []
    if made_under != rules.fingerprint():
        what = "The settings that say how files are read have changed since."
        differences.append(Difference("index", "", "settings", what))
    differences += _of_files(content, rules, [file.path for file in files], known)
    differences += _of_documents(
        {each.path: each for each in known.values() if each.indexed}, essays
    )
    return Verification(files=len(files), essays=len(essays), differences=tuple(differences))


def _of_files(
    content: Path, rules: Rules, files: Iterable[str], known: Mapping[str, Known]
) -> Iterator[Difference]:
    """Where the folder is not what the index was made from. A broken file is known by its digest
    as well, whether a good version of it answers or none."""
    gone = set(known)
    for path in files:
        gone.discard(path)
        if path not in known:
            what = "The index does not have this file."
            yield Difference("content", path, "new", what)
        elif corpus.file_digest(content, path, rules) != known[path].digest:
            what = "The file has changed since it was indexed, or cannot be read any more."
            yield Difference("content", path, "changed", what)
    for path in sorted(gone):
        yield Difference("content", path, "gone", "The index has this file, the folder does not.")


def _of_documents(indexed: Mapping[str, Known], essays: Mapping[str, str]) -> Iterator[Difference]:
    """Where the documents of the index are not those that its own list names."""
    for path in sorted(indexed.keys() - essays):
        what = "The index lists this essay and does not have it."
        yield Difference("index", path, "missing", what)
    for path in sorted(essays.keys() - indexed):
        what = "The index has this essay and does not list it."
        yield Difference("index", path, "extra", what)
    for path in sorted(essays.keys() & indexed):
        if essays[path] != indexed[path].slug:
            what = (
                f"The slug is “{essays[path]}” in the index and “{indexed[path].slug}” in its list."
            )
            yield Difference("index", path, "extra", what)
