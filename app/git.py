"""Fetching what was pushed: ``git pull`` in the folder of the essays."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from indexer.errors import PullFailed

#: Seconds after which a pull is given up.
PATIENCE = 300


def pull(content: Path) -> None:
    """Bring the repository that holds ``content`` to what its remote has, if that only adds
    commits. Raises :class:`~indexer.errors.PullFailed`; then the folder is as it was."""
    try:
        # Without a terminal nothing can wait for a password.
        done = subprocess.run(  # noqa: S603 - no part of the command comes from a request
            ["git", "-C", str(content), "pull", "--ff-only", "--quiet"],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            start_new_session=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise PullFailed(
            "git is not installed here.", "Install it, or set pull = false."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PullFailed(f"git pull took more than {PATIENCE} seconds.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [""]
        told = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        raise PullFailed(f"git pull failed: {without_secrets(told)}")


def without_secrets(text: str) -> str:
    """A line of git's without the user and password of an address.

    >>> without_secrets("fatal: unable to access 'https://me:t0ken@example.org/essays.git/'")
    "fatal: unable to access 'https://example.org/essays.git/'"
    """
    return re.sub(r"://[^/@\s']*@", "://", text)
