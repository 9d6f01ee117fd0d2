"""How are clauses put together, so that what selects does not weigh and what is excluded is?"""

from __future__ import annotations

from whoosh import query as wq

#: The weight of a clause that selects and does not weigh. Whoosh takes 0.0 for "not given"; this
#: vanishes where scores are compared.
FILTER = 1e-12


def every(queries: list[wq.Query]) -> wq.Query | None:
    """All of these; nothing for none. What is only excluded is excluded from every essay."""
    # Whoosh's AndNot can let its first essay through, and a bare Not gives what it keeps a
    # score of 1; as filters they are exact and weigh nothing.
    clauses = [
        wq.ConstantScoreQuery(clause, FILTER) if isinstance(clause, wq.Not) else clause
        for query in queries
        for clause in (query.subqueries if type(query) is wq.And else [query])
    ]
    return wq.And(clauses) if len(clauses) > 1 else next(iter(clauses), None)


def either(queries: list[wq.Query]) -> wq.Query | None:
    """Any of these; nothing for none."""
    if not queries:
        return None
    return queries[0] if len(queries) == 1 else wq.Or([standing(q) for q in queries])


def standing(tree: wq.Query | None) -> wq.Query:
    """A tree that can stand alone: something to exclude from, and every essay for nothing."""
    if tree is None:
        return wq.Every()
    return wq.ConstantScoreQuery(tree, FILTER) if isinstance(tree, wq.Not) else tree
