"""How much is kept of what a file says of itself.

No honest essay comes near any of these; a file that does would make every page that lists it slow
to send. What is beyond a bound is left out, and a problem says so. The text of an essay has none
but the size of its file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from indexer.essay import plain

#: Characters of one text. A title of 300 is somebody's paragraph, and told as such.
LONG_TITLE = 300
TITLE = 1_000
DESCRIPTION = 5_000
#: An abstract of three pages.
EXCERPT = 20_000
#: A tag, a category, a value of an archive's own facet, a word that rates.
WORD = 200
NAME = 500
#: An entry of a bibliography, with its note.
ENTRY = 5_000
HEADING = 1_000

#: How many there may be.
TAGS = 200
AUTHORS = 1_000
ENTRIES = 5_000

#: Keys that have no meaning here: values that they hold together, and characters. They are stored
#: beside every hit.
EXTRA_VALUES = 2_000
EXTRA = 100_000

#: Bytes of a slug. It is an address, and each byte may become three characters there.
SLUG = 1_000
#: Characters of the path or name that a link leads to; no file of any system has a longer one.
LINK = 5_000

#: Characters of what a problem says.
MESSAGE = 500

TEXTS = {"title": TITLE, "description": DESCRIPTION, "excerpt": EXCERPT, "lang": WORD}
#: How many of a list are kept, and characters of each.
LISTS = {
    "tags": (TAGS, WORD),
    "categories": (TAGS, WORD),
    "authors": (AUTHORS, NAME),
    "bibliography": (ENTRIES, ENTRY),
}

#: Called with a key, what is wrong with its value, and a hint.
Complain = Callable[..., None]

_SHORTER = "Shorten it, or move what is more into the text of the essay."
_FEWER = "Keep those that matter most."
_ELSEWHERE = "Keep data that does not describe the essay in a file of its own."


def shortened(text: str, most: int) -> str:
    """A text that is no longer than ``most`` characters, with a sign where it is cut.

    >>> shortened("a map of the world", 6), shortened("maps", 6)
    ('a map…', 'maps')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_bytes(text: str, most: int) -> str:
    """As much of a text as fits into some bytes of UTF-8, no letter cut in half.

    >>> cut_bytes("größe", 4)
    'grö'
    """
    return text.encode()[:most].decode(errors="ignore") if len(text) * 4 > most else text


def text(key: str, value: str, most: int, complain: Complain) -> str:
    """A text as far as there is room for it."""
    if len(value) > most:
        complain(key, f"{key} has {len(value):,} characters; {most:,} are kept.", _SHORTER)
    return shortened(value, most)


def words(
    key: str, values: tuple[str, ...], many: int, most: int, complain: Complain
) -> tuple[str, ...]:
    """Values as far as there is room for them: so ``many`` of so many characters at the most."""
    if len(values) > many:
        complain(key, f"{key} has {len(values):,} values; the first {many:,} are kept.", _FEWER)
        values = values[:many]
    if long := [value for value in values if len(value) > most]:
        complain(
            key,
            f"{key} has values of more than {most:,} characters, which are cut: "
            f"{shortened(long[0], 60)}.",
            _SHORTER,
        )
        return tuple(shortened(value, most) for value in values)
    return values


def others(given: Mapping[str, Any], facets: tuple[str, ...], complain: Complain) -> dict[str, Any]:
    """Keys without a meaning of their own, as far as there is room; facets of an archive first."""
    kept: dict[str, Any] = {}
    left_out = []
    values = letters = 0
    for key in sorted(given, key=lambda key: key not in facets):
        value = given[key]
        if key in facets:
            listed = plain(value)
            fitting = words(key, listed, TAGS, WORD, complain)
            value = value if fitting == listed else list(fitting)
        own_values, own_letters = _size(value)
        if values + own_values > EXTRA_VALUES or letters + own_letters + len(key) > EXTRA:
            left_out.append(key)
            continue
        values, letters = values + own_values, letters + own_letters + len(key)
        kept[key] = value
    if left_out:
        named = ", ".join(shortened(key, 60) for key in left_out[:5])
        complain(
            left_out[0],
            f"Keys without a meaning here hold more than {EXTRA:,} characters or "
            f"{EXTRA_VALUES:,} values; left out: {named}{', …' if len(left_out) > 5 else ''}.",
            _ELSEWHERE,
        )
    return {key: kept[key] for key in given if key in kept}


def _size(value: object) -> tuple[int, int]:
    """How many values there are in one, and how many characters."""
    if isinstance(value, str):
        return 1, len(value)
    if isinstance(value, Mapping):
        inside = [_size(each) for pair in value.items() for each in pair]
    elif isinstance(value, list):
        inside = [_size(each) for each in value]
    else:
        return 1, 20
    return 1 + sum(count for count, _ in inside), sum(letters for _, letters in inside)
