"""What a language model may ask of an archive, and which essays it may be shown.

Two rules hold for every answer: an essay below the minimum certainty is not there, and neither is
a draft. Where the index has drafts nothing is answered, since their words would still be counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from app.mcp.answers import (
    BarAnswer,
    FacetAnswer,
    FacetsAnswer,
    ReadAnswer,
    RelatedAnswer,
    RelatedEssay,
    SearchAnswer,
    SectionEntry,
    ValueAnswer,
    essay_fields,
    found_essay,
)
from app.search.discovery import Reason
from app.search.engine import Engine
from app.search.query.tree import Range
from app.search.request import SearchRequest
from app.search.results import FacetValue
from app.server import essay_path
from app.settings import RESERVED, Settings
from app.web import params
from indexer.essay import FACETS, Essay, Section, format_number, value_key

#: Essays on one page of a search, related essays, and values listed of a facet, at the most.
MAX_ESSAYS, MAX_RELATED, MAX_VALUES = 50, 20, 200
#: Characters of one part of an essay, where nothing is said, and at the most.
PART, MAX_PART = 12_000, 50_000
#: Essays that are named where a slug is unknown.
SIMILAR = 5

#: The address of a page, with or without the host, its anchor behind it.
_PAGE = re.compile(r"^(?:https?://[^/]+)?/?essay/")


class Refused(Exception):
    """A question that cannot be answered: a sentence that says why and what to do."""


class Archive:
    """The essays of one archive that have at least ``min_certainty`` per cent; None shows all."""

    def __init__(self, settings: Settings, engine: Engine, min_certainty: float | None) -> None:
        self._settings = settings
        self._engine = engine
        self._least = min_certainty
        self._checked = -1

    def search(self, asked: Mapping[str, object]) -> SearchAnswer:
        """One page of a search; ``asked`` are the parameters of an address."""
        request = self._request(asked)
        found = self._engine.search(request)
        corrected = found.corrected
        return SearchAnswer(
            total=found.total,
            page=request.page,
            pages=found.pages,
            sort=found.sort,
            min_certainty=self._least,
            notes=[note.message for note in found.notes],
            searched_instead=corrected.query if corrected and corrected.applied else None,
            did_you_mean=corrected.query if corrected and not corrected.applied else None,
            essays=[found_essay(hit, self._url) for hit in found.hits if self._shown(hit.essay)],
        )

    def read(self, slug: str, section: str, offset: int, limit: int) -> ReadAnswer:
        """A part of an essay, or of one section of it with those below it."""
        essay, anchor = self._essay(slug)
        text, entries = _written(essay.sections)
        begin, end, chosen = 0, len(text), None
        if wanted := section or anchor:
            begin, end, chosen = _section(essay.slug, entries, wanted, len(text))
        if offset > end - begin:
            raise Refused(f"offset is past the end: the text has {end - begin:,} characters.")
        part = text[begin + offset : min(end, begin + offset + limit)]
        following = offset + len(part)
        fields = essay_fields(essay, self._url) | {
            "url": self._url(essay.slug, chosen or ""),
            "section": chosen,
            "text": part,
            "offset": offset,
            "next_offset": following if begin + following < end else None,
            "characters": end - begin,
            "sections": entries,
            "bibliography": list(essay.bibliography),
        }
        return ReadAnswer.model_validate(fields)

    def facets(self, asked: Mapping[str, object], facet: str, limit: int) -> FacetsAnswer:
        """The values of one facet, or of all, each with the number of essays that it would
        leave; the first ``limit`` of each."""
        names = (*FACETS, *self._settings.rules.facets)
        if facet and facet not in names:
            raise Refused(f"There is no facet “{facet}”. Choose from {', '.join(names)}.")
        counts = self._engine.facet_counts(self._request(asked))
        return FacetsAnswer(
            total=counts.total,
            min_certainty=self._least,
            notes=[note.message for note in counts.notes],
            facets=[
                _values(name, values, limit)
                for name, values in counts.facets.items()
                if name == facet or not facet
            ],
            histograms={
                name: [
                    BarAnswer(low=bar.low, high=bar.high, essays=bar.count)
                    for bar in counted.histogram
                ]
                for name, counted in counts.ranges.items()
                if name == facet or not facet
            },
        )

    def related(self, slug: str, limit: int) -> RelatedAnswer:
        """The essays most related to one, each with the reasons."""
        essay, _ = self._essay(slug)
        found = self._engine.related(essay.slug, MAX_RELATED)
        shown = [each for each in found if self._shown(each.essay)][:limit]
        return RelatedAnswer(
            slug=essay.slug,
            essays=[
                RelatedEssay.model_validate(
                    essay_fields(each.essay, self._url)
                    | {"reasons": [_because(reason) for reason in each.reasons]}
                )
                for each in shown
            ],
        )

    def _request(self, asked: Mapping[str, object]) -> SearchRequest:
        """The request that parameters say, narrowed to what may be shown."""
        self._no_drafts()
        given: MultiDict[str, str] = MultiDict()
        for name, value in asked.items():
            for each in value if isinstance(value, list) else [value]:
                if each is not None:
                    given.add(name, str(each))
        facets = self._settings.rules.facets
        if unknown := set(given) - RESERVED - set(facets):
            raise Refused(
                f"There is no filter {', '.join(sorted(unknown))}. This archive's own: "
                f"{', '.join(facets) or 'none'}."
            )
        try:
            request = params.parse(given, facets)
        except params.BadParameter as error:
            raise Refused(str(error)) from error
        return self._narrowed(request)

    def _narrowed(self, request: SearchRequest) -> SearchRequest:
        """The same request under the minimum certainty. A condition, unlike a range, narrows the
        counts of certainty as well."""
        if self._least is None:
            return request
        return replace(request, where=Range("certainty", self._least))

    def _shown(self, essay: Essay) -> bool:
        """Whether an essay may be shown."""
        if essay.draft or self._least is None:
            return not essay.draft
        rated = essay.certainty.percentage if essay.certainty else None
        return rated is not None and rated >= self._least

    def _no_drafts(self) -> None:
        """Raises :class:`Refused` where the index has drafts."""
        if self._checked == (number := self._engine.generation()):
            return
        if self._engine.facet_counts(SearchRequest(q="is:draft")).total:
            raise Refused(
                "The index has drafts, which are not for this server. "
                "Run essays index without drafts = true in essays.toml."
            )
        self._checked = number

    def _essay(self, named: str) -> tuple[Essay, str]:
        """The essay at a slug, a path, a link's name or an address, and the anchor behind it.
        Raises :class:`Refused` for one that is not there or may not be shown."""
        self._no_drafts()
        page, _, anchor = named.strip().partition("#")
        slug = unquote(_PAGE.sub("", page)) if _PAGE.match(page) else page
        essay = self._engine.essay(slug)
        if essay is None:
            moved = self._engine.resolve_links((slug,)).get(slug)
            essay = self._engine.essay(moved) if moved else None
        if essay is None or essay.draft:
            raise Refused(f"There is no essay “{named}”. {self._similar(slug)}".rstrip())
        if not self._shown(essay):
            rated = f"certainty {essay.certainty.label}" if essay.certainty else "no certainty"
            raise Refused(
                f"“{essay.slug}” has {rated}; this server shows essays with a certainty of at "
                f"least {format_number(self._least or 0)}%."
            )
        return essay, unquote(anchor)

    def _similar(self, slug: str) -> str:
        """The essays that have the words of a slug, as a sentence."""
        words = [word for word in re.sub(r"[^\w]+", " ", slug[:200]).lower().split() if word][:8]
        for q in dict.fromkeys((" ".join(words), " OR ".join(words))):
            request = self._narrowed(SearchRequest(q=q, per_page=SIMILAR))
            hits = self._engine.search(request).hits if q else ()
            if found := [f"{hit.essay.slug} ({hit.essay.title})" for hit in hits]:
                return f"Similar: {'; '.join(found)}."
        return "Search for it with search_essays."

    def _url(self, slug: str, anchor: str) -> str:
        """The address of an essay or section: absolute where the settings say where the site is."""
        return f"{self._settings.site_url}{essay_path(slug)}" + (f"#{anchor}" if anchor else "")


def _values(facet: str, values: Sequence[FacetValue], limit: int) -> FacetAnswer:
    listed = [ValueAnswer(value=each.value, essays=each.count) for each in values[:limit]]
    return FacetAnswer(facet=facet, total=len(values), values=listed)


def _written(sections: Iterable[Section]) -> tuple[str, list[SectionEntry]]:
    """The text of an essay with its headings, and where each section stands in it."""
    parts: list[str] = []
    entries: list[SectionEntry] = []
    at = 0
    for section in sections:
        heading = f"{'#' * section.level} {section.title}" if section.title else ""
        part = "\n\n".join(filter(None, (heading, section.text.strip()))) + "\n\n"
        if section.title:
            entries.append(
                SectionEntry(
                    title=section.title,
                    anchor=section.anchor,
                    level=section.level,
                    offset=at,
                    characters=len(part),
                )
            )
        parts.append(part)
        at += len(part)
    return "".join(parts).rstrip("\n"), entries


def _section(
    slug: str, entries: list[SectionEntry], wanted: str, length: int
) -> tuple[int, int, str]:
    """Where a section with those below it begins and ends, and its anchor; ``wanted`` is an
    anchor or a title. Raises :class:`Refused`."""
    key = value_key(wanted.removeprefix("#"))
    for n, entry in enumerate(entries):
        if key in (value_key(entry.anchor), value_key(entry.title)):
            after = (each.offset for each in entries[n + 1 :] if each.level <= entry.level)
            return entry.offset, min(next(after, length), length), entry.anchor
    known = ", ".join(entry.anchor for entry in entries)
    says = f"Its sections are {known}." if known else "It has no sections."
    raise Refused(f"“{slug}” has no section “{wanted}”. {says}")


def _because(reason: Reason) -> str:
    """A reason for which two essays are related, in words."""
    shared = ", ".join(reason.values)
    said: dict[str, Any] = {
        "links": "linked from this essay",
        "linked": "links to this essay",
        "meaning": "similar in meaning",
        "work": f"cites {shared}",
        "word": f"both mention {shared}",
        "tag": f"shares {shared}",
    }
    return str(said[reason.kind])
