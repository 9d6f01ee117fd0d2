"""What does a reader's text ask for: a Whoosh query tree, and notes on what was not meant as typed.

Whoosh's query parser tags the text with its plug-ins (groups, operators, phrases, and one of our
own for ``field:value``) and arranges the tags into a syntax tree; :class:`_Compiler` walks that
tree once and makes the query that every engine compiles. Reader text never fails: what cannot be
meant as a field is searched as words, and a note says so with its position.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import msgspec
from whoosh import query as wq
from whoosh.qparser import plugins, syntax
from whoosh.qparser.default import QueryParser

from app.search import fields
from app.search.fields import Unmeant
from app.search.request import Note
from indexer import analysis, schema
from indexer.vocabulary import Rules


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a question is answered; past a limit there is a note, not an error.

    ``length`` in characters bounds the work of parsing; ``clauses`` that of evaluation (each word
    is looked up in seven fields); ``nesting`` that of recursion; ``expansions`` is the number of
    words that one prefix or pattern may stand for.
    """

    length: int = 2_000
    clauses: int = 64
    nesting: int = 12
    expansions: int = 1_000


@dataclass(frozen=True)
class Wanted:
    """The words that a query marks in a text: by stem, by folded word, by pattern, in sequence."""

    stems: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    fuzzy: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stems or self.words or self.patterns or self.phrases or self.fuzzy)


@dataclass(frozen=True)
class Parsed:
    """A query as every engine takes it. ``scoring`` says whether any clause weighs words; without
    one, relevance means nothing and the newest come first."""

    tree: wq.Query
    notes: tuple[Note, ...] = ()
    scoring: bool = False
    wanted: Wanted = field(default_factory=Wanted)


class _FieldedNode(syntax.SyntaxNode):  # type: ignore[misc]
    """``field:value``, taken whole so that a value may hold colons, slashes and comparisons."""

    def __init__(
        self, field: str, op: str, quoted: str | None, slop: str | None, bare: str | None
    ) -> None:
        self.name = field.lower()
        self.op = op or ""
        self.quoted = quoted is not None
        self.value = unquote(quoted) if quoted is not None else bare or ""
        self.slop = int(slop or 1)


class _PhraseNode(syntax.SyntaxNode):  # type: ignore[misc]
    has_fieldname = True
    fieldname: str | None = None

    def __init__(self, text: str, slop: str | None) -> None:
        self.value = unquote(text)
        self.slop = int(slop or 1)


class _Phrases(plugins.TaggingPlugin):  # type: ignore[misc]
    expr = r'"(?P<text>(?:\\.|[^"\\])*)"(?:~(?P<slop>\d{1,3}))?'
    nodetype = _PhraseNode


class _Fielded(plugins.TaggingPlugin):  # type: ignore[misc]
    priority = -10
    nodetype = _FieldedNode

    def __init__(self, names: list[str]) -> None:
        listed = "|".join(map(re.escape, names))
        super().__init__(
            rf"(?i)(?:(?<=[\s(\-])|^)(?P<field>{listed}):(?P<op>[<>]=?|=[<>]?|)"
            r'(?:"(?P<quoted>(?:\\.|[^"\\])*)"(?:~(?P<slop>\d{1,3}))?|(?P<bare>[^\s()"]+))'
        )


#: The weight of a clause that selects and does not weigh. Whoosh takes 0.0 for "not given"; this
#: vanishes where scores are compared.
FILTER = 1e-12

# An operator at either end joins nothing and is dropped; alone it is a word.
_AND = r"(?:(?<=[\s()])|^)AND(?=[\s()]|$)"
_OR = r"(?:(?<=[\s()])|^)OR(?=[\s()]|$)"
_NOT = r"(?:(?<=[\s(])|^)(?:NOT(?=[\s()]|$)|-(?=[^\s\-]))"
#: Quotes as keyboards and word processors make them, but those that :func:`quote` escaped.
_QUOTES = re.compile(r"\\.|[“”„‟«»＂]", re.DOTALL)
_PLAIN = re.compile(r"[^\W_]+(?: +[^\W_]+)*")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b")
_UNKNOWN_FIELD = re.compile(r"([A-Za-z_]{2,}):(?!//)(?=\S)")


class _Parser(QueryParser):  # type: ignore[misc]
    """Whoosh's parser, which asks its plug-ins once and not for every query."""

    @cached_property
    def _taggers(self) -> list[Any]:
        found: list[Any] = super().taggers()
        return found

    @cached_property
    def _filters(self) -> list[Any]:
        found: list[Any] = super().filters()
        return found

    def taggers(self) -> list[Any]:
        return self._taggers

    def filters(self) -> list[Any]:
        return self._filters


class Language:
    """The query language of one archive.

    >>> parsed = Language(Rules()).parse('"black box" tag:XAI colour:red')
    >>> [note.message for note in parsed.notes]
    ['There is no field “colour”; searched as words.']
    """

    def __init__(self, rules: Rules, limits: Limits | None = None) -> None:
        self.rules = rules
        self.limits = limits or Limits()
        self.fields = fields.table(rules)

    @cached_property
    def _parser(self) -> QueryParser:
        names = sorted(self.fields, key=len, reverse=True)
        groups = rf"(?i)(?P<text>{'|'.join(map(re.escape, names))}):(?=\()"
        return _Parser(
            None,
            None,
            plugins=[
                _Fielded(names),
                plugins.FieldsPlugin(groups, remove_unknown=False),
                _Phrases(),
                plugins.GroupPlugin(),
                plugins.OperatorsPlugin(
                    And=_AND, Or=_OR, Not=_NOT, AndNot=None, AndMaybe=None, Require=None
                ),
            ],
        )

    def parse(self, text: str) -> Parsed:
        """What ``text`` asks for. Never fails; an empty text is every essay."""
        notes: list[Note] = []
        text = _bound(text, self.limits, notes)
        compiler = _Compiler(self, notes)
        try:
            # Words alone, as most readers type them, need no grammar.
            if text in ("AND", "OR", "NOT") or (
                _PLAIN.fullmatch(text) and not _OPERATOR.search(text)
            ):
                tree = compiler.plain(text)
            else:
                tree = compiler.query(self._parser.process(_straight(text)))
        except (RecursionError, IndexError, TypeError, AttributeError):
            # Whoosh's operator filters trip over some heaps of operators; words are still words.
            compiler = _Compiler(self, notes)
            tree = compiler.words(re.sub(r"[^\w'’]+", " ", text), 0, len(text))
            notes.append(
                Note("The query could not be read as written; searched as words.", 0, len(text))
            )
        if tree is None and text.strip() and not notes:
            notes.append(Note("There is no word to search for in this query.", 0, len(text)))
        return Parsed(
            tree=_standing(tree),
            notes=tuple(sorted(notes, key=lambda note: note.start)),
            scoring=compiler.scoring,
            wanted=compiler.wanted(),
        )


def quote(value: str) -> str:
    """A value as it can stand behind a field's colon, whatever characters it has.

    >>> quote('R&D'), quote('say "hi": ok')
    ('R&D', '"say \\\\"hi\\\\": ok"')
    """
    if (
        re.fullmatch(r"[^\s()\"“”„‟«»＂\\*?~<>=.\-][^\s()\"“”„‟«»＂\\*?~]*", value)
        and ".." not in value
    ):
        return value
    escaped = re.sub(r'[\\"“”„‟«»＂]', r"\\\g<0>", value)
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """The text between quotes without its escapes; the inverse of :func:`quote`."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _straight(text: str) -> str:
    """The text with straight quotes, every character at its old place."""
    return _QUOTES.sub(lambda m: m[0] if m[0][0] == "\\" else '"', text)


def _bound(text: str, limits: Limits, notes: list[Note]) -> str:
    """The text within the limits of length and nesting, every character at its old place."""
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
    return text


def _standing(tree: wq.Query | None) -> wq.Query:
    """A tree that can stand alone: something to exclude from, and every essay for nothing."""
    if tree is None:
        return wq.Every()
    return wq.ConstantScoreQuery(tree, FILTER) if isinstance(tree, wq.Not) else tree


class _Compiler:
    """One walk over one syntax tree; collects notes and the words to mark on the way."""

    def __init__(self, language: Language, notes: list[Note]) -> None:
        self.language = language
        self.notes = notes
        self.clauses = 0
        self.scoring = False
        self.negative = 0
        self.stems: set[str] = set()
        self.folded: set[str] = set()
        self.patterns: list[str] = []
        self.phrases: list[tuple[str, ...]] = []
        self.fuzzy: list[tuple[str, int]] = []

    def wanted(self) -> Wanted:
        return Wanted(
            frozenset(self.stems),
            frozenset(self.folded),
            tuple(self.patterns),
            tuple(self.phrases),
            tuple(self.fuzzy),
        )

    def query(self, node: Any) -> wq.Query | None:
        """The query of a syntax node."""
        if isinstance(node, syntax.NotGroup):
            self.negative += 1
            inner = self.query(node.nodes[0]) if node.nodes else None
            self.negative -= 1
            return None if inner is None else wq.Not(inner)
        if isinstance(node, syntax.GroupNode):
            made = [q for child in node.nodes if (q := self.query(child)) is not None]
            return either(made) if isinstance(node, syntax.OrGroup) else every(made)
        if isinstance(node, syntax.FieldnameNode):
            return self.words(node.original, node.startchar, node.endchar)
        if isinstance(node, _FieldedNode):
            return self._fielded(node)
        if isinstance(node, _PhraseNode):
            if name := node.fieldname:
                return self._field(
                    name, "", node.value, True, node.slop, node.startchar, node.endchar
                )
            return self._clause(lambda: self._phrase(node.value, node.slop), node)
        if isinstance(node, syntax.WordNode):
            if name := node.fieldname:
                return self._field(name, "", node.text, False, 1, node.startchar, node.endchar)
            return self._word(node)
        return None  # operators left without operands

    def _clause(self, make: Callable[[], wq.Query | None], node: Any) -> wq.Query | None:
        limit = self.language.limits.clauses
        self.clauses += 1
        if self.clauses == limit + 1:
            self.notes.append(
                Note(
                    f"Only the first {limit} words and fields were searched.",
                    node.startchar,
                    node.endchar,
                )
            )
        return make() if self.clauses <= limit else None

    # -- fields ---------------------------------------------------------------------------------

    def _fielded(self, node: _FieldedNode) -> wq.Query | None:
        return self._field(
            node.name, node.op, node.value, node.quoted, node.slop, node.startchar, node.endchar
        )

    def _field(
        self, name: str, op: str, value: str, quoted: bool, slop: int, start: int, end: int
    ) -> wq.Query | None:
        meaning = self.language.fields[name.lower()]
        if isinstance(meaning, fields.Text):
            return self._clause(
                lambda: self._text(meaning, op, value, quoted, slop), _Place(start, end)
            )
        try:
            made = meaning.query(op, value, quoted)
        except Unmeant as error:
            self.notes.append(Note(f"{error} Searched as words.", start, end))
            return self.words(f"{name} {value}", start, end)
        # A filter selects and does not weigh.
        return self._clause(lambda: wq.ConstantScoreQuery(made, FILTER), _Place(start, end))

    def _text(
        self, text: fields.Text, op: str, value: str, quoted: bool, slop: int
    ) -> wq.Query | None:
        if quoted:
            return self._phrase(value, slop, text)
        return every(
            [q for part in value.split() if (q := self._single(op + part, text)) is not None]
        )

    # -- words ----------------------------------------------------------------------------------

    def words(self, text: str, start: int, end: int) -> wq.Query | None:
        """Every word of a text that was meant as something else."""
        place = _Place(start, end)
        made = [self._clause(partial(self._term, w), place) for w in analysis.WORD.findall(text)]
        return every([q for q in made if q is not None])

    def plain(self, text: str) -> wq.Query | None:
        """Every word of a text that is words alone."""
        made = [
            self._clause(partial(self._term, match[0]), _Place(match.start(), match.end()))
            for match in analysis.WORD.finditer(text)
        ]
        return every([q for q in made if q is not None])

    def _word(self, node: syntax.WordNode) -> wq.Query | None:
        text: str = node.text
        if unknown := _UNKNOWN_FIELD.match(text):
            end = node.startchar + len(text)
            self.notes.append(
                Note(f"There is no field “{unknown[1]}”; searched as words.", node.startchar, end)
            )
        elif text.count('"') % 2:
            self.notes.append(
                Note(
                    "A quotation mark is not closed; searched as words.",
                    node.startchar,
                    node.endchar,
                )
            )
        return self._clause(lambda: self._single(text, None), node)

    def _single(self, text: str, within: fields.Text | None) -> wq.Query | None:
        """One run of characters without spaces: a word or several, a prefix, a pattern, fuzzy."""
        if (match := re.fullmatch(r"(.*\w)~([12])?", text)) and (found := analysis.words(match[1])):
            word = found[-1]
            distance = int(match[2] or 1)
            parts: list[wq.Query | None] = [self._term(w, within) for w in found[:-1]]
            parts.append(self._fuzzy(word, distance, within))
            return every([q for q in parts if q is not None])
        bare = text.strip("\"'.,;:!()[]{}")
        if "*" in bare or re.search(r"\w\?\w", bare):
            return self._pattern(bare, within)
        return every(
            [q for w in analysis.WORD.findall(text) if (q := self._term(w, within)) is not None]
        )

    def _term(self, word: str, within: fields.Text | None = None) -> wq.Query | None:
        folded = analysis.fold(word)
        stem = analysis.stem(folded)
        self._score()
        names = within.names if within else (*schema.TEXT, *schema.NAMES)
        if not self.negative:
            if any(name in schema.TEXT for name in names):
                self.stems.add(stem)
            else:
                self.folded.add(folded)
        return either(
            [
                wq.Term(name, stem if name in schema.TEXT else folded, boost=_weight(name))
                for name in names
            ]
        )

    def _phrase(self, text: str, slop: int, within: fields.Text | None = None) -> wq.Query | None:
        folded = analysis.words(text)
        if not folded:
            return None
        if len(folded) == 1:
            return self._term(folded[0], within)
        self._score()
        stems = [analysis.stem(word) for word in folded]
        if not self.negative:
            if slop == 1:
                self.phrases.append(tuple(stems))
            else:
                self.stems.update(stems)
        names = within.names if within else (*schema.TEXT, *schema.NAMES)
        return either(
            [
                wq.Phrase(
                    name, stems if name in schema.TEXT else folded, slop=slop, boost=_weight(name)
                )
                for name in names
            ]
        )

    def _pattern(self, text: str, within: fields.Text | None) -> wq.Query | None:
        pieces = [
            piece if piece in "*?" else "".join(analysis.words(piece))
            for piece in re.split(r"([*?])", text)
        ]
        folded = re.sub(r"\*+", "*", "".join(pieces))
        if not folded.strip("*?"):
            return None
        self._score()
        name = within.unstemmed if within else schema.WORDS
        if not self.negative:
            self.patterns.append(folded)
        if folded.endswith("*") and not set("*?") & set(folded[:-1]):
            return wq.ConstantScoreQuery(wq.Prefix(name, folded[:-1]))
        return wq.ConstantScoreQuery(wq.Wildcard(name, folded))

    def _fuzzy(self, word: str, distance: int, within: fields.Text | None) -> wq.Query:
        self._score()
        if not self.negative:
            self.fuzzy.append((word, distance))
        name = within.unstemmed if within else schema.WORDS
        return wq.ConstantScoreQuery(wq.FuzzyTerm(name, word, maxdist=distance, prefixlength=0))

    def _score(self) -> None:
        self.scoring = self.scoring or not self.negative


class _Place(NamedTuple):
    startchar: int
    endchar: int


def _weight(name: str) -> float:
    return schema.TEXT.get(name) or schema.NAMES[name]


def every(queries: list[wq.Query]) -> wq.Query | None:
    """All of these; nothing for none. What is only excluded is excluded from every essay."""
    # Whoosh's AndNot can let its first essay through, and a bare Not gives what it keeps a
    # score of 1; as filters they are exact and weigh nothing.
    clauses = [wq.ConstantScoreQuery(q, FILTER) if isinstance(q, wq.Not) else q for q in queries]
    return wq.And(clauses) if len(clauses) > 1 else next(iter(clauses), None)


def either(queries: list[wq.Query]) -> wq.Query | None:
    """Any of these; nothing for none."""
    if not queries:
        return None
    return queries[0] if len(queries) == 1 else wq.Or([_standing(q) for q in queries])
