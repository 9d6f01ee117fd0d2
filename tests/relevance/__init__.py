"""Does it find what readers mean, and does it put it first? One file per question.

``collection``      which documents, questions and judgements does a folder hold?
``archive``         how does a collection become a folder of essays, its text staying text?
``measures``        how good is a ranking, in numbers that others publish too?
``forms``           the questions in the forms in which people type and paste them
``peers``           ours, tantivy, SQLite FTS5, stock Whoosh, tantivy with vectors, vectors alone
``run``             ask everybody everything, keep the rankings, write the report
``report``          results as a Markdown table
``compare``         which questions did a change of ranking help, and which did it harm?
``golden``          what do the golden questions reach, and did a change lower it?
``golden.toml``     questions to the sample archive, the essays expected, and why
``misspelt``        is an essay found by its title, though one word of it is misspelt?
``kept.toml``       what the golden questions reached, which a change must not lower

Run with ``make relevance COLLECTION=folder`` or ``python tests/relevance/run.py``.
"""

from __future__ import annotations
