"""How fast is it, and how large, beside what else could have been used? One file per question.

``words``           what essays are made of
``generator``       essays, the same for everybody
``asking``          queries of every kind
``shape``           what is asked and what every engine has to answer
``peers``           ours, stock Whoosh, SQLite FTS5, tantivy: the same work
``agreement``       do the engines find and count the same?
``faceted_search``  how long does a faceted search take?
``building``        how long does a build take, and a rebuild?
``build_steps``     where does the time of a full build go?
``peak``            how much memory do processes take together?
``memory``          how much memory, how soon a first answer, how large an index?
``serving``         how many requests a second does the server answer?
``spelling``        how long does a correction take? (run by itself)
``report``          results as Markdown tables

Run with ``make bench`` or ``python tests/bench/run.py``; pytest leaves this folder alone.
"""

from __future__ import annotations
