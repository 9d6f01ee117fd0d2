"""The engine that the settings choose: the only module that names an engine's class.

Pages, API and command are given an :class:`~app.search.engine.Engine` and know no more of it.
"""

from __future__ import annotations

from app.search.embedded.engine import EmbeddedEngine
from app.search.engine import Engine
from app.search.opensearch.engine import OpenSearchEngine
from app.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine over the index of one archive. Nothing is read until it is asked a question."""
    if settings.engine == "opensearch":
        return OpenSearchEngine(
            settings.opensearch, settings.rules, settings.limits, settings.curation
        )
    return EmbeddedEngine(settings.index, settings.rules, settings.limits, settings.curation)
