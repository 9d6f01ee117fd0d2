"""Conditions on values and ranges as masks over the documents of a generation.

A condition is a tree (:mod:`app.search.query.tree`) that selects; it is evaluated as the same tree
of a query is, so that ``-tag:maps`` and a condition without maps let the same essays through.
"""

from __future__ import annotations

import numpy as np

from app.search.binding.binding import Binding
from app.search.binding.clauses import Clause
from app.search.embedded.facets.counting import Mask
from app.search.embedded.matching.evaluate import evaluate
from app.search.embedded.reader.segments import IndexReader
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.tree import Fuzzy, Prefix, Tree, Wildcard


def condition_mask(tree: Tree, leaves: IndexReader) -> Mask:
    """The live documents that a tree of values and ranges under And, Or and Not selects: bool,
    shape (size,)."""
    found = np.zeros(leaves.size, dtype=np.bool_)
    found[evaluate(_BINDING.clause(tree), leaves).docs] = True
    return found


def _expand(node: Prefix | Wildcard | Fuzzy, field: str) -> Clause:
    raise ValueError(f"a condition has values and ranges, not {node} in {field}")


_BINDING = Binding(QueryAnalyzer(), _expand, 0)
