"""Files with the front matter of other sites, rewritten in memory.

The new front matter is YAML between ``---``. Whatever is planned, it is read again as the indexer
reads it, and a file whose essay would lose something is left as it is and named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from indexer.errors import FileRefused
from indexer.essay import Problem, valid_text
from indexer.migrate.kinds import kind_of
from indexer.migrate.plan import Entry, Note, plan
from indexer.migrate.yaml_edit import edited, written_entry
from indexer.parsing import corpus, deadline, frontmatter, metadata, symlinks, yaml_text
from indexer.parsing.deadline import OutOfTime
from indexer.parsing.frontmatter import BadFrontMatter
from indexer.parsing.markup import SUFFIXES
from indexer.parsing.rules import Rules
from indexer.parsing.walk import unreadable


class Rewritten(NamedTuple):
    """One file: its bytes as they are and as they should be (the same where nothing is to do),
    and what a person should know. ``broken`` says that it was left because it cannot be read."""

    path: str
    old: bytes
    new: bytes
    notes: tuple[Problem, ...] = ()
    broken: bool = False


def rewrites(content: Path, rules: Rules, kind: str = "auto") -> Iterator[Rewritten]:
    """Every file of a folder in the order of its paths. Raises ContentMissing.

    A link inside the folder is passed over: what it leads to is listed itself.
    """
    files, problems = corpus.scan(content, rules)
    for problem in problems:
        yield Rewritten(problem.path, b"", b"", (problem,), broken=True)
    root = symlinks.root_of(content).real
    for file in files:
        try:
            place = symlinks.locate(content, file.path, rules, SUFFIXES)
            if place.real != str(Path(root, file.path)):
                if place.tree != root:
                    what = "A link leads to this file out of the folder; it is not rewritten."
                    yield _left(file.path, b"", what, "Rewrite it in its own folder.")
                continue
            with symlinks.open_file(content, file.path, rules, SUFFIXES) as opened:
                data = opened.read(rules.max_bytes + 1)
        except FileRefused as refused:
            yield _left(file.path, b"", str(refused), refused.hint)
        except OSError as error:
            problem = unreadable(file.path, error)
            yield Rewritten(file.path, b"", b"", (problem,), broken=True)
        else:
            yield rewritten(file.path, data, rules, kind)


def _left(path: str, data: bytes, what: str, hint: str, line: int = 0) -> Rewritten:
    return Rewritten(path, data, data, (Problem(path, line, what, hint),), broken=True)


def rewritten(path: str, data: bytes, rules: Rules, kind: str = "auto") -> Rewritten:
    """One file with its front matter in the form of ``docs/writing.md``; the body keeps each byte.

    >>> rewritten("a.md", b"---\\ncreated: 2024\\n---\\n\\nText.", Rules()).new
    b'---\\npublishdate: 2024\\n---\\n\\nText.'
    """
    if len(data) > rules.max_bytes:
        what = f"The file has more than {rules.max_bytes:,} bytes."
        return _left(path, data, what, "Split it, or raise max_bytes in essays.toml.", 1)
    try:
        with deadline.limit(rules.seconds(len(data))):
            if kind == "auto":
                return _settled(path, data, rules)
            return _rewritten(path, data, rules, kind)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _left(path, data, "The file is not UTF-8.", "Save it with UTF-8.", line)
    except BadFrontMatter as error:
        return _left(path, data, str(error), error.hint, error.line)
    except (OutOfTime, yaml.YAMLError, RecursionError, ValueError) as error:
        what = f"The front matter cannot be rewritten ({type(error).__name__})."
        return _left(path, data, what, "Simplify it, or rewrite it by hand.", 1)


def _settled(path: str, data: bytes, rules: Rules) -> Rewritten:
    """A file rewritten by the program that it was most likely written for. What tells of that may
    be gone from the new one, which then looks like another's; it is rewritten by that, too, so that
    nothing is left for another run."""
    kind = _kind(path, data)
    made = _rewritten(path, data, rules, kind)
    seen = {kind}
    while made.new != data and (kind := _kind(path, made.new)) not in seen:
        seen.add(kind)
        again = _rewritten(path, made.new, rules, kind)
        if again.broken:
            break
        told = [note for note in again.notes if note not in made.notes]
        made = Rewritten(path, data, again.new, (*made.notes, *told))
    return made


def _kind(path: str, data: bytes) -> str:
    """The program that a file was most likely written for."""
    top = _Top(data.decode())
    return kind_of(path, top.metadata, type(top.fence).__name__)


def _rewritten(path: str, data: bytes, rules: Rules, kind: str) -> Rewritten:
    top = _Top(data.decode())
    if top.fence is None:
        _read(path, data, rules)
        return Rewritten(path, data, data)
    entries, notes = plan(path, top.metadata, kind, rules)
    told = [_told(path, top, note) for note in notes]
    new = data
    if top.rebuilt or any(entry.changed or entry.old != entry.key for entry in entries) or (
        len(entries) != len(top.metadata)
    ):  # fmt: skip
        text, lost = top.with_entries(entries)
        new = text.encode()
        told += [Problem(path, line, what, hint) for line, what, hint in lost]
    before, _ = _read(path, data, rules)
    after, problems = _read(path, new, rules)
    missing = [field for field in before if not _kept(field, before[field], after[field])]
    missing += _lost(before["extra"], after["extra"], entries)
    if missing:
        what = f"Rewritten, the file would be read differently ({', '.join(missing)}); it is left."
        return _left(path, data, what, "Rewrite its front matter by hand.", 1)
    return Rewritten(path, data, new, tuple(told + problems))


def _told(path: str, top: _Top, note: Note) -> Problem:
    return Problem(path, top.line_of(note.key) if note.key else 1, note.what, note.hint)


def _read(
    path: str, data: bytes, rules: Rules
) -> tuple[metadata.Fields, list[Problem]]:  # as corpus.read_file does
    text = valid_text(unicodedata.normalize("NFC", data.decode("utf-8-sig")))
    top = frontmatter.parse(text)
    fields, problems = metadata.read_fields(path, top.metadata, top.line_of, rules)
    fields["body"] = top.body
    return fields, problems


_MORE = ("tags", "categories", "authors", "bibliography")


def _kept(field: str, before: Any, after: Any) -> bool:
    """Whether a field says at least what it said: the same, or something where nothing was; a
    text that was one tag may have become its words."""
    if field in ("tags", "categories"):
        given = set(after)
        return all(
            each in given or {word.lstrip("#") for word in each.split()} <= given for each in before
        )
    if field in _MORE:
        return set(before) <= set(after)
    if field == "extra":
        return True
    return bool(before == after or (field != "body" and not before))


def _lost(before: Mapping[str, Any], after: Mapping[str, Any], entries: list[Entry]) -> list[str]:
    """The keys without a meaning here that the new front matter says otherwise or not at all."""
    same = {e.old.strip().lower() for e in entries if e.old and e.old == e.key and not e.changed}
    return [
        key
        for key in before
        if key in same
        and (
            key not in after or (before[key] != after[key] and _as_yaml(before[key]) != after[key])
        )
    ]


def _as_yaml(value: Any) -> Any:
    """A value as it is read from YAML, where scalars are texts."""
    return metadata.jsonable(yaml_text.load(written_entry("x", value)))["x"]


class _Top:
    """The front matter of a text: its fence (None without one), its block of lines and what they
    say, as :func:`indexer.parsing.frontmatter.parse` finds them."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        text = raw.replace("\r\n", "\n").replace("\r", "\n")
        bom = text[:1] if text.startswith("\ufeff") else ""
        read = valid_text(text[len(bom) :])
        bare = read.lstrip()
        self.fence = next((h for h in frontmatter.HANDLERS if h.detect(bare)), None)
        self.metadata: Mapping[str, Any] = {}
        if self.fence is None:
            return
        parsed = frontmatter.parse(read)
        self.line_of = parsed.line_of
        self.metadata = metadata.jsonable(parsed.metadata)
        block, content = self.fence.split(bare)
        begin = len(bom) + len(read) - len(bare)
        #: Where block and body begin in the text.
        self._block = begin + bare.find(block) if block else begin + bare.find("\n")
        self._body = len(text) - len(content)
        self._text = text
        self._begin = begin
        self._block_end = self._block + len(block)
        self.block = text[self._block : self._block_end]
        #: Whether the front matter is written anew, whatever its keys.
        self.rebuilt = type(self.fence) is not frontmatter.Yaml
        self._quote_hash_tags()

    def _quote_hash_tags(self) -> None:
        """Take ``tags: #maps #owls``, which is a comment to YAML, for what was meant."""
        if not isinstance(self.fence, frontmatter.Yaml):
            return
        quoted = _UNQUOTED_TAGS.sub(r'\1"\2"', self.block)
        if quoted != self.block:
            again = self.fence.load(valid_text(quoted))
            if isinstance(again, dict):
                self.block, self.metadata = quoted, metadata.jsonable(again)

    def with_entries(self, entries: list[Entry]) -> tuple[str, list[tuple[int, str, str]]]:
        """The text with these entries in its front matter, and what was lost on the way: line,
        what, hint."""
        yaml_block = isinstance(self.fence, frontmatter.Yaml)
        block = edited(self.block, entries) if yaml_block else None
        lost = []
        if block is None:
            block = "".join(f"{written_entry(e.key, e.value)}\n" for e in entries)
            lost = self._comments()
        if not self.rebuilt:
            head = self._text[: self._block] + ("" if block[:1] == "\n" else "\n") + block
            head += self._text[self._block_end : self._body]
        else:
            banner = self._text[self._begin : self._block] if yaml_block else ""
            kept = [line for line in banner.split("\n") if line.strip() and not _RULE.match(line)]
            block = "\n".join([*kept, block.strip("\n")]).strip("\n")
            head = f"{self._text[: self._begin]}---\n{block}\n---"
        body = self._raw[_raw_offset(self._raw, self._body) :]
        if body and body[0] not in "\r\n":
            head += "\n"
        return head.replace("\n", _line_end(self._raw)) + body, lost

    def _comments(self) -> list[tuple[int, str, str]]:
        """The comments of a block that is written anew."""
        if not isinstance(self.fence, frontmatter.Yaml | frontmatter.Toml):
            return []
        top = self._text.count("\n", 0, self._block) + 1
        return [
            (top + number, f"This comment is left out: {line.strip()[:80]}", "Keep it elsewhere.")
            for number, line in enumerate(_LONG_TEXT.sub(_only_lines, self.block).split("\n"))
            if "#" in _QUOTED.sub("", line)
        ]


_UNQUOTED_TAGS = re.compile(
    r"^((?:tags?|keywords):[ \t]+)(#[^\s#,\"\\]+(?:[ \t,]+#[^\s#,\"\\]+)*)[ \t]*$"
    r"(?!\n[ \t]*-[ \t])",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
_LONG_TEXT = re.compile(r"(\"{3}|'{3}).*?\1", re.DOTALL)
_RULE = frontmatter.CommentFencedYaml.FM_BOUNDARY


def _only_lines(text: re.Match[str]) -> str:
    return "\n" * text[0].count("\n")


def _line_end(raw: str) -> str:
    """The first line end of a text; ``\\n`` where it has none."""
    found = re.search(r"\r\n|\r|\n", raw)
    return found[0] if found else "\n"


def _raw_offset(raw: str, offset: int) -> int:
    """Where a place of the text with ``\\n`` alone stands in the text as it is.

    >>> _raw_offset("a\\r\\nb\\r\\nc", 4)
    6
    """
    pairs = 0
    for pair in re.finditer("\r\n", raw):
        if pair.start() - pairs >= offset:
            break
        pairs += 1
    return offset + pairs
