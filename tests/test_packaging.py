"""What is installed and run elsewhere: the wheel, the image, the service, completion in a shell.

No container is built here. What the files of the image and the service name is held against this
checkout and the command.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
import yaml

from app.cli.commands import main
from tests.conftest import environment


def instructions(root: Path) -> list[tuple[str, str]]:
    """The instructions of the Containerfile with their arguments, lines joined."""
    text = (root / "Containerfile").read_text("utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line]


def understood(arguments: list[str]) -> str:
    """The name of the command that arguments call; fails for what it does not know."""
    name, *rest = arguments
    command = main.commands[name]
    command.make_context(name, rest, resilient_parsing=False).close()
    return name


def test_the_image_copies_what_is_there(root: Path) -> None:
    ignored = [
        line for line in (root / ".dockerignore").read_text("utf-8").splitlines() if line != "*"
    ]
    sent = {line[1:] for line in ignored if line[0] == "!"}
    copied = [
        source
        for name, rest in instructions(root)
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert {source.removeprefix("./") for source in copied} == sent
    assert all((root / each).exists() for each in sent)
    assert any(fnmatch("app/web/__pycache__", pattern) for pattern in ignored)


def test_the_image_runs_as_nobody_and_says_how_it_is(root: Path) -> None:
    steps = instructions(root)
    assert [name for name, _ in steps].count("FROM") == 2
    last = steps[max(n for n, (name, _) in enumerate(steps) if name == "FROM") :]
    final = dict(last)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", final["USER"])
    assert "/healthz" in final["HEALTHCHECK"]
    probe = re.search(r'"-c", "(.*)"\]', final["HEALTHCHECK"])
    assert probe
    compile(probe[1], "probe", "exec")
    assert final["ENTRYPOINT"] == '["essays"]'
    assert understood(re.findall(r'"([^"]*)"', final["CMD"])) == "serve"
    assert final["VOLUME"] in final["CMD"]
    names = [name for name, _ in last]
    assert names.index("USER") > max(n for n, name in enumerate(names) if name in ("RUN", "COPY"))


def test_compose_builds_this_image_and_fills_its_folders(root: Path) -> None:
    site = yaml.safe_load((root / "compose.yaml").read_text("utf-8"))["services"]["site"]
    assert (root / site["build"]["context"] / site["build"]["dockerfile"]).is_file()
    command = dict(instructions(root))["CMD"]
    folders = [volume.split(":")[1] for volume in site["volumes"]]
    assert folders == ["/content", "/state"]
    assert all(f'"{folder}' in command for folder in folders)


def test_the_service_starts_the_command_that_there_is(root: Path) -> None:
    text = (root / "docs/essays.service").read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, *arguments = shlex.split(start)
    assert program.endswith("/essays")
    assert understood(arguments) == "serve"
    for wanted in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert wanted in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_the_service_is_one_to_systemd(root: Path, tmp_path: Path) -> None:
    text = (root / "docs/essays.service").read_text("utf-8")
    unit = tmp_path / "essays.service"
    unit.write_text(text.replace("/opt/essays/bin/essays", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert str(unit) not in done.stderr
    assert done.returncode == 0, done.stderr


def test_a_wheel_has_templates_and_types(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory",
         str(tmp_path)],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"app/py.typed", "indexer/py.typed"} <= names
    templates = {file.relative_to(root) for file in (root / "templates").rglob("*.*")}
    assert {f"app/{name.as_posix()}" for name in templates} <= names
    assert not [name for name in names if name.startswith(("tests/", "content/"))]


def test_a_shell_completes_commands_options_and_choices(tmp_path: Path) -> None:
    """Bash, with the line that docs/settings.md shows."""
    program = tmp_path / "essays"
    program.write_text(
        f"#!{sys.executable}\nfrom app.cli.commands import main\nmain(prog_name='essays')\n"
    )
    program.chmod(0o755)
    script = 'eval "$(_ESSAYS_COMPLETE=bash_source essays)"; complete -p essays; '
    for words, at in (("essays ex", 1), ("essays search --certainty-m", 2),
                      ("essays search --sort up", 3)):  # fmt: skip
        script += (
            f"COMP_WORDS=({words}); COMP_CWORD={at}; COMPREPLY=(); "
            "_essays_completion essays; echo ${COMPREPLY[@]}; "
        )
    variables = environment()
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True,
        env=variables | {"PATH": f"{tmp_path}:{variables['PATH']}"},
    )  # fmt: skip
    _, command, option, choice = done.stdout.splitlines()
    assert command == "export"
    assert option.split() == ["--certainty-min", "--certainty-max"]
    assert choice == "updated"


def test_every_command_has_help_for_completion() -> None:
    assert all(
        isinstance(command, click.Command) and command.help for command in main.commands.values()
    )
