"""The archives that tests search: one small and known by heart, others made on the spot."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.search.embedded.engine import EmbeddedEngine
from app.search.query.curation import Curation
from app.search.query.limits import Limits
from app.search.request import SearchRequest
from app.search.results import SearchResults
from app.settings import Settings
from indexer.build import merge_policy
from indexer.build.build import build
from indexer.build.report import Report
from indexer.parsing.rules import Rules
from tests.cluster.fixtures import cluster as cluster
from tests.cluster.fixtures import opensearch_url as opensearch_url

# How long an example takes is the machine's business. The suite tries the same examples each time,
# so that a test fails for what was changed and not by chance; with ESSAYS_EXAMPLES, as `make
# properties` has it, each property is tried with new examples and with that many times as many.
TIMES = int(os.environ.get("ESSAYS_EXAMPLES", "0"))
hypothesis.settings.register_profile(
    "essays",
    deadline=None,
    derandomize=not TIMES,
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("essays")

ROOT = Path(__file__).resolve().parent.parent

#: The machine of a test may be busy; an answer is to be whole all the same.
PATIENT = Limits(milliseconds=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves the properties alone where more examples are wanted, each with that many more."""
    if not TIMES:
        return
    attribute = "_hypothesis_internal_use_settings"
    properties: dict[object, list[pytest.Item]] = {}
    for item in items:
        test = getattr(item, "obj", None)
        test = getattr(test, "__func__", test)
        if hasattr(test, attribute):
            properties.setdefault(test, []).append(item)
    for test in properties:
        had = getattr(test, attribute)
        more = hypothesis.settings(had, max_examples=had.max_examples * TIMES)
        setattr(test, attribute, more)
    items[:] = [item for same in properties.values() for item in same]


@dataclass
class Archive:
    """A folder of essays with its index beside it, and the engine over it."""

    home: Path
    #: Of words alone a test can say exactly which essays they find.
    rules: Rules = field(default_factory=lambda: Rules(meaning=False))
    curation: Curation = field(default_factory=Curation)
    limits: Limits = PATIENT

    def __post_init__(self) -> None:
        self.content = self.home / "content"
        self.index = self.home / "index"
        self.content.mkdir(parents=True, exist_ok=True)
        self.engine = EmbeddedEngine(self.index, self.rules, self.limits, self.curation)

    def write(self, path: str, body: str = "", **meta: Any) -> Path:
        """One essay: front matter from ``meta``, a dedented ``body``."""
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        top = yaml.safe_dump(meta, allow_unicode=True, sort_keys=False) if meta else ""
        text = textwrap.dedent(body).strip() + "\n"
        file.write_text(f"---\n{top}---\n\n{text}" if meta else text, "utf-8")
        return file

    def build(self, **options: Any) -> Report:
        return build(self.content, self.index, self.rules, **{"jobs": 1, **options})

    def build_apart(self) -> Report:
        """Build, and leave the segments of earlier builds alone."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(merge_policy, "MIN_SEGMENTS", 1_000)
            return self.build()

    def search(self, q: str = "", **asked: Any) -> SearchResults:
        return self.engine.search(SearchRequest(q=q, **{"per_page": 100, **asked}))

    def slugs(self, q: str = "", **asked: Any) -> list[str]:
        """The slugs found, in the order of the results."""
        return [hit.essay.slug for hit in self.search(q, **asked).hits]

    def settings(self, **changes: Any) -> Settings:
        made: dict[str, Any] = {
            "content": self.content, "index": self.index, "rules": self.rules,
            "curation": self.curation, "limits": PATIENT,
        }  # fmt: skip
        return Settings(**made | changes)

    def app(self, **changes: Any) -> Flask:
        app = create_app(self.settings(**changes))
        app.testing = True
        return app


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Archive]:
    """An empty archive of one's own; ``make("other")`` for a second one."""

    def made(name: str = "home", rules: Rules | None = None) -> Archive:
        return Archive(tmp_path / name, rules or Rules(meaning=False))

    return made


@pytest.fixture(scope="session")
def root() -> Path:
    """This checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Archive]:
    """An empty archive that the tests of a module share once it is built."""

    def made(name: str, rules: Rules | None = None) -> Archive:
        return Archive(tmp_path_factory.mktemp(name), rules or Rules(meaning=False))

    return made


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The small archive, indexed; tests leave it as it is."""
    archive = Archive(tmp_path_factory.mktemp("small"), Rules(facets=("mood",), meaning=False))
    small_archive(archive)
    report = archive.build()
    assert report.problems == ()
    return archive


@pytest.fixture(scope="session")
def app(small: Archive) -> Flask:
    return small.app(title="The Small Archive")


@dataclass
class Server:
    """A running `essays serve`: where it answers, and what it said."""

    address: str
    process: subprocess.Popen[str]
    said: Path

    def children(self) -> list[int]:
        """The processes that it started, where the system lists them."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


def environment(*, measured: bool = True) -> dict[str, str]:
    """The environment of a command of ours: this checkout, no settings of the machine.

    One that cannot write files as usual is not ``measured``: coverage would write one too.
    """
    left_out = "ESSAYS_" if measured else ("ESSAYS_", "COVERAGE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start `essays serve` over an archive and wait until it answers."""
    started: list[Server] = []

    def made(
        archive: Archive,
        *options: str,
        ready: str = "/healthz",
        variables: Mapping[str, str] | None = None,
    ) -> Server:
        port = free_port()
        said = tmp_path_factory.mktemp("server") / "said"
        with said.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.commands", "serve", str(archive.content),
                 "--index", str(archive.index), "--port", str(port), *options],
                stdout=output, stderr=subprocess.STDOUT, cwd=archive.home, text=True,
                env=environment() | dict(variables or {}),
            )  # fmt: skip
        server = Server(f"http://127.0.0.1:{port}", process, said)
        started.append(server)
        for _ in range(1200):
            assert process.poll() is None, said.read_text()
            try:
                with urllib.request.urlopen(server.address + ready, timeout=5):
                    return server
            except OSError as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                time.sleep(0.05)
        raise AssertionError(f"no answer: {said.read_text()}")

    yield made
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with the clients of others in JavaScript, whose packages `make test` fetches."""
    folder = ROOT / ".node"
    if not ((folder / "node_modules").is_dir() and shutil.which("node")):
        if os.environ.get("ESSAYS_BROWSER") == "required":
            pytest.fail("node and its packages are required and not there: make packages")
        pytest.skip("node and its packages are not there: make packages")
    return folder


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def small_archive(archive: Archive) -> None:
    """Twenty-six files: each is there for what it can show, and says so by its words."""
    reference_essay(archive)
    archive.write(
        "shap.md",
        """
        The shapley value shares a prize among players. A shallow network needs less of it.

        ## Lundberg's unification

        Every additive explanation is one of these.
        """,
        title="SHAP, explained slowly", tags=["xai", "Deep Learning"], categories=["Mathematics"],
        description="Fair division as an account of predictions", author="Jane Chen",
        status="Finished", certainty="Highly likely", importance=8,
        publishdate="2024-02-10", lastmod="2024-03-01", mood="calm",
    )  # fmt: skip
    archive.write(
        "birds/sparrows.md",
        """
        A count of sparrows at the feeder. The sparrow census needs patience.

        ## Method

        Counting twice is counting once, honestly.
        """,
        title="Counting sparrows", tags=["Birds", "Statistics"], categories="Nature",
        status="In progress", certainty="possible", importance=3, date="2023-05-17",
        author=["Ada Finch", "Bo Wren"], mood=["calm", "Merry"],
    )  # fmt: skip
    archive.write(
        "birds/owls.md",
        "The owl hunts by ear. See [the sparrows](sparrows.md#method) and ![a face](owl.png).",
        title="Owls at night", tags=["Birds", "🦉"], categories="Nature",
        status="Draft", certainty="Unlikely", importance=2, date="2022-11-30",
    )  # fmt: skip
    archive.write(
        "garden.md",
        "A naïve gardener waters at noon. The café behind the hedge serves crème brûlée.",
        title="The naïve garden", tags=["Gardens"], categories=["Nature"],
        certainty={"percentage": 62.5}, importance="6/10", date="2021-06",
    )  # fmt: skip
    archive.write(
        "traduire.md",
        "L’homme qui traduit choisit. C'est l'œuvre entière qui décide, déjà, à chaque phrase.",
        title="Traduire, c’est choisir", tags=["Langues"], categories=["Language"], lang="fr",
        certainty="likely", status="Finished", date="2020-07-14",
    )  # fmt: skip
    archive.write(
        "strasse.md",
        "Die Straße ist naß. Äpfel fallen über Nacht; die Wörter werden länger.",
        title="Über Straßen und Wörter", tags=["Sprache"], categories=["Language"], lang="de",
        certainty=50, importance=4, date="2020-12-31T23:30:00-04:00",
    )  # fmt: skip
    archive.write(
        "caches.md",
        """
        A cache forgets on purpose.[^1]

        ```python
        evict(oldest)
        ```

        | layer | hits |
        |-------|------|
        | first | many |

        [^1]: So do people, said Denning.
        """,
        title="Caches all the way down", tags=["R&D", "C++", "layers: two", "a/b"],
        categories=["Computing"], status="Published", certainty="Certain", importance=10,
        date="2024-02-29", excerpt="Forgetting is a policy.",
    )  # fmt: skip
    archive.write(
        "quotes.md",
        "Quotation marks nest badly.",
        title="On quoting", tags=['say "hi"', "back\\slash", "(round)", "wild*card", "-minus"],
        categories=["Language"], date="2024-03-01",
    )  # fmt: skip
    archive.write(
        "secret.md",
        "Nobody may read of zanzibar yet. [Ghosts](anime/ghost.md).",
        title="Zanzibar plans", tags=["Secret", "Birds"], categories=["Hidden"], draft=True,
        date="2026-01-01", certainty="Likely", importance=9, homepage_featured=True,
    )  # fmt: skip
    archive.write("boredom.md", "# On boredom\n\nNothing happens, usefully.")
    archive.write(
        "anime/ghost.md",
        "A shell without a ghost dreams of robots.",
        title="Ghost and shell", tags=["Anime", "Robots"], categories=["Anime"],
        certainty=40, importance=5, status="Notes", date="2023-12-31", is_post_complete=True,
    )  # fmt: skip
    archive.write(
        "anime/akira.md",
        "Anime of a motorcycle, and of a city that regrets.",
        title="Akira, revisited", tags=["anime"], categories=["Film"],
        certainty="Remote", importance=0, status="Abandoned", date="2024-01-01",
    )  # fmt: skip
    archive.write(
        "log.md",
        "Kept daily; a motorcycle passed.",
        title="A log", status="Log", certainty="Speculative", date="2019-02-03",
        lastmod="2024-01-15T10:00:00Z",
    )  # fmt: skip
    archive.write(
        "impossible.md",
        "Perpetual motion, again.",
        title="Perpetual motion", certainty="Impossible", importance={"value": 6.5},
        tags=["Physics"], date="2018-10-10",
    )  # fmt: skip
    archive.write(
        "hello.md",
        "Start here. Models are introduced; the model of a model.",
        title="Hello, reader", homepage_featured="true", is_post_complete="true",
        tags=["Meta"], status="Finished", certainty="Certain", importance=1,
        date="2025-01-01", lastmod="2025-06-01",
    )  # fmt: skip
    archive.write(
        "box.md",
        """
        ## A thing painted black

        It ends in black

        ## Box

        Box of wood, painted.
        """,
        title="Paint", tags=["Craft"], date="2017-01-01", certainty="Emotional", importance=2,
    )  # fmt: skip
    archive.write(
        "newton.md",
        "Newton’s apple didn't fall far. An interpreter of dreams, an interpretation of gravity.",
        title="Newton's orchard", tags=["Physics", "Gardens"], categories=["Mathematics"],
        date="2016-04-05", certainty={"value": "Likely", "percentage": 70}, importance=7,
        references=["Newton, I. (1687). Principia.", "Chen, J. (2001). Apples."],
    )  # fmt: skip
    archive.write(
        "markup.md",
        """
        Text with <script>alert('x')</script> a tag, and R&D < 3.

        ## Angle <brackets> & more

        The bracketeer knows.
        """,
        title="<script>alert(1)</script> & friends", tags=["<b>bold</b>"], categories=["Computing"],
        description='A "quoted" <i>description</i>', date="2015-05-05",
    )  # fmt: skip
    for number in range(1, 7):
        archive.write(
            f"series/part-{number}.md",
            f"Instalment number {number} of the serial. " + "Sentence by sentence. " * number,
            title="The serial", tags=["Serial"], categories=["Fiction"], status="Finished",
            certainty="possible", importance=number, date="2014-01-01",
        )  # fmt: skip
    archive.write("links.md", LINKS, title="Where to go", tags=["Meta"], date="2013-03-03")
    (archive.content / "birds/owl.png").write_bytes(PIXEL)
    (archive.content / "birds/.hidden.png").write_bytes(PIXEL)
    (archive.content / "essays.toml").write_text('title = "The Small Archive"\nfacets = ["mood"]\n')
    (archive.home / "outside.png").write_bytes(PIXEL)


LINKS = """
[with its ending](birds/owls.md), [without](birds/owls), [a section](shap.md#lundbergs-unification),
[nowhere](missing.md), [a draft](secret.md), [abroad](https://example.org/), [mail](mailto:a@b.org)
"""

#: The smallest picture.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100"
    "00050001 0d0a2db40000000049454e44ae426082"
)


def reference_essay(archive: Archive) -> None:
    """An essay shaped like those of the archive's author."""
    archive.write(
        "machine-learning-interpretability.md",
        """
        A model that nobody can read still decides. Interpretability asks what it would take to
        open the black box, and for whom.

        ## Why it matters

        A doctor may refuse advice that comes without a reason. So may a judge.

        ## Methods

        LIME fits a simple model around one case. Attribution shares the credit among inputs.

        ## What stays closed

        Some explanations of a black box are themselves black boxes.
        """,
        title="Machine Learning Interpretability: Opening the Box",
        meta_title="",
        description="What an explanation of a model owes to its reader",
        excerpt="On opening what was closed.",
        publishdate="2024-01-30T05:00:00Z",
        lastmod="2024-03-23T05:00:00Z",
        tags=["Machine Learning", "Interpretability", "XAI", "Deep Learning"],
        categories=["Anime", "Machine Learning"],
        status={"value": "Notes", "percentage": 35},
        certainty={"value": "Likely", "percentage": 75},
        importance={"value": 7, "percentage": 70},
        is_post_complete=False,
        homepage_featured=False,
        bibliography=[
            'Ribeiro, M. (2023). "Advances in Model Interpretability". ML Review, 3(2), 89-104.',
            'Chen, J. (2024). "Understanding Deep Networks". Explainable AI Journal, 5(1), 45-62.',
        ],
        draft=False,
    )
