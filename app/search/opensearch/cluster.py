"""A cluster of OpenSearch, asked through its client: the one place where its answers are checked
and its errors become ours.

An answer that lacks the part of a shard is no answer, and is asked for again: a node that is lost
while it answers takes its part with it, and other nodes have copies. An answer that was stopped by
its time limit is known to be short, and the budget says so.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from app.search.budget import SEARCH, Budget
from indexer.errors import IndexMissing, IndexOutdated, IndexUnreachable
from indexer.schema import opensearch_mapping
from indexer.storage.opensearch import connection as connection_
from indexer.storage.opensearch import generations
from indexer.storage.opensearch.connection import Connection, translated

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

#: A query as OpenSearch takes it.
Dsl = dict[str, Any]

#: Seconds that a shard may take at the least, however little is left of a budget; and those that
#: an answer may take on its way beyond its own limit.
LEAST_SECONDS, GRACE_SECONDS = 0.25, 2.0
#: Seconds of a question without a budget.
FREE_SECONDS = 60.0
#: Other nodes that a request is put to where one does not answer.
RETRIES = 3
#: Seconds to wait before an answer that lacks a part is asked for again: until the other nodes know
#: that one is lost. OpenSearch asks the copies of a shard for what matches, but not for the texts
#: of what matched on a node that was lost since.
PAUSES = (0.05, 0.1, 0.2)

_encode = msgspec.json.Encoder().encode
_HINT = "Look at the health of the cluster; `essays index --engine opensearch` builds it anew."


class Pointed(NamedTuple):
    """What an alias leads to: the ``name`` of an index, the number of its generation, and whether
    a build is changing it."""

    name: str
    generation: int
    changing: bool = False


class Cluster:
    """The indexes that the alias of a ``connection`` leads to, one after another."""

    def __init__(self, connection: Connection, facets: tuple[str, ...] = ()) -> None:
        """``facets`` are the archive's own."""
        self.connection = connection
        self._layout = opensearch_mapping.layout(facets)

    @cached_property
    def client(self) -> OpenSearch:
        """The client, opened when it is first asked."""
        return connection_.client(self.connection, retries=RETRIES)

    def pointed(self) -> Pointed:
        """What answers now: what the build wrote of its last generation lies beside the index
        that has it, and is found by the name of the alias."""
        with translated(self.connection):
            found = self.client.get(index=generations.files_alias(self.connection), id="state")
        state = found["_source"]
        if state.get("layout") != self._layout:
            raise IndexOutdated(
                "The index on the cluster is of another version of this program, or of settings.",
                "Run: essays index --engine opensearch",
            )
        name = found["_index"].removesuffix("-files")
        return Pointed(name, int(state["generation"]), bool(state.get("building")))

    def search_all(
        self, index: str | None, bodies: Sequence[Mapping[str, Any]], budget: Budget
    ) -> list[dict[str, Any]]:
        """The checked answers to some searches of an index, or of the points in time that they
        name, asked in one request."""

        def ask(numbers: Sequence[int]) -> list[dict[str, Any]]:
            seconds = _seconds(budget)
            lines: list[bytes] = []
            for number in numbers:
                lines += [b"{}", _encode({"timeout": _limit(seconds), **bodies[number]})]
            with translated(self.connection):
                answer = self.client.msearch(
                    body=b"\n".join(lines).decode() + "\n",
                    index=index,
                    params={"request_timeout": seconds + GRACE_SECONDS},
                )
            found: list[dict[str, Any]] = answer["responses"]
            return found

        return [_checked(each, budget) for each in _whole(ask, len(bodies))]

    @contextmanager
    def point(self, index: str) -> Iterator[str]:
        """The id of a point in time of an index, which stays what it is until it is left."""
        with translated(self.connection):
            pit = self.client.create_pit(index=index, params={"keep_alive": "2m"})["pit_id"]
        try:
            yield pit
        finally:
            with translated(self.connection):
                self.client.delete_pit(body={"pit_id": [pit]})

    def search_point(self, body: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
        """The checked answer to a search at the point in time that the body names."""
        return self._search({"body": dict(body)}, {}, budget)

    def search_named(
        self, index: str | None, body: Mapping[str, Any], budget: Budget
    ) -> dict[str, Any]:
        """The checked answer to a search, with the score of every part that has a name: nothing
        but the address of a single search can ask for these."""
        params = {"include_named_queries_score": "true"}
        return self._search({"body": dict(body), "index": index}, params, budget)

    def _search(
        self, asked: Mapping[str, Any], params: Mapping[str, Any], budget: Budget
    ) -> dict[str, Any]:
        from opensearchpy.exceptions import TransportError

        def ask(_: Sequence[int]) -> list[dict[str, Any]]:
            seconds = _seconds(budget)
            limits = {"timeout": _limit(seconds), "request_timeout": seconds + GRACE_SECONDS}
            with translated(self.connection):
                try:
                    return [self.client.search(**asked, params={**params, **limits})]
                except TransportError as error:
                    if error.status_code == 500 and isinstance(error.info, dict):
                        return [error.info]  # as it stands in the answer to several searches
                    raise

        (answer,) = _whole(ask, 1)
        return _checked(answer, budget)


def _whole(ask: Callable[[Sequence[int]], list[dict[str, Any]]], many: int) -> list[dict[str, Any]]:
    """The answers to so many searches; ``ask`` gets those of some numbers, and is called again for
    the ones that lack a part, a few times."""
    answers = ask(range(many))
    for pause in PAUSES:
        again = [number for number, answer in enumerate(answers) if _lacks_a_part(answer)]
        if not again:
            break
        time.sleep(pause)
        for number, answer in zip(again, ask(again), strict=True):
            answers[number] = answer
    return answers


def _lacks_a_part(answer: Mapping[str, Any]) -> bool:
    """Whether a node could not do its part; a search that is refused is refused by every node."""
    if "error" in answer:
        return bool(answer.get("status", 500) >= 500)
    return _is_partial(answer["_shards"])


def _is_partial(shards: Mapping[str, int]) -> bool:
    return bool(shards["failed"] or shards["successful"] < shards["total"])


def _seconds(budget: Budget) -> float:
    """How long a shard may take for an answer."""
    left = budget.left()
    return FREE_SECONDS if left is None else max(left, LEAST_SECONDS)


def _limit(seconds: float) -> str:
    return f"{math.ceil(seconds * 1000)}ms"


def _checked(answer: dict[str, Any], budget: Budget) -> dict[str, Any]:
    """An answer of every shard; raises :class:`~indexer.errors.IndexUnreachable` for any other."""
    if "error" in answer:
        if answer.get("status") == 404:
            raise IndexMissing("The index is not on the cluster any more.", "Ask again.")
        causes = answer["error"].get("root_cause") or [answer["error"]]
        reason = causes[0].get("reason") or answer["error"].get("reason")
        raise IndexUnreachable(f"The cluster could not answer: {reason}.", _HINT)
    if _is_partial(answer["_shards"]):
        raise IndexUnreachable("Some parts of the index do not answer.", _HINT)
    if answer["timed_out"]:
        budget.leave_out(SEARCH)
    return answer
