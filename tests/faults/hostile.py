"""Requests that nobody sends by accident, as bytes over a socket, and what a server answers.

    python -m tests.faults.hostile --essays 10000 --tries 20

builds an archive, serves it, sends each request so many times, one after the other, and prints a
table: the worst time, the answers, and the memory that the server had at most.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from tests.conftest import Archive, environment, free_port
from tests.faults.running import command, fill

#: Milliseconds within which each is answered.
LIMIT = 250.0
#: What no answer may tell.
SECRETS = re.compile(
    rb"Traceback|site-packages|File \"|root:x:0|werkzeug|granian\.|/tmp/|/home/|/usr/lib", re.I
)


class Answer(NamedTuple):
    """What came back: the status, 0 where the connection was closed without one; the names and
    values of headers, and the bytes behind them; milliseconds from the first byte that was sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    milliseconds: float

    def faults(self) -> list[str]:
        """What is wrong with it."""
        found = [f"status {self.status}"] if self.status >= 500 else []
        if self.status == 0:
            found.append("no answer")
        if SECRETS.search(self.body):
            found.append("tells of the machine")
        for name, value in self.headers:
            if name in ("set-cookie", "x-injected"):
                found.append(f"a header of the request: {name}")
            if name == "location" and not re.match(r"/(?![/\\])", value):
                found.append(f"leads to {value}")
        return found


def send(port: int, data: bytes, *, timeout: float = 30.0) -> Answer:
    """Send bytes and read the answer to its end."""
    began = time.perf_counter()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as asking:
        # A server may have answered, and closed, before it was sent everything.
        with contextlib.suppress(ConnectionError):
            asking.sendall(data)
        with contextlib.suppress(ConnectionError):
            while not _whole(received, data) and (piece := asking.recv(1 << 16)):
                received += piece
    took = (time.perf_counter() - began) * 1000
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)]
    return Answer(int(first.split(" ")[1]) if first else 0, pairs, body, took)


def _whole(received: bytes, asked: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    if asked.startswith(b"HEAD ") or re.match(rb"HTTP/1.\d (1|204|304)", head):
        return True
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.I)
    return length is not None and len(body) >= int(length[1])


def get(target: str | bytes, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    """A request without a body, its target as it is."""
    raw = target if isinstance(target, bytes) else target.encode("utf-8", "surrogateescape")
    lines = [f"Host: 127.0.0.1{'' if version == '1.1' else ' '}", "Connection: close", *headers]
    if any(line.startswith("Host:") for line in headers):
        lines = lines[1:]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return method.encode() + b" " + raw + f" HTTP/{version}\r\n".encode() + head + b"\r\n\r\n"


def post(target: str, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    """A request with a body; its length is said unless a header does."""
    own = any(line.lower().startswith(("content-length", "transfer-encoding")) for line in headers)
    length = () if own else (f"Content-Length: {len(body)}",)
    return get(target, f"Content-Type: {kind}", *length, *headers, method="POST") + body


QUERY = "/1/indexes/essays/query"
PAGES = ("/search", "/map", "/api/v1/search", "/api/v1/facets", "/search.atom", "/search.json")
PREFIXES = ("/media/", "/static/", "/essay/", "/browse/", "/tag/", "/api/v1/essays/", "/")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def asked(query: str, pages: tuple[str, ...] = PAGES) -> list[bytes]:
    """The same question to several addresses, and to the one that takes a body."""
    found = [get(f"{page}?q={quote(query)}") for page in pages]
    return [*found, post(QUERY, json.dumps({"query": query}).encode())]


def cases() -> dict[str, list[bytes]]:
    """All requests, by what is tried."""
    return dict(sorted({**_paths(), **_queries(), **_protocol(), **_bodies()}.items()))


def _paths() -> dict[str, list[bytes]]:
    leading = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
               "..%252f..%252fetc%252fpasswd", "..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd",
               "....//....//etc/passwd", "%c0%ae%c0%ae/etc/passwd", "/etc/passwd", "~root/x",
               "essays.toml", ".git/config", "x.md/../../essays.toml", "CON", "a:b:c"]  # fmt: skip
    away = ["//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example",
            "/%2f%2fevil.example", "/search//evil.example", "///evil.example/search/",
            "/random?next=//evil.example", "/api/?x=//evil.example"]  # fmt: skip
    lines = ["/%0d%0aSet-Cookie:%20a=b", "/random?q=%0d%0aX-Injected:%201", "/tag/%0aX-Injected:1",
             "/random?sort=%0d%0aX-Injected:1", "/essay/a%0d%0a%0d%0a<b>"]  # fmt: skip
    return {
        "path traversal": [get(prefix + path) for prefix in PREFIXES for path in leading],
        "null bytes": [get(p) for p in ("/essay/a%00b", "/media/a.png%00.md", "/search?q=a%00b",
                                        "/tag/%00", "/%00", "/essay/a\0b", "/search?page=%00")],
        "open redirects": [
            *(get(path) for path in away),
            *(get(path, "Host: evil.example") for path in ("/random", "/api", "/tag/", "//x")),
        ],
        "line ends in addresses and headers": [
            *(get(path) for path in lines),
            get("/search", "X-Request-ID: a%0d%0aX-Injected: 1"),
            get("/search.json", "Origin: https://a\x0bX-Injected: 1"),
            get("/search", "X-A: 1\nX-Injected 2"),
            get("/search.json", "Host: a b\tc"),
            get("/search.json", "Host: evil.example/@x"),
        ],
        "bad UTF-8": [
            *(get(path + "%ff%fe%c3%28%ed%a0%80") for path in PREFIXES),
            *(get(f"{page}?q=%ff%c0%80&tag=%fe&%ff=%ff") for page in PAGES),
            *(get(b"/search?q=\xff\xfe\xc3("), get(b"/essay/\xff")),
            post(QUERY, b'{"query": "\xff\xfe"}'),
            post(QUERY, b"query=%ff%fe", kind="application/x-www-form-urlencoded"),
        ],
    }  # fmt: skip


def _queries() -> dict[str, list[bytes]]:
    pairs = [(a, b) for a in LETTERS[:8] for b in LETTERS[:7]]
    some = [a + b for a in LETTERS for b in LETTERS]
    return {
        "5,000 clauses": [
            *asked(" OR ".join(some[n % 676] for n in range(1_000)), PAGES[:3]),
            post(QUERY, json.dumps({"query": " ".join(some * 8)[:20_000]}).encode()),
            post(QUERY, json.dumps({"query": "a OR " * 5_000}).encode()),
            post(QUERY, json.dumps({"filters": " OR ".join(["tag:a"] * 5_000)}).encode()),
        ],
        "a*, *a*, ~ everywhere": [
            *asked(" ".join(f"{a}*" for a in LETTERS)),
            *asked(" OR ".join(f"*{a}*" for a in LETTERS)),
            *asked(" ".join(f"{a}{b}xyz~" for a, b in pairs)),
            *asked(" OR ".join(f"*{a}?{b}*" for a, b in pairs)),
            *asked(" ".join(f'"{a} {b}"~9' for a, b in pairs)),
            *asked("~" * 2_000), *asked("*" * 2_000), *asked("?" * 2_000), *asked("a*~" * 600),
        ],
        "patterns that backtrack": [
            *asked("*a*a*a*a*a*a*a*a*b " * 40), *asked("(a+)+$" * 100), *asked("(" * 2_000),
            *asked('"' * 1_999), *asked("NOT " * 400), *asked("-(" * 900),
            *asked("certainty:" * 200), *asked("[[" * 900), *asked("\u0300" * 2_000),
            *asked("\u202e\u200b" * 900),
        ],
        "deep paging": [
            get(f"{page}?page={n}&per_page={m}")
            for page in PAGES
            for n in ("2", "99999999", "999999999", "1000000000", "-1", "0", "1e9", "٣", "NaN")
            for m in ("100", "101")
        ],
        "10,000 repeated parameters": [
            *(get(f"{page}?" + "tag=a&" * n) for page in PAGES for n in (60, 3_900, 10_000)),
            get("/search?" + "&" * 20_000),
            get("/search?" + "".join(f"p{n}=&" for n in range(3_000))),
            post(QUERY, b"tag=a&" * 10_000, kind="application/x-www-form-urlencoded"),
        ],
        "a query of 1 MB": [
            get("/search?q=" + "a" * 1_000_000), get("/" + "a/" * 200_000),
            get("/search?q=" + "a" * 100_000), get("/search?q=" + "%61" * 7_900),
            post(QUERY, json.dumps({"query": "owl " * 250_000}).encode()),
        ],
    }  # fmt: skip


def _protocol() -> dict[str, list[bytes]]:
    methods = ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO", "get")
    paths = ("/search", "/essay/x", "/api/v1/search", QUERY, "/healthz", "/nowhere")
    many = [f"X-{n}: {n}" for n in range(90)]
    return {
        "every verb": [get(path, method=m) for m in methods for path in paths],
        "CONNECT, TRACE and *": [
            get("evil.example:443", method="CONNECT"), get("*", method="OPTIONS"), get("*"),
            get("/", "Max-Forwards: 0", method="TRACE"),
        ],
        "HTTP/1.0": [get("/search?q=a", version="1.0"), b"GET /search HTTP/1.0\r\n\r\n",
                     b"GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n"],
        "absolute targets": [get(f"http://evil.example{path}") for path in
                             ("/search", "/random", "/essay/x", "//x", "/search.json", "")],
        "no host, two hosts": [b"GET /search.json HTTP/1.1\r\nConnection: close\r\n\r\n",
                               get("/random", "Host: a.example", "Host: evil.example")],
        "odd headers": [
            get("/search", *many), get("/search", "Cookie: " + "a=b; " * 20_000),
            get("/search", "If-None-Match: " + '"a", ' * 20_000),
            get("/search", "Accept-Encoding: " + "gzip;q=x, " * 5_000),
            get("/media/x.png", "Range: bytes=" + "0-1," * 5_000),
            get("/search", "If-Modified-Since: yesterday"), get("/search", "Expect: 100-continue"),
            get("/search", "X-Forwarded-For: " + "1.2.3.4, " * 9_000),
            get("/search", "X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: //evil.example"),
            get("/search", "Upgrade: websocket", "Connection: upgrade"),
        ],
        "no HTTP": [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"HELO\r\n\r\n", b"GET\r\n\r\n",
            b"GET /  HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        ],
    }  # fmt: skip


def _bodies() -> dict[str, list[bytes]]:
    chunked, small = "Transfer-Encoding: chunked", b'{"query": "owl"}'
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(small), small)
    places = (QUERY, "/search", "/hooks/rebuild", "/nowhere")
    return {
        "bodies that are too large": [
            *(post(path, b"x" * 3_000_000) for path in places),
            *(post(path, b"", "Content-Length: 99999999999") for path in (QUERY,)),
            post(QUERY, b"[" * 500_000), post(QUERY, b'{"a":' * 100_000),
            post(QUERY, b'{"page": 1' + b"0" * 100_000 + b"}"),
        ],
        "chunked bodies": [
            post(QUERY, chunk, chunked), post(QUERY, b"zz\r\nx\r\n0\r\n\r\n", chunked),
            post(QUERY, b"ffffffffffffffff1\r\nx\r\n", chunked),
            post(QUERY, b"1;" + b"a" * 50_000 + b"\r\nx\r\n0\r\n\r\n", chunked),
            post(QUERY, b"".join(b"1\r\nx\r\n" for _ in range(50_000)) + b"0\r\n\r\n", chunked),
            post(QUERY, chunk, "Transfer-Encoding: gzip, chunked"), post("/search", chunk, chunked),
        ],
        "two lengths": [
            post(QUERY, small, "Content-Length: 16", "Content-Length: 2"),
            post(QUERY, small, "Content-Length: 16, 2"), post(QUERY, small, "Content-Length: -1"),
            post(QUERY, small, "Content-Length: 1e1"), post(QUERY, small, "Content-Length: +16"),
            post(QUERY, chunk, "Content-Length: 5", chunked),
        ],
    }  # fmt: skip


@contextlib.contextmanager
def served(archive: Archive, *options: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A server over an archive: its port and process."""
    port = free_port()
    with subprocess.Popen(
        [*command(archive, "serve"), "--port", str(port), *options], text=True,
        stdout=subprocess.DEVNULL, env=environment(),
    ) as process:  # fmt: skip
        while True:
            with contextlib.suppress(OSError):
                if send(port, get("/api/v1/search?q=bab")).status == 200:
                    break
            time.sleep(0.1)
        yield port, process
        process.terminate()


def memory(process: subprocess.Popen[str]) -> float:
    """The megabytes of a process and those that it started."""
    pids = [str(process.pid)]
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if children.exists():
        pids += children.read_text().split()
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def warm_up(port: int) -> None:
    """Have everything loaded that is loaded once."""
    for data in asked('bab OR "bab bef" OR b*f OR babx~ OR NOT bif'):
        for _ in range(3):
            send(port, data)


def worked(process: subprocess.Popen[str]) -> float:
    """The milliseconds that a server's processes had a processor."""
    nanoseconds = 0
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for pid in listed.read_text().split():
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e6


def slow_clients(port: int, many: int) -> list[float]:
    """What others wait, in milliseconds, while so many clients have sent half of a request."""
    halves = (b"GET /search?q=a HTTP/1.1\r\nHost: x\r\nX-", post(QUERY, b"{", "Content-Length: 99"))
    with contextlib.ExitStack() as stack:
        for number in range(many):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            # Each that sends a body has a thread of the server, of which there are 32.
            held.sendall(halves[number % 10 == 0])
        return [send(port, get("/api/v1/search?q=bab")).milliseconds for _ in range(20)]


def main() -> None:
    """Measure, and print a table."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--essays", type=int, default=10_000)
    reading.add_argument("--tries", type=int, default=20)
    reading.add_argument("--only", default="", help="the attacks with this in their name")
    asked_for = reading.parse_args()
    with tempfile.TemporaryDirectory() as home:
        archive = Archive(Path(home))
        fill(archive, asked_for.essays)
        archive.build(jobs=None)
        with served(archive) as (port, process):
            warm_up(port)
            first = most = memory(process)
            print("| attack | requests × times | slowest, ms | of processor | answers |")
            print("|---|---|---|---|---|")
            chosen = {name: each for name, each in cases().items() if asked_for.only in name}
            for name, requests in chosen.items():
                answers: Counter[int] = Counter()
                slowest = busiest = (0.0, b"")
                for data in requests:
                    for _ in range(asked_for.tries):
                        before = worked(process)
                        found = send(port, data)
                        busiest = max(busiest, (worked(process) - before, data))
                        slowest = max(slowest, (found.milliseconds, data))
                        answers[found.status] += 1
                        if faults := found.faults():
                            print(f"!! {data[:120]!r}: {faults}")
                    most = max(most, memory(process))
                shown = ", ".join(f"{n:,} × {status}" for status, n in sorted(answers.items()))
                tried = f"{len(requests)} × {asked_for.tries}"
                print(f"| {name} | {tried} | {slowest[0]:.0f} | {busiest[0]:.0f} | {shown} |")
                if slowest[0] > LIMIT:
                    print(f"!! {slowest[1][:160]!r}", flush=True)
            waited = slow_clients(port, 200)
            print(f"| 200 clients that end no request | 20 others | {max(waited):.0f} | – | 200 |")
            print(f"\nMemory: {first:.0f} MB before, {max(most, memory(process)):.0f} MB at most.")


if __name__ == "__main__":
    main()
