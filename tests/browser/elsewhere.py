"""Another site: files served from a second address, whose pages ask the server of essays."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import urlsplit

_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


@contextmanager
def site(files: Mapping[str, bytes], policy: str = "") -> Iterator[str]:
    """The address of a site with some files by name, the first of them its home page; under a
    content security policy, if any."""
    home = next(iter(files))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.lstrip("/") or home
            found = files.get(name)
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", _TYPES.get(PurePosixPath(name).suffix, "text/plain"))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
