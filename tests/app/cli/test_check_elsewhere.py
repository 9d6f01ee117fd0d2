"""`essays check` where others run it: pre-commit before a commit, GitHub beside a change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from app.cli.commands import main
from tests.conftest import environment

GOOD = "---\ntitle: Of kelp\n---\n\nKelp grows.\n"
BROKEN = "---\ntitle: [Of moss\n---\n\nMoss too.\n"


def examples(document: Path) -> Iterator[Any]:
    """The indented examples of a document that are YAML mappings."""
    text = document.read_text("utf-8")
    for block in re.findall(r"(?:^    [^\n]*\n|^\n(?=    ))+", text, re.MULTILINE):
        block = textwrap.dedent(block).strip("\n")
        if re.match(r"(repos|on):", block):
            yield yaml.load(block, yaml.BaseLoader)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> str:
    """Commit everything in a folder; the name of the commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A repository that holds this project as it stands, what has no commit yet included."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("app", "indexer", "templates"):
        shutil.copytree(
            root / name,
            project / name,
            ignore=shutil.ignore_patterns("__pycache__", "node_modules"),
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(root / name, project / name)
    return project


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """An environment in which pre-commit installs this project and fetches nothing: what it
    needs is lent by this Python, all but the project itself."""
    lent = tmp_path / "lent"
    lent.mkdir()
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if not re.match(r"_?_?(editable|essay)", each.name):
            (lent / each.name).symlink_to(each)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return environment(measured=False) | {
        "PATH": path, "PYTHONPATH": str(lent), "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
        "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip


@pytest.mark.slow
def test_a_commit_is_stopped_by_pre_commit(
    root: Path, checkout: Path, offline: dict[str, str], tmp_path: Path
) -> None:
    """The example of the guide, with a clone of this project: installed and run by pre-commit."""
    (config,) = [each for each in examples(root / "docs/writing.md") if "repos" in each]
    config["repos"][0] |= {"repo": str(checkout), "rev": repository(checkout)}
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "content/kelp.md").write_text(GOOD)
    (site / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    repository(site)

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=site, env=offline, capture_output=True, text=True, check=False
        )

    installed = command(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    (site / "content/moss.md").write_text(BROKEN)
    git(site, "add", "content")
    stopped = command("git", "commit", "--message", "Moss")
    told = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1, told
    assert re.search(r"^ *moss\.md:\d+: The front matter is not valid YAML", told, re.MULTILINE)
    (site / "content/moss.md").write_text(GOOD.replace("kelp", "moss"))
    git(site, "add", "content")
    passed = command("git", "commit", "--message", "Moss")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert re.search(r"^check essays\.+Passed$", passed.stdout + passed.stderr, re.MULTILINE)
    (site / "notes.txt").write_text("No essay.")
    git(site, "add", "notes.txt")
    skipped = command("git", "commit", "--message", "Notes")
    assert "Skipped" in skipped.stdout + skipped.stderr


#: A workflow command: its name, properties and message, each escaped in its own way.
COMMAND = re.compile(r"::(\w+)(?: ([^:\r\n]*))?::([^\r\n]*)")


def command_of(line: str) -> tuple[str, dict[str, str], str]:
    """What the runner of GitHub reads from a line: name, properties, message."""
    match = COMMAND.fullmatch(line)
    assert match, line

    def plain(text: str, signs: dict[str, str]) -> str:
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", text), text
        for code, sign in signs.items():
            text = text.replace(code, sign)
        return text.replace("%25", "%")

    ends = {"%0D": "\r", "%0A": "\n"}
    given = [each.partition("=") for each in (match[2] or "").split(",") if each]
    signs = ends | {"%3A": ":", "%2C": ","}
    properties = {name: plain(value, signs) for name, _, value in given}
    return match[1], properties, plain(match[3], ends)


NAMES = ("a, b.md", "50% off.md", "at 12:30.md", "%0A.md", "two\nlines.md", "[x]::y.md", "grün.md")


@pytest.mark.parametrize("within", [".", "site", "site/content"])
def test_github_is_told_path_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    """Whatever a file is called, and whichever folder of the checkout the command runs in."""
    content = tmp_path / "site/content"
    content.mkdir(parents=True)
    for name in NAMES:
        (content / name).write_text(BROKEN)
    (content / "rated.md").write_text('---\ntitle: A\ncertainty: 100%, "x"::y\n---\nText.\n')
    git(tmp_path, "init", "--quiet")
    monkeypatch.chdir(tmp_path / within)
    result = CliRunner().invoke(
        main, ["check", os.path.relpath(content), "--jobs", "1", "--format", "github"]
    )
    assert result.exit_code == 1, result.output
    read = [command_of(line) for line in result.stdout.split("\n") if line]
    errors = [properties for name, properties, _ in read if name == "error"]
    assert sorted(each["file"] for each in errors) == sorted(f"site/content/{n}" for n in NAMES)
    assert {each["line"] for each in errors} <= {"2", "3"}
    assert all("not valid YAML" in told for name, _, told in read if name == "error")
    (noted,) = [(properties, told) for name, properties, told in read if name == "notice"]
    assert noted[0] == {"title": "certainty"}
    assert '“100%, "x"::y” is not in the vocabulary' in noted[1]


def test_the_workflow_of_the_guide_runs_commands_that_there_are(root: Path) -> None:
    (workflow,) = [each for each in examples(root / "docs/writing.md") if "jobs" in each]
    steps = workflow["jobs"]["essays"]["steps"]
    (asked,) = [step["run"] for step in steps if step.get("run", "").startswith("essays ")]
    _, name, *rest = asked.split()
    main.commands[name].make_context(name, rest).close()
