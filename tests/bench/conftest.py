"""Which of these are tests? None: they measure, for minutes, and need engines that tests do not."""

from __future__ import annotations

collect_ignore_glob = ["*.py", "peers/*.py"]
