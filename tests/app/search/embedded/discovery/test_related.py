"""Who links to whom, what is related and why: all of it against brute force over the essays."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from math import isnan, log
from typing import TYPE_CHECKING

import pytest

from app.search.discovery import Reason
from app.search.embedded.snapshot import Snapshot
from app.search.relating import keywords
from app.search.relating.reasons import (
    MAX_NAMED_WORDS,
    MEANING_WEIGHT,
    MIN_EVIDENCE,
    MIN_LIKENESS,
    MIN_NEARNESS,
    MIN_SIMILARITY,
    WORDS_WEIGHT,
    WORK_WEIGHT,
)
from indexer.analysis import analyzer, citations, embedding, folding, stemming
from indexer.essay import Essay, value_key
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.schema import document
from indexer.storage import generation

if TYPE_CHECKING:
    from tests.conftest import Archive


def read(archive: Archive) -> dict[str, Essay]:
    """Every essay that may be served, as its file says it."""
    files, _ = corpus.scan(archive.content, archive.rules)
    essays = [corpus.read_file(archive.content, file.path, archive.rules).essay for file in files]
    return {essay.slug: essay for essay in essays if essay is not None and not essay.draft}


def linking(archive: Archive, essays: dict[str, Essay]) -> set[tuple[str, str]]:
    """Every (from, to) of a link that leads somewhere else."""
    return {
        (slug, to)
        for slug, essay in essays.items()
        for target in essay.links
        if (to := archive.engine.resolve_links((target,)).get(target)) and to != slug
    }


#: Without vectors: what words and ties alone relate.
WORDS_ALONE = Rules(meaning=False)
with_vectors = pytest.mark.skipif(
    embedding.folder() is None, reason="the packages of word vectors are not installed"
)


def why(archive: Archive, slug: str) -> dict[str, list[str]]:
    """The essays related to one, each with the kinds of its reasons."""
    return {
        each.essay.slug: [reason.kind for reason in each.reasons]
        for each in archive.engine.related(slug, 10)
    }


TAGS = ["Maps", "maps", "Birds", "Time", "Proof", "Rivers", "Ink"]
WORKS = [
    'Shannon, C. (1948). "A Mathematical Theory of Communication".',
    "Shannon, Claude. 1948. A mathematical theory of communication. BSTJ.",
    "Newton, I. (1687). Principia.",
    "Knuth, D. (1973). Sorting and Searching.",
]


#: Words by how often they are drawn: the first are in nearly every essay.
VOCABULARY = [
    f"{a}{b}or"
    for a in "bdfgk"
    for b in ("al", "en", "im", "op", "ust", "arv", "ish", "und", "eck", "ost", "ipt", "ank")
]


def woven(archive: Archive, seed: int) -> None:
    """Thirty essays with tags, works and links of every spelling, with drafts and homonyms; their
    texts are words drawn by lot, some in headings and summaries."""
    chance = random.Random(seed)
    paths = [
        f"{chance.choice(['', 'a/', 'b/'])}Essay-{n}.{'md' if n % 7 else 'MARKDOWN'}"
        for n in range(30)
    ]
    titles = [f"On Thing {n % 26}" for n in range(30)]
    slugs = [f"s/Slug-{n}" if n % 5 == 0 else "" for n in range(30)]

    def link(n: int) -> str:
        stem = paths[n].rsplit(".", 1)[0]
        return chance.choice(
            [f"[x](/../{paths[n]})", f"[[{titles[n].upper()}]]", f"[[{stem}|y]]", f"[[{paths[n]}]]",
             f"[[{stem.rsplit('/', 1)[-1].lower()}#z]]", f"[[{slugs[n] or stem}]]", "[[Nobody]]",
             f"[x](../{paths[n]})", f"[x]({paths[n]})", f"[x]({stem})", f"[x](../{stem}#q)",
             f"`[[{titles[n]}]]`"]
        )  # fmt: skip

    def drawn(most: int) -> str:
        ranks = [int(len(VOCABULARY) * chance.random() ** 2) for _ in range(chance.randrange(most))]
        return " ".join(VOCABULARY[rank] for rank in ranks)

    for n, path in enumerate(paths):
        meta = {"slug": slugs[n]} if slugs[n] else {}
        archive.write(
            path,
            " ".join(link(chance.randrange(30)) for _ in range(chance.randrange(4)))
            + f"\n\n{drawn(60)}\n\n## {drawn(4)} here\n\n{drawn(90)}",
            description=drawn(5), title=titles[n], tags=chance.sample(TAGS, chance.randrange(4)),
            bibliography=chance.sample(WORKS, chance.randrange(3)), draft=n % 9 == 8,
            date=f"20{n:02}-01-01", **meta,
        )  # fmt: skip
    archive.build()


@pytest.mark.parametrize("seed", range(4))
def test_backlinks_are_the_links_the_other_way(make: Callable[..., Archive], seed: int) -> None:
    archive = make(rules=Rules())
    woven(archive, seed)
    essays = read(archive)
    links = linking(archive, essays)
    assert links
    for slug in essays:
        found = [essay.slug for essay in archive.engine.backlinks(slug, 100)]
        assert sorted(found) == sorted(a for a, b in links if b == slug), slug


@pytest.mark.parametrize("meaning", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_related_is_what_brute_force_finds(
    make: Callable[..., Archive], seed: int, meaning: bool
) -> None:
    archive = make(rules=Rules(meaning=meaning))
    woven(archive, seed)
    essays = read(archive)
    links = linking(archive, essays)
    every = len(essays)

    def tags(essay: Essay) -> set[str]:
        return set(map(value_key, essay.tags))

    def cited(essay: Essay) -> set[str]:
        return set(map(citations.work_key, essay.bibliography))

    def rarity(of: Callable[[Essay], set[str]], value: str) -> float:
        return log((every + 1) / sum(value in of(essay) for essay in essays.values()))

    alike = Words(essays)
    near = similarities(archive)
    assert any(not isnan(each) for each in near.values()) == (
        meaning and embedding.folder() is not None
    )

    def evidence(one: str, other: str, tied: bool) -> float:
        share, similar = alike.share(one, other), near[one, other]
        if isnan(similar):
            return WORDS_WEIGHT * share if tied or share >= MIN_LIKENESS else 0.0
        both = WORDS_WEIGHT * share + MEANING_WEIGHT * similar
        enough = both >= MIN_EVIDENCE and similar >= MIN_NEARNESS
        return max(both, 0.0) if tied or enough else 0.0

    def weight(one: str, other: str) -> float:
        a, b = essays[one], essays[other]
        shared = sum(rarity(tags, tag) for tag in tags(a) & tags(b))
        shared += WORK_WEIGHT * sum(rarity(cited, work) for work in cited(a) & cited(b))
        link = log((every + 1) / 2)
        shared += link * (((one, other) in links) + ((other, one) in links))
        return shared + link * evidence(one, other, shared > 0)

    by_words = 0
    for slug, essay in essays.items():
        found = archive.engine.related(slug, 5)
        weights = {other: round(weight(slug, other), 9) for other in essays if other != slug}
        ranked = sorted((-w, other) for other, w in weights.items() if w)
        assert [each.essay.slug for each in found] == [other for _, other in ranked[:5]]
        for each in found:
            why = {reason.kind: reason.values for reason in each.reasons}
            assert {value_key(tag) for tag in why.get("tag", ())} == tags(essay) & tags(each.essay)
            same = cited(essay) & cited(each.essay)
            assert {citations.work_key(entry) for entry in why.get("work", ())} == same
            assert ("links" in why) == ((slug, each.essay.slug) in links)
            assert ("linked" in why) == ((each.essay.slug, slug) in links)
            assert why
            share, similar = alike.share(slug, each.essay.slug), near[slug, each.essay.slug]
            assert ("meaning" in why) == (similar >= MIN_SIMILARITY)
            named = why.get("word", ())
            assert len(named) <= MAX_NAMED_WORDS
            told = evidence(slug, each.essay.slug, True) > 0
            assert bool(named) == (told and share > (MIN_LIKENESS if "meaning" in why else 0))
            both = alike.shared(slug, each.essay.slug)
            assert {stemming.stem(folding.fold(word)) for word in named} <= set(both)
            by_words += "word" in why
    assert by_words


def similarities(archive: Archive) -> dict[tuple[str, str], float]:
    """How similar every two essays are in meaning; NaN where a vector is missing."""
    snapshot = Snapshot(archive.index, generation.current(archive.index), archive.rules)
    slugs = [snapshot.slug(doc) for doc in range(snapshot.size)]
    return {
        (one, other): similar
        for doc, one in enumerate(slugs)
        for other, similar in zip(slugs, snapshot.similarity.to(doc).tolist(), strict=True)
    }


class Words:
    """Likeness by words, one essay and one word at a time."""

    def __init__(self, essays: dict[str, Essay]) -> None:
        self.essays = essays
        self.said = {slug: self.counted(essay) for slug, essay in essays.items()}
        bodies = {
            slug: [term for s in essay.sections for term in analyzer.terms(s.text)]
            for slug, essay in essays.items()
        }
        self.lengths = {slug: len(body) for slug, body in bodies.items()}
        self.mean = sum(self.lengths.values()) / len(essays)
        self.having = Counter(term for body in bodies.values() for term in set(body))

    def counted(self, essay: Essay) -> Counter[str]:
        counts: Counter[str] = Counter()
        for name, parts in document.texts(essay).items():
            for part in parts if name in keywords.FIELDS else ():
                for term in analyzer.terms(part):
                    counts[term] += keywords.FIELDS[name]  # type: ignore[assignment]
        return counts

    def telling(self, slug: str) -> dict[str, tuple[float, float]]:
        """Each telling term: its weight, and its idf."""
        found = []
        for term, count in self.said[slug].items():
            having = self.having[term]
            word = len(term) > 1 and not term[0].isdigit() and count >= keywords.MIN_COUNT
            if word and 2 <= having <= keywords.COMMON_SHARE * len(self.essays):
                idf = log((len(self.essays) + 1) / having)
                found.append((-round((1 + log(count)) * idf, 9), term, idf))
        return {
            term: (-weight, idf) for weight, term, idf in sorted(found)[: keywords.MAX_KEYWORDS]
        }

    def tells(self, slug: str, other: str) -> float:
        def damped(tf: float) -> float:
            return tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * self.lengths[other] / self.mean))

        return sum(
            weight * idf * damped(self.said[other][term])
            for term, (weight, idf) in self.telling(slug).items()
        )

    def shared(self, slug: str, other: str) -> list[str]:
        return [term for term in self.telling(slug) if self.said[other][term]]

    def share(self, slug: str, other: str) -> float:
        if len(self.shared(slug, other)) < 2:
            return 0.0
        return min(self.tells(slug, other) / self.tells(slug, slug), 1.0)


def test_a_rarer_tag_weighs_more(make: Callable[..., Archive]) -> None:
    archive = make(rules=WORDS_ALONE)
    archive.write("one.md", "x", tags=["Common", "Rare"])
    archive.write("rare.md", "x", tags=["rare"])
    for n in range(6):
        archive.write(f"common-{n}.md", "x", tags=["Common"])
    archive.build()
    found = archive.engine.related("one", 5)
    assert [each.essay.slug for each in found] == ["rare", *(f"common-{n}" for n in range(4))]
    assert found[0].reasons[0].values == ("rare",)


#: Two texts of one subject, and a third; what all say in passing.
CALIBRATION = """Calibration is a habit of forecasters. A forecast that says seventy should come
true at seventy; calibration asks nothing else of a forecast. {0}"""
GARDEN = "Hedges are planted once. A hedge wants water, and hedges want patience; water them. {0}"


def test_words_relate_what_nothing_else_does(make: Callable[..., Archive]) -> None:
    """And say so in the words of the essay that is read, not in stems."""
    archive = make(rules=WORDS_ALONE)
    archive.write("one.md", CALIBRATION.format("The weather is one teacher."), title="Betting")
    archive.write("two.md", CALIBRATION.format("Bets are another."), title="Odds")
    archive.write("hedge.md", GARDEN.format("The weather decides."), title="Green walls")
    archive.write("bush.md", GARDEN.format("Weather comes and goes."), title="Low walls")
    archive.write("stub.md", "Weather.", title="Stub")
    archive.write("none.md", "", title="")
    archive.build()
    found = archive.engine.related("one", 5)
    assert [each.essay.slug for each in found] == ["two"]
    assert [reason.kind for reason in found[0].reasons] == ["word"]
    assert {"calibration", "forecast"} <= set(found[0].reasons[0].values)
    assert [e.essay.slug for e in archive.engine.related("hedge", 5)] == ["bush"]
    assert archive.engine.related("stub", 5) == archive.engine.related("none", 5) == ()


def test_what_tells_nothing_relates_nothing(make: Callable[..., Archive]) -> None:
    """Numbers, contractions, words of nearly all essays, words of one, words said once."""
    archive = make(rules=WORDS_ALONE)
    for n in range(8):
        archive.write(f"{n}.md", f"The thing, the thing 1984, 1984. Don't, don't. Sole{n} sole{n}.")
    archive.write("a.md", "Mentioned once: kelp and moss. Repeating repeating.")
    archive.write("b.md", "Mentioned once: kelp and moss. Otherwise otherwise.")
    archive.build()
    assert archive.engine.related("0", 5) == archive.engine.related("a", 5) == ()


def test_a_long_essay_is_not_like_everything(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    archive.write("one.md", "The owl, the owl, a feather and a feather.")
    archive.write("short.md", "An owl has a feather.")
    padding = " ".join(f"word{n}" for n in range(3000))
    archive.write("long.md", f"An owl has a feather. {padding}")
    for n in range(4):
        archive.write(f"other-{n}.md", "Nothing of the kind, the kind.")
    archive.build()
    assert [each.essay.slug for each in archive.engine.related("one", 1)] == ["short"]


def test_drafts_are_in_no_neighbourhood(small: Archive) -> None:
    said = set(small.slugs())
    assert small.engine.resolve_links(("wiki//Zanzibar plans", "wiki//secret")) == {}
    assert not small.engine.backlinks("secret", 9)
    assert not small.engine.related("secret", 9)
    assert "secret" not in said
    for slug in said:
        near = [each.essay for each in small.engine.related(slug, 100)]
        assert {e.slug for e in (*near, *small.engine.backlinks(slug, 100))} <= said


def test_a_neighbourhood_follows_an_edit(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    archive.write("one.md", "[[Two]]", title="One")
    archive.write("two.md", "x", title="Two")
    archive.build()
    assert [e.slug for e in archive.engine.backlinks("two", 9)] == ["one"]
    archive.write("one.md", "Nothing.", title="One")
    archive.build()
    assert archive.engine.backlinks("two", 9) == ()
    archive.write("one.md", "[[Two]]", title="One", draft=True)
    archive.build()
    assert archive.engine.backlinks("two", 9) == ()


def test_which_essay_a_name_means(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    archive.write("maps.md", "x", title="Charts")
    archive.write("b/charts.md", "x", title="Other", slug="other")
    archive.write("c/other.md", "x", title="Deep")
    archive.write("b-title.md", "x", title="Twins")
    archive.write("a-title.md", "x", title="TWINS")
    archive.build()

    def meant(name: str) -> str | None:
        target = f"wiki//{name}"
        return archive.engine.resolve_links((target,)).get(target)

    assert meant("charts") == "maps"  # a title before a file name
    assert meant("OTHER") == "other"  # a slug before a file name
    assert meant("c/other") == meant("C/Other.md") == meant("deep") == "c/other"
    assert meant("twins") == "a-title"  # of two, the first by slug
    assert meant("b-title") == "b-title"
    assert meant("nowhere") is None
    assert archive.engine.resolve_links(("Charts",)) == {}  # a path is no name


# -- meaning --------------------------------------------------------------------------------------

#: Two essays of one subject without a content word in common; and essays of other subjects.
CARS = """Automobiles burn petrol in their engines. A driver changes gear, brakes at the corner and
parks. The garage mends the gearbox, and tyres wear out."""
MOTORING = """Every vehicle on this road has wheels. Motorists steer, accelerate and overtake; a
mechanic repairs the car when its clutch or its transmission fails."""
OTHERS = {
    "bread": "Dough rises with yeast before it is baked in a hot oven; loaves cool on a rack.",
    "birds": "Geese migrate south each autumn, and swallows build their nests under the eaves.",
    "taxes": "The government takes money from wages; parliament votes on the budget each spring.",
    "music": "The orchestra tunes its violins, and a conductor lifts the baton for the symphony.",
    "stars": "Telescopes show galaxies whose light left them before the earth had formed.",
    "roses": "Roses want pruning late in winter, and compost round their roots in summer.",
}
#: A haiku, and a form; the same two words are all that either says twice.
HAIKU = "Come and see the frog, see the pond; cars and rain, cars and silence at the temple."
FORM = """For a refund of expenses see schedule two. Claims for company cars, and for leased cars,
need an invoice; see the deadline in clause nine."""


def archive_of_subjects(archive: Archive, lang: str = "en") -> Archive:
    texts = OTHERS | {"cars": CARS, "motoring": MOTORING, "haiku": HAIKU, "form": FORM}
    for name, text in texts.items():
        archive.write(f"{name}.md", text, title=name.capitalize(), lang=lang)
    archive.build()
    return archive


@with_vectors
def test_meaning_relates_what_shares_no_word(make: Callable[..., Archive]) -> None:
    archive = archive_of_subjects(make(rules=Rules()))
    (found,) = archive.engine.related("cars", 10)
    assert (found.essay.slug, found.reasons) == ("motoring", (Reason("meaning"),))
    assert why(archive, "motoring") == {"cars": ["meaning"]}
    assert "motoring" not in why(archive_of_subjects(make("words", WORDS_ALONE)), "cars")


@with_vectors
def test_weak_words_relate_only_what_is_near_in_meaning(make: Callable[..., Archive]) -> None:
    by_words = archive_of_subjects(make("words", WORDS_ALONE))
    (reason,) = next(
        e for e in by_words.engine.related("haiku", 10) if e.essay.slug == "form"
    ).reasons
    assert set(reason.values) == {"see", "cars"}
    assert why(archive_of_subjects(make(rules=Rules())), "haiku") == {}


@with_vectors
def test_what_an_author_ties_stays_related_however_far(make: Callable[..., Archive]) -> None:
    archive = make()
    archive_of_subjects(archive)
    archive.write("haiku.md", HAIKU, title="Haiku", lang="en", tags=["Paper"])
    archive.write("form.md", FORM, title="Form", lang="en", tags=["Paper"])
    archive.build()
    assert list(why(archive, "haiku")) == ["form"]
    assert why(archive, "haiku")["form"][0] == "tag"


@pytest.mark.parametrize("missing", ["language", "package"])
def test_without_vectors_words_relate_as_they_did(
    make: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    lang = "nl" if missing == "language" else "en"
    if missing == "package":
        monkeypatch.setattr(embedding, "identity", str)
    with_meaning = archive_of_subjects(make(), lang)
    without = archive_of_subjects(make("words", WORDS_ALONE), lang)
    slugs = [*OTHERS, "cars", "motoring", "haiku", "form"]
    for slug in slugs:
        assert with_meaning.engine.related(slug, 10) == without.engine.related(slug, 10)
    assert any(without.engine.related(slug, 10) for slug in slugs)
