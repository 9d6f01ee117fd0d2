"""Pieces of pages that are the same on every page, rendered once.

A page has a hundred check boxes and thirty ratings; nearly all of them stood on the page before.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

from flask import Flask
from jinja2.runtime import Macro
from markupsafe import Markup

from indexer.cache import BoundedCache

#: Pieces that are remembered, some 500 bytes each.
MAX_FRAGMENTS = 4_000


def init_app(app: Flask) -> None:
    remembered = BoundedCache[tuple[Hashable, ...], Markup](MAX_FRAGMENTS)

    def once(macro: Macro, *given: Any) -> Markup:
        """What a macro makes of some values, made once. It may look at nothing else, not even at
        the address of the site, and no other such macro has its name."""
        key = (macro.name, *given)
        fragment = remembered.get(key)
        if fragment is None:
            fragment = remembered[key] = cast(Markup, macro(*given))
        return fragment

    app.jinja_env.globals["once"] = once
