"""Names of the fields of the index.

Needs no Whoosh: an engine that keeps the index elsewhere uses the same names.
"""

from __future__ import annotations

#: Text that a word of a query is looked up in, stemmed.
TEXT = ("title", "headings", "topics", "summary", "body")
#: The same, for names: folded, not stemmed.
NAMES = ("cites", "author")
#: Every folded word of an essay; prefixes, wildcards and typos are looked up here.
WORDS = "words"
TITLE_WORDS = "title_words"
#: What words of other languages than English are forms of: see
#: :func:`indexer.analysis.stemming.inflections`.
INFLECTED = "inflected-words"
#: The language of an essay, as its words are analysed.
LANG = "in-language"
#: Who links to whom: the names an essay goes by, its folded title first; what it links to; the
#: works it cites. Names of links are folded, content paths are not. No facet of an archive's own
#: can have these names.
CALLED, FILED, LINKS, WORKS = "title-name", "file-name", "links-to", "cites-work"

#: The folded words of a title as one term, for a query that is the title and nothing else.
TITLE_EXACT = "title-exact"

#: What is stored of an essay beside its slug.
STORED = ("card", "sections", "html")

#: What ``is:`` and ``has:`` ask for. Terms of the field ``flag``.
IS_FLAGS = ("draft", "featured", "complete")
HAS_FLAGS = (
    "bibliography", "excerpt", "description", "tags", "categories", "date", "updated", "author",
    "links", "footnotes", "code", "tables",
)  # fmt: skip

#: A rating's percentage as a term that sorts like the number.
PERCENT = "{:06.2f}"


def spelling(facet: str) -> str:
    """The field of one facet's values as they are spelled, beside their folded identity."""
    return f"{facet}_spelling"


def percent(facet: str) -> str:
    """The field of one rating's percentages."""
    return f"{facet}_percent"
