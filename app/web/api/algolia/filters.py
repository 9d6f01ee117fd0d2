"""The grammar of ``filters``: conditions, ``AND``, ``OR``, ``NOT`` and brackets.

    expression = group {"AND" group}
    group      = part {"OR" part}                  OR binds tighter than AND, as with Algolia
    part       = "NOT" part | "(" expression ")" | condition
    condition  = attribute ":" value | attribute ":" number "TO" number | attribute sign number
               | "attribute:value" in quotes | value (a tag)

Attributes and values stand bare or between quotes, in which a backslash escapes.
"""

from __future__ import annotations

import re
from typing import NoReturn

from app.search.query.tree import Not, Tree, all_of, any_of
from app.web.api.algolia.attributes import NOTHING, Attributes, comparison, finite
from app.web.api.algolia.refusal import Refused

#: Brackets and NOTs within one another.
MAX_DEPTH = 30

_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])*'", re.DOTALL)
_NAME = re.compile(r"[^\s:<>=!()\"']+")
_VALUE = re.compile(r"[^\s()]+")
_SIGN = re.compile(r"[<>]=?|!=|==?")
_WORD = re.compile(r"(?:AND|OR|NOT|TO)(?![^\s()])")
_SCORE = re.compile(r"<score=\d+>$")


def parse(text: str, attributes: Attributes) -> Tree | None:
    """The condition that a text says; None where it says nothing. Raises
    :class:`~app.web.api.algolia.refusal.Refused` with the place of what cannot be read.

    >>> parse("tags:maps AND NOT certainty_pct < 50", Attributes())
    And(parts=(Value(field='tag', value='maps', percent=None), Not(part=Range(field='certainty', low=None, high=50.0, exclusive=True))))
    """  # noqa: E501
    return _Parser(text, attributes).whole()


class _Parser:
    """One text, read from left to right; ``at`` is how far."""

    def __init__(self, text: str, attributes: Attributes) -> None:
        self.text = text
        self.attributes = attributes
        self.at = 0

    def whole(self) -> Tree | None:
        self._match(_SPACE)
        if self.at == len(self.text):
            return None
        found = self._expression(0)
        if self.at < len(self.text):
            self._fail("AND, OR or the end")
        return found

    def _expression(self, depth: int) -> Tree:
        groups = [self._group(depth)]
        while self._operator("AND"):
            groups.append(self._group(depth))
        return all_of(groups) or NOTHING

    def _group(self, depth: int) -> Tree:
        parts = [self._part(depth)]
        while self._operator("OR"):
            parts.append(self._part(depth))
        return any_of(parts) or NOTHING

    def _part(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise Refused(f"filters: more than {MAX_DEPTH} brackets within one another")
        if self._operator("NOT"):
            return Not(self._part(depth + 1))
        if self._symbol("("):
            found = self._expression(depth + 1)
            if not self._symbol(")"):
                self._fail("“)”")
            return found
        return self._condition()

    def _condition(self) -> Tree:
        if _WORD.match(self.text, self.at):
            self._fail("a condition")
        quoted = self._match(_QUOTED)
        name = _unquoted(quoted) if quoted else self._match(_NAME)
        if not name:
            self._fail("a condition")
        self._match(_SPACE)
        if sign := self._match(_SIGN):
            number = finite(self._value() or "")
            if number is None:
                self._fail("a number")
            return self.attributes.compared(name, comparison(sign), number)
        if not self._symbol(":"):
            if quoted and ":" in name:
                return self._equal(*name.split(":", 1))
            return self._equal("_tags", name)
        value = self._value()
        if value is None:
            self._fail("a value")
        low = finite(value)
        if low is not None and self._operator("TO"):
            high = finite(self._value() or "")
            if high is None:
                self._fail("a number")
            both = self.attributes.between(name, low, high)
            return all_of(both) or NOTHING
        return self._equal(name, value)

    def _equal(self, name: str, value: str) -> Tree:
        return self.attributes.equal(name.strip(), value)

    def _value(self) -> str | None:
        """A value between quotes or bare, with what weighs it left out; None where none stands."""
        self._match(_SPACE)
        if quoted := self._match(_QUOTED):
            self._match(_SCORE_HERE)
            found = _unquoted(quoted)
        else:
            found = _SCORE.sub("", self._match(_VALUE))
            if not found:
                return None
        self._match(_SPACE)
        return found

    def _operator(self, word: str) -> bool:
        found = _WORD.match(self.text, self.at)
        if not found or found[0] != word:
            return False
        self.at = found.end()
        self._match(_SPACE)
        return True

    def _symbol(self, symbol: str) -> bool:
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += 1
        self._match(_SPACE)
        return True

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def _fail(self, expected: str) -> NoReturn:
        here = self.text[self.at : self.at + 20] or "the end"
        raise Refused(f"filters: expected {expected} at column {self.at + 1}, found {here}")


_SCORE_HERE = re.compile(r"<score=\d+>")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
