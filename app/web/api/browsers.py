"""The archive as a search engine of a browser: its description (OpenSearch 1.1) and suggestions.

https://github.com/dewitt/opensearch is the specification of both.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, url_for

from app.search import payload
from app.search.request import SearchRequest
from app.web.api.feeds import atom
from app.web.api.openapi import SUGGESTIONS
from app.web.api.xml import add, encoded, root_element
from app.web.context import budget, engine, settings
from app.web.urls import outside, search_url
from indexer.essay import valid_text

browsers = Blueprint("browsers", __name__)

DESCRIPTION_TYPE = "application/opensearchdescription+xml"
SUGGESTIONS_TYPE = "application/x-suggestions+json"
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
#: Letters that the specification allows for each.
SHORT_NAME, LONG_NAME, DESCRIPTION = 16, 48, 1024
#: Letters of a half-typed query that are looked at.
MAX_TYPED = 200


@browsers.get("/opensearch.xml")
def opensearch() -> Response:
    """What a browser has to know to search here."""
    title = valid_text(settings().title)
    about = valid_text(settings().description) or f"Search {title}"
    root = root_element(_NAMESPACE, "OpenSearchDescription")
    add(root, "ShortName", _shortened(title, SHORT_NAME))
    add(root, "LongName", _shortened(title, LONG_NAME))
    add(root, "Description", _shortened(about, DESCRIPTION))
    add(root, "InputEncoding", "UTF-8")
    add(root, "OutputEncoding", "UTF-8")
    icon = outside(url_for("static", filename="favicon.svg"))
    add(root, "Image", icon, height="16", width="16", type="image/svg+xml")
    for rel, kind, endpoint in (
        ("results", "text/html", "pages.search"),
        ("results", atom.MEDIA_TYPE, "feeds.as_atom"),
        ("suggestions", SUGGESTIONS_TYPE, "browsers.suggestions"),
    ):
        template = outside(url_for(endpoint)) + "?q={searchTerms}"
        add(root, "Url", rel=rel, type=kind, method="get", template=template)
    own = outside(url_for("browsers.opensearch"))
    add(root, "Url", rel="self", type=DESCRIPTION_TYPE, template=own)
    return _private(encoded(root), DESCRIPTION_TYPE)


@browsers.get("/suggest.json")
def suggestions() -> Response:
    """What completes a half-typed query, as browsers read it: the query, completions, what each is,
    and where it leads."""
    typed = request.args.get("q", "")
    found = engine().suggest(typed[:MAX_TYPED], SUGGESTIONS, budget())
    body = payload.encode(
        (
            typed,
            [each.query for each in found],
            [f"{each.count} {'essay' if each.count == 1 else 'essays'}" for each in found],
            [outside(search_url(SearchRequest(q=each.query))) for each in found],
        )
    )
    return _private(body, SUGGESTIONS_TYPE)


def _shortened(text: str, most: int) -> str:
    """The first words of a text that have ``most`` letters together.

    >>> _shortened("The Sample Archive", 16)
    'The Sample'
    """
    return text if len(text) <= most else text[: most + 1].rpartition(" ")[0] or text[:most]


def _private(body: bytes, media_type: str) -> Response:
    """An answer that may have the host that was asked for in it, and so is for who asked."""
    response = current_app.response_class(body, content_type=media_type)
    if not settings().site_url:
        response.headers["Cache-Control"] = "private"
    return response
