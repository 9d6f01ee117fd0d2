"""From the tree of a query to clauses: the terms that stand for its words are looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from app.search.binding.clauses import (
    FILTER,
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Term,
    TermRange,
    TermSequence,
    all_clauses,
)
from app.search.query.analyzer import QueryAnalyzer, WordTerms
from app.search.query.fields import EXACT, TEXT_FIELDS, index_name, weighs
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
from indexer.analysis import folding
from indexer.schema import field_names

#: What a synonym counts, against what was typed.
SYNONYM = 0.7

#: What a prefix, a pattern or a misspelt word stands for in a field of the index.
Expand = Callable[[Prefix | Wildcard | Fuzzy, str], Clause]


@dataclass(frozen=True)
class Binding:
    """How the words of trees become terms in one generation: ``analyzer`` knows its languages,
    ``expand`` its terms; a lone letter stands for ``max_pairs`` pairs of letters at the most."""

    analyzer: QueryAnalyzer
    expand: Expand
    max_pairs: int

    def clause(self, tree: Tree) -> Clause:
        """The clause of a tree."""
        match tree:
            case Word(text, field):
                return _word(self.analyzer.word(text), field)
            case Exact(text, field):
                return self._exact(text, field)
            case Run(text, field):
                return self._run(text, field)
            case Phrase(text, slop, field):
                return self._phrase(text, slop, field)
            case Prefix() | Wildcard() | Fuzzy():
                return self._expanded(tree)
            case Value(field, value, percent):
                return Constant(_value(field, value, percent), FILTER)
            case Range():
                return Constant(_range(tree), FILTER)
            case And(parts):
                return Conjunction(tuple(map(self.clause, parts)))
            case Or(parts):
                return Disjunction(tuple(map(self.clause, parts)))
            case Not(part):
                return Complement(self.clause(part))
            case Synonyms():
                return self._synonyms(tree)
            case Every():
                return EveryDocument()
            case _:
                assert_never(tree)

    def _exact(self, text: str, field: str) -> BoundPhrase:
        """A word as a phrase by itself, which weighs what the word does in any form."""
        written = TermSequence(EXACT[field], (folding.fold(text),))
        return BoundPhrase(text, (written,), (_word(self.analyzer.word(text), field),))

    def _run(self, text: str, field: str) -> Clause:
        run = folding.run(text)
        if len(run) > 2:
            return self._phrase(text, 1, field, run=not field)
        return _word(self.analyzer.letters(run, self.max_pairs), field)

    def _phrase(self, text: str, slop: int, field: str, *, run: bool = False) -> BoundPhrase:
        found = self.analyzer.phrase(text)
        sequences = (
            TermSequence(name, terms, slop)
            for name in _names(field)
            for terms in (found.readings if name in field_names.TEXT else [found.folded])
        )
        words = (_word(word, field) for word in found.words)
        return BoundPhrase(text, tuple(sequences), tuple(words), run)

    def _expanded(self, node: Prefix | Wildcard | Fuzzy) -> Clause:
        """What stands for many words, by the unstemmed ones; more where one is of the title."""
        if not weighs(node):
            return Constant(self.expand(node, index_name(node.field)), FILTER)
        if node.field:
            return Constant(self.expand(node, TEXT_FIELDS[node.field].unstemmed))
        names = (field_names.WORDS, field_names.TITLE_WORDS)
        return Disjunction(tuple(Constant(self.expand(node, name)) for name in names))

    def _synonyms(self, node: Synonyms) -> BoundSynonyms:
        typed = [self.clause(word) for word in node.typed]
        others = [self.clause(other) for other in node.others]
        # As much as what was typed, whichever of them has more words.
        weights = (SYNONYM * len(typed) / _length(other) for other in others)
        return BoundSynonyms(
            " ".join(word.text for word in node.typed),
            all_clauses(typed),
            tuple(zip(others, weights, strict=True)),
        )


def _length(clause: Clause) -> int:
    return len(clause.words) if isinstance(clause, BoundPhrase) else 1


_EVERYWHERE = (*field_names.TEXT, *field_names.NAMES)


def _names(field: str) -> tuple[str, ...]:
    """The fields of the index where the words of a field of a tree are looked up."""
    return TEXT_FIELDS[field].names if field else _EVERYWHERE


def _word(word: WordTerms, field: str) -> BoundWord:
    terms = [
        (name, term)
        for name in _names(field)
        for term in (word.forms if name in field_names.TEXT else word.folded)
    ]
    return BoundWord(word.text, tuple(terms), anywhere=not field)


def _value(field: str, value: str, percent: float | None) -> Clause:
    name = index_name(field)
    if percent is None:
        return Term(name, value)
    number = field_names.PERCENT.format(percent)
    return Disjunction((Term(field_names.percent(name), number), Term(name, value)))


def _range(node: Range) -> TermRange:
    name, low, high = index_name(node.field), node.low, node.high
    if isinstance(low, float) or isinstance(high, float):
        name = field_names.percent(name)
    return TermRange(name, _bound(low), _bound(high), node.exclusive)


def _bound(bound: str | float | None) -> str | None:
    return field_names.PERCENT.format(bound) if isinstance(bound, float) else bound
