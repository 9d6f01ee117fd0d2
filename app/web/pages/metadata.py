"""An essay's description for programs that read its page.

Open Graph for those who share it, schema.org for those who search, ``citation_*`` for those who
keep references.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from app.web.page_limits import listed
from indexer.essay import Essay


class Meta(NamedTuple):
    """One ``<meta>`` element: ``kind`` is the attribute that holds its name."""

    kind: str
    name: str
    content: str


#: Tags and categories that programs are told.
MAX_KEYWORDS = 24


def article(essay: Essay, url: str, site: str) -> dict[str, Any]:
    """The essay as schema.org describes an article; what it does not say is left out. ``url`` is
    its absolute address, or empty."""
    said = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": essay.title,
        "description": essay.description or essay.excerpt,
        "abstract": essay.excerpt,
        "author": [{"@type": "Person", "name": name} for name in essay.authors],
        "datePublished": essay.published.iso if essay.published else "",
        "dateModified": essay.updated.iso if essay.updated else "",
        "inLanguage": essay.lang,
        "keywords": listed(essay.facet("tag"), MAX_KEYWORDS),
        "articleSection": listed(essay.facet("category"), MAX_KEYWORDS),
        "wordCount": essay.words,
        "citation": list(essay.bibliography),
        "creativeWorkStatus": essay.status.label if essay.status else "",
        "isPartOf": {"@type": "WebSite", "name": site},
        "mainEntityOfPage": url,
        "url": url,
    }
    return {name: value for name, value in said.items() if value}


def tags(essay: Essay, url: str, site: str) -> list[Meta]:
    """The ``<meta>`` elements of an essay's page; none without content. ``url`` is its absolute
    address, or empty."""
    about = essay.description or essay.excerpt
    published, updated = essay.published, essay.updated
    said = [
        Meta("property", "og:type", "article"),
        Meta("property", "og:title", essay.title),
        Meta("property", "og:description", about),
        Meta("property", "og:url", url),
        Meta("property", "og:site_name", site),
        Meta("property", "article:published_time", published.iso if published else ""),
        Meta("property", "article:modified_time", updated.iso if updated else ""),
        *(Meta("property", "article:author", name) for name in essay.authors),
        *(Meta("property", "article:section", name) for name in essay.facet("category")[:1]),
        *(Meta("property", "article:tag", tag) for tag in listed(essay.facet("tag"), MAX_KEYWORDS)),
        Meta("name", "twitter:card", "summary"),
        Meta("name", "citation_title", essay.title),
        *(Meta("name", "citation_author", name) for name in essay.authors),
        Meta("name", "citation_publication_date", _slashed(published.day) if published else ""),
        Meta("name", "citation_journal_title", site),
        Meta("name", "citation_language", essay.lang),
        Meta("name", "citation_keywords", "; ".join(listed(essay.facet("tag"), MAX_KEYWORDS))),
        Meta("name", "citation_fulltext_html_url", url),
        *(Meta("name", "citation_reference", entry) for entry in essay.bibliography),
    ]
    return [each for each in said if each.content]


def _slashed(day: str) -> str:
    """A day as the ``citation_`` tags write it."""
    return day.replace("-", "/")
