"""Whether a text is a query with operators, a text in capitals, or prose.

Operators belong to short queries. Whoever pastes a paragraph, or writes in capitals, does not mean
the ``AND``, the hyphens and the colons in it as commands. The kind is read off the text alone, so
that the same text always means the same.

The bounds, and why they lie where they do:

* Without a lower-case letter ``AND`` cannot be told from *and*: such a text has no operators. Texts
  of scripts without capitals keep theirs.
* Two sentences are a paragraph. An initial or an abbreviation ("J. Smith", "e.g. this") ends no
  sentence, and neither does a full stop within a word ("node.js").
* Several lines are pasted: a search box has one.
* A quoted stretch is one word, and the value of a field, or a phrase that is the whole text, is
  what it is whatever its sentences: a tag may be two, and so may what somebody looks for.
* Queries with operators are short. A text of more than :data:`LONG_QUERY` words is prose, unless
  every fourth of its words is an operator or has one: then somebody wrote it for a search engine.
"""

from __future__ import annotations

import re
from enum import Enum

#: A text of more words is prose, unless it is full of operators.
LONG_QUERY = 12
#: Of so many words of a long query at least one is an operator or has one.
WORDS_AN_OPERATOR = 4
#: Two sentences have so many words each, and so many together; more where the second begins with a
#: lower-case letter.
SENTENCE_WORDS, SENTENCES_WORDS, LOWER_CASE_WORDS = 2, 5, 4
#: Letters of a script without spaces that are a sentence.
SENTENCE_LETTERS = 4


class Kind(Enum):
    """How a text is read."""

    #: Every operator, phrase, field and exclusion means what the search help says.
    QUERY = "query"
    #: Words and phrases; nothing else is an operator.
    CAPITALS = "capitals"
    #: Words. Quoted stretches are words that stand together, and demand nothing.
    PROSE = "prose"


_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")
_OPERATORS = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
#: An operator by itself, or a word that has one: an exclusion, a field, a phrase, a pattern.
_OPERATED = re.compile(
    r"""(?:AND|OR|NOT)(?=[\s()]|$)
      | \(?-(?=\w|")                    # an exclusion
      | \(?-?[A-Za-z_]{2,}:(?!//)\S     # a field and its value
      | \(?-?"                          # a phrase begins
      | \S*\w[*~]\d?\)?(?=\s|$)         # a prefix, a similar spelling
    """,
    re.VERBOSE,
)
#: The end of a sentence, with what may close behind it.
_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=\S)|[。！？]+[」』”]*")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_VALUE = re.compile(rf"(?<![^\s(\-])[A-Za-z_]{{2,}}:[<>=]*{_QUOTED.pattern}", re.DOTALL)
_PHRASE = re.compile(rf"-?{_QUOTED.pattern}(?:~\d+)?", re.DOTALL)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:\w|\w\.\w|(?:e\.g|i\.e|etc|cf|vs|al|no|vol|pp?|fig|ed|eds|dr|mr|mrs|ms"
    r"|prof|st|ch|sec|eq|ca|approx|dept|inc|jr|sr|bzw|usw|z\.B|d\.h))\.$",
    re.IGNORECASE,
)
#: A field and its value at the end of a text.
_FIELDED = re.compile(r"(?:^|[\s(\-])[A-Za-z_]{2,}:(?!//)\S+$")
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0eff]")


def kind(text: str) -> Kind:
    """How ``text``, as its reader typed or pasted it, is read.

    >>> kind("hedge OR bank -river").value, kind("LAW AND ORDER, NOT IN THE OLD STATES").value
    ('query', 'capitals')
    >>> kind("The hedge was cut - not by us. Who asked for it?").value
    'prose'
    """
    text = _VALUE.sub('field:"x"', text.strip())
    if _PHRASE.fullmatch(text):
        text = '"x"' if any(map(str.islower, text)) or not any(map(str.isupper, text)) else '"X"'
    if "\n" in text or "\r" in text or _sentences(text) or _long(text):
        return Kind.PROSE
    return Kind.CAPITALS if _capitals(text) else Kind.QUERY


#: What somebody may have meant as an operator, even in a longer text.
_MEANT = re.compile(r"(?<!\S)(?:(?:AND|OR|NOT)(?!\S)|-\w\S*|[a-z_]{2,}:(?!//)[^\s:]+|\w+\*)")


def operator(text: str) -> tuple[int, int] | None:
    """Where the first thing stands that would be an operator in a query, as (start, end); None
    where there is none.

    >>> operator("The hedge was cut -badly so. Who cut it?")
    (18, 24)
    """
    found = _MEANT.search(text)
    return found.span() if found else None


def _capitals(text: str) -> bool:
    """Whether a text has capitals and no lower-case letter. Operators alone tell nothing: beside
    words of a script without capitals they are meant."""
    if any(letter.islower() for letter in text):
        return False
    return any(letter.isupper() for letter in _OPERATORS.sub(" ", text))


def _long(text: str) -> bool:
    words = _QUOTED.sub('"x"', text).split()
    if len(words) <= LONG_QUERY:
        return False
    return sum(bool(_OPERATED.match(word)) for word in words) * WORDS_AN_OPERATOR < len(words)


def _sentences(text: str) -> bool:
    """Whether a text has the end of one sentence and words of another behind it."""
    start = 0
    for end in _END.finditer(text):
        before, behind = text[start : end.end()].rstrip(), text[end.end() :]
        if end[0][0] in "。！？":
            if min(_letter_count(before), _letter_count(behind)) >= SENTENCE_LETTERS:
                return True
            continue
        if end[0][0] == "." and _ABBREVIATED.search(text[: end.start() + 1]):
            continue
        counts = _word_count(before), _word_count(behind)
        if _OPERATORS.match(behind):
            continue
        # A value may end with a point; a whole sentence behind it tells that a text does.
        if _FIELDED.search(text[: end.start()]) and counts[1] < SENTENCES_WORDS:
            continue
        least = LOWER_CASE_WORDS if behind[0].islower() else SENTENCE_WORDS
        if min(counts) >= least and sum(counts) >= SENTENCES_WORDS:
            return True
    return False


def _word_count(text: str) -> int:
    return len(_WORD.findall(text)) + _letter_count(text) // SENTENCE_LETTERS


def _letter_count(text: str) -> int:
    return len(_UNSPACED.findall(text))
