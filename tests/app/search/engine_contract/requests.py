"""Requests drawn by lot from the words and values of an archive: the same for the same seed."""

from __future__ import annotations

import random

from app.search.embedded.snapshot import Snapshot
from app.search.request import SORTS, Range, SearchRequest
from indexer.parsing.rules import Rules
from indexer.schema import field_names

#: ``{a}``, ``{b}``, ``{c}`` are words of the archive, ``{p}`` two that stand together, ``{t}`` and
#: ``{u}`` the beginning of one and the end, ``{e}`` one with a typing error, ``{s}`` a sentence.
SHAPES = [
    "", "{a}", "{a} {b}", "{a} {b} {c}", "{a} OR {b}", '"{a} {b}"', '"{p}"', '"{p}"~4',
    "{a} -{b}", "-{a}", "title:{a}", "{t}*", "*{u}", "{t}*{u}", "{a}~", "{e}", "{e} {a}",
    "({a} OR {b}) {c}", "author:{a} OR body:{b}", "{a} certainty:>=50", "date:2020..2023 {a}",
    "{a} AND {b}", "tag:{v}", '-tag:{v} {a}', "has:tags {a}", "is:draft", "unrated:certainty {a}",
    "heading:{a}", "body:{t}*", "importance:>3 {a}", "{a} {b} {c} {d} {e}", "{s}", "{s} {s}",
    "{a} zzyzx", "colour:{a} {b}", '"{a}', "slug:*{u}*", "{a} year:2020", "cites:{a} {b}",
]  # fmt: skip


def drawn(seed: int, many: int, snapshot: Snapshot, rules: Rules) -> list[SearchRequest]:
    """So many requests over an archive."""
    lot = _Lot(seed, snapshot, rules)
    return [lot.request() for _ in range(many)]


class _Lot:
    def __init__(self, seed: int, snapshot: Snapshot, rules: Rules) -> None:
        self.draw = random.Random(seed)
        self.snapshot = snapshot
        counts = snapshot.leaves.prefixed(field_names.WORDS, "")
        self.words = sorted(word for word in counts if word.isalpha() and len(word) > 1)
        self.often = sorted(word for word in self.words if counts[word] > 2) or self.words
        self.values = {
            facet: column.values for facet, column in snapshot.columns.facets.items() if column.keys
        }

    def word(self) -> str:
        return self.draw.choice(self.often if self.draw.random() < 0.7 else self.words)

    def typed(self) -> list[str]:
        """Words of a text in a row, as they are written there."""
        for _ in range(20):
            sections = self.snapshot.sections(self.draw.randrange(self.snapshot.size))
            words = [w for section in sections for w in section.text.split() if w.isalpha()]
            if len(words) > 12:
                at = self.draw.randrange(len(words) - 12)
                return words[at : at + 12]
        return [self.word(), self.word()]

    def wrong(self) -> str:
        """A word with a letter swapped or left out."""
        word = self.word()
        at = self.draw.randrange(len(word) - 1)
        if self.draw.random() < 0.5:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + word[at + 1 :]

    def q(self) -> str:
        row, tags = self.typed(), self.values.get("tag", ("none",))
        tag = self.draw.choice(tags)
        return self.draw.choice(SHAPES).format(
            a=self.word(), b=self.word(), c=self.word(), d=self.word(), e=self.wrong(),
            p=" ".join(row[:2]), s=" ".join(row), t=self.word()[:3], u=self.word()[-2:],
            v='"' + tag.replace('"', "") + '"',
        )  # fmt: skip

    def request(self) -> SearchRequest:
        draw = self.draw
        filters: dict[str, tuple[str, ...]] = {}
        for facet in draw.sample(sorted(self.values), draw.choice([0, 0, 0, 1, 1, 2])):
            chosen = [draw.choice(self.values[facet]) for _ in range(draw.choice([1, 1, 2]))]
            filters[facet] = tuple(dict.fromkeys(chosen))
        ranges = {}
        if draw.random() < 0.25:
            low = draw.choice([None, 0, 20, 50, 70])
            ranges["certainty"] = Range(low, draw.choice([None, 60, 75, 100]))
        if draw.random() < 0.15:
            ranges["importance"] = Range(draw.choice([None, 2, 5]), draw.choice([None, 5, 8]))
        return SearchRequest(
            q=self.q(),
            filters=filters,
            ranges=ranges,
            sort=draw.choice([None, None, *SORTS]),
            prefer=draw.choice([None, None, None, "certainty", "importance", "recent"]),
            page=draw.choice([1, 1, 1, 2]),
            per_page=draw.choice([5, 20]),
        )
