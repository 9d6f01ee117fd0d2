"""Which requests can anybody send? Every address and parameter, honest and hostile values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, quote_from_bytes

from flask import Flask
from hypothesis import strategies as st

from indexer.essay import FACETS


class Sent(NamedTuple):
    """One request as it goes over the wire."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


METHODS = ("GET",) * 12 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY")

#: What an archive of tests has: words, tags, and what they are misspelt as.
WORDS = (
    "black box model owl sparrow counting serial motorcycle the of a interpretability naïve Straße "
    "Wörter l'homme Newton's didn't 東京 数学 가나 ไทย 🦉 c++ r&d zzzz lerning counnting modle"
).split()

LETTERS = "abeorst"
PATTERN = st.text(LETTERS + "*?*?é", min_size=1, max_size=12)
OPERATORS = ("AND", "OR", "NOT", "(", ")", '"', "-", "~", "*", "?", ":", "..", ">", "<", "\\", "”")
FIELDS = (
    "title",
    "body",
    "tag",
    "category",
    "status",
    "certainty",
    "importance",
    "year",
    "date",
    "updated",
    "is",
    "has",
    "unrated",
    "slug",
    "path",
    "author",
    "cites",
    "mood",
    "nofield",
)
VALUES = (
    "",
    "0",
    "-1",
    "1e309",
    "nan",
    "2024",
    "2024-13",
    "0001..9999",
    ">=likely",
    "5..",
    "..",
    "featured",
    '"a b"',
    "*a*",
    "a*",
    "99999999999999999999",
    "٣",
    "1/0",
    "50%",
    "unrated",
)

word = st.sampled_from(WORDS) | st.text(max_size=6)
fuzzy = st.builds("{}~{}".format, word, st.sampled_from(["", "1", "2", "3"]))
phrase = st.builds(
    '"{}"{}'.format, st.lists(word, max_size=6).map(" ".join), st.sampled_from(["", "~3", "~999"])
)
fielded = st.builds("{}:{}".format, st.sampled_from(FIELDS), st.sampled_from(VALUES) | PATTERN)
token = word | PATTERN | fuzzy | phrase | fielded | st.sampled_from(OPERATORS)
excluded = st.builds("-{}".format, token)


def repeated(one: st.SearchStrategy[str], joint: str) -> st.SearchStrategy[str]:
    """Many of one kind, as somebody sends them who wants much work done."""
    return st.lists(one, min_size=20, max_size=70).map(joint.join)


heaps = st.one_of(
    *(repeated(one, joint) for one in (PATTERN, fuzzy, phrase, excluded, word, fielded)
      for joint in (" ", " OR ", " AND ")),
)  # fmt: skip
runs = st.builds(
    lambda letter, count: letter * count,
    st.sampled_from(["a", "a ", "\u200d", "\u0301", "\u202e", "東", "🦉", '"', "(", ")", "-", "*a",
                     "?", "OR ", "a'", "\x00", "\ufe0f", "~", "\\", ":", "İ", "ﬁ", "ß"]),
    st.sampled_from([1, 2, 63, 64, 65, 500, 2000, 2001]),
)  # fmt: skip
text = (
    word
    | st.lists(token | excluded, max_size=9).map(" ".join)
    | heaps
    | runs
    | st.text(max_size=40)
    | st.text(min_size=100, max_size=400)
)
bad_bytes = st.binary(max_size=12).map(quote_from_bytes) | st.sampled_from(
    ["%", "%zz", "%ff%fe", "%00", "%ed%a0%80", "%c0%af", "&&&=&", "=", "a=b=c", ";", "#", "+"]
)
number = st.sampled_from(
    ["0", "1", "2", "100", "101", "-1", "999999999", "1e3", "1.5", "nan", "inf", "٣", "x", "",
     "9" * 400, " 3 ", "0x10", "+5", "1_0"]
)  # fmt: skip
facet_value = st.sampled_from(
    ["XAI", "xai", "Birds", "R&D", "a/b", 'say "hi"', "unrated", "Likely", "2024", "70", "..",
     "layers: two", "<b>bold</b>", "🦉", "calm", "nothing"]
) | st.text(max_size=30) | runs  # fmt: skip

PARAMETERS: dict[str, st.SearchStrategy[str]] = {
    "q": text,
    **dict.fromkeys((*FACETS, "mood"), facet_value),
    **dict.fromkeys(
        ("certainty_min", "certainty_max", "importance_min", "importance_max", "page", "per_page",
         "max_values", "limit"), number),
    "sort": st.sampled_from(["relevance", "newest", "updated", "title", "importance", "x", ""]),
    "prefer": st.sampled_from(["certainty", "importance", "recent", "x"]),
    "explain": st.sampled_from(["0", "1", "2"]),
    "view": st.sampled_from(["table", "map"]),
    "value": facet_value,
    "unknown": text,
}  # fmt: skip


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query string: the question as a rule, any other parameters, now and then something broken
    or very long."""
    names = draw(st.lists(st.sampled_from(sorted(PARAMETERS)), max_size=6))
    if draw(st.integers(0, 3)):
        names.append("q")
    said = [f"{name}={quote(draw(PARAMETERS[name]), safe='')}" for name in names]
    odd = draw(st.integers(0, 19))
    if odd == 0:
        said.append(draw(bad_bytes))
    elif odd == 1:
        name = draw(st.sampled_from(["tag", "category", "q", "unknown", "mood"]))
        said += [f"{name}=v{n}" for n in range(draw(st.sampled_from([51, 300, 900, 5000])))]
    return "&".join(said)


HOSTILE_PATHS = (
    "..",
    ".",
    "//",
    "evil.example",
    "\\evil.example",
    "%2e%2e",
    "%00",
    "%2f%2f",
    "%5c",
    "etc/passwd",
    ".hidden.png",
    "owl.png",
    "wiki//Owls",
    "a" * 300,
)
segment = (
    st.sampled_from(HOSTILE_PATHS)
    | st.builds(quote, facet_value, st.just(""))
    | st.builds(quote, st.text(max_size=20), st.just("/"))
)


def addresses(app: Flask, known: Sequence[str]) -> st.SearchStrategy[str]:
    """Every address of the app, its open parts filled with ``known`` paths or anything."""
    filled = st.sampled_from(known) | st.lists(segment, min_size=1, max_size=4).map("/".join)
    shapes: list[st.SearchStrategy[str]] = []
    for rule in app.url_map.iter_rules():
        shape = rule.rule
        if "<" not in shape:
            shapes += [st.just(shape), st.just(shape + "/"), st.just("/" + shape)]
            continue
        head, tail = shape[: shape.index("<")], shape[shape.index(">") + 1 :]
        shapes += [
            st.builds("{}{}{}".format, st.just(head), filled, st.just(tail)),
            st.builds("{}/{}{}".format, st.just(head), filled, st.just(tail)),
        ]
    lost = st.lists(segment, max_size=4).map(lambda parts: "/" + "/".join(parts))
    return st.one_of(*shapes, lost)


HEADERS = st.lists(
    st.sampled_from([
        ("Host", "evil.example"), ("Host", "evil.example:99"), ("X-Forwarded-Host", "evil.example"),
        ("Accept-Encoding", "gzip;q=0, *"), ("Accept-Encoding", "x" * 500), ("Range", "bytes=0-1"),
        ("Range", "bytes=9-1,-5"), ("If-None-Match", "*"), ("X-Typing", "1"), ("Accept", "a/b;q=x"),
        ("Content-Length", "5"), ("Content-Type", "multipart/form-data"), ("Cookie", "a=b; =; c"),
        ("If-Modified-Since", "yesterday"), ("Content-Type", "application/json; charset=utf-99"),
    ]),
    max_size=3,
).map(tuple)  # fmt: skip


def sent(app: Flask, known: Sequence[str]) -> st.SearchStrategy[Sent]:
    """Whole requests to an app, of which ``known`` slugs, values and files are there."""
    return st.builds(Sent, st.sampled_from(METHODS), addresses(app, known), queries(), HEADERS)
