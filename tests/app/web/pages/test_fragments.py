"""Pieces that are rendered once are what they would be each time."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from app.web.pages.fragments import MAX_FRAGMENTS
from indexer.essay import Rating

RATINGS = [
    ("certainty", Rating("Likely", 75.0)), ("importance", Rating(7, 70.0)),
    ("importance", Rating("7", 70.0)), ("certainty", Rating(75, 75.0)),
    ("status", Rating("<b>half & half</b>", None)), ("status", Rating(None, 62.5)),
    ("certainty", Rating(7.0, 70.0)),
]  # fmt: skip


@pytest.fixture
def macros(app: Flask) -> Any:
    return app.jinja_env.get_template("partials/rating.html").module


def test_a_piece_is_what_its_macro_makes(app: Flask, macros: Any) -> None:
    once: Any = app.jinja_env.globals["once"]
    for _ in range(2):
        for name, rating in RATINGS:
            made = once(macros.rating, name, rating)
            assert type(made) is Markup
            assert made == macros.rating(name, rating)
    assert "&lt;b&gt;half &amp; half&lt;/b&gt;" in once(macros.rating, *RATINGS[4])


def test_pieces_are_made_once_within_a_bound(app: Flask, macros: Any) -> None:
    once: Any = app.jinja_env.globals["once"]
    first = once(macros.rating, *RATINGS[0])
    assert once(macros.rating, *RATINGS[0]) is first
    for number in range(MAX_FRAGMENTS):
        once(macros.rating, "status", Rating(f"word {number}", None))
    again = once(macros.rating, *RATINGS[0])
    assert again is not first
    assert again == first


def test_boxes_are_ticked_and_counted_as_they_are_now(app: Flask) -> None:
    """Only what never changes is remembered."""
    client = app.test_client()
    found = client.get("/search?q=owl&tag=Birds").text
    box = '<input type="checkbox" name="tag" value="Birds" form="page--search"'
    assert f'{box} checked><span class="value" dir="auto">Birds</span>' in found
    other = client.get("/search?q=sparrow").text
    assert f'{box}><span class="value" dir="auto">Birds</span>' in other
