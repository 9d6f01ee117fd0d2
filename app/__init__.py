"""The app: an index becomes answers, and answers become pages and JSON.

``search``     a request becomes results (no Flask)
``web``        addresses, pages and the API
``cli``        the ``essays`` command
``export``     the site as files
``mcp``        the archive for language models
``client``     a client of the API for Python programs
``engines``    the engine that the settings choose
``building``   the build that they choose, and what it left
``history``    how ratings changed from build to build
``settings``   what the person decided, one frozen record
``opensearch_settings``  the part of it that is of a cluster
``serving_settings``  the part of it that says how a server is run
``server``     the app on the network, its workers replaced when they end
``logs``       messages of the processes of a server, as text or as JSON
``watcher``    the process that keeps an index up to date beside a server
``rebuilds``   the queue of builds that were asked for over the network
``git``        ``git pull`` before such a build
``query_log``  searches that found nothing, where the archive wants them kept

``app`` imports ``indexer``, never the other way round; ``app.search`` never imports Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """The web application over one archive; without ``settings``, those of the environment."""
    from app.settings import load
    from app.web import build_app

    return build_app(settings or load())
