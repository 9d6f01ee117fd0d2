"""Which keys of a front matter get another name or form, and what cannot be mapped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from indexer.migrate.kinds import CONTAINERS, DATED, OTHER_KEYS
from indexer.parsing.metadata import moment
from indexer.parsing.rules import ALIASES, Rules


class Entry(NamedTuple):
    """One key of the new front matter: the key it had (None if it is added), its key and value
    now, and whether the value is another than it was."""

    old: str | None
    key: str
    value: Any
    changed: bool


class Note(NamedTuple):
    """What cannot be mapped: the key it is about, and what a person should know."""

    key: str
    what: str
    hint: str


def plan(
    path: str, metadata: Mapping[str, Any], kind: str, rules: Rules
) -> tuple[list[Entry], list[Note]]:
    """The entries of the new front matter, in the old order with new ones last.

    >>> entries, _ = plan("a.md", {"created": "2024", "mood": "calm"}, "hakyll", Rules())
    >>> [(entry.key, entry.value) for entry in entries]
    [('publishdate', '2024'), ('mood', 'calm')]
    """
    entries = [Entry(key, key, value, False) for key, value in metadata.items()]
    notes: list[Note] = []
    entries = _lifted(entries, rules)
    entries = _without_flags(entries, notes)
    for field in ALIASES:
        entries = _renamed(entries, field, kind, rules, notes)
    entries = [_in_form(entry, kind) for entry in entries]
    dated = DATED.fullmatch(path)
    if kind in ("jekyll", "hugo") and dated and not _given(entries, rules.keys("published")):
        try:
            moment(dated[1])
        except ValueError:
            what = f"The date in the file's name is not in the calendar: {dated[1]}."
            notes.append(Note("", what, "Add publishdate to the front matter."))
        else:
            entries.append(Entry(None, ALIASES["published"][0], dated[1], True))
    return entries, notes


def _given(entries: list[Entry], keys: tuple[str, ...]) -> Entry | None:
    """The entry that one of some keys gives, by the first key that says something."""
    for key in keys:
        found = [entry for entry in entries if _name(entry.key) == key]
        if found and not _says_nothing(found[-1].value):
            return found[-1]
    return None


def _name(key: str) -> str:
    return key.strip().lower()


def _says_nothing(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_says_nothing(item) for item in value.values())
    if isinstance(value, list):
        return all(_says_nothing(item) for item in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _lifted(entries: list[Entry], rules: Rules) -> list[Entry]:
    """Known keys out of the mappings that some programs keep them in."""
    fields = {key: field for field in ALIASES for key in rules.keys(field)}
    kept: list[Entry] = []
    lifted: list[Entry] = []
    top = {_name(entry.key) for entry in entries}
    for entry in entries:
        if _name(entry.key) not in CONTAINERS or not isinstance(entry.value, Mapping):
            kept.append(entry)
            continue
        rest: dict[str, Any] = {}
        for key, value in entry.value.items():
            name = _name(str(key))
            taken = top & set(rules.keys(fields[name])) if name in fields else {name}
            if taken:
                rest[key] = value
            else:
                lifted.append(Entry(None, name, value, True))
                top.add(name)
        if len(rest) == len(entry.value):
            kept.append(entry)
        elif rest:
            kept.append(entry._replace(value=rest, changed=True))
    return kept + lifted


_NO = ("false", "no", "off", "0")
_YES = ("true", "yes", "on", "1")


def _without_flags(entries: list[Entry], notes: list[Note]) -> list[Entry]:
    """``published: false`` (Jekyll) and ``publish: false`` (Obsidian, Quartz) as ``draft: true``;
    their opposites stay."""
    drafts = [entry for entry in entries if _name(entry.key) == "draft"]
    left: list[Entry] = []
    for entry in entries:
        word = str(entry.value).strip().lower()
        if _name(entry.key) not in ("published", "publish") or word not in _NO:
            left.append(entry)
        elif not drafts:
            left.append(Entry(entry.old, "draft", True, True))
            drafts = left[-1:]
        elif str(drafts[-1].value).strip().lower() not in _YES:
            left.append(entry)
            what = f"{entry.key} and draft contradict each other; both are kept."
            notes.append(Note(entry.key, what, "Write draft: true or draft: false alone."))
    return left


def _renamed(
    entries: list[Entry], field: str, kind: str, rules: Rules, notes: list[Note]
) -> list[Entry]:
    """The key that ``field`` is read from, under its first name."""
    wanted = ALIASES[field][0]
    keys = (*rules.keys(field), *OTHER_KEYS[kind].get(field, ()))
    winner = _given(entries, keys)
    if winner is None:
        return entries
    if _name(winner.key) == "published" and not _is_moment(winner.value):
        return entries
    for entry in entries:
        if entry is not winner and _name(entry.key) in keys and not _says_nothing(entry.value):
            what = f"{entry.key} is kept as it is: {winner.key} says the same of the essay."
            notes.append(Note(entry.key, what, "Remove one of the two."))
    if winner.key == wanted:
        return entries
    empty = [e for e in entries if _name(e.key) == wanted and e is not winner]
    if any(not _says_nothing(entry.value) for entry in empty):
        return entries
    return [
        entry._replace(key=wanted) if entry is winner else entry
        for entry in entries
        if entry not in empty
    ]


def _is_moment(value: object) -> bool:
    try:
        moment(str(value))
    except (ValueError, OverflowError):
        return False
    return True


_LONG_DATE = re.compile(
    r"(?:[a-z]+,\s*)?([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?",
    re.IGNORECASE,
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def _from_long_date(text: str) -> str:
    """A date in English words, as Hakyll reads and the Linter of Obsidian writes it, in ISO 8601;
    any other text as it is.

    >>> _from_long_date("Tuesday, January 30th 2024, 10:15:20 pm")
    '2024-01-30T22:15:20'
    >>> _from_long_date("May 3, 2009"), _from_long_date("Maybe 3, 2009")
    ('2009-05-03', 'Maybe 3, 2009')
    """
    match = _LONG_DATE.fullmatch(text.strip())
    name = match[1].lower() if match else ""
    named = (n for n, each in enumerate(_MONTHS, 1) if name in (each, each[:3]))
    month = next(named, 0)
    if match is None or not month:
        return text
    written = f"{match[3]}-{month:02}-{int(match[2]):02}"
    if match[4]:
        hour = int(match[4])
        if match[7]:
            hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
        written += f"T{hour:02}:{match[5]}:{match[6] or '00'}"
    return written if _is_moment(written) else text


_DAY_LINK = re.compile(r"\s*\[\[\s*([^\]|]+?)\s*(?:\|[^\]]*)?\]\]\s*")
_HASHES = re.compile(r"#[^\s#,]+(?:[\s,]+#[^\s#,]+)*")


def _in_form(entry: Entry, kind: str) -> Entry:
    """A value in the form that is read here."""
    value = entry.value
    if entry.key in ("tags", "categories"):
        value = _words(value, kind)
    elif entry.key in ("publishdate", "lastmod") and isinstance(value, str):
        link = _DAY_LINK.fullmatch(value)  # a daily note of Obsidian
        if link and _is_moment(link[1]):
            value = link[1]
        elif not _is_moment(value):
            value = _from_long_date(value)
    return entry if value == entry.value else entry._replace(value=value, changed=True)


def _words(value: Any, kind: str) -> Any:
    """Tags as a list, without the sign that some programs write before each.

    >>> _words("life travel", "jekyll"), _words("#maps #old/ones", "obsidian")
    (['life', 'travel'], ['maps', 'old/ones'])
    """
    if isinstance(value, list):
        words: list[Any] = []
        for each in value:
            hashed = isinstance(each, str) and _HASHES.fullmatch(each.strip())
            words += _words(each, kind) if hashed else [each]
        return words
    if not isinstance(value, str):
        return value if value is None or isinstance(value, Mapping) else [value]
    if _HASHES.fullmatch(value.strip()):
        return [word.lstrip("#") for word in re.split(r"[\s,]+", value.strip())]
    if "," in value:
        return [word.strip() for word in value.split(",") if word.strip()]
    return (
        value.split() if kind == "jekyll" else [" ".join(value.split())] if value.strip() else value
    )
