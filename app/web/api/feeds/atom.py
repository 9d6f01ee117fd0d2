"""A feed as Atom (RFC 4287), its pages as RFC 5005 links them."""

from __future__ import annotations

from lxml.etree import _Element as Element

from app.web.api.feeds.records import Entry, Feed
from app.web.api.xml import add, encoded, root_element
from app.web.urls import outside, value_index
from indexer.essay import RATINGS, format_number

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(feed: Feed, other: str) -> bytes:
    """The feed as a document; ``other`` is the address of its other form, a JSON Feed."""
    root = root_element(_NAMESPACE, "feed")
    add(root, "id", feed.id)
    add(root, "title", feed.title)
    if feed.subtitle:
        add(root, "subtitle", feed.subtitle)
    add(root, "updated", feed.updated)
    add(add(root, "author"), "name", feed.site)
    add(root, "generator", "essay-search")
    add(root, "icon", feed.icon)
    add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.url)
    add(root, "link", rel="alternate", type="text/html", href=feed.page)
    add(root, "link", rel="alternate", type="application/feed+json", href=other)
    for rel, href in feed.pages._asdict().items():
        if href:
            add(root, "link", rel=rel, type=MEDIA_TYPE, href=href)
    for entry in feed.entries:
        _add_entry(root, entry)
    return encoded(root)


def _add_entry(root: Element, entry: Entry) -> None:
    essay = entry.essay
    made = add(root, "entry")
    if essay.lang:
        made.set(_LANG, essay.lang)
    add(made, "id", entry.id)
    add(made, "title", entry.title)
    add(made, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.published:
        add(made, "published", entry.published)
    add(made, "updated", entry.updated)
    for name in essay.authors:
        add(add(made, "author"), "name", name)
    for name, term, label in _categories(entry):
        add(made, "category", term=term, label=label, scheme=outside(value_index(name)))
    add(made, "summary", entry.summary, type="text")


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
