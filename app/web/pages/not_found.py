"""What an error page offers: the words of the address, and what the archive has of them."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote

from flask import request

from app.search.request import SearchRequest
from app.search.results import Hit
from app.web.context import budget, engine
from indexer.errors import IndexUnavailable

#: Hits that an error page shows, and words of the address that it asks for.
FEW, WORDS = 5, 8
#: Letters of an address that its error page offers to search for.
WORDS_SHOWN = 200


def error_context(status: int) -> dict[str, Any]:
    """What an error page shows: the words of the address that was not found, and what in the
    archive has them, if an index answers."""
    words = re.sub(r"[^\w]+", " ", posixpath.splitext(unquote(request.path))[0])
    words = re.sub(r"^\s*(essay|browse|search|media)\b", "", words).strip()
    hits: tuple[Hit, ...] = ()
    if status == 404 and (asked := [w for w in words[:200].lower().split()[:WORDS] if len(w) > 1]):
        try:
            for q in dict.fromkeys((" ".join(asked), " OR ".join(asked))):
                hits = hits or engine().search(SearchRequest(q=q, per_page=FEW), budget()).hits
        except IndexUnavailable:
            hits = ()
    return {"words": words[:WORDS_SHOWN], "hits": hits}
