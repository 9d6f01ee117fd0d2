"""The server of the archive's tools and resources, over standard input and output or HTTP."""

from __future__ import annotations

import ipaddress
from importlib import metadata

import anyio
import click
import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations

from app.engines import open_engine
from app.mcp import text
from app.mcp.archive import MAX_PART, Archive, Refused
from app.mcp.tools import Tools, failure
from app.settings import Settings
from indexer.errors import EssaysError, UsageError
from indexer.essay import format_number

PATH = "/mcp"
#: The names of this machine that a browser's page cannot take on by rebinding a name.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

INSTRUCTIONS = (
    "An archive of essays whose authors say how far each can be trusted: by its status (how "
    "finished it is), its certainty (how likely its claims are to be true) and its importance. "
    "Weigh what you cite by these, and name them where they matter: an essay that is “Unlikely”, "
    "or only “Notes”, is no evidence that something is so. Search first, read the sections that "
    "matter, and cite their url."
)


def make_server(settings: Settings) -> MCPServer:
    """The server of one archive. Raises :class:`~indexer.errors.UsageError` for settings that
    serve drafts."""
    if settings.rules.drafts:
        raise UsageError(
            "essays.toml says drafts = true, and drafts are never served to models.",
            "Give essays mcp an index without drafts: another folder with --index.",
        )
    least = settings.mcp_min_certainty
    only = (
        ""
        if least is None
        else f" Only essays with a certainty of at least {format_number(least)}% are here."
    )
    server: MCPServer = MCPServer(
        "essay-search",
        title=settings.title,
        description=settings.description or None,
        instructions=INSTRUCTIONS + only,
        website_url=settings.site_url or None,
        version=_version(),
        log_level="WARNING",
    )
    archive = Archive(settings, open_engine(settings), least)
    tools = Tools(archive)
    for tool, title in (
        (tools.search_essays, "Search the essays"),
        (tools.read_essay, "Read an essay or a section"),
        (tools.list_facets, "List the filters and their values"),
        (tools.related_essays, "List related essays"),
    ):
        server.add_tool(tool, title=title, annotations=_READS)
    _add_resource(server, archive)
    return server


def _add_resource(server: MCPServer, archive: Archive) -> None:
    """The essays as resources: ``essay:///computing/on-maps``."""

    @server.resource(
        "essay:///{+slug}",
        name="essay",
        title="An essay",
        description="The text of an essay with its ratings, by its slug.",
        mime_type="text/plain",
    )
    def essay(slug: str) -> str:
        try:
            return text.read_text(archive.read(slug, "", 0, MAX_PART))
        except Refused as error:
            raise ResourceNotFoundError(str(error)) from error
        except EssaysError as error:
            raise ResourceError(failure(error)) from error


def serve_stdio(settings: Settings) -> None:
    """Serve one client over standard input and output, until it closes them."""
    make_server(settings).run("stdio")


def serve_http(settings: Settings, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve any number of clients over streamable HTTP. ``names`` are the hosts, besides those of
    this machine, that a request may be addressed to."""
    app = make_server(settings).streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        transport_security=security(host, port, names),
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
    )
    shown = f"[{host}]" if ":" in host else host
    click.echo(
        f"Serving {settings.content} to MCP clients at http://{shown}:{port}{PATH}", err=True
    )
    anyio.run(server.serve)


def security(host: str, port: int, names: tuple[str, ...]) -> TransportSecuritySettings:
    """The hosts and origins that requests may name: without this check a page in somebody's
    browser could ask a server on the same machine, through a name that it lets lead here."""
    hosts = [f"{name}:*" for name in LOOPBACK]
    if not _everywhere(host):
        hosts.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    for name in names:
        hosts += [name, f"{name}:*"]
    origins = [f"{scheme}://{name}" for name in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True, allowed_hosts=hosts, allowed_origins=origins
    )


def _everywhere(host: str) -> bool:
    """Whether a host is the one that stands for all addresses of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _version() -> str:
    try:
        return metadata.version("essay-search")
    except metadata.PackageNotFoundError:
        return ""
