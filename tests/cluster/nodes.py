"""Nodes of OpenSearch on loopback, one Java process each.

``python -m tests.cluster.nodes start`` starts three and prints their addresses, ``stop`` ends them,
and ``run COMMAND`` does the one, runs a command that may ask them, and does the other. Tests find
the cluster by the variable ``ESSAYS_TEST_CLUSTER``, which names its folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tests.cluster import distribution
from tests.cluster.distribution import NotStarted

#: The user that nodes run as where the tests run as root, which OpenSearch refuses: nobody.
NOBODY = 65534
#: Seconds until every node must have joined.
PATIENCE = 180.0

#: Quick to start and small, not quick for long: a test asks little.
JAVA_OPTIONS = """
-Xms{heap}m
-Xmx{heap}m
-XX:TieredStopAtLevel=1
-XX:+UseSerialGC
-XX:-UsePerfData
-Djava.io.tmpdir={home}/tmp
-javaagent:agent/opensearch-agent.jar
"""

SETTINGS = """
cluster.name: essays-tests
node.name: {name}
path.data: {home}/data
path.logs: {home}/logs
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
discovery.seed_hosts: {seeds}
cluster.initial_cluster_manager_nodes: {names}
node.store.allow_mmap: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


class Node:
    """One node: its folder, its address, and its process while it runs."""

    def __init__(self, home: Path, url: str, pid: int = 0) -> None:
        self.home = home
        self.url = url
        self.pid = pid

    def start(self) -> None:
        """Start it, on whatever data it has."""
        line = [str(distribution.opensearch() / "bin" / "opensearch")]
        if os.getuid() == 0:
            line = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *line]
        environment = {
            "PATH": os.environ["PATH"],
            "OPENSEARCH_JAVA_HOME": str(distribution.java()),
            "OPENSEARCH_PATH_CONF": str(self.home / "config"),
            "OPENSEARCH_TMPDIR": str(self.home / "tmp"),
        }
        said = str(self.home / "said")
        # Of its own session: a Ctrl-C is for the tests, which end it in order. And no `Popen`,
        # which would mind that it outlives the process that starts it.
        self.pid = os.posix_spawnp(
            line[0], line, environment, setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )  # fmt: skip

    def kill(self) -> None:
        """End it at once, as a power cut would, and wait until it is gone."""
        if self.runs():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        while self.runs():
            time.sleep(0.05)
        self.pid = 0

    def runs(self) -> bool:
        """Whether its process lives."""
        if not self.pid:
            return False
        with suppress(ChildProcessError):  # started by another process, or gone
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        try:
            # Another process may have the number by now.
            return str(self.home).encode() in Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return False


class Cluster:
    """Some nodes that know each other, in one folder.

    >>> cluster = Cluster.start(Path("/tmp/cluster"))  # doctest: +SKIP
    >>> cluster.kill(0)                                # doctest: +SKIP
    >>> cluster.wait(nodes=2)                          # doctest: +SKIP
    """

    def __init__(self, home: Path, nodes: list[Node]) -> None:
        self.home = home
        self.nodes = nodes

    @classmethod
    def start(cls, home: Path, count: int = 3, heap: int = 512) -> Cluster:
        """Start nodes in an empty folder, and wait until all have joined. Raises
        :class:`NotStarted`."""
        ports = _free_ports(2 * count)
        urls = [f"http://127.0.0.1:{port}" for port in ports[:count]]
        cluster = cls(home, [Node(home / f"node-{n}", url) for n, url in enumerate(urls)])
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        for node, port in zip(cluster.nodes, ports[count:], strict=True):
            cluster._configure(node, port, ports[count:], heap)
        try:
            for number in range(count):
                cluster.restart(number)
            cluster.wait(nodes=count)
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @classmethod
    def running(cls, home: Path) -> Cluster:
        """The cluster that another process started in a folder."""
        listed = json.loads((home / "running.json").read_text())
        return cls(home, [Node(Path(place), url, pid) for place, url, pid in listed])

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, whether they run or not."""
        return [node.url for node in self.nodes]

    def restart(self, number: int) -> None:
        """Start a node that does not run."""
        self.nodes[number].start()
        self._note()

    def kill(self, number: int) -> None:
        """End a node at once."""
        self.nodes[number].kill()
        self._note()

    def stop(self) -> None:
        """End every node; what they kept is deleted."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def wait(self, *, nodes: int, status: str = "green") -> None:
        """Wait until the cluster has so many nodes and a status. After a kill the status may be
        the old one for a while, the number of nodes is not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            health = self.health()
            if health.get("number_of_nodes") == nodes and health.get("status") == status:
                return
            gone = [node for node in self.nodes if node.pid and not node.runs()]
            if gone or time.monotonic() > deadline:
                told = "".join(_said(node) for node in gone or self.nodes)
                raise NotStarted(f"The cluster did not get {status}: {health}\n{told}")
            time.sleep(0.25)

    def health(self) -> dict[str, Any]:
        """What the first node that answers says of the cluster; nothing where none does."""
        for url in self.urls:
            with (
                suppress(OSError, ValueError),
                urllib.request.urlopen(f"{url}/_cluster/health", timeout=5) as answer,
            ):
                found: dict[str, Any] = json.load(answer)
                return found
        return {}

    def _note(self) -> None:
        """Write down what runs, for another process."""
        listed = [(str(node.home), node.url, node.pid) for node in self.nodes]
        (self.home / "running.json").write_text(json.dumps(listed))

    def _configure(self, node: Node, transport: int, all_transports: list[int], heap: int) -> None:
        config = node.home / "config"
        for folder in (config, node.home / "data", node.home / "logs", node.home / "tmp"):
            folder.mkdir(parents=True)
        shutil.copy(distribution.opensearch() / "config" / "log4j2.properties", config)
        (config / "jvm.options").write_text(JAVA_OPTIONS.format(heap=heap, home=node.home))
        (config / "opensearch.yml").write_text(
            SETTINGS.format(
                name=node.home.name,
                home=node.home,
                http=node.url.rpartition(":")[2],
                transport=transport,
                seeds=json.dumps([f"127.0.0.1:{port}" for port in all_transports]),
                names=json.dumps([each.home.name for each in self.nodes]),
            )
        )
        if os.getuid() == 0:
            for each in (node.home, *node.home.rglob("*")):
                os.chown(each, NOBODY, NOBODY)


def _said(node: Node) -> str:
    said = node.home / "said"
    lines = said.read_text("utf-8", "replace").splitlines()[-40:] if said.exists() else []
    return "\n".join([f"{node.home.name} said:", *lines, ""])


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until all are known, so that none comes twice."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _command(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.nodes", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "essays-nodes")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--heap", type=int, default=512, help="megabytes of each node")
    parser.add_argument("what", choices=["start", "stop", "run"])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    if asked.what == "stop":
        Cluster.running(asked.home).stop()
        return 0
    if asked.what == "start":
        print(",".join(Cluster.start(asked.home, asked.nodes, asked.heap).urls))
        return 0
    # Not below the folder of a user that nodes may not enter.
    home = Path(tempfile.mkdtemp(prefix="essays-nodes-"))
    home.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    Cluster.start(home, asked.nodes, asked.heap)
    try:
        environment = os.environ | {"ESSAYS_TEST_CLUSTER": str(home)}
        return subprocess.run(asked.command, env=environment, check=False).returncode
    finally:
        # The command may have started some of them again.
        Cluster.running(home).stop()


if __name__ == "__main__":
    sys.exit(_command(sys.argv[1:]))
