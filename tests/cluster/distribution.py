"""OpenSearch, fetched once by Maven and kept where every user may read it, and Java to run it.

A Java runtime made for a program of its own, as some packages have one, will not do: OpenSearch
asks for the locales of all its analyzers when it makes an index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
NAME = "opensearch-3.5.0"
#: Where systems install runtimes, and the oldest that OpenSearch 3 runs on.
JVMS = Path("/usr/lib/jvm")
OLDEST = 21
UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack-dependencies"


class NotStarted(Exception):
    """A cluster that cannot be had, and why."""


def home() -> Path:
    """The folder where what was fetched is kept: not in a checkout, which the user that OpenSearch
    runs as may not be allowed to enter."""
    chosen = os.environ.get("ESSAYS_CLUSTER_HOME")
    place = Path(chosen or f"/var/tmp/essays-cluster-{os.getuid()}")
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    info = place.stat()
    if info.st_uid != os.getuid() or info.st_mode & 0o022:
        raise NotStarted(f"{place} is not a folder that only this user can write to.")
    return place


def opensearch() -> Path:
    """The unpacked distribution; fetched the first time."""
    kept = home() / NAME
    if not kept.is_dir():
        with tempfile.TemporaryDirectory(dir=home()) as made:
            _run_maven(Path(made))
            _keep(Path(made) / NAME, kept)
    return kept


def java() -> Path:
    """The home of an installed Java runtime that OpenSearch can use."""
    for there in (os.environ.get("JAVA_HOME"), *sorted(JVMS.glob("*"), reverse=True)):
        if there and _version(Path(there)) >= OLDEST:
            return Path(there)
    raise NotStarted(
        f"OpenSearch needs Java {OLDEST} or newer: install it, as by"
        " apt install openjdk-21-jre-headless, or set JAVA_HOME."
    )


def _version(runtime: Path) -> int:
    """The number of a Java runtime, 0 for what is none."""
    try:
        told = (runtime / "release").read_text()
    except OSError:
        return 0
    found = re.search(r'JAVA_VERSION="(\d+)', told)
    return int(found[1]) if found else 0


def _keep(made: Path, kept: Path) -> None:
    """Move a finished folder to its place; another process may have done the same just before."""
    made.chmod(0o755)
    try:
        made.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise


def _run_maven(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise NotStarted("Maven is needed to fetch OpenSearch: install it (apt install maven).")
    line = [
        maven,
        "--batch-mode",
        "--quiet",
        "--file",
        str(POM),
        UNPACK,
        f"-DoutputDirectory={folder}",
    ]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(f"Maven could not fetch OpenSearch: {done.stdout}{done.stderr}")
