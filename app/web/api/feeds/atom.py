"""A feed as Atom (RFC 4287), its pages as RFC 5005 links them."""

from __future__ import annotations

from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from app.web.api.feeds.records import Entry, Feed
from app.web.urls import outside, value_index
from indexer.essay import RATINGS, format_number

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
#: Without a prefix, which the stubs do not know.
_NAMES: Any = {None: _NAMESPACE}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(feed: Feed, other: str) -> bytes:
    """The feed as a document; ``other`` is the address of its other form, a JSON Feed."""
    root = etree.Element(f"{{{_NAMESPACE}}}feed", nsmap=_NAMES)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", feed.updated)
    _add(_add(root, "author"), "name", feed.site)
    _add(root, "generator", "essay-search")
    _add(root, "icon", feed.icon)
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "link", rel="alternate", type="application/feed+json", href=other)
    for rel, href in feed.pages._asdict().items():
        if href:
            _add(root, "link", rel=rel, type=MEDIA_TYPE, href=href)
    for entry in feed.entries:
        _add_entry(root, entry)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    made.text = text
    return made


def _add_entry(root: Element, entry: Entry) -> None:
    essay = entry.essay
    made = _add(root, "entry")
    if essay.lang:
        made.set(_LANG, essay.lang)
    _add(made, "id", entry.id)
    _add(made, "title", essay.title)
    _add(made, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.published:
        _add(made, "published", entry.published)
    _add(made, "updated", entry.updated)
    for name in essay.authors:
        _add(_add(made, "author"), "name", name)
    for name, term, label in _categories(entry):
        _add(made, "category", term=term, label=label, scheme=outside(value_index(name)))
    _add(made, "summary", entry.summary, type="text")


def _categories(entry: Entry) -> list[tuple[str, str, str]]:
    """The facet, the value and the label of all that an essay is filed under; what tells the
    facets apart in a feed is the address of the list of their values."""
    essay = entry.essay
    named = [(name, value, value) for name in ("tag", "category") for value in essay.facet(name)]
    for name in RATINGS:
        rating = getattr(essay, name)
        if rating is not None:
            label = rating.label
            if rating.percentage is not None and isinstance(rating.value, str):
                label += f" ({format_number(rating.percentage)}%)"
            named.append((name, rating.label, f"{name}: {label}"))
    return named
