"""The engine that the settings choose: the only module that names an engine's class.

Pages, API and command are given an :class:`~app.search.engine.Engine` and know no more of it.
"""

from __future__ import annotations

from app.search.embedded.engine import EmbeddedEngine
from app.search.engine import Engine
from app.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine over the index of one archive. Nothing is read until it is asked a question."""
    # `load` refuses every other name (`app.settings.ENGINES`).
    assert settings.engine == "local", settings.engine
    return EmbeddedEngine(settings.index, settings.rules, settings.limits, settings.curation)
