"""What came out? Results as Markdown tables."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from importlib import metadata

from app.search.embedded.semantic.fusion import WEIGHT
from indexer.analysis.embedding import MAX_LETTERS
from tests.relevance.asking import PAGE, FormOutcome, Outcome, Result
from tests.relevance.measures import Quality
from tests.relevance.peers import CANDIDATES

PACKAGES = ("whoosh3", "numpy", "pystemmer", "tantivy", "wordllama")
HEAD = ["", "nDCG@10", "MAP@100", "recall@100", "MRR@10", "no result", "p50 ms", "p95 ms",
        "build s"]  # fmt: skip

_ABOUT = f"""How well it finds, on collections that others made and judged, beside engines that
could have been used, in the same run.

To repeat, with a folder of `docs.jsonl` (`id`, `title`, `text`), `queries.jsonl` (`id`, `text`) and
`qrels.tsv` (query, document, grade):

    make relevance COLLECTION=path/to/collection

Every document becomes a Markdown file that the real indexer reads; every question is asked as it
was typed, with default settings, a page of 100. The other engines are asked for any of the
question's words, in title and body, with an English stemmer: stock Whoosh by `StemmingAnalyzer`,
`OrGroup` and `BM25F`, SQLite by FTS5's `porter unicode61` and `bm25()`, tantivy-py by `en_stem`.

Two more show what the words add to the vectors, and the vectors to the words. Their word vectors
are ours, one of 32-bit numbers for each document, of its title and text, as far as
{MAX_LETTERS:,} letters. *Vectors alone* lists documents by cosine. *tantivy-py with vectors* takes
the {CANDIDATES:,} best of tantivy-py and as many by cosine, and orders them by the product's own
formula: score / best score + {WEIGHT} · cosine / best cosine.

* **nDCG@10**: gain is the grade, discount log2(rank + 1), over the best order's, as in trec_eval.
* **MAP@100**: mean average precision, looking at the first hundred results.
* **recall@100**: the part of the relevant documents that is among the first hundred.
* **MRR@10**: one divided by the rank of the first relevant document, 0 past the tenth.
* **no result**: questions that nothing at all was found for. They count as 0 in every measure, and
  questions that no document answers are not asked.
* **p50, p95**: of the time of an answer. Ours has facet counts and a hundred snippets in it, the
  others' ids and scores alone.
* **build**: from documents in memory; ours writes and reads the Markdown files, in all processes
  that the machine has, the others use one. An index that was there already has the time of then."""


_FORMS = """### As people write them

The same questions in other forms, at the same depth. What is asked for stays the same, so a form
should cost nothing. Every third question of the paragraphs begins another one, and what answers any
of its three sentences answers it."""


def markdown(results: list[Result], forms: Mapping[str, list[FormOutcome]] | None = None) -> str:
    """The whole report; ``forms`` by the name of a collection."""
    parts = ["# Relevance", _ABOUT, f"Measured on {machine()}."]
    for result in results:
        parts.append(section(result))
        if forms and result.collection in forms:
            parts += [_FORMS, forms_section(forms[result.collection])]
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """The class of machine, and what the numbers hang on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return (
        f"a shared machine of {os.cpu_count()} cores and {memory:.0f} GiB, {platform.system()} "
        f"{platform.machine()};\n{', '.join(versions)}"
    )


def section(result: Result) -> str:
    """The table of one collection, the best of each measure in bold."""
    best = [
        max(round(each.quality[column], 4) for each in result.outcomes)
        for column in range(len(Quality._fields))
    ]
    lines = [HEAD, ["---", *["--:"] * (len(HEAD) - 1)]]
    lines += [_row(each, best) for each in result.outcomes]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = f"{result.documents:,} documents, {result.questions:,} questions, {result.date}."
    parts = [f"## {result.collection}", said, text]
    if result.page:
        p50, p95 = result.page
        parts.append(
            f"Ours with a page of {PAGE}, as readers get it: p50 {p50:.1f} ms, p95 {p95:.1f}."
        )
    return "\n\n".join(parts)


def forms_section(outcomes: list[FormOutcome]) -> str:
    """A table of the forms that questions were asked in, a column for each engine: nDCG@10, and
    how many questions found nothing, where there are any."""
    engines = list(dict.fromkeys(each.engine for each in outcomes))
    forms = list(dict.fromkeys(each.form for each in outcomes))
    lines = [["nDCG@10, questions", *engines], ["---", *["--:"] * len(engines)]]
    for form in forms:
        row = [each for each in outcomes if each.form == form]
        best = max(round(each.quality.ndcg, 4) for each in row)
        lines.append([f"{form} ({row[0].questions})", *(_form(each, best) for each in row)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _form(outcome: FormOutcome, best: float) -> str:
    value = f"{outcome.quality.ndcg:.4f}"
    value = f"**{value}**" if round(outcome.quality.ndcg, 4) == best else value
    return f"{value}, {outcome.nothing} without results" if outcome.nothing else value


def _row(outcome: Outcome, best: list[float]) -> list[str]:
    measured = [
        f"**{value:.4f}**" if round(value, 4) == most else f"{value:.4f}"
        for value, most in zip(outcome.quality, best, strict=True)
    ]
    return [outcome.engine, *measured, str(outcome.nothing), f"{outcome.p50:.1f}",
            f"{outcome.p95:.1f}", f"{outcome.built:.1f}"]  # fmt: skip
