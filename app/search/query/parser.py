"""From a reader's text to the tree of a query, and notes on what was not meant as typed.

Whoosh's query parser arranges the text into a syntax tree (:mod:`app.search.query.grammar`); one
walk over that makes the tree (:mod:`app.search.query.compiler`), a second adds the author's
synonyms, a third reads off what to mark. Reader text never fails: what cannot be meant as a field
is searched as words, and a note says so with its position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from weakref import WeakKeyDictionary

from whoosh.qparser.default import QueryParser as WhooshParser

from app.search.query import fields, grammar, marks, synonyms
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.compiler import Compiler
from app.search.query.curation import Curation
from app.search.query.limits import Limits
from app.search.query.marks import Marks
from app.search.query.tree import Every, Tree, wanted
from app.search.results import Note
from indexer.cache import BoundedCache
from indexer.parsing.rules import Rules

_PLAIN = re.compile(r"[^\W_]+(?: +[^\W_]+)*")

_PHRASE = re.compile(r'"([^"\\“”„‟«»＂]+)"')

_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b")

_AND = re.compile(r"(?<!\S)AND(?!\S)")


@dataclass(frozen=True)
class ParsedQuery:
    """A query as every engine takes it. ``scoring`` says whether any clause weighs words; without
    one, relevance means nothing and the newest come first. ``strict`` says that the reader wrote
    AND: then all of the words are meant, however many."""

    tree: Tree
    notes: tuple[Note, ...] = ()
    scoring: bool = False
    strict: bool = False
    marks: Marks = field(default_factory=Marks)


#: Texts that are remembered as they were read: one search reads its own several times.
MAX_TEXTS = 256

_editions = count()


class QueryParser:
    """The query language of one archive.

    >>> parsed = QueryParser(Rules()).parse('"black box" tag:XAI colour:red')
    >>> [note.message for note in parsed.notes]
    ['There is no field “colour”; searched as words.']
    """

    def __init__(
        self, rules: Rules, limits: Limits | None = None, curation: Curation | None = None
    ) -> None:
        self.rules = rules
        self.curation = curation or Curation()
        #: What is remembered of one language holds for no other.
        self.edition = next(_editions)
        self.limits = limits or Limits()
        self.fields = fields.table(rules)
        self._known: WeakKeyDictionary[QueryAnalyzer, BoundedCache[str, ParsedQuery]] = (
            WeakKeyDictionary()
        )

    @cached_property
    def _parser(self) -> WhooshParser:
        return grammar.parser(self.fields)

    def parse(self, text: str, tongues: QueryAnalyzer | None = None) -> ParsedQuery:
        """What ``text`` asks for, of an archive of these languages (else an English one). Never
        fails; an empty text is every essay."""
        if tongues is None:
            return self._parse(text, QueryAnalyzer())
        known = self._known.get(tongues)
        if known is None:
            known = self._known[tongues] = BoundedCache(MAX_TEXTS)
        found = known.get(text)
        if found is None:
            found = self._parse(text, tongues)
            known[text] = found
        return found

    def _parse(self, text: str, analyzer: QueryAnalyzer) -> ParsedQuery:
        text, notes = _bound(text, self.limits)
        compiler = Compiler(self.fields, self.limits.clauses, analyzer)
        try:
            tree = self._tree(text, compiler)
        except (RecursionError, LookupError, TypeError, ValueError, AttributeError):
            # Whoosh's operator filters trip over some heaps of operators; words are still words.
            failed, compiler = compiler, Compiler(self.fields, self.limits.clauses, analyzer)
            tree = compiler.words(re.sub(r"[^\w'’]+", " ", text), 0, len(text))
            said = "The query could not be read as written; searched as words."
            notes += [*failed.notes, *compiler.notes, Note(said, 0, len(text))]
        else:
            notes += compiler.notes
        if tree is None and text.strip() and not notes:
            notes.append(Note("There is no word to search for in this query.", 0, len(text)))
        return _parsed(
            Every() if tree is None else synonyms.widened(tree, self.curation, analyzer),
            tuple(sorted(notes, key=lambda note: note.start)),
            strict=bool(_AND.search(text)),
            analyzer=analyzer,
        )

    def _tree(self, text: str, compiler: Compiler) -> Tree | None:
        """The tree of a text; words alone, as most readers type them, and a lone phrase need no
        grammar."""
        if text in ("AND", "OR", "NOT") or (_PLAIN.fullmatch(text) and not _OPERATOR.search(text)):
            return compiler.plain(text)
        if phrase := _PHRASE.fullmatch(text):
            return compiler.phrase(phrase[1])
        return compiler.tree(self._parser.process(grammar.straight(text)))


def _parsed(
    tree: Tree, notes: tuple[Note, ...], *, strict: bool, analyzer: QueryAnalyzer
) -> ParsedQuery:
    """A tree with what a second walk reads off it."""
    scoring = any(fields.weighs(node) for node in wanted(tree))
    return ParsedQuery(tree, notes, scoring, strict, marks.read(tree, analyzer))


def _bound(text: str, limits: Limits) -> tuple[str, list[Note]]:
    """The text within the limits of length and nesting, every character at its old place, and what
    was left out."""
    notes: list[Note] = []
    if len(text) > limits.length:
        cut = text.rfind(" ", 0, limits.length)
        cut = cut if cut > 0 else limits.length
        notes.append(Note(f"Only the first {cut:,} characters were searched.", cut, len(text)))
        text = text[:cut]
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > limits.nesting:
        notes.append(Note("Too many brackets; they were left out.", 0, len(text)))
        text = text.replace("(", " ").replace(")", " ")
    return text, notes
