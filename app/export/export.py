"""The way from an archive to a folder of files.

Every page is the one that the server would send, with its links led to files. What only a server
can do is left out (suggestions, the API, marks on an essay's page); the search page gets a script
that searches the same records.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec
from flask import Flask
from msgspec.structs import replace

from app import create_app
from app.export import search_files
from app.export.addresses import PAGE, Addresses, plain, relative
from app.export.folder import ExportFolder
from app.export.rewriting import classic, classic_scripts, rewrite, split
from app.export.site import Site
from app.search.engine import Engine
from app.search.request import SearchRequest, Sort
from app.serving_settings import Serving
from app.settings import Settings
from indexer.errors import EssaysError, UsageError
from indexer.essay import RATINGS

Progress = Callable[[int, int], None]

SEARCH = f"search/{PAGE}"
NOT_FOUND = "404.html"
#: Milliseconds that a page may take to make: nobody waits for it, and it is kept.
PATIENCE = 60_000
#: Times that an export begins again because the index has changed meanwhile.
TRIES = 3
#: Scripts of the search page that ask the server.
_ASKING = ("search.js", "morph.js", "sliders.js", "within.js", "suggest.js")
#: The orders that the browser cannot make from what it has.
_ORDERS: tuple[Sort, ...] = ("updated", "importance", "certainty", "title")
#: Files at the root of a site that programs look for, those that there are; and the feeds of all
#: essays, which say nothing to a reader without the address of the site.
_ROOT = ("/robots.txt", "/sitemap.xml")
_FEEDS = ("/search.atom", "/search.json", "/changes.atom", "/changes.json")


class Exported(msgspec.Struct, frozen=True):
    """What an export made: its pages and other files, bytes in all and of the search alone, and
    what of it was written or removed in the folder."""

    essays: int
    pages: int
    files: int
    bytes: int
    search_bytes: int
    index_bytes: int
    written: int
    removed: int


def export(
    settings: Settings,
    folder: Path,
    *,
    base: str = "/",
    beside: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write the site that the index answers now to ``folder``; ``base`` is the path at which it
    will be served, which only the page for wrong addresses has to know.

    Raises :class:`~indexer.errors.UsageError` for a folder that is not for exports and for an
    archive that serves drafts, :class:`~indexer.errors.IndexUnavailable`.
    """
    _check(settings, folder)
    app = create_app(_public(settings))
    app.jinja_env.globals["exported"] = True
    engine: Engine = app.extensions["engine"]
    if engine.facet_counts(SearchRequest(q="is:draft")).total:
        raise UsageError(
            "The index has drafts, and an export is for everybody.", "Run: essays index"
        )
    for _ in range(TRIES):
        number = engine.generation()
        out = ExportFolder(folder, beside=beside)
        made = _Export(app, engine, settings, out, base, progress).run()
        if engine.generation() == number:
            return made
        beside = True
    raise EssaysError("The index changes faster than it can be exported.", "Try again later.")


def _public(settings: Settings) -> Settings:
    """The settings of a site that everybody reads from files: no pages of one server, and all the
    time that a page takes."""
    return dataclasses.replace(
        settings, limits=replace(settings.limits, milliseconds=PATIENCE), author_page=False,
        remember_searches=False, watched=False, serving=Serving(),
    )  # fmt: skip


def _check(settings: Settings, folder: Path) -> None:
    if settings.rules.drafts:
        raise UsageError(
            "essays.toml says drafts = true, and an export is for everybody.",
            "Set it to false, and run: essays index",
        )
    where = folder.resolve()
    for name, own in (("essays", settings.content), ("index", settings.index)):
        if where == own or own in where.parents:
            raise UsageError(f"{folder} is in the folder of the {name}.", "Choose another one.")


class _Export:
    """One export under way."""

    def __init__(
        self,
        app: Flask,
        engine: Engine,
        settings: Settings,
        out: ExportFolder,
        base: str,
        progress: Progress | None,
    ) -> None:
        self._app, self._engine, self._settings, self._out = app, engine, settings, out
        self._base = "/" + base.strip("/") + ("/" if base.strip("/") else "")
        self._progress = progress
        self._site = Site(app, engine, settings.rules.facets)
        self._addresses = Addresses()
        self._media: dict[str, str | None] = {}
        self._pages = 0
        self._files = 0
        self._hit_files = 0
        self._search_bytes = 0
        self._index_bytes = 0

    def run(self) -> Exported:
        """Make every file."""
        slugs = [hit.essay.slug for hit in self._site.hits("newest")]
        listed = list(dict.fromkeys(self._site.addresses(slugs)))
        for address in listed:
            self._addresses.add(address)
        for number, address in enumerate(listed, 1):
            self._page(address)
            if self._progress:
                self._progress(number, len(listed))
        self._not_found()
        self._search(slugs)
        self._static()
        for address in _ROOT if self._settings.site_url else ():
            self._attachment(address, address[1:])
        self._out.finish()
        return Exported(
            essays=len(slugs),
            pages=self._pages,
            files=self._files,
            bytes=self._out.bytes,
            search_bytes=self._search_bytes,
            index_bytes=self._index_bytes,
            written=self._out.written,
            removed=self._out.removed,
        )

    def _page(self, address: str) -> None:
        status, body = self._site.get(address)
        if status != 200:
            raise EssaysError(f"The page {address} could not be made (status {status}).")
        file = self._addresses.add(address)
        # What an address is led from is quoted.
        where = quote(address.partition("?")[0])
        html = rewrite(body.decode(), where, lambda to: self._led(to, file))
        self._write(file, classic_scripts(html).encode())
        self._pages += 1

    def _not_found(self) -> None:
        """The page that a host shows for any address that it has no file for; where that is it
        cannot know, so its links begin at the root of the host."""
        html = rewrite(
            self._site.get("/-")[1].decode(),
            "/-",
            lambda to: (led := self._led(to, NOT_FOUND)) and self._base + led,
        )
        self._write(NOT_FOUND, classic_scripts(html).encode())

    def _led(self, address: str, source: str) -> str | None:
        """An address of the site as a link from a file; None where nothing is there."""
        path, query, anchor = split(address)
        path = unquote(path)
        behind = f"#{anchor}" if anchor else ""
        if path in ("/search", "/random") or (path == "/map" and query):
            if (path, query) == ("/map", "sort=importance&view=table"):
                return self._to("/map?view=table", source, behind)
            given = [(k, v) for k, v in parse_qsl(query) if k != "view"]
            given += [("random", "1")] if path == "/random" else []
            return relative(SEARCH, source) + (f"?{urlencode(given)}" if given else "") + behind
        if path.startswith("/static/"):
            return relative(path[1:], source)
        if path in _FEEDS and self._settings.site_url and not query:
            file = self._attachment(path, path[1:])
            return relative(file, source) if file else None
        if path.startswith("/media/"):
            file = self._attachment(path, "/".join(map(plain, path[1:].split("/"))))
            return relative(file, source) if file else None
        if path.startswith("/essay/"):  # what is behind it was the way of a reader
            return self._to(self._essay(path), source, behind)
        return self._to(f"{path}?{unquote(query)}" if query else path, source, behind)

    def _to(self, address: str, source: str, behind: str) -> str | None:
        file = self._addresses.find(address)
        if file is None and "?value=" in address:
            file = self._addresses.find(address.replace("?value=", "/", 1))
        return None if file is None else relative(file, source) + behind

    def _essay(self, path: str) -> str:
        """The address of the essay that a path means, where it is one."""
        if self._addresses.find(path) is None:
            slug = path.removeprefix("/essay/")
            moved = self._engine.resolve_links((slug,)).get(slug)
            return f"/essay/{moved}" if moved else path
        return path

    def _attachment(self, address: str, name: str) -> str | None:
        """The file of what the site has at an address besides pages, once it is written."""
        if address not in self._media:
            status, body = self._site.get(address)
            there = status == 200
            self._media[address] = self._addresses.add(address, name) if there else None
            if there:
                self._write(self._addresses.add(address), body)
        return self._media[address]

    def _search(self, slugs: list[str]) -> None:
        """The files that the search page loads."""
        words = search_files.Words()
        columns = search_files.Columns(self._engine.facet_counts(SearchRequest()).facets)
        shown: list[str] = []
        numbers = {slug: number for number, slug in enumerate(slugs)}
        with self._app.test_request_context("/search"):
            hit = self._app.jinja_env.get_template("partials/hit.html").module.hit  # type: ignore[attr-defined]
            for found in self._site.hits("newest"):
                whole = self._engine.essay(found.essay.slug)
                if whole is None or found.essay.slug not in numbers:
                    continue  # a build came in between, and the export begins again
                words.add(whole)
                columns.add(whole)
                html = rewrite(str(hit(found)), "/search", lambda to: self._led(to, SEARCH))
                shown.append(" ".join(html.split()))
                if len(shown) == search_files.HITS:
                    self._hits_file(shown)
                    shown = []
            self._hits_file(shown)
        starts = []
        for number, (first, content) in enumerate(words.files()):
            starts.append(first)
            self._data(f"words-{number}.js", "words", number, content)
        percentages = {name: dict(self._settings.rules.percentages(name)) for name in RATINGS}
        orders = {
            sort: [
                numbers[found.essay.slug]
                for found in self._site.hits(sort)
                if found.essay.slug in numbers
            ]
            for sort in _ORDERS
        }
        table = search_files.index_table(
            columns, orders, starts, percentages, self._settings.per_page
        )
        self._index_bytes = self._data("index.js", "index", table)

    def _hits_file(self, shown: list[str]) -> None:
        if shown:
            self._data(f"hits-{self._hit_files}.js", "hits", self._hit_files, shown)
            self._hit_files += 1

    def _data(self, name: str, function: str, *content: object) -> int:
        data = search_files.script(function, *content)
        self._write(f"search/data/{name}", data)
        self._search_bytes += len(data)
        return len(data)

    def _static(self) -> None:
        folder = Path(self._app.static_folder or "")
        for file in sorted(folder.rglob("*")):
            if not file.is_file() or file.name in _ASKING:
                continue
            data = file.read_bytes()
            if file.suffix == ".js" and file.name != "theme.js":
                data = classic(data.decode()).encode()
            self._write(f"static/{file.relative_to(folder).as_posix()}", data)

    def _write(self, file: str, data: bytes) -> None:
        self._out.write(file, data)
        self._files += 1
