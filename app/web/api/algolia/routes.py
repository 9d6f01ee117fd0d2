"""``/1/indexes/…``: the addresses that Algolia's clients ask.

Keys and agents of the clients, in headers and in parameters of the address, are not looked at:
everything here can be read by anybody.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request

from app.web.api.algolia import parameters
from app.web.api.algolia.parameters import Parameters
from app.web.api.algolia.refusal import Refused, refusal
from app.web.api.algolia.searching import Batch
from app.web.api.answer import json_answer
from app.web.bodies import body
from app.web.context import budget, engine, settings

algolia = Blueprint("algolia", __name__, url_prefix="/1/indexes")

#: Queries of one request. They share its budget.
MAX_QUERIES = 50


def init_app(app: Flask) -> None:
    app.register_blueprint(algolia)


@algolia.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """A request that cannot be answered."""
    return refusal(error.status, str(error))


def _sent() -> dict[str, Any]:
    return parameters.body(body(parameters.MAX_BODY), request.headers.get("Content-Encoding", ""))


def _batch() -> Batch:
    return Batch(engine(), settings(), budget())


@algolia.post("/*/queries")
def queries() -> Response:
    sent = _sent()
    asked = sent.get("requests")
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        raise Refused("requests must be a list of objects")
    if len(asked) > MAX_QUERIES:
        raise Refused(f"A request can have at most {MAX_QUERIES} queries")
    batch = _batch()
    enough = sent.get("strategy") == "stopIfEnoughMatches"
    found: list[dict[str, Any]] = []
    for each in asked:
        if enough and found and found[-1].get("nbHits", 0) >= found[-1].get("hitsPerPage", 0):
            found.append(_unanswered(each))
        else:
            found.append(_answered(batch, each))
    return json_answer({"results": found})


def _answered(batch: Batch, sent: dict[str, Any]) -> dict[str, Any]:
    index, facet = sent.get("indexName"), sent.get("facet")
    if not isinstance(index, str):
        raise Refused("indexName must be a string")
    of = ("indexName", "type", "facet") if sent.get("type") == "facet" else ("indexName", "type")
    asked = Parameters({name: value for name, value in sent.items() if name not in of})
    if sent.get("type") != "facet":
        return batch.search(index, asked)
    if not isinstance(facet, str):
        raise Refused("facet must be a string")
    return batch.facet(index, facet, asked)


def _unanswered(sent: dict[str, Any]) -> dict[str, Any]:
    """The answer to a query that comes after enough was found."""
    return {
        "hits": [], "nbHits": 0, "page": 0, "nbPages": 0, "hitsPerPage": 0, "processed": False,
        "exhaustiveNbHits": False, "query": "", "params": "", "index": sent.get("indexName", ""),
        "processingTimeMS": 1,
    }  # fmt: skip


@algolia.post("/<index>/query")
def query(index: str) -> Response:
    return json_answer(_batch().search(index, Parameters(_sent())))


@algolia.post("/<index>/facets/<facet>/query")
def facet_query(index: str, facet: str) -> Response:
    return json_answer(_batch().facet(index, facet, Parameters(_sent())))
