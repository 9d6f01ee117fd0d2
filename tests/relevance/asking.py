"""What does each engine answer to each question, how good is that, and how long does it take?

One process, one thread, warm. Engines take turns question by question, so that whatever else the
machine does meets all of them. A time is that of the whole answer: ours has counts, notes and
snippets in it, of a page of a hundred; the others' ids and scores alone.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.relevance import measures
from tests.relevance.collection import Collection, Question
from tests.relevance.forms import FORMS
from tests.relevance.measures import Quality
from tests.relevance.peers import DEEP, Engine, Found, peer, prepare

#: Questions asked before the clock runs.
WARM = 10
#: Results of a page that nobody asked to be longer; ours is timed with it as well.
PAGE = 20


class Ranking(NamedTuple):
    """What one engine answered to one question, the best first."""

    engine: str
    query: str
    found: list[Found]


class Outcome(NamedTuple):
    """One engine over one collection. Times in milliseconds, ``built`` in seconds; ``nothing`` is
    the number of questions without any result."""

    engine: str
    quality: Quality
    nothing: int
    p50: float
    p95: float
    built: float


class Result(NamedTuple):
    """All engines over one collection. ``page`` is ours: the p50 and p95 of a page of twenty."""

    collection: str
    documents: int
    questions: int
    outcomes: list[Outcome]
    page: tuple[float, float] | None
    date: str


def ask(collection: Collection, names: list[str], home: Path) -> tuple[Result, list[Ranking]]:
    """Every question to every engine; indexes lie below the folder ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    built = {name: prepare(name, collection.documents, home) for name in names}
    engines = {name: peer(name).open(home / name) for name in names}
    for name in names:
        _times(engines[name], collection.questions[:WARM], DEEP)
    times: dict[str, list[float]] = {name: [] for name in names}
    rankings = []
    for question in collection.questions:
        for name, engine in engines.items():
            started = time.perf_counter()
            found = engine.search(question.text)
            times[name].append((time.perf_counter() - started) * 1000)
            rankings.append(Ranking(name, question.id, found))
    page = _times(engines["ours"], collection.questions, PAGE) if "ours" in names else None
    outcomes = []
    for name in names:
        own = {each.query: each.found for each in rankings if each.engine == name}
        outcomes.append(
            Outcome(
                peer(name).NAME,
                measures.mean(list(judge(collection, own).values())),
                sum(not found for found in own.values()),
                median(times[name]),
                percentile(times[name], 95),
                built[name],
            )
        )
    result = Result(
        collection.name,
        len(collection.documents),
        len(collection.questions),
        outcomes,
        (median(page), percentile(page, 95)) if page else None,
        datetime.now(UTC).strftime("%Y-%m-%d"),
    )
    return result, rankings


class FormOutcome(NamedTuple):
    """One engine's answers to the questions of a collection in one form (:data:`forms.FORMS`);
    ``nothing`` is the number of questions without any result."""

    form: str
    questions: int
    engine: str
    quality: Quality
    nothing: int


def ask_forms(collection: Collection, names: list[str], home: Path) -> list[FormOutcome]:
    """Every question in every form to every engine; indexes lie below the folder ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    for name in names:
        prepare(name, collection.documents, home)
    engines = {name: peer(name).open(home / name) for name in names}
    outcomes = []
    for form, change in FORMS.items():
        changed = change(collection)
        for name, engine in engines.items():
            found = {each.id: engine.search(each.text) for each in changed.questions}
            quality = measures.mean(list(judge(changed, found).values()))
            nothing = sum(not each for each in found.values())
            outcomes.append(
                FormOutcome(form, len(changed.questions), peer(name).NAME, quality, nothing)
            )
    return outcomes


def judge(collection: Collection, found: dict[str, list[Found]]) -> dict[str, Quality]:
    """The quality of one engine's answer to each question.

    Where a question is itself one of the documents (they share an id) it is no answer to itself,
    and is passed over unless it was judged, as BEIR does.
    """
    made = {}
    for question in collection.questions:
        grades = collection.judgements[question.id]
        ranking = [
            each.id
            for each in found.get(question.id, [])
            if each.id != question.id or each.id in grades
        ]
        made[question.id] = measures.quality(ranking, grades)
    return made


def _times(engine: Engine, questions: list[Question], depth: int) -> list[float]:
    taken = []
    for question in questions:
        started = time.perf_counter()
        engine.search(question.text, depth)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def percentile(values: list[float], percent: int) -> float:
    """The value that ``percent`` of all do not exceed (nearest rank).

    >>> percentile([4.0, 1.0, 3.0, 2.0], 75)
    3.0
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
