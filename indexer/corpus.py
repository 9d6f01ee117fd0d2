"""Which files are essays, and what does each say: an essay, its problems, or both?

:func:`scan` lists the files of a content folder in stable order; :func:`read` turns one of them
into a :class:`Reading`. Whatever a file holds, reading it returns: a file can cost itself, never
the build.
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec

from indexer import detection, frontmatter, languages, links, markup, metadata
from indexer.errors import ContentMissing, FileRefused
from indexer.essay import Essay, Problem, sound
from indexer.frontmatter import BadFrontMatter
from indexer.markup import SUFFIXES, BadMarkup
from indexer.vocabulary import Rules
from indexer.walk import File, Walk, unreadable

#: Parts of an essay whose language is looked at: title, description and some sections.
DETECTED_FROM = 8


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What reading one file gave.

    ``essay`` is ``None`` where the file could not be read at all; then ``problems`` says why.
    ``digest`` is empty where the file's bytes were never seen. ``essay.slug`` is the slug that
    the file asks for: :mod:`indexer.build` settles who gets it.
    """

    path: str
    digest: str = ""
    essay: Essay | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the file still has the digest that was known, and so was not parsed."""
        return bool(self.digest) and self.essay is None and not self.problems


def scan(content: Path, rules: Rules) -> tuple[list[File], list[Problem]]:
    """The essay files below ``content`` ordered by path, and what could not be listed.

    Files end in .md, .markdown or .mdx; dot-folders, dot-files, a README.md at the root and what
    the rules exclude are left out, and links that lead where they may not (:mod:`indexer.links`).
    Raises :class:`~indexer.errors.ContentMissing`.
    """
    if not content.is_dir():
        what = "is not a folder" if content.exists() else "does not exist"
        raise ContentMissing(
            f"The content folder {content} {what}.",
            "Give the folder of essays as the first argument.",
        )
    found = Walk(content, rules)
    return sorted(found.files), found.problems


def digest(data: bytes) -> str:
    """The identity of a file's content: BLAKE2b, 128 bits, in hexadecimal."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def read(content: Path, path: str, rules: Rules, known: str = "") -> Reading:
    """Read one file. ``known`` is the digest of the version in the index: a file that still has
    it is not parsed, and the reading has neither essay nor problems."""
    failed = _failure(path)
    try:
        with links.open_file(content, path, rules, SUFFIXES) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(rules.max_bytes + 1) if size <= rules.max_bytes else b""
    except FileNotFoundError:
        return failed(0, "The file disappeared while the index was built.", "Build again.")
    except FileRefused as refused:
        return failed(0, str(refused), refused.hint)
    except OSError as error:
        return Reading(path=path, problems=(unreadable(path, error),))
    size = max(size, len(data))
    if size > rules.max_bytes:
        return failed(
            1, f"The file has {size:,} bytes; the limit is {rules.max_bytes:,}.",
            "Split it, or raise max_bytes in essays.toml.",
        )  # fmt: skip
    identity = digest(data)
    if identity == known:
        return Reading(path=path, digest=identity)
    failed = _failure(path, identity)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1  # data, without a byte order mark
        return failed(line, "The file is not UTF-8.", "Save it with the encoding UTF-8.")
    text = sound(unicodedata.normalize("NFC", text))
    line = 1
    try:
        with _deadline(rules.deadline):
            top = frontmatter.parse(text)
            line = top.line
            essay, problems = _essay(path, top, rules)
    except BadFrontMatter as error:
        return failed(error.line, str(error), error.hint)
    except TimeoutError:
        return failed(
            line, f"The file takes more than {rules.deadline:g} seconds to render.",
            "Look for deeply nested lists, quotes or brackets.",
        )  # fmt: skip
    return Reading(path=path, digest=identity, essay=essay, problems=tuple(problems))


def _failure(path: str, identity: str = "") -> Callable[[int, str, str], Reading]:
    def failed(line: int, what: str, hint: str) -> Reading:
        return Reading(path=path, digest=identity, problems=(Problem(path, line, what, hint),))

    return failed


def _essay(path: str, top: frontmatter.FrontMatter, rules: Rules) -> tuple[Essay, list[Problem]]:
    fields, problems = metadata.read(path, top.metadata, top.line_of, rules)
    try:
        body = markup.render(top.body, path, fields["title"])
    except BadMarkup as error:
        body = markup.plain(top.body)
        problems.append(
            Problem(path, top.line, f"{error}.", "It is shown as plain text; simplify its markup.")
        )
    stem = path.rsplit(".", 1)[0]
    fields["title"] = fields["title"] or body.title or body.first_heading or stem.rsplit("/", 1)[-1]
    fields["slug"] = fields["slug"] or metadata.slug(stem) or "untitled"
    fields["lang"] = fields["lang"] or _language(fields, body, rules)
    essay = Essay(
        path=path,
        html=body.html,
        sections=body.sections,
        links=body.links,
        words=body.words,
        **fields,
    )
    return essay, problems


def _language(fields: metadata.Fields, body: markup.Markup, rules: Rules) -> str:
    """The language that a text shows, else the archive's own, with its region."""
    said = [fields["title"], fields["description"], *(s.text for s in body.sections if s.text)]
    usual = languages.code(rules.lang)
    found = detection.detect("\n".join(said[:DETECTED_FROM]), usual)
    return rules.lang if found in ("", usual) else found


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block after ``seconds``, where signals can (not in threads)."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
