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
from app.search.query.prose import Kind, kind, operator
from app.search.query.tree import Every, Tree, wanted
from app.search.results import Note
from indexer.cache import BoundedCache
from indexer.parsing.rules import Rules

_PHRASE = re.compile(r'"([^"\\“”„‟«»＂]+)"')

#: What demands words as they are: quotes, operators, patterns, similar spellings.
_DEMANDING = re.compile(r'"[^"]*"|(?<!\S)(?:AND|OR)(?!\S)|\w[*~]|[*]\w')

_AND = re.compile(r"(?<!\S)AND(?!\S)")


@dataclass(frozen=True)
class ParsedQuery:
    """A query as every engine takes it. ``scoring`` says whether any clause weighs words; without
    one, relevance means nothing and the newest come first. ``strict`` says that the reader wrote
    AND: then all of the words are meant, however many. ``kind`` is how the text was read;
    ``meant`` says that no operator demands words as they are: then what they mean may be found."""

    tree: Tree
    notes: tuple[Note, ...] = ()
    scoring: bool = False
    strict: bool = False
    marks: Marks = field(default_factory=Marks)
    kind: Kind = Kind.QUERY
    meant: bool = False

    def with_tree(self, tree: Tree, analyzer: QueryAnalyzer) -> ParsedQuery:
        """The same query, taken to mean another tree in an archive of these languages."""
        return _parsed(tree, self.notes, self.kind, strict=False, analyzer=analyzer)


_NO_OPERATORS = {
    Kind.CAPITALS: "A text in capitals has no operators; all of its words were searched.",
    Kind.PROSE: "A text of this length has no operators; all of its words were searched.",
}

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

    def parse(self, text: str, analyzer: QueryAnalyzer | None = None) -> ParsedQuery:
        """What ``text`` asks for, of an archive of these languages (else an English one). Never
        fails; an empty text is every essay."""
        if analyzer is None:
            return self._parse(text, QueryAnalyzer())
        known = self._known.get(analyzer)
        if known is None:
            known = self._known[analyzer] = BoundedCache(MAX_TEXTS)
        found = known.get(text)
        if found is None:
            found = self._parse(text, analyzer)
            known[text] = found
        return found

    def _parse(self, text: str, analyzer: QueryAnalyzer) -> ParsedQuery:
        form = kind(text)
        text, notes = _bound(text, form, self.limits)
        compiler = self._compiler(text, form, analyzer)
        try:
            tree = self._tree(text, form, compiler)
        except (RecursionError, LookupError, TypeError, ValueError, AttributeError):
            # Whoosh's operator filters trip over some heaps of operators; words are still words.
            failed, compiler = compiler, self._compiler(text, form, analyzer)
            tree = compiler.words(re.sub(r"[^\w'’]+", " ", text), 0, len(text))
            message = "The query could not be read as written; searched as words."
            notes += [*failed.notes, *compiler.notes, Note(message, 0, len(text))]
        else:
            notes += compiler.notes
        if tree is None and text.strip() and not notes:
            notes.append(Note("There is no word to search for in this query.", 0, len(text)))
        if tree is not None and form is not Kind.QUERY and (meant := operator(text)):
            notes.append(Note(_NO_OPERATORS[form], *meant))
        demanded = form is Kind.QUERY and bool(_DEMANDING.search(grammar.straight(text)))
        return _parsed(
            Every() if tree is None else synonyms.widened(tree, self.curation, analyzer),
            tuple(sorted(notes, key=lambda note: note.start)),
            form,
            strict=form is Kind.QUERY and bool(_AND.search(text)),
            analyzer=analyzer,
            meant=not demanded,
        )

    def _compiler(self, text: str, form: Kind, analyzer: QueryAnalyzer) -> Compiler:
        """A compiler for a text. The words of prose are bounded by its length alone: an engine
        looks at those that tell most."""
        clauses = len(text) if form is Kind.PROSE else self.limits.clauses
        return Compiler(self.fields, clauses, analyzer)

    def _tree(self, text: str, form: Kind, compiler: Compiler) -> Tree | None:
        """The tree of a text; words alone, as most readers type them, and a lone phrase need no
        grammar."""
        if form is Kind.PROSE:
            return compiler.plain(text)
        if form is Kind.CAPITALS:
            return compiler.phrases_and_words(grammar.straight(text))
        if text in ("AND", "OR", "NOT") or grammar.words_alone(text):
            return compiler.plain(text)
        if phrase := _PHRASE.fullmatch(text):
            return compiler.phrase(phrase[1])
        return compiler.tree(self._parser.process(grammar.straight(text)))


def _parsed(
    tree: Tree,
    notes: tuple[Note, ...],
    form: Kind,
    *,
    strict: bool,
    analyzer: QueryAnalyzer,
    meant: bool = False,
) -> ParsedQuery:
    """A tree with what a second walk reads off it."""
    scoring = any(fields.weighs(node) for node in wanted(tree))
    return ParsedQuery(tree, notes, scoring, strict, marks.read(tree, analyzer), form, meant)


def _bound(text: str, form: Kind, limits: Limits) -> tuple[str, list[Note]]:
    """The text within the limits of length and nesting, every character at its old place, and what
    was left out."""
    notes: list[Note] = []
    length = limits.prose if form is Kind.PROSE else limits.length
    if len(text) > length:
        cut = text.rfind(" ", 0, length)
        cut = cut if cut > 0 else length
        notes.append(Note(f"Only the first {cut:,} characters were searched.", cut, len(text)))
        text = text[:cut]
    if form is not Kind.QUERY or "(" not in text:
        return text, notes
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > limits.nesting:
        notes.append(Note("Too many brackets; they were left out.", 0, len(text)))
        text = text.replace("(", " ").replace(")", " ")
    return text, notes
