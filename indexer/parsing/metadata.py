"""The keys of a front matter: the typed fields of an essay, and what is wrong with them.

Every function here answers for one kind of value. A value that cannot be meant becomes a
:class:`~indexer.essay.Problem` with its line, and the essay stays without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from indexer.analysis import languages
from indexer.essay import RATINGS, Moment, Problem, Rating, distinct, plain, valid_text, written
from indexer.parsing import bounds, ratings
from indexer.parsing.rules import ALIASES, Rules

LineOf = Callable[..., int]


class Fields(dict[str, Any]):
    """The keyword arguments of an :class:`~indexer.essay.Essay` that the front matter gives."""


def read_fields(
    path: str, metadata: Mapping[str, Any], line_of: LineOf, rules: Rules
) -> tuple[Fields, list[Problem]]:
    """The fields of the essay at ``path``, and the problems of its values.

    >>> given = {"tags": "x, y", "date": "2024-13-01"}
    >>> fields, problems = read_fields("a.md", given, lambda *_: 2, Rules())
    >>> fields["tags"], fields["published"], problems[0].line
    (('x', 'y'), None, 2)
    """
    given = _flatten(metadata)
    problems: list[Problem] = []

    def complain(key: str, what: str, hint: str, inner: str = "") -> None:
        shown = bounds.shortened(what, bounds.MESSAGE)
        problems.append(Problem(path, line_of(key, inner), shown, hint))

    fields = Fields()
    for field in ("title", "description", "excerpt", "slug", "lang"):
        key, value = _first(given, rules.keys(field))
        fields[field] = _text(key, value, complain)
        if field in bounds.TEXTS:
            fields[field] = bounds.text(key, fields[field], bounds.TEXTS[field], complain)
    if bounds.LONG_TITLE < len(fields["title"]) < bounds.TITLE:
        complain("title", f"The title has {len(fields['title']):,} characters.",
                 f"Keep titles under {bounds.LONG_TITLE}; it is shortened in lists.")  # fmt: skip
    for field in ("tags", "categories"):
        key, value = _first(given, rules.keys(field))
        fields[field] = _tags(key, value, complain)
    for field in ("bibliography", "authors"):
        key, value = _first(given, rules.keys(field))
        fields[field] = _names(value) if field == "authors" else _entries(value)
    for field, (many, most) in bounds.LISTS.items():
        key, _ = _first(given, rules.keys(field))
        fields[field] = bounds.words(key, fields[field], many, most, complain)
    for field in ("published", "updated"):
        key, value = _first(given, rules.keys(field))
        fields[field] = _moment(key, value, complain)
    for field in RATINGS:
        key, value = _first(given, rules.keys(field))
        fields[field] = _rating(field, key, value, rules, complain)
    for field in ("draft", "complete", "featured"):
        key, value = _first(given, rules.keys(field))
        # What may be a draft is one: an author's typing error must not publish it.
        fields[field] = _flag(key, value, complain, unclear=field == "draft")
    if plain(given.get("published")) and not _flag(
        "published", given["published"], lambda *_: None, unclear=True
    ):
        fields["draft"] = True  # Jekyll's spelling
    fields["slug"] = short_slug(_first(given, rules.keys("slug"))[0], fields["slug"], complain)
    given_lang, fields["lang"] = fields["lang"], languages.tag(fields["lang"])
    if given_lang and not fields["lang"]:
        complain(_first(given, rules.keys("lang"))[0], f"This is not a language: {given_lang}.",
                 "Write a tag such as de or pt-BR, or the language's English name.")  # fmt: skip
    known = {key for field in ALIASES for key in rules.keys(field)}
    others = {key: value for key, value in given.items() if key not in known}
    fields["extra"] = bounds.others(others, rules.facets, complain)
    return fields, problems


def _flatten(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in lower case, with Grav's ``taxonomy.*`` lifted to the top."""
    given = {key.strip().lower(): value for key, value in jsonable(metadata).items()}
    taxonomy = given.get("taxonomy")
    if isinstance(taxonomy, Mapping):
        del given["taxonomy"]
        for key, value in taxonomy.items():
            given.setdefault(key.strip().lower(), value)
    return given


def jsonable(value: object) -> Any:
    """A value as it can be stored and shown: dates as ISO text, keys as text."""
    if isinstance(value, str):
        return valid_text(value)
    if isinstance(value, Mapping):
        return {valid_text(written(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, set):  # YAML's; in an order that every build gives it
        return [jsonable(item) for item in sorted(value, key=written)]
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else written(value)
    return valid_text(written(value))


def _first(given: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, Any]:
    """The first key that says something; empty means absent."""
    for key in keys:
        value = given.get(key)
        if not _empty(value):
            return key, value
    return keys[0], None


def _empty(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_empty(item) for item in value.values())
    if isinstance(value, list):
        return all(_empty(item) for item in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _text(key: str, value: object, complain: Callable[..., None]) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | Mapping):
        complain(key, f"{key} is a {'list' if isinstance(value, list) else 'mapping'} "
                 "where one text is expected.", f"Write {key} as one line of text.")  # fmt: skip
        return " ".join(plain(value))
    return " ".join(plain(value))


def _tags(key: str, value: object, complain: Callable[..., None]) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        complain(key, f"{key} is a mapping where a list is expected.",
                 f"Write {key} as a list: [one, two].")  # fmt: skip
        return ()
    words = value.split(",") if isinstance(value, str) else value
    return distinct(plain(words))


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return plain(value.get("name"))
    if isinstance(value, list):
        names = [plain(item) if isinstance(item, str) else _names(item) for item in value]
        return distinct(tuple(name for each in names for name in each))
    # "Ada Lovelace, Charles Babbage" is two people; "Lovelace, Ada" can be told from it only in
    # a list.
    return distinct(plain(value.split(",") if isinstance(value, str) else value))


def _entries(value: object) -> tuple[str, ...]:
    """Bibliography entries; a mapping's values in order make one entry."""
    if isinstance(value, Mapping):
        return tuple(
            entry for entry in [", ".join(" ".join(plain(v)) for v in value.values())] if entry
        )
    if isinstance(value, list):
        return tuple(entry for item in value for entry in _entries(item))
    return plain(value.splitlines() if isinstance(value, str) else value)


def _rating(
    field: str, key: str, value: object, rules: Rules, complain: Callable[..., None]
) -> Rating | None:
    try:
        found = ratings.rating(field, value, rules)
    except ratings.BadRating as error:
        complain(key, str(error), error.hint, error.key if isinstance(value, Mapping) else "")
        found = error.kept
    if found is not None and isinstance(found.value, str):
        return Rating(bounds.text(key, found.value, bounds.WORD, complain), found.percentage)
    return found


_TRUE = {"true", "yes", "on", "1", "y"}
_FALSE = {"false", "no", "off", "0", "n"}


def _flag(key: str, value: object, complain: Callable[..., None], *, unclear: bool) -> bool:
    word = "a mapping" if isinstance(value, Mapping) else " ".join(plain(value)).lower()
    if not word or word in _FALSE:
        return False
    if word in _TRUE:
        return True
    complain(key, f"{key} is neither true nor false: {word[:40]}.",
             f"Write {key}: true or false; it counts as {str(unclear).lower()}.")  # fmt: skip
    return unclear


_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{1,2}:?(?:\d{2})?)?)?)?)?",
    re.IGNORECASE,
)


def moment(text: str) -> Moment:
    """A date as people and tools write it, ISO 8601 and its near relations.

    Raises :class:`ValueError` for what is no date or not in the calendar.

    >>> moment("2020-12-02 23:24:03 -0400").iso
    '2020-12-02T23:24:03-04:00'
    >>> moment("2024-01").iso
    '2024-01-01'
    """
    if re.fullmatch(r"\d{8}", text.strip()):
        text = f"{text.strip()[:4]}-{text.strip()[4:6]}-{text.strip()[6:]}"
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if match[4] is None:
        return Moment.of(date(year, month, day))
    clock = f"{int(match[4]):02}:{match[5]}:{match[6] or '00'}"
    return Moment.of(datetime.fromisoformat(f"{date(year, month, day)}T{clock}{_zone(match[7])}"))


def _zone(text: str | None) -> str:
    if not text or text in "Zz":
        return "+00:00" if text else ""
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return f"{text[0]}{hours:0>2}:{minutes}"


def _moment(key: str, value: object, complain: Callable[..., None]) -> Moment | None:
    if value is None:
        return None
    text = written(value[0] if isinstance(value, list) and len(value) == 1 else value)
    try:
        return moment(text)
    except (ValueError, OverflowError):
        complain(key, f"{key} is not a date: {text[:60]}.",
                 "Write it as 2024-01-30 or 2024-01-30T05:00:00Z.")  # fmt: skip
        return None


def short_slug(key: str, given: str, complain: Callable[..., None]) -> str:
    """A slug that can be an address: see :func:`slug`."""
    whole = slug(given)
    short = slug(bounds.cut_bytes(whole, bounds.SLUG))
    if short != whole:
        complain(key, f"The slug has {len(whole.encode()):,} bytes; {bounds.SLUG:,} are kept.",
                 "Give the essay a short slug.")  # fmt: skip
    return short


def slug(given: str) -> str:
    """A slug or permalink as the path of a page: no host, no empty parts, no climbing.

    >>> slug("https://example.org//2020/some-post/"), slug("../a b")
    ('2020/some-post', 'a b')
    """
    # Not urlsplit, which raises for "http://[".
    path = re.sub(r"^[\w+.-]+://[^/?#]*([^?#]*).*", r"\1", given, flags=re.DOTALL)
    parts = [
        part for part in path.replace("\\", "/").split("/") if part.strip() not in ("", ".", "..")
    ]
    return "/".join(part.strip() for part in parts)
