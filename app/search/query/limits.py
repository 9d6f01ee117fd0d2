"""How much of a query is answered."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a question is answered; past a limit there is a note, not an error.

    ``length`` in characters bounds the work of parsing a query, ``prose`` that of a pasted text;
    ``clauses`` that of evaluation (each word is looked up in seven fields); ``nesting`` that of
    recursion; ``expansions`` is the number of words that one prefix or pattern may stand for.
    ``milliseconds`` bounds the whole answer, on the clock on the wall: what is not done by then is
    left out.
    """

    length: int = 2_000
    prose: int = 10_000
    clauses: int = 64
    nesting: int = 12
    expansions: int = 1_000
    milliseconds: int = 250
