"""Ratings as people write them: words, numbers, parts of a whole, percentages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from indexer.essay import UNRATED, Rating, format_number, on_scale, plain, value_key, written
from indexer.parsing.rules import Rules


class BadRating(ValueError):
    """A rating that cannot be meant; the message says what is wrong, ``key`` where."""

    def __init__(self, message: str, hint: str, kept: Rating | None, key: str = "value") -> None:
        super().__init__(message)
        self.hint = hint
        self.kept = kept
        self.key = key


#: With a point, or as most of the world writes it with a comma: one or two digits behind it, for
#: three would be thousands to others.
_FIGURE = r"\d+(?:\.\d+|,\d{1,2})?"
_OUT_OF = re.compile(rf"([+-]?{_FIGURE})\s*/\s*({_FIGURE})")
_PERCENT = re.compile(rf"([+-]?{_FIGURE})\s*[%％﹪٪]")
_NUMBER = re.compile(rf"[+-]?{_FIGURE}")
#: A number as :func:`indexer.essay.number` shows it.
_SHOWN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?")

#: A number further out than this on a scale to ten is no rating that somebody overdid.
FAR = 1_000


def figure(text: str) -> float:
    """The number that a text writes. Raises ValueError for one that writes none.

    >>> figure("80,5"), figure("-0"), figure("٨٠")
    (80.5, 0.0, 80.0)
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text.replace(",", ".")) + 0.0  # not -0.0, which sorts before 0 as a term


def shown_number(label: str) -> float | None:
    """The number that the label of a rating or a year shows; None for any other word.

    >>> shown_number("7.5"), shown_number("nan"), shown_number("1e999")
    (7.5, None, None)
    """
    value = float(label) if _SHOWN.fullmatch(label) else math.inf
    return value if math.isfinite(value) else None


def shown_percentage(label: str) -> float | None:
    """The percentage that the label of a rating shows; None for any other word, whatever it ends
    in.

    >>> shown_percentage("62.5%"), shown_percentage("~80%"), shown_percentage("400%")
    (62.5, None, None)
    """
    value = shown_number(label[:-1]) if label.endswith("%") else None
    return value if on_scale(value) else None


def rating(facet: str, given: object, rules: Rules) -> Rating | None:
    """A rating as the author gave it: ``{value, percentage}``, a word, a number, 7/10, 75 %.

    A given percentage wins; else the vocabulary gives it; a word outside the vocabulary keeps
    its value and has none. Raises :class:`BadRating`, with what can be kept of it.

    >>> rating("certainty", {"value": "Likely", "percentage": 80}, Rules())
    Rating(value='Likely', percentage=80.0)
    >>> rating("certainty", "Highly Likely", Rules()).percentage
    90.0
    >>> rating("importance", "7/10", Rules())
    Rating(value=7.0, percentage=70.0)
    >>> rating("certainty", "speculative", Rules())
    Rating(value='speculative', percentage=None)
    """
    if isinstance(given, Mapping):
        return _from_mapping(facet, given, rules)
    if isinstance(given, list | tuple):
        if len(given) == 1:
            return rating(facet, given[0], rules)
        raise BadRating(
            f"{facet} is a list where one word or number is expected.",
            f"Write {facet} as one value, for example {_example(facet)}.",
            None,
        )
    if given is None or isinstance(given, bool):
        return None
    text = " ".join(written(given).split())
    return _from_text(facet, text, rules) if text and value_key(text) != UNRATED else None


def _from_mapping(facet: str, given: Mapping[Any, Any], rules: Rules) -> Rating | None:
    wrong: BadRating | None = None
    try:
        base = rating(facet, given.get("value"), rules)
    except BadRating as error:
        wrong, base = error, error.kept
    percent = given.get("percentage")
    text = " ".join(plain(percent))
    if text:
        try:
            match = _PERCENT.fullmatch(text)
            percentage = figure(match[1] if match else text)
        except ValueError:
            percentage = math.nan
        if not 0 <= percentage <= 100:
            fault = "no number" if math.isnan(percentage) else "outside 0–100"
            raise BadRating(
                f"The percentage of {facet} is {fault}: {written(percent)}.",
                "Write a number from 0 to 100.",
                base,
                "percentage",
            )
        base = Rating(base.value if base else None, percentage)
    if wrong is not None:
        raise BadRating(str(wrong), wrong.hint, base, wrong.key)
    return base


def _from_text(facet: str, text: str, rules: Rules) -> Rating:
    table = rules.percentages(facet)
    known = table.get(value_key(text))
    if _NUMBER.fullmatch(text):
        return _from_number(facet, figure(text), known)
    if known is not None:
        return Rating(text, known)
    if match := _OUT_OF.fullmatch(text):
        part, whole = figure(match[1]), figure(match[2])
        if not 0 <= part <= whole or not 0 < whole < math.inf:
            raise BadRating(
                f"{facet} is outside its own scale: {text}.",
                f"Write a part of a whole, for example {_example(facet)}.",
                Rating(text),
            )
        percentage = round(100 * part / whole, 2)
        return Rating(percentage / 10 if facet == "importance" else None, percentage)
    if match := _PERCENT.fullmatch(text):
        percentage = figure(match[1])
        if not 0 <= percentage <= 100:
            raise BadRating(
                f"The percentage of {facet} is outside 0–100: {text}.",
                "Write a percentage from 0 % to 100 %.",
                None,
            )
        return Rating(percentage / 10 if facet == "importance" else None, percentage)
    return Rating(text)


def _from_number(facet: str, value: float, known: float | None) -> Rating:
    if facet == "importance":
        if known is not None and math.isfinite(value):
            return Rating(value, known)
        if not 0 <= value <= 10:
            raise BadRating(
                f"importance is outside 0–10: {format_number(value)}.",
                "Write a number from 0 to 10.",
                Rating(value) if abs(value) <= FAR else None,
            )
        return Rating(value, value * 10)
    if known is not None and math.isfinite(value):
        return Rating(value, known)
    if not 0 <= value <= 100:
        raise BadRating(
            f"{facet} is outside 0–100: {format_number(value)}.",
            "Write a word of the vocabulary or a percentage.",
            None,
        )
    # 0.8 is a probability; nobody rates an essay at four fifths of one per cent.
    return Rating(None, round(value * 100, 2) if 0 < value < 1 else value)


def _example(facet: str) -> str:
    return {"status": "Finished", "certainty": "Likely or 75%"}.get(facet, "7 or 7/10")
