"""The top of a file: its metadata, its body, and the line on which the body begins.

python-frontmatter does the work, through handler classes: one per fence style. YAML between
``---`` (closed by ``---`` or ``...``), TOML between ``+++``, JSON as ``{ … }`` or between
``;;;``, and YAML fenced by comment rules::

    # ====================
    # A banner
    # ====================
    # ====================
    title: …
    # ====================

YAML scalars are read as they were written (``no`` stays a word, ``1.10`` keeps its zero, an
impossible date does not stop the file); :mod:`indexer.parsing.metadata` decides what each key
means.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import yaml
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from indexer.parsing import size, yaml_text

#: Letters of a front matter among which the line of a key is looked for, once for every problem.
LOOKED_AT = 200_000


class BadFrontMatter(ValueError):
    """The metadata of a file cannot be read: one sentence, a line of the file, and a hint."""

    def __init__(self, what: str, line: int, hint: str) -> None:
        super().__init__(what)
        self.line = line
        self.hint = hint


def _too_deep(line: int) -> BadFrontMatter:
    return BadFrontMatter(
        "The front matter is nested too deeply.", line, "Flatten the lists and mappings."
    )


class Yaml(YAMLHandler):
    """YAML between ``---`` lines, or from ``---`` to ``...``."""

    FM_BOUNDARY = re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*$", re.MULTILINE)
    opening = re.compile(r"---+[ \t]*$", re.MULTILINE)
    name = "YAML front matter"
    closing = "a line --- (or ...)"

    def detect(self, text: str) -> bool:
        return bool(self.opening.match(text))

    def load(self, fm: str, **_: object) -> Any:
        try:
            return yaml_text.load(fm)
        except yaml_text.TooDeep as error:
            raise _too_deep(error.line) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            reason = getattr(error, "problem", None) or getattr(error, "reason", "not YAML")
            if isinstance(error, yaml.reader.ReaderError):
                line = fm.encode().count(b"\n", 0, error.position)
            else:  # a mark's own line counts U+2028 and its like, which end no line of a file
                line = fm.count("\n", 0, mark.index) if mark else 0
            raise BadFrontMatter(
                f"The front matter is not valid YAML: {reason}.",
                line,
                "Put quotes around a value that contains a colon, a #, quotes or brackets.",
            ) from error


class CommentFencedYaml(Yaml):
    """YAML between comment rules: a banner between two rules, then the keys between two."""

    FM_BOUNDARY = re.compile(r"^#[ \t]*={10,}[ \t]*$", re.MULTILINE)
    opening = FM_BOUNDARY
    name = "The comment-fenced front matter"
    closing = "a rule (# and ten or more =)"

    def split(self, text: str) -> tuple[str, str]:
        rules = list(self.FM_BOUNDARY.finditer(text))
        # A stretch between two rules that holds nothing but comments is a banner.
        for opened, closed in pairwise(rules):
            block = text[opened.end() : closed.start()]
            if any(
                line.strip() and not line.lstrip().startswith("#") for line in block.splitlines()
            ):
                return block, text[closed.end() :]
        raise ValueError


class Toml(BaseHandler):
    """TOML between ``+++`` lines."""

    FM_BOUNDARY = re.compile(r"^\+{3,}[ \t]*$", re.MULTILINE)
    name = "TOML front matter"
    closing = "a line +++"

    #: A date without quotes. An impossible one must not cost the essay its other keys.
    bare_date = re.compile(
        r"^([\w.\"'-]+[ \t]*=[ \t]*)(\d{4}-[\d:TtZz. +-]*\d[Zz]?)[ \t]*$", re.MULTILINE
    )

    def load(self, fm: str) -> dict[str, Any]:
        try:
            return self._load(fm)
        except BadFrontMatter:
            quoted = self.bare_date.sub(r'\1"\2"', fm)
            if quoted == fm:
                raise
            return self._load(quoted)

    def _load(self, fm: str) -> dict[str, Any]:
        try:
            return tomllib.loads(fm)
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"line (\d+)", str(error))
            reason = re.sub(r" \(at .*\)", "", str(error))
            raise BadFrontMatter(
                f"The front matter is not valid TOML: {reason}.",
                int(where[1]) - 1 if where else fm.rstrip().count("\n"),
                "Put quotes around texts, and dates as 2024-01-30.",
            ) from error


class _Json(JSONHandler):
    name = "JSON front matter"
    closing = "its }"

    def load(self, fm: str, **_: object) -> Any:
        try:
            return json.loads(fm)
        except json.JSONDecodeError as error:
            raise BadFrontMatter(
                f"The front matter is not valid JSON: {error.msg}.",
                error.lineno - 1,
                "Check the quotes, commas and brackets near this line.",
            ) from error


class FencedJson(_Json):
    """JSON between ``;;;`` lines, with or without its own braces."""

    FM_BOUNDARY = re.compile(r"^;{3,}[ \t]*$", re.MULTILINE)
    closing = "a line ;;;"

    def split(self, text: str) -> tuple[str, str]:
        _, block, content = self.FM_BOUNDARY.split(text, 2)
        return (block if block.lstrip().startswith("{") else "{" + block + "}"), content


class Json(_Json):
    """One JSON object at the very top."""

    FM_BOUNDARY = re.compile(r"\{[ \t]*$|\{[ \t]*\"", re.MULTILINE)

    def split(self, text: str) -> tuple[str, str]:
        try:
            _, end = json.JSONDecoder().raw_decode(text)
        except json.JSONDecodeError as error:
            if error.pos >= len(text.rstrip()):
                raise ValueError from error
            return text, ""  # load() says where
        except (RecursionError, ValueError):  # a number of five thousand digits
            return text, ""
        return text[:end], text[end:]


HANDLERS: tuple[Yaml | Toml | _Json, ...] = (
    Yaml(),
    Toml(),
    FencedJson(),
    CommentFencedYaml(),
    Json(),
)


_AFTER_KEY = re.compile(r"[\"']?\]?\s*[:=]|\]\s*$")


class FrontMatter:
    """The top of one file: ``metadata``, ``body``, the body's first ``line`` (from 1), and where
    each key stands."""

    def __init__(
        self, metadata: Mapping[str, Any], body: str, line: int, block: str, top: int
    ) -> None:
        self.metadata = metadata
        self.body = body
        self.line = line
        self._block = block
        self._top = top

    def line_of(self, key: str, inner: str = "") -> int:
        """The line of ``key``, or of ``inner`` below it; the first line of the block if unseen."""
        number, found = self._top, 0
        for offset, line in enumerate(self._block[:LOOKED_AT].split("\n")):
            bare = line.strip().strip("\"'{[ ")
            wanted = inner if found else key
            if bare.startswith(wanted) and _AFTER_KEY.match(bare, len(wanted)):
                number = found = self._top + offset
                if wanted == inner or not inner:
                    return number
        return number


def parse(text: str) -> FrontMatter:
    """Split a file's text. No front matter at all is fine; a broken one is :class:`BadFrontMatter`.

    >>> top = parse("---\\ntitle: On time\\ntags: [no, 1.10]\\n---\\n\\nText.")
    >>> top.metadata, top.body, top.line
    ({'title': 'On time', 'tags': ['no', '1.10']}, 'Text.', 6)
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    bare = text.lstrip()
    handler = next((h for h in HANDLERS if h.detect(bare)), None)
    if handler is None:
        body, line = _from_first_line(text, 1)
        return FrontMatter({}, body, line, "", line)
    start = text.count("\n", 0, len(text) - len(bare)) + 1
    try:
        block, content = handler.split(bare)
    except ValueError as error:
        raise BadFrontMatter(
            f"{handler.name} is opened here and never closed.",
            start,
            f"Close it with {handler.closing}.",
        ) from error
    top = start + bare.count("\n", 0, max(bare.find(block), 0))
    try:
        metadata = handler.load(block)
        too_large = size.excess(metadata, len(block))
    except BadFrontMatter as error:
        raise BadFrontMatter(str(error), top + error.line, error.hint) from error
    except RecursionError as error:
        raise _too_deep(top) from error
    except yaml_text.TooMany as error:
        raise BadFrontMatter(size.TOO_MANY.what, top, size.TOO_MANY.hint) from error
    except ValueError as error:  # a number of five thousand digits
        raise BadFrontMatter(
            "The front matter holds an impossible number.", top, "Put quotes around it."
        ) from error
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise BadFrontMatter(
            "The front matter holds no keys.", start, "Write one `key: value` on each line."
        )
    if too_large:
        raise BadFrontMatter(too_large.what, top, too_large.hint)
    above = start + bare.count("\n", 0, len(bare) - len(content))
    return FrontMatter(metadata, *_from_first_line(content, above), block, top)


_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")


def _from_first_line(text: str, line: int) -> tuple[str, int]:
    """A text without blank lines around it, its indentation kept (that is code), and its line."""
    blank = _BLANK_LINES.match(text)
    assert blank is not None
    return text[blank.end() :].rstrip(), line + blank[0].count("\n")
