"""The terms of a field that a pattern of ``*`` and ``?`` matches.

Each piece between two stars is looked for in the bytes of all terms at once, the first place that
a term has it behind the piece before: so a pattern is matched in one pass whatever it is, where an
expression that tries every place for every star would take years.
"""

from __future__ import annotations

import re

import numpy as np

from indexer.storage.arrays import Array
from indexer.storage.postings import Field

#: So few terms are quicker matched one by one.
FEW_TERMS = 400

_ANY = ord("?")


def matching(field: Field, pattern: str, among: Array, ascii_only: Array) -> Array:
    """Those of some terms of a field, by ascending numbers, that a pattern matches; of
    ``ascii_only`` terms every letter is one byte."""
    if len(among) <= FEW_TERMS:
        return _singly(field, pattern, among)
    if "?" in pattern:
        # A letter of several bytes is not any one byte.
        others = _singly(field, pattern, among[~ascii_only])
        return np.sort(np.concatenate((_together(field, pattern, among[ascii_only]), others)))
    return _together(field, pattern, among)


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as an expression that never goes back: what stands before the first place of a
    piece is settled.

    >>> bool(compiled("*a*a*a*a*b").fullmatch("a" * 100_000)), bool(compiled("m?p*").match("maps"))
    (False, True)
    """
    first, *rest = pattern.split("*")
    if not rest:
        return re.compile(_letters(first), re.DOTALL)
    *middle, last = rest
    settled = "".join(f"(?>.*?{_letters(piece)})" for piece in middle if piece)
    return re.compile(f"{_letters(first)}{settled}.*{_letters(last)}", re.DOTALL)


def _letters(piece: str) -> str:
    return "".join("." if letter == "?" else re.escape(letter) for letter in piece)


def _singly(field: Field, pattern: str, among: Array) -> Array:
    whole = compiled(pattern).fullmatch
    terms = field.terms
    return np.array([n for n in among.tolist() if whole(terms[n].decode())], np.int64)


def _together(field: Field, pattern: str, among: Array) -> Array:
    at, data = field.terms.laid()
    places, ends = at[among].astype(np.int64), at[among + 1].astype(np.int64)
    first, *rest = (piece.encode() for piece in pattern.split("*"))
    kept = _stands(data, places, ends, first)
    among, places, ends = among[kept], places[kept] + len(first), ends[kept]
    if not rest:
        whole: Array = among[places == ends]
        return whole
    *middle, last = rest
    for piece in filter(None, middle):
        if len(among) <= FEW_TERMS:
            return _singly(field, pattern, among)
        behind = _behind(data, places, piece)
        kept = behind <= ends
        among, places, ends = among[kept], behind[kept], ends[kept]
    begins = ends - len(last)
    found: Array = among[(begins >= places) & _stands(data, np.maximum(begins, 0), ends, last)]
    return found


def _stands(data: Array, places: Array, ends: Array, piece: bytes) -> Array:
    """Whether a piece stands at each place, before each end."""
    kept = places + len(piece) <= ends
    for n, byte in enumerate(piece):
        if byte != _ANY:
            kept &= data[np.minimum(places + n, len(data) - 1)] == byte
    return kept


def _behind(data: Array, places: Array, piece: bytes) -> Array:
    """Where the first ``piece`` that stands at each place or behind it ends; past all data where
    there is none."""
    fixed = [(n, byte) for n, byte in enumerate(piece) if byte != _ANY]
    if not fixed:
        return places + len(piece)
    low, high = int(places[0]), len(data) - len(piece) + 1
    found = np.ones(max(high - low, 0), dtype=np.bool_)
    for n, byte in fixed:
        found &= data[low + n : high + n] == byte
    known = np.flatnonzero(found) + low
    known = np.append(known, len(data) + 1)
    behind: Array = known[known.searchsorted(places)] + len(piece)
    return behind
