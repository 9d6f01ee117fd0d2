"""What people type and paste, and what it is taken to mean.

Each row has a text, how it is read, the meaning as a query that says the same, and the notes.
Drawn from how people write: citations, error messages, code, addresses, lines of e-mail, headlines,
titles, lists, pictographs, and other scripts than Latin.
"""

from __future__ import annotations

import pytest

from app.search.query.parser import QueryParser
from app.search.query.prose import Kind
from app.search.query.unparse import unparse
from indexer.parsing.rules import Rules

CAPITALS_NOTE = "A text in capitals has no operators; all of its words were searched."
PROSE_NOTE = "A text of this length has no operators; all of its words were searched."
UNCLOSED = "A quotation mark is not closed; searched as words."
NO_WORD = "There is no word to search for in this query."


def no_field(name: str) -> str:
    return f"There is no field “{name}”; searched as words."


TEXTS: list[tuple[str, Kind, str, list[str]]] = [
    ('Smith, J. (2004). "On Maps". Journal of Maps, 12(3), pp. 45-67.', Kind.PROSE,
     'Smith J 2004 On Maps Journal of Maps 12 3 pp 45 67', []),
    ('Denning & Lewis 2016', Kind.QUERY,
     'Denning Lewis 2016', []),
    ('doi:10.1000/182', Kind.QUERY,
     'doi 10 1000 182', [no_field("doi")]),
    ('(Kahneman & Tversky, 1979)', Kind.QUERY,
     'Kahneman Tversky 1979', []),
    ('ISBN 978-0-14-303995-2', Kind.CAPITALS,
     'ISBN 978 0 14 303995 2', []),
    ('cf. Darwin 1859, ch. 4', Kind.QUERY,
     'cf Darwin 1859 ch 4', []),
    ('[12] Hedges, p. 33', Kind.QUERY,
     '12 Hedges p 33', []),
    ("TypeError: 'NoneType' object is not subscriptable", Kind.QUERY,
     'TypeError NoneType object is not subscriptable', []),
    ("error: expected ';' before '}' token", Kind.QUERY,
     'error expected before token', []),
    ('Segmentation fault (core dumped)', Kind.QUERY,
     'Segmentation fault core dumped', []),
    ('fatal: not a git repository (or any of the parent directories): .git', Kind.QUERY,
     'fatal not a git repository or any of the parent directories git', []),
    ("ModuleNotFoundError: No module named 'whoosh'", Kind.QUERY,
     'ModuleNotFoundError No module named whoosh', []),
    ('E: Unable to locate package foo-bar', Kind.QUERY,
     'E Unable to locate package foo bar', []),
    ('Traceback (most recent call last):\n  File "x.py", line 3, in <module>\nKeyError: \'title\'',
     Kind.PROSE,
     'Traceback most recent call last File x py line 3 in module KeyError title', []),
    ('for (int i = 0; i < n; i++) { sum += a[i]; }', Kind.PROSE,
     'for int i 0 i n i sum a i', []),
    ("SELECT * FROM essays WHERE title LIKE '%map%'", Kind.QUERY,
     'SELECT FROM essays WHERE title LIKE map', []),
    ('std::vector<int> v;', Kind.QUERY,
     'std vector int v', [no_field("std")]),
    ('x = foo(*args, **kwargs)', Kind.QUERY,
     'x foo *args *kwargs', []),
    ('git log --oneline -n 5', Kind.QUERY,
     'git log oneline -n 5', []),
    ('C++ template<typename T>', Kind.QUERY,
     'C template typename T', []),
    ('a && b || !c', Kind.QUERY,
     'a b c', []),
    ('ls -la ~/notes', Kind.QUERY,
     'ls -la notes', []),
    ('https://example.org/essays/a-hedge?page=2#top', Kind.QUERY,
     'httpsexampleorgessaysahedge?page2top', []),
    ('http://example.org', Kind.QUERY,
     'http example org', []),
    ('www.example.org/maps', Kind.QUERY,
     'www example org maps', []),
    ('mailto:someone@example.org', Kind.QUERY,
     'mailto someone example org', [no_field("mailto")]),
    ('Subject: Re: [list] hedges and tides', Kind.QUERY,
     'Subject Re list hedges and tides', []),
    ('From: A Person <a.person@example.org>', Kind.QUERY,
     'From A Person a person example org', []),
    ('> On Monday you wrote: the hedge was cut', Kind.QUERY,
     'On Monday you wrote the hedge was cut', []),
    ('Date: Mon, 3 Feb 2020 10:00:00 +0000', Kind.QUERY,
     'Date Mon 3 Feb 2020 10 00 00 0000', []),
    ('LAW AND ORDER IN THE NEW STATES, NOT IN THE OLD', Kind.CAPITALS,
     'LAW AND ORDER IN THE NEW STATES NOT IN THE OLD', [CAPITALS_NOTE]),
    ('MAN BITES DOG: NOT GUILTY', Kind.CAPITALS,
     'MAN BITES DOG NOT GUILTY', [CAPITALS_NOTE]),
    ('STOP! OR MY MOM WILL SHOOT', Kind.CAPITALS,
     'STOP OR MY MOM WILL SHOOT', [CAPITALS_NOTE]),
    ('"BLACK BOX" MODELS', Kind.CAPITALS,
     '"BLACK BOX" MODELS', []),
    ('NOT', Kind.QUERY,
     "NOT", []),
    ('AND', Kind.QUERY,
     "AND", []),
    ('U.S. AND U.K. SIGN T/NROFF PACT', Kind.CAPITALS,
     'U S AND U K SIGN T NROFF PACT', [CAPITALS_NOTE]),
    ('Attention: all you need', Kind.QUERY,
     'Attention all you need', []),
    ('Title: the story of maps', Kind.QUERY,
     'Title the story of maps', []),
    ('Godel, Escher, Bach: an Eternal Golden Braid', Kind.QUERY,
     'Godel Escher Bach an Eternal Golden Braid', []),
    ('tag: maps', Kind.QUERY,
     'tag maps', []),
    ('Re: your letter', Kind.QUERY,
     'Re your letter', []),
    ('- bread\n- milk\n- hedge', Kind.PROSE,
     'bread milk hedge', []),
    ('1. maps 2. tides 3. hedges', Kind.QUERY,
     '1 maps 2 tides 3 hedges', []),
    ('maps, tides, hedges', Kind.QUERY,
     'maps tides hedges', []),
    ('maps; tides; hedges', Kind.QUERY,
     'maps tides hedges', []),
    ('• maps • tides', Kind.QUERY,
     'maps tides', []),
    ('hedge 🌿 😀', Kind.QUERY,
     'hedge 🌿 😀', []),
    ('🌿', Kind.QUERY,
     '🌿', []),
    (':-) hedge', Kind.QUERY,
     'hedge', []),
    ('机器 OR 学习', Kind.QUERY,
     '机器 OR 学习', []),
    ('机器学习是什么？它怎么工作？', Kind.PROSE,
     '机器学习是什么 它怎么工作', []),
    ('что такое карта -город', Kind.QUERY,
     'что такое карта -город', []),
    ('ЧТО ТАКОЕ КАРТА И НЕ ГОРОД', Kind.CAPITALS,
     'ЧТО ТАКОЕ КАРТА И НЕ ГОРОД', []),
    ('خرائط -مدينة', Kind.QUERY,
     'خرائط -مدينة', []),
    ('"地図の歴史"', Kind.QUERY,
     '地図の歴史', []),
    ('Straße NOT Weg', Kind.QUERY,
     'Straße -Weg', []),
    ('The hedge was cut (not by us) AND the tide came in. Who asked for it, e.g. "the old '
     'man"? NOT me - or t/nroff *users*: see x?y [1].', Kind.PROSE,
     'The hedge was cut not by us AND the tide came in Who asked for it e g the old man '
     'NOT me or t nroff users see x y 1', [PROSE_NOTE]),
    ('What is a hedge? And why -really- is it cut?', Kind.PROSE,
     'What is a hedge And why really is it cut', [PROSE_NOTE]),
    ('the long-term effect of wind on hedges -- and of hedges on wind -- in cities with old walls',
     Kind.PROSE,
     'the long term effect of wind on hedges and of hedges on wind in cities with old walls', []),
    ('hedge OR bank -river', Kind.QUERY,
     '(hedge OR bank) -river', []),
    ('tag:maps "old town"~3 importance:>5', Kind.QUERY,
     'tag:maps "old town"~3 importance:>5', []),
    ('(maps OR charts) AND NOT roads', Kind.QUERY,
     '(maps OR charts) -roads', []),
    ('"unclosed phrase of maps', Kind.QUERY,
     'unclosed phrase of maps', [UNCLOSED]),
    ('colour:red maps', Kind.QUERY,
     'colour red maps', [no_field("colour")]),
    ('interp* maps', Kind.QUERY,
     'interp* maps', []),
    ('mpas~', Kind.QUERY,
     'mpas~', []),
    ('what is "the map" of "old town"?', Kind.QUERY,
     'what is "the map" of "old town"', []),
    ('don’t stop', Kind.QUERY,
     'don’t stop', []),
    ("'maps'", Kind.QUERY,
     'maps', []),
    ('why???', Kind.QUERY,
     'why', []),
    ('maps!', Kind.QUERY,
     'maps', []),
    ('C# or F#', Kind.QUERY,
     'C or F', []),
    ('AT&T', Kind.CAPITALS,
     'AT T', []),
    ('$100 OR €100', Kind.QUERY,
     '100 OR 100', []),
    ('50% - 70%', Kind.QUERY,
     '50 70', []),
    ('2019-2020', Kind.QUERY,
     '2019 2020', []),
    ('a -- b', Kind.QUERY,
     'a b', []),
    ('Hedge (plant)', Kind.QUERY,
     'Hedge plant', []),
    ('hedge AND', Kind.QUERY,
     'hedge', []),
    ('NOT NOT maps', Kind.QUERY,
     'maps', []),
    ('* ? -', Kind.QUERY,
     '', [NO_WORD]),
    ('""', Kind.QUERY,
     '', [NO_WORD]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read", "meant", "notes"), TEXTS, ids=[row[0][:40] for row in TEXTS]
)
def test_what_a_text_is_taken_to_mean(typed: str, read: Kind, meant: str, notes: list[str]) -> None:
    parsed = QueryParser(Rules()).parse(typed)
    assert parsed.kind is read
    assert unparse(parsed.tree) == meant
    assert [note.message for note in parsed.notes] == notes
    for note in parsed.notes:
        assert 0 <= note.start <= note.end <= len(typed)


def test_the_table_is_long_enough_to_say_something() -> None:
    assert len(TEXTS) >= 60
    assert {row[1] for row in TEXTS} == set(Kind)
