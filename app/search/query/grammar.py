"""The tags of a query's text: words, phrases, groups, operators, ``field:value``.

Whoosh's own parser and plug-ins, with two of ours: phrases with escapes, and fields whose value is
taken whole. What the tags mean is :mod:`app.search.query.compiler`'s affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from whoosh.qparser import plugins, syntax
from whoosh.qparser.default import QueryParser as WhooshParser


class FieldedNode(syntax.SyntaxNode):  # type: ignore[misc]
    """``field:value``, taken whole so that a value may hold colons, slashes and comparisons."""

    def __init__(
        self, field: str, op: str, quoted: str | None, slop: str | None, bare: str | None
    ) -> None:
        self.name = field.lower()
        self.op = op or ""
        self.quoted = quoted is not None
        self.value = unquote(quoted) if quoted is not None else bare or ""
        self.slop = int(slop or 1)


class PhraseNode(syntax.SyntaxNode):  # type: ignore[misc]
    """``"words in a row"``, or with ``~3`` behind it, words at most so far apart."""

    has_fieldname = True
    fieldname: str | None = None

    def __init__(self, text: str, slop: str | None) -> None:
        self.value = unquote(text)
        self.slop = int(slop or 1)


class _Phrases(plugins.TaggingPlugin):  # type: ignore[misc]
    expr = r'"(?P<text>(?:\\.|[^"\\])*)"(?:~(?P<slop>\d{1,3}))?'
    nodetype = PhraseNode


class _Fielded(plugins.TaggingPlugin):  # type: ignore[misc]
    priority = -10
    nodetype = FieldedNode

    def __init__(self, names: list[str]) -> None:
        listed = "|".join(map(re.escape, names))
        super().__init__(
            rf"(?i)(?:(?<=[\s(\-])|^)(?P<field>{listed}):(?P<op>[<>]=?|=[<>]?|)"
            r'(?:"(?P<quoted>(?:\\.|[^"\\])*)"(?:~(?P<slop>\d{1,3}))?|(?P<bare>[^\s()"]+))'
        )


# An operator at either end joins nothing and is dropped; alone it is a word.
# One that is said twice is said once.
_AND = r"(?:(?<=[\s()])|^)AND(?:\s+AND)*(?=[\s()]|$)"
_OR = r"(?:(?<=[\s()])|^)OR(?:\s+OR)*(?=[\s()]|$)"
_NOT = r"(?:(?<=[\s(])|^)(?:NOT(?=[\s()]|$)|-(?=[^\s\-]))"
#: Quotes as keyboards and word processors make them, but those that :func:`quote` escaped.
_QUOTES = re.compile(r"\\.|[“”„‟«»＂]", re.DOTALL)


_PLAIN = re.compile(r"[^\W_]+(?: +[^\W_]+)*")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b")


class _Parser(WhooshParser):  # type: ignore[misc]
    """Whoosh's parser, which asks its plug-ins once and not for every query."""

    @cached_property
    def _taggers(self) -> list[Any]:
        found: list[Any] = super().taggers()
        return found

    @cached_property
    def _filters(self) -> list[Any]:
        found: list[Any] = super().filters()
        return found

    def taggers(self) -> list[Any]:
        return self._taggers

    def filters(self) -> list[Any]:
        return self._filters


def parser(fields: Iterable[str]) -> WhooshParser:
    """A parser for queries in which these names may stand before a colon."""
    names = sorted(fields, key=len, reverse=True)
    groups = rf"(?i)(?P<text>{'|'.join(map(re.escape, names))}):(?=\()"
    return _Parser(
        None,
        None,
        plugins=[
            _Fielded(names),
            plugins.FieldsPlugin(groups, remove_unknown=False),
            _Phrases(),
            plugins.GroupPlugin(),
            plugins.OperatorsPlugin(
                And=_AND, Or=_OR, Not=_NOT, AndNot=None, AndMaybe=None, Require=None
            ),
        ],
    )


def words_alone(text: str) -> bool:
    """Whether a text is words with spaces between them, as most readers type it: there is nothing
    in it that could be an operator.

    >>> [words_alone(text) for text in ("black box", "black AND box", "box*", "")]
    [True, False, False, False]
    """
    return _PLAIN.fullmatch(text) is not None and not _OPERATOR.search(text)


def quote(value: str) -> str:
    """A value as it can stand behind a field's colon, whatever characters it has.

    >>> quote('R&D'), quote('say "hi": ok')
    ('R&D', '"say \\\\"hi\\\\": ok"')
    """
    if (
        re.fullmatch(r"[^\s()\"“”„‟«»＂\\*?~<>=.\-][^\s()\"“”„‟«»＂\\*?~]*", value)
        and ".." not in value
    ):
        return value
    return escaped(value)


def escaped(text: str) -> str:
    """A text between quotes, those in it escaped."""
    inside = re.sub(r'[\\"“”„‟«»＂]', r"\\\g<0>", text)
    return f'"{inside}"'


def unquote(text: str) -> str:
    """The text between quotes without its escapes; the inverse of :func:`quote`."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def straight(text: str) -> str:
    """The text with straight quotes, every character at its old place."""
    return _QUOTES.sub(lambda m: m[0] if m[0][0] == "\\" else '"', text)
