"""What the person decided: one frozen record, read once from files, variables and options.

``essays.toml`` may lie in the folder where the command runs and in the content folder; what the
archive's own file says goes first. Variables (``ESSAYS_CONTENT``, ``ESSAYS_INDEX``,
``ESSAYS_ENGINE``, ``ESSAYS_OPENSEARCH_URL``, ``ESSAYS_AUTHOR``, ``ESSAYS_HOOK_SECRET``, those of
:mod:`app.serving_settings`) go before files, options before variables. Nothing else in the project
looks at the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from app.opensearch_settings import ClusterTable, connection
from app.search.query.curation import Curation
from app.search.query.limits import Limits
from app.search.request import DEFAULT_PER_PAGE, MAX_PER_PAGE
from app.serving_settings import Serving, serving, yes
from indexer.analysis import languages
from indexer.errors import UsageError
from indexer.essay import FACETS, RATINGS
from indexer.parsing.rules import ALIASES, Rules
from indexer.storage.opensearch.connection import Connection

NAME = "essays.toml"
ENGINES = ("local", "opensearch")

#: What a facet of the archive's own cannot be called: parameters of the URL and their like.
RESERVED = {
    "q", "sort", "prefer", "explain", "typing", "page", "per_page", "max_values", "limit",
    *FACETS,
    "certainty_min", "certainty_max", "importance_min", "importance_max",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Paths are absolute."""

    content: Path
    index: Path
    engine: str = "local"
    opensearch: Connection = field(default_factory=Connection)
    title: str = "Essays"
    description: str = ""
    #: Where the public reads the site, without a path: ``https://essays.example.org``; or empty.
    site_url: str = ""
    #: Where a weakness of the site can be told, as addresses: ``mailto:security@example.org``.
    security_contacts: tuple[str, ...] = ()
    per_page: int = DEFAULT_PER_PAGE
    #: The sites whose pages may ask the API, as ``https://example.org``; ``*`` for all.
    api_origins: tuple[str, ...] = ("*",)
    #: What clients of Algolia call the archive (:mod:`app.web.api.algolia.indices`).
    api_index: str = "essays"
    #: The author's page is asked for where a server is started, never by a file: that travels with
    #: the essays to the public server.
    author_page: bool = False
    remember_searches: bool = False
    #: The least certainty (per cent) of essays that `essays mcp` shows; None shows all.
    mcp_min_certainty: float | None = None
    #: What a request for a build proves to know; without it there are none. Never in a file.
    hook_secret: str = field(default="", repr=False)
    #: Whether such a build begins with `git pull`.
    hook_pull: bool = False
    #: Whether a process beside the server watches the content; told by that server to its workers.
    watched: bool = False
    #: How this server is run.
    serving: Serving = field(default_factory=Serving)
    rules: Rules = field(default_factory=Rules)
    limits: Limits = field(default_factory=Limits)
    curation: Curation = field(default_factory=Curation)
    #: The files that were read, or would have been, the first before the second: where the
    #: decisions are from, not what they are.
    files: tuple[Path, ...] = field(default=(), compare=False)


class _Author(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is done for the author alone."""

    remember_searches: bool = False


class _Site(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the site is read, and whom to tell of a weakness."""

    url: str = ""
    security: tuple[str, ...] = ()


class _Hooks(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is done when the host of a repository says that something was pushed."""

    pull: bool = False


class _Mcp(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What language models are shown."""

    min_certainty: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None


class _Api(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Who may ask the API from another site, and by which name."""

    origins: tuple[str, ...] = ("*",)
    index: str = "essays"


class _Search(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What essays are found by besides their words."""

    meaning: bool = Rules().meaning


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The keys of essays.toml; a key that is not here is an error, not a surprise."""

    content: str = "content"
    index: str = ".index"
    engine: str = "local"
    opensearch_url: str = ""
    opensearch: ClusterTable = ClusterTable()
    title: str = "Essays"
    description: str = ""
    per_page: int = DEFAULT_PER_PAGE
    drafts: bool = False
    lang: str = "en"
    exclude: tuple[str, ...] = ()
    follow_links: bool = False
    facets: tuple[str, ...] = ()
    max_bytes: int = Rules().max_bytes
    deadline: float = Rules().deadline
    aliases: dict[str, tuple[str, ...]] = {}
    vocabulary: dict[str, dict[str, float]] = {}
    search: _Search = _Search()
    limits: Limits = Limits()
    synonyms: tuple[tuple[str, ...], ...] | dict[str, tuple[str, ...]] = ()
    pins: dict[str, tuple[str, ...]] = {}
    site: _Site = _Site()
    api: _Api = _Api()
    author: _Author = _Author()
    mcp: _Mcp = _Mcp()
    hooks: _Hooks = _Hooks()


def load(
    content: str | Path | None = None,
    index: str | Path | None = None,
    *,
    engine: str | None = None,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> Settings:
    """The settings of one run. Raises :class:`~indexer.errors.UsageError` for a file or value
    that cannot be meant, naming both."""
    here = cwd or Path.cwd()
    chosen = content or environ.get("ESSAYS_CONTENT") or _read(here / NAME).get("content")
    if not isinstance(chosen or "", str | Path):
        raise UsageError(f"{here / NAME}: content is not a path.", 'Write content = "content".')
    folder = (here / (chosen or "content")).resolve()
    # What the archive's own file says goes first.
    files = tuple(dict.fromkeys((folder / NAME, here.resolve() / NAME)))
    file = _merged(files)
    engine = engine or environ.get("ESSAYS_ENGINE") or file.engine
    _check(file, engine)
    return Settings(
        content=folder,
        index=(here / (index or environ.get("ESSAYS_INDEX") or file.index)).resolve(),
        engine=engine,
        opensearch=connection(file.opensearch, file.opensearch_url, environ),
        title=file.title,
        description=file.description,
        site_url=_origin(file.site.url),
        security_contacts=tuple(map(_contact, file.site.security)),
        per_page=file.per_page,
        api_origins=tuple(
            each if each == "*" else _origin(each, "api.origins") for each in file.api.origins
        ),
        api_index=file.api.index,
        author_page=yes(environ.get("ESSAYS_AUTHOR", "")),
        watched=yes(environ.get("ESSAYS_WATCHED", "")),
        remember_searches=file.author.remember_searches,
        serving=serving(environ),
        hook_secret=environ.get("ESSAYS_HOOK_SECRET", "").strip(),
        hook_pull=file.hooks.pull,
        mcp_min_certainty=file.mcp.min_certainty,
        rules=Rules(
            aliases=file.aliases,
            vocabulary=file.vocabulary,
            facets=file.facets,
            exclude=(*file.exclude,),
            follow_links=file.follow_links,
            drafts=file.drafts,
            lang=languages.tag(file.lang),
            meaning=file.search.meaning,
            max_bytes=file.max_bytes,
            deadline=file.deadline,
        ),
        limits=file.limits,
        curation=Curation(synonyms=file.synonyms, pins=file.pins),
        files=files,
    )


def _origin(url: str, key: str = "site.url") -> str:
    """The scheme and host of a site's address, without a slash behind them."""
    if url and not re.fullmatch(
        r"https?://(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]\\]+)(:\d+)?/?", url, re.I
    ):
        raise UsageError(
            f"{NAME}: {key} is not the address of a site: {url!r}.",
            'Write scheme and host alone, as in "https://essays.example.org".',
        )
    return url.rstrip("/")


def _contact(address: str) -> str:
    """An address at which somebody can be told something, as security.txt takes it."""
    if not re.fullmatch(r"(mailto:[^\s@]+@|https://|tel:\+?[0-9])[!-~]+", address):
        raise UsageError(
            f"{NAME}: site.security is no contact: {address!r}.",
            'Write "mailto:security@example.org", "https://…" or "tel:+…".',
        )
    return address


def curation(files: tuple[Path, ...]) -> Curation:
    """The synonyms and pins that files of settings say now. Raises
    :class:`~indexer.errors.UsageError` for files that cannot be meant."""
    file = _merged(files)
    return Curation(synonyms=file.synonyms, pins=file.pins)


def _merged(files: tuple[Path, ...]) -> _File:
    """What the files say together, the first before the others; where the content and the index
    are only the last of them says, that of the folder where the command runs."""
    table: dict[str, Any] = {}
    for path in reversed(files):
        kept = ("content", "index") if path != files[-1] else ()
        table |= {key: value for key, value in _read(path).items() if key not in kept}
    try:
        return msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        raise UsageError(f"{NAME} is not valid: {error}.", "See docs/settings.md.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Fix or delete it.") from error


def _check(file: _File, engine: str) -> None:
    if engine not in ENGINES:
        raise UsageError(
            f"There is no engine {engine!r} in this version.", f"Choose {', '.join(ENGINES)}."
        )
    if not 1 <= file.per_page <= MAX_PER_PAGE:
        raise UsageError(f"per_page is outside 1–{MAX_PER_PAGE}: {file.per_page}.")
    for name, known in (("aliases", ALIASES), ("vocabulary", RATINGS)):
        for key in getattr(file, name):
            if key not in known:
                raise UsageError(
                    f"{NAME}: {name}.{key} is unknown.", f"Choose from {', '.join(known)}."
                )
    if not languages.tag(file.lang):
        raise UsageError(
            f"{NAME}: lang is not a language: {file.lang!r}.", "Write a tag such as de."
        )
    for facet in file.facets:
        if facet in RESERVED or not facet.replace("_", "").isalnum():
            raise UsageError(
                f"{NAME}: {facet!r} cannot be the name of a facet.",
                "Use a front-matter key of letters, digits and _ that is not a search parameter.",
            )
