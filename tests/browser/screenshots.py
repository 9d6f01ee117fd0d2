"""How does each page look? Pictures of all of them, wide and narrow, light and dark.

    python -m tests.browser.screenshots CONTENT FOLDER

Serves an index of CONTENT on loopback for as long as it takes; FOLDER gets the pictures.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.browser.conftest import launched

PAGES = {
    "home": "/",
    "search": "/search?q=measure&category=Science&category=History",
    "no-results": "/search?q=zzzxq&tag=Maps",
    "essay": "/essay/science/the-map-of-ignorance?q=measure",
    "browse": "/browse",
    "tags": "/browse/tag",
    "tag": "/tag/Measurement",
    "map": "/map",
    "author": "/author",
    "api": "/api/v1/docs",
    "changes": "/changes",
    "not-found": "/essay/no-such-essay",
}


def main(content: str, folder: Path) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as index, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        essays = [sys.executable, "-m", "app.cli.commands"]
        subprocess.run([*essays, "index", content, "--index", index], check=True)
        serving = [*essays, "serve", content, "--index", index, "--port", str(port),
                   "--author"]  # fmt: skip
        with subprocess.Popen(serving) as server:
            try:
                take(f"http://127.0.0.1:{port}", folder)
            finally:
                server.terminate()


def take(site: str, folder: Path) -> None:
    """Pictures of a site that answers, or is about to."""
    for _ in range(100):
        try:
            urlopen(f"{site}/readyz").close()
            break
        except URLError:
            time.sleep(0.1)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        for width in (1280, 390):
            for dark in (False, True):
                context = browser.new_context(
                    viewport={"width": width, "height": 860},
                    color_scheme="dark" if dark else "light",
                )
                page = context.new_page()
                for name, address in PAGES.items():
                    page.goto(site + address)
                    theme = "dark" if dark else "light"
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
