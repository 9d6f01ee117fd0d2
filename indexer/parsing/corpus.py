"""The files that are essays, and what each says: an essay, its problems, or both.

:func:`scan` lists the files of a content folder in stable order; :func:`read_file` turns one of
them into a :class:`Reading`. Whatever a file holds, reading it returns: a file can cost itself,
never the build.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec

from indexer.analysis import detection, languages
from indexer.errors import ContentMissing, FileRefused
from indexer.essay import Essay, Problem, valid_text
from indexer.parsing import bounds, deadline, frontmatter, markup, metadata, symlinks
from indexer.parsing.deadline import OutOfTime
from indexer.parsing.frontmatter import BadFrontMatter
from indexer.parsing.markup import SUFFIXES, BadMarkup
from indexer.parsing.rules import Rules
from indexer.parsing.walk import File, Walk, unreadable

#: Parts of an essay whose language is looked at: title, description and some sections.
DETECTED_FROM = 8


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What reading one file gave.

    ``essay`` is ``None`` where the file could not be read at all; then ``problems`` says why.
    ``digest`` is empty where the file's bytes were never seen. ``essay.slug`` is the slug that
    the file asks for: :mod:`indexer.build.build` settles who gets it.
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
    the rules exclude are left out, and links that lead where they may not
    (:mod:`indexer.parsing.symlinks`). Raises :class:`~indexer.errors.ContentMissing`.
    """
    found = walk(content, rules)
    return sorted(found.files), found.problems


def walk(content: Path, rules: Rules) -> Walk:
    """The same, as a walk has it. Raises :class:`~indexer.errors.ContentMissing`."""
    if not content.is_dir():
        what = "is not a folder" if content.exists() else "does not exist"
        raise ContentMissing(
            f"The content folder {content} {what}.",
            "Give the folder of essays as the first argument.",
        )
    return Walk(content, rules)


def digest(data: bytes) -> str:
    """The identity of a file's content: BLAKE2b, 128 bits, in hexadecimal."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def file_digest(content: Path, path: str, rules: Rules) -> str:
    """The digest of a file as it is now, as :func:`read_file` gives it: empty where the file is
    not read."""
    try:
        data, size = _bytes(content, path, rules)
    except (FileRefused, OSError):
        return ""
    return digest(data) if size <= rules.max_bytes else ""


def read_file(
    content: Path, path: str, rules: Rules, known: str = "", *, plain: bool = False
) -> Reading:
    """Read one file. ``known`` is the digest of the version in the index: a file that still has
    it is not parsed, and the reading has neither essay nor problems. ``plain`` takes the text as
    it is, for one whose rendering ended a process."""
    failed = _failure(path)
    try:
        data, size = _bytes(content, path, rules)
    except FileNotFoundError:
        return failed(0, "The file disappeared while the index was built.", "Build again.")
    except FileRefused as refused:
        return failed(0, str(refused), refused.hint)
    except OSError as error:
        return Reading(path=path, problems=(unreadable(path, error),))
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
        return _read(path, data, identity, rules, plain)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1  # data, without a byte order mark
        return failed(line, "The file is not UTF-8.", "Save it with the encoding UTF-8.")
    except BadFrontMatter as error:
        return failed(error.line, str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - any text at all reaches ours and libraries' code
        return failed(1, *_reason(error, rules.seconds(size)))


def _failure(path: str, identity: str = "") -> Callable[[int, str, str], Reading]:
    def failed(line: int, what: str, hint: str) -> Reading:
        problem = Problem(path, line, bounds.shortened(what, bounds.MESSAGE), hint)
        return Reading(path=path, digest=identity, problems=(problem,))

    return failed


def failure(content: Path, path: str, error: Exception, rules: Rules) -> Reading:
    """The problem of a file that can be read and not taken into the index."""
    try:
        data, size = _bytes(content, path, rules)
    except (FileRefused, OSError):  # swapped for something else since it was read
        return _failure(path)(0, *_reason(error, rules.seconds(0)))
    return _failure(path, digest(data))(1, *_reason(error, rules.seconds(size)))


def _bytes(content: Path, path: str, rules: Rules) -> tuple[bytes, int]:
    """The bytes of a file and their number; none of a file that is too large."""
    with symlinks.open_file(content, path, rules, SUFFIXES) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(rules.max_bytes + 1) if size <= rules.max_bytes else b""
    return data, max(size, len(data))


def _reason(error: Exception, seconds: float) -> tuple[str, str]:
    """Why a file cannot be read, and a hint."""
    if isinstance(error, OutOfTime):
        return (
            f"The file takes more than {seconds:g} seconds to read.",
            "Split it, or raise deadline in essays.toml.",
        )
    if isinstance(error, MemoryError):
        return "Reading this file takes more memory than there is.", "Split it."
    if isinstance(error, RecursionError):
        return "The file is nested too deeply.", "Look for deeply nested lists, quotes or brackets."
    return (
        f"Reading this file failed ({type(error).__name__}: {error}).",
        "Simplify its front matter and markup; it is a fault of this program that it fails.",
    )


def _read(path: str, data: bytes, identity: str, rules: Rules, plain: bool) -> Reading:
    seconds = rules.seconds(len(data))
    detection.prepare()
    markup.prepare()
    with deadline.limit(seconds):
        text = valid_text(unicodedata.normalize("NFC", data.decode("utf-8-sig")))
        top = frontmatter.parse(text)
        fields, problems = metadata.read_fields(path, top.metadata, top.line_of, rules)
    body, wrong = _body(path, top, fields["title"], seconds, plain)
    problems += wrong
    with deadline.limit(seconds):
        essay = _essay(path, fields, body, rules, problems)
    return Reading(path=path, digest=identity, essay=essay, problems=tuple(problems))


def _body(
    path: str, top: frontmatter.FrontMatter, title: str, seconds: float, plain: bool
) -> tuple[markup.Markup, list[Problem]]:
    """The text of a file, rendered; as it is where that fails, which is a problem."""
    hint = "Look for deeply nested or repeated markup."
    if plain:
        what = "Rendering this text ended the program that did it"
    else:
        try:
            with deadline.limit(seconds):
                body = markup.render(top.body, path, title)
        except BadMarkup as error:
            what, hint = str(error), "simplify its markup."
        except OutOfTime:
            what = f"The text takes more than {seconds:g} seconds to render"
        except MemoryError:
            what = "Rendering this text takes more memory than there is"
        except Exception as error:  # noqa: BLE001 - the libraries' own bugs
            what = f"The text cannot be rendered as Markdown ({error!r:.100})"
        else:
            return body, _cut_headings(path, top.line, body.cut)
    hint = f"It is shown as plain text; {hint[0].lower()}{hint[1:]}"
    return markup.plain(top.body), [Problem(path, top.line, f"{what}.", hint)]


def _cut_headings(path: str, line: int, cut: int) -> list[Problem]:
    if not cut:
        return []
    what = f"{cut} of the headings have more than {bounds.HEADING:,} characters and are cut."
    return [Problem(path, line, what, "Begin a paragraph after each heading.")]


def _essay(
    path: str, fields: metadata.Fields, body: markup.Markup, rules: Rules, problems: list[Problem]
) -> Essay:
    stem = path.rsplit(".", 1)[0]
    title = fields["title"] or body.title or body.first_heading or stem.rsplit("/", 1)[-1]
    fields["title"] = bounds.shortened(title, bounds.TITLE)

    def complain(_key: str, what: str, hint: str) -> None:
        problems.append(Problem(path, 0, what, hint))

    fields["slug"] = fields["slug"] or metadata.short_slug("slug", stem, complain) or "untitled"
    fields["lang"] = fields["lang"] or _language(fields, body, rules)
    return Essay(
        path=path,
        html=body.html,
        sections=body.sections,
        links=body.links,
        words=body.words,
        **fields,
    )


def _language(fields: metadata.Fields, body: markup.Markup, rules: Rules) -> str:
    """The language that a text shows, else the archive's own, with its region."""
    texts = [fields["title"], fields["description"], *(s.text for s in body.sections if s.text)]
    usual = languages.code(rules.lang)
    found = detection.detect("\n".join(texts[:DETECTED_FROM]), usual)
    return rules.lang if found in ("", usual) else found
