"""A way to a node that a test can cut: to the client it is as if every node were gone."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes between clients and one node, until it is cut, and again once it is mended."""

    def __init__(self, url: str) -> None:
        there = urlsplit(url)
        assert there.hostname is not None
        assert there.port is not None
        self._node = (there.hostname, there.port)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection, and let none begin."""
        with self._lock:
            self._is_cut.set()
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def mend(self) -> None:
        """Let connections begin again."""
        self._is_cut.clear()

    def close(self) -> None:
        """End it."""
        self.cut()
        # Closing alone wakes nobody who accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut.is_set():
                client.close()
                continue
            try:
                node = socket.create_connection(self._node)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open += (client, node)
            for here, other in ((client, node), (node, client)):
                threading.Thread(target=_pass, args=(here, other), daemon=True).start()


def _pass(here: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := here.recv(65_536):
            other.sendall(data)
    for each in (here, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
