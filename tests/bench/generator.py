"""What is searched? Seeded Markdown essays in the shape of the project's first one.

Essay ``n`` is the same in an archive of any size. The frequencies of words follow Zipf, their
number per essay a log-normal around 600. One word in twelve is followed by its fixed companion, so
that phrases exist.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.bench.shape import Record, write_records
from tests.bench.words import CATEGORIES, SEED, TAGS, VOCABULARY, Language, language

FOLDER = 1000
STATUS = {"Finished": 100, "In progress": 75, "Draft": 50, "Notes": 25, "Abandoned": 0}
CERTAINTY = {"Likely": 75, "Possible": 50, "Highly likely": 90, "Certain": 100, "Unlikely": 30,
             "Highly unlikely": 15, "Remote": 5, "Impossible": 0}  # fmt: skip
_FIRST, _LAST = 1_200_000_000, 1_760_000_000

Ids = npt.NDArray[np.int64]


def _zipf(rng: np.random.Generator, many: int, of: int, power: float) -> list[int]:
    weight = 1 / np.arange(1, of + 1) ** power
    return [int(i) for i in dict.fromkeys(rng.choice(of, many, p=weight / weight.sum()))]


def essay(number: int, lang: Language, seed: int = SEED) -> tuple[Record, str, Ids]:
    """Essay ``number``: as data, as Markdown, and the ranks of the words of its body."""
    rng = np.random.default_rng([seed, number])
    length = int(np.clip(rng.lognormal(np.log(600), 0.55), 60, 6000))
    ranks = np.searchsorted(lang.cumulative, rng.random(length + 120)).clip(max=VOCABULARY - 1)
    paired = np.flatnonzero(rng.random(length + 119) < 1 / 12)
    ranks[paired + 1] = lang.companion[ranks[paired]]
    pool = lang.words[ranks].tolist()
    words, extra = pool[:length], pool[length:]
    draw = rng.integers(0, 1 << 30, 64).tolist()
    title = " ".join(extra[: 3 + draw[0] % 5]).capitalize()
    description = " ".join(extra[8 : 18 + draw[1] % 8]).capitalize() + "."
    excerpt = " ".join(extra[26 : 50 + draw[2] % 20]).capitalize() + "."
    published = _FIRST + draw[3] % (_LAST - _FIRST)
    refs = []
    for i in range(draw[4] % 4):
        what = " ".join(extra[70 + 10 * i : 74 + 10 * i]).title()
        who, place = lang.names[draw[8 + i] % 3000], extra[75 + 10 * i].capitalize()
        refs.append(f'{who}, {"ABCDEJKLMR"[draw[12 + i] % 10]}. ({1990 + draw[16 + i] % 35}). '
                    f'"{what}". {place} Review, {draw[20 + i] % 40}({i + 1}), 89-104.')  # fmt: skip
    headings, text, lines = _body(words, extra[110:], rng)
    record = Record(
        slug=f"{number // FOLDER:03d}/{extra[0]}-{extra[1]}-{number}",
        title=title,
        description=description,
        excerpt=excerpt,
        published=published,
        updated=published + draw[5] % 40_000_000,
        tags=[lang.tags[i] for i in _zipf(rng, 1 + draw[6] % 5, TAGS, 0.9)],
        categories=[lang.categories[i] for i in _zipf(rng, 1 + draw[7] % 3, CATEGORIES, 0.6)],
        status=_rating(STATUS, draw[24:28]),
        certainty=_rating(CERTAINTY, draw[28:32]),
        importance=(str(n := draw[32] % 11), n * 10) if draw[33] % 8 else None,
        bibliography=refs,
        headings=headings,
        body=text,
    )
    return record, front_matter(record) + "\n".join(lines), ranks[:length]


def _rating(table: dict[str, int], draw: list[int]) -> tuple[str, int] | None:
    """A word of a table, the first commonest, near its percentage; none for one in ten."""
    if draw[0] % 10 == 0:
        return None
    word = list(table)[min(draw[1] % (len(table) + 1), draw[2] % len(table))]
    shift = (draw[3] % 11 - 5) if draw[3] % 3 == 0 else 0
    return word, min(100, max(0, table[word] + shift))


def _body(
    words: list[str], spare: list[str], rng: np.random.Generator
) -> tuple[list[str], str, list[str]]:
    """Headings, plain text and Markdown lines of a body: paragraphs, lists, some code."""
    headings: list[str] = []
    plain: list[str] = []
    lines: list[str] = []
    draw = rng.integers(0, 1000, (len(words) // 40 + 2, 14)).tolist()
    at = 0
    for block, row in enumerate(draw):
        if at >= len(words):
            break
        if block % 4 == 3:
            heading = " ".join(spare[block % 7 : block % 7 + 2 + row[0] % 3]).capitalize()
            headings.append(heading)
            lines += [f"{'##' if block % 8 == 3 else '###'} {heading}", ""]
        sentences = []
        for step in row[2 : 5 + row[1] % 5]:
            some = words[at : at + 8 + step % 13]
            at += len(some)
            if some:
                sentences.append(" ".join(some).capitalize() + ".")
        if not sentences:
            break
        if row[13] < 60:
            plain += sentences
            lines += [f"* {sentence}" for sentence in sentences]
        elif row[13] < 70:
            code = [f"{s.split()[0]} = {s[:-1].split()[-1]}({i})" for i, s in enumerate(sentences)]
            plain += [" ".join(sentences), *code]
            lines += [" ".join(sentences), "", "```python", *code, "```"]
        else:
            plain.append(" ".join(sentences))
            first, rest = sentences[0].split(" ", 1) if " " in sentences[0] else ("", "")
            lines.append(
                " ".join([f"{first} *{rest[:-1]}*.", *sentences[1:]]) if rest and row[12] < 150
                else " ".join(sentences)
            )  # fmt: skip
        lines.append("")
    return headings, "\n".join(plain), lines


def front_matter(essay: Record) -> str:
    """The keys of an essay as the seed's author writes them."""
    lines = ["---", f'title: "{essay.title}"', 'meta_title: ""',
             f'description: "{essay.description}"', f'excerpt: "{essay.excerpt}"',
             f"publishdate: {_iso(essay.published)}",
             f"lastmod: {_iso(essay.updated)}", f"tags: [{', '.join(essay.tags)}]",
             f"categories: [{', '.join(essay.categories)}]"]  # fmt: skip
    for name in ("status", "certainty", "importance"):
        if rating := getattr(essay, name):
            lines += [f"{name}:", f"  value: {rating[0]}", f"  percentage: {rating[1]}"]
    lines += ["is_post_complete: false", "homepage_featured: false"]
    if essay.bibliography:
        lines += ["", "bibliography:", *(f"  - {entry}" for entry in essay.bibliography)]
    return "\n".join([*lines, "draft: false", "---", "", ""])


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Part(NamedTuple):
    """What was made of one folder of essays: their records, in a file, and how many have each word
    of the vocabulary (int64, shape (VOCABULARY,))."""

    records: Path
    having: Ids


@cache
def _language() -> Language:
    """The words of this process."""
    return language()


def _folder(folder: Path, numbers: range) -> Part:
    """Write the essays with these numbers, all of one folder."""
    lang = _language()
    having = np.zeros(VOCABULARY, dtype=np.int64)

    def made() -> Iterator[Record]:
        for number in numbers:
            record, text, ranks = essay(number, lang)
            having[np.unique(ranks)] += 1
            file = folder / f"{record.slug}.md"
            if number == numbers.start:
                file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            yield record

    part = folder.with_name(f"{folder.name}-{numbers.start}.part")
    write_records(made(), part)
    return Part(part, having)


def generate(count: int, data: Path, jobs: int = os.cpu_count() or 1) -> Path:
    """The folder of ``count`` essays under ``data``, made by ``jobs`` processes if it is not there;
    beside it their records and, for queries, how many essays have each word. No process holds more
    than one essay."""
    folder = data / f"essays-{count}"
    frequency = folder.with_suffix(".npy")
    if frequency.exists():
        return folder
    started = time.perf_counter()
    having = np.zeros(VOCABULARY, dtype=np.int64)
    data.mkdir(parents=True, exist_ok=True)
    upcoming = iter([range(n, min(n + FOLDER, count)) for n in range(0, count, FOLDER)])
    with (
        ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool,
        folder.with_suffix(".records").open("wb") as records,
    ):
        waiting = deque(pool.submit(_folder, folder, each) for each in islice(upcoming, 3 * jobs))
        while waiting:
            part = waiting.popleft().result()
            waiting += [pool.submit(_folder, folder, each) for each in islice(upcoming, 1)]
            with part.records.open("rb") as made:
                shutil.copyfileobj(made, records)
            part.records.unlink()
            having += part.having
    np.save(frequency, having)
    print(f"{count:,} essays in {time.perf_counter() - started:.0f} s: {folder}", flush=True)
    return folder
