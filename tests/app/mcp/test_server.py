"""The server as clients meet it: real processes, asked by the package's own client."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from app.mcp.server import make_server
from indexer.errors import UsageError
from indexer.parsing.rules import Rules
from tests.conftest import environment, free_port

if TYPE_CHECKING:
    from tests.conftest import Archive

COMMAND = ["-m", "app.cli.commands", "mcp"]


@pytest.fixture(scope="module")
def archive(shared: Callable[..., Archive]) -> Archive:
    archive = shared("mcp")
    archive.write(
        "sure.md", "Of kelp, at length.\n\n## Method\n\nCount it.", title="Sure", tags=["Sea"],
        certainty="Highly likely", importance=8, status="Finished", date="2024-01-30",
    )  # fmt: skip
    archive.write(
        "guess.md", "Of kelp, a guess.", title="Guess", certainty="Unlikely", tags=["Sea"]
    )
    archive.write("draft.md", "Of kelp, unfinished.", title="Draft", draft=True)
    (archive.content / "essays.toml").write_text(
        'title = "The Kelp"\n[site]\nurl = "https://kelp.example.org"\n[mcp]\nmin_certainty = 20\n'
        "[search]\nmeaning = false\n"
    )
    archive.build()
    return archive


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def call(client: Client, name: str, **arguments: Any) -> CallToolResult:
    result = await client.call_tool(name, arguments)
    assert isinstance(result, CallToolResult)
    return result


def slugs(result: CallToolResult) -> list[str]:
    assert result.structured_content is not None
    return [each["slug"] for each in result.structured_content["essays"]]


def ask(server: Any, questions: Callable[[Client], Awaitable[None]], **options: Any) -> None:
    async def asked() -> None:
        async with Client(server, **options) as client:
            await questions(client)

    asyncio.run(asyncio.wait_for(asked(), 60))


def stdio(archive: Archive) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=[*COMMAND, str(archive.content), "--index", str(archive.index)],
        env=environment(),
        cwd=str(archive.home),
    )


def test_over_standard_input_and_output(archive: Archive) -> None:
    async def questions(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"search_essays", "read_essay", "list_facets", "related_essays"}
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert tool.output_schema is not None
            assert tool.description
        found = await call(client, "search_essays", query="kelp", tags=["sea"], certainty_min=50)
        assert not found.is_error
        assert slugs(found) == ["sure"]
        assert found.structured_content is not None
        essay = found.structured_content["essays"][0]
        assert essay["certainty"] == {"value": "Highly likely", "percentage": 90}
        assert essay["url"] == "https://kelp.example.org/essay/sure"
        assert "certainty Highly likely (90%)" in text(found)
        assert slugs(await call(client, "search_essays", sort="title")) == ["guess", "sure"]
        part = await call(client, "read_essay", slug="sure", section="method")
        assert "Count it." in text(part)
        assert "https://kelp.example.org/essay/sure#method" in text(part)
        facets = await call(client, "list_facets", facet="tag", years=[2024])
        assert "Sea (1)" in text(facets)
        assert slugs(await call(client, "related_essays", slug="sure")) == ["guess"]
        unknown = await call(client, "read_essay", slug="shure")
        assert unknown.is_error
        assert "There is no essay “shure”" in text(unknown)
        wrong = await call(client, "search_essays", sort="best")
        assert wrong.is_error
        assert "'relevance'" in text(wrong)
        secret = await call(client, "search_essays", query="unfinished")
        assert slugs(secret) == []
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "essay:///{+slug}"
        resource = await client.read_resource("essay:///sure")
        assert "Count it." in resource.contents[0].text  # type: ignore[union-attr]
        with pytest.raises(MCPError, match="There is no essay “draft”"):
            await client.read_resource("essay:///draft")

    ask(stdio(archive), questions)


@pytest.fixture(scope="module")
def address(archive: Archive) -> Iterator[tuple[str, int]]:
    """The host and port of a server over HTTP that shows what is at least 50 % certain."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *COMMAND, str(archive.content), "--index", str(archive.index), "--http",
         "--port", str(port), "--min-certainty", "50", "--allow-host", "kelp.example.org"],
        env=environment(), cwd=archive.home, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert f"http://127.0.0.1:{port}/mcp" in process.stderr.readline()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            break
        except OSError:
            time.sleep(0.05)
    yield "127.0.0.1", port
    process.terminate()
    process.communicate(timeout=20)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(address: tuple[str, int], mode: str) -> None:
    """With the handshake of older clients as well."""

    async def questions(client: Client) -> None:
        found, again = await asyncio.gather(
            call(client, "search_essays", query="kelp"), call(client, "search_essays")
        )
        assert slugs(found) == slugs(again) == ["sure"]
        assert found.structured_content is not None
        assert found.structured_content["min_certainty"] == 50
        low = await call(client, "read_essay", slug="guess")
        assert low.is_error
        assert "at least 50%" in text(low)

    ask(f"http://{address[0]}:{address[1]}/mcp", questions, mode=mode)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "kelp.example.org", "Origin": "https://kelp.example.org"}, 200),
        ({"Host": "evil.example.org"}, 421),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_a_page_of_another_site_gets_nothing(
    address: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    body = json.dumps(
        {
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                       "clientInfo": {"name": "test", "version": "1"}},
        }
    )  # fmt: skip
    sent = {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
    }  # fmt: skip
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request("POST", "/mcp", body, sent | headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == status


def essays(archive: Archive, *options: str, path: Path | None = None) -> Any:
    variables = environment(measured=path is None)
    if path is not None:
        variables["PYTHONPATH"] = f"{path}:{variables['PYTHONPATH']}"
    return subprocess.run(
        [sys.executable, *COMMAND, str(archive.content), "--index", str(archive.index), *options],
        capture_output=True, text=True, timeout=60, check=False, env=variables, cwd=archive.home,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_without_the_extra_the_command_says_what_to_install(
    archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('No mcp', name='mcp')\n")
    done = essays(archive, path=tmp_path)
    assert done.returncode == 1
    assert "pip install 'essay-search[mcp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_serve_drafts_are_refused(archive: Archive) -> None:
    with pytest.raises(UsageError, match="drafts are never served to models"):
        make_server(archive.settings(rules=Rules(drafts=True)))


def test_a_client_is_told_that_there_is_no_index(make: Callable[..., Archive]) -> None:
    archive = make()

    async def questions(client: Client) -> None:
        found = await call(client, "search_essays", query="kelp")
        assert found.is_error
        assert "There is no index yet. Run: essays index" in text(found)
        assert str(archive.home) not in text(found)

    ask(make_server(archive.settings()), questions)
