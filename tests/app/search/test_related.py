"""Who links to whom, what is related and why: all of it against brute force over the essays."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING

import pytest

from app.search.related import WORK
from indexer import corpus, works
from indexer.essay import Essay, fold
from indexer.vocabulary import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive


def read(archive: Archive) -> dict[str, Essay]:
    """Every essay that may be served, as its file says it."""
    files, _ = corpus.scan(archive.content, archive.rules)
    essays = [corpus.read(archive.content, file.path, archive.rules).essay for file in files]
    return {essay.slug: essay for essay in essays if essay is not None and not essay.draft}


def linking(archive: Archive, essays: dict[str, Essay]) -> set[tuple[str, str]]:
    """Every (from, to) of a link that leads somewhere else."""
    return {
        (slug, to)
        for slug, essay in essays.items()
        for target in essay.links
        if (to := archive.engine.resolve((target,)).get(target)) and to != slug
    }


TAGS = ["Maps", "maps", "Birds", "Time", "Proof", "Rivers", "Ink"]
WORKS = [
    'Shannon, C. (1948). "A Mathematical Theory of Communication".',
    "Shannon, Claude. 1948. A mathematical theory of communication. BSTJ.",
    "Newton, I. (1687). Principia.",
    "Knuth, D. (1973). Sorting and Searching.",
]


def woven(archive: Archive, seed: int) -> None:
    """Thirty essays with tags, works and links of every spelling, with drafts and homonyms."""
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

    for n, path in enumerate(paths):
        meta = {"slug": slugs[n]} if slugs[n] else {}
        archive.write(
            path,
            " ".join(link(chance.randrange(30)) for _ in range(chance.randrange(4))) or "None.",
            title=titles[n], tags=chance.sample(TAGS, chance.randrange(4)),
            bibliography=chance.sample(WORKS, chance.randrange(3)), draft=n % 9 == 8,
            date=f"20{n:02}-01-01", **meta,
        )  # fmt: skip
    archive.build()


@pytest.mark.parametrize("seed", range(4))
def test_backlinks_are_the_links_the_other_way(make: Callable[..., Archive], seed: int) -> None:
    archive = make()
    woven(archive, seed)
    essays = read(archive)
    links = linking(archive, essays)
    assert links
    for slug in essays:
        found = [essay.slug for essay in archive.engine.backlinks(slug, 100)]
        assert sorted(found) == sorted(a for a, b in links if b == slug), slug


@pytest.mark.parametrize("seed", range(4))
def test_related_is_what_brute_force_finds(make: Callable[..., Archive], seed: int) -> None:
    archive = make()
    woven(archive, seed)
    essays = read(archive)
    links = linking(archive, essays)
    every = len(essays)

    def tags(essay: Essay) -> set[str]:
        return set(map(fold, essay.tags))

    def cited(essay: Essay) -> set[str]:
        return set(map(works.key, essay.bibliography))

    def rarity(of: Callable[[Essay], set[str]], value: str) -> float:
        return log((every + 1) / sum(value in of(essay) for essay in essays.values()))

    def weight(one: str, other: str) -> float:
        a, b = essays[one], essays[other]
        shared = sum(rarity(tags, tag) for tag in tags(a) & tags(b))
        shared += WORK * sum(rarity(cited, work) for work in cited(a) & cited(b))
        return shared + log((every + 1) / 2) * (((one, other) in links) + ((other, one) in links))

    for slug, essay in essays.items():
        found = archive.engine.related(slug, 5)
        weights = {other: round(weight(slug, other), 9) for other in essays if other != slug}
        ranked = sorted((-w, other) for other, w in weights.items() if w)
        assert [each.essay.slug for each in found] == [other for _, other in ranked[:5]]
        for each in found:
            why = {reason.kind: reason.values for reason in each.reasons}
            assert {fold(tag) for tag in why.get("tag", ())} == tags(essay) & tags(each.essay)
            same = cited(essay) & cited(each.essay)
            assert {works.key(entry) for entry in why.get("work", ())} == same
            assert ("links" in why) == ((slug, each.essay.slug) in links)
            assert ("linked" in why) == ((each.essay.slug, slug) in links)
            assert why


def test_a_rarer_tag_weighs_more(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "x", tags=["Common", "Rare"])
    archive.write("rare.md", "x", tags=["rare"])
    for n in range(6):
        archive.write(f"common-{n}.md", "x", tags=["Common"])
    archive.build()
    found = archive.engine.related("one", 5)
    assert [each.essay.slug for each in found] == ["rare", *(f"common-{n}" for n in range(4))]
    assert found[0].reasons[0].values == ("rare",)


def test_drafts_are_in_no_neighbourhood(small: Archive) -> None:
    said = set(small.slugs())
    assert small.engine.resolve(("wiki//Zanzibar plans", "wiki//secret")) == {}
    assert not small.engine.backlinks("secret", 9)
    assert not small.engine.related("secret", 9)
    assert "secret" not in said
    for slug in said:
        near = [each.essay for each in small.engine.related(slug, 100)]
        assert {e.slug for e in (*near, *small.engine.backlinks(slug, 100))} <= said


def test_a_neighbourhood_follows_an_edit(make: Callable[..., Archive]) -> None:
    archive = make()
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
        return archive.engine.resolve((target,)).get(target)

    assert meant("charts") == "maps"  # a title before a file name
    assert meant("OTHER") == "other"  # a slug before a file name
    assert meant("c/other") == meant("C/Other.md") == meant("deep") == "c/other"
    assert meant("twins") == "a-title"  # of two, the first by slug
    assert meant("b-title") == "b-title"
    assert meant("nowhere") is None
    assert archive.engine.resolve(("Charts",)) == {}  # a path is no name
