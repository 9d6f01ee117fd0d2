"""A feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from flask import url_for
from msgspec import UNSET, Struct, UnsetType

from app.search import payload
from app.search.answers import RatingAnswer
from app.web.api.feeds.records import Entry, Feed
from app.web.urls import outside

MEDIA_TYPE = "application/feed+json"


class Author(Struct, frozen=True):
    """Who wrote an essay, or all of them."""

    name: str


class Ratings(Struct, frozen=True, kw_only=True):
    """The extension ``_essays``: what the author thinks of an essay."""

    about: str
    status: RatingAnswer | None
    certainty: RatingAnswer | None
    importance: RatingAnswer | None
    categories: tuple[str, ...]


class Item(Struct, frozen=True, kw_only=True, rename={"ratings": "_essays"}):
    """One essay."""

    id: str
    url: str
    title: str
    content_text: str
    summary: str | UnsetType = UNSET
    date_published: str | UnsetType = UNSET
    date_modified: str
    authors: tuple[Author, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    ratings: Ratings


class Document(Struct, frozen=True, kw_only=True):
    """A page of a search."""

    version: str = "https://jsonfeed.org/version/1.1"
    title: str
    description: str | UnsetType = UNSET
    home_page_url: str
    feed_url: str
    next_url: str | UnsetType = UNSET
    icon: str
    authors: tuple[Author, ...]
    items: tuple[Item, ...]


def write_json(feed: Feed) -> bytes:
    """The feed as a document."""
    return payload.encode(
        Document(
            title=feed.title,
            description=feed.subtitle or UNSET,
            home_page_url=feed.page,
            feed_url=feed.url,
            next_url=feed.pages.next or UNSET,
            icon=feed.icon,
            authors=(Author(feed.site),),
            items=tuple(map(_item, feed.entries)),
        )
    )


def _item(entry: Entry) -> Item:
    essay = entry.essay
    return Item(
        id=entry.id,
        url=entry.url,
        title=entry.title,
        # An item must have a text; where the essay gives none of a few lines, its title.
        content_text=entry.summary or entry.title,
        summary=entry.summary or UNSET,
        date_published=entry.published or UNSET,
        date_modified=entry.updated,
        authors=tuple(map(Author, essay.authors)) or UNSET,
        tags=essay.facet("tag") or UNSET,
        language=essay.lang or UNSET,
        ratings=Ratings(
            about=outside(url_for("docs.page")),
            status=payload.rating(essay.status),
            certainty=payload.rating(essay.certainty),
            importance=payload.rating(essay.importance),
            categories=essay.facet("category"),
        ),
    )
