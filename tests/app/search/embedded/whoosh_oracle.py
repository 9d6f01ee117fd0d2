"""What Whoosh's own searcher finds for a query tree, over the same segments: the oracle of tests.

The tree is translated to Whoosh's query classes by the rules that the documents state, not by the
code that is tested: words by their English stems in every field of text, whatever stands for many
words by a look at every term.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rapidfuzz.distance import OSA
from whoosh import query as wq
from whoosh.matching import ReadTooFar
from whoosh.searching import SearchContext, Searcher

from app.search.query.tree import (
    And,
    Every,
    Exact,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Run,
    Synonyms,
    Tree,
    Value,
    Wildcard,
    Word,
)
from indexer.analysis import analyzer, folding, stemming
from tests.indexer.storage import whoosh_reader

STEMMED = ("title", "headings", "topics", "summary", "body")
NAMES = ("author", "cites")
TEXT = {
    "": (*STEMMED, *NAMES), "title": ("title",), "heading": ("headings",), "body": ("body",),
    "description": ("summary",), "author": ("author",), "cites": ("cites",),
}  # fmt: skip
UNSTEMMED = {"": ("words", "title_words"), "title": ("title_words",)}
SELECTING = {"date": "published", "is": "flag", "has": "flag"}


def opened(index: Path, facets: tuple[str, ...] = ()) -> Searcher:
    """Whoosh's searcher over the current generation of an index folder; ``facets`` are the
    archive's own."""
    return Searcher(whoosh_reader.opened(index, facets))


def found(tree: Tree, searcher: Searcher) -> set[int]:
    """The live documents that Whoosh's matchers find, one posting at a time; its inverse of a
    matcher that ends early lets a deleted one through."""
    query = translated(tree, searcher)
    docs: set[int] = set()
    for leaf, base in searcher.leaf_searchers():
        matcher = query.matcher(leaf, SearchContext(weighting=searcher.weighting))
        try:
            while matcher.is_active():
                docs.add(matcher.id() + base)
                matcher.next()
        except ReadTooFar:
            continue
    deleted = searcher.reader().is_deleted
    return {doc for doc in docs if not deleted(doc)}


def translated(tree: Tree, searcher: Searcher) -> wq.Query:
    """The same question in Whoosh's query classes."""
    match tree:
        case And(parts):
            return wq.And([translated(part, searcher) for part in parts])
        case Or(parts):
            return wq.Or([translated(part, searcher) for part in parts])
        case Not(part):
            # Whoosh's And can let a first document through that a bare Not excludes.
            return wq.ConstantScoreQuery(wq.Not(translated(part, searcher)), 1.0)
        case Every():
            return wq.Every()
        case Synonyms(typed, others):
            together = wq.And([translated(word, searcher) for word in typed])
            return wq.Or([together, *(translated(other, searcher) for other in others)])
        case Value() | Range():
            return _selecting(tree)
        case _:
            return wq.Or(list(_fields(tree, searcher)))


def _fields(tree: Tree, searcher: Searcher) -> Iterator[wq.Query]:
    """The same question of each of the fields that a word is looked for in."""
    match tree:
        case Word(text, field):
            for name in TEXT[field]:
                yield wq.Term(name, _term(text, name))
        case Exact(text, field):
            # The words of a title are words of the essay as well.
            yield wq.Term("title_words" if field else "words", folding.fold(text))
        case Phrase(text, slop, field):
            for name in TEXT[field]:
                words = analyzer.sequence(text, stemmed=name in STEMMED)
                yield wq.Phrase(name, words, slop=slop)
        case Run(text, field):
            pairs = folding.pairs(text)
            for name in TEXT[field]:
                if len(pairs) == 1:
                    yield wq.Prefix(name, pairs[0])
                else:
                    yield wq.Phrase(name, pairs[:-1])
        case Prefix(text, field):
            for name in _unstemmed(field):
                yield wq.Prefix(name, text)
        case Wildcard(pattern, field):
            for name in _unstemmed(field):
                yield wq.Wildcard(name, pattern)
        case Fuzzy(text, distance, field):
            # Whoosh's automaton counts a swap of letters, the commonest typing error, as two edits.
            for name in _unstemmed(field):
                for term in searcher.reader().field_terms(name):
                    if OSA.distance(text, term) <= distance:
                        yield wq.Term(name, term)


def _term(text: str, name: str) -> str:
    folded = folding.fold(text)
    return stemming.stem(folded) if name in STEMMED else folded


def _unstemmed(field: str) -> tuple[str, ...]:
    return UNSTEMMED.get(field) or TEXT.get(field) or (field,)


def _selecting(tree: Value | Range) -> wq.Query:
    name = SELECTING.get(tree.field, tree.field)
    if isinstance(tree, Value):
        named = wq.Term(name, tree.value)
        if tree.percent is None:
            return named
        return wq.Or([named, wq.Term(f"{name}_percent", f"{tree.percent:06.2f}")])
    bounds = [
        f"{bound:06.2f}" if isinstance(bound, float) else bound for bound in (tree.low, tree.high)
    ]
    if any(isinstance(bound, float) for bound in (tree.low, tree.high)):
        name = f"{name}_percent"
    return wq.TermRange(name, *bounds, startexcl=tree.exclusive, endexcl=tree.exclusive)
