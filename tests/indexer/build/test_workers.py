"""Files are read by workers, whatever becomes of those."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from indexer.build.batch import builder
from indexer.build.workers import read_all
from indexer.parsing.rules import Rules


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no such signal")
def test_workers_that_end_while_nobody_waits_for_them_cost_no_file(tmp_path: Path) -> None:
    """As when the system has no memory left for them while a segment is written, or when a build is
    stopped for a minute: the time that a file may take has then passed."""
    asked = [(f"{number:03}.md", "") for number in range(160)]
    for path, _ in asked:
        (tmp_path / path).write_text(f"# Title {path}\n\nText.")
    reads = read_all(tmp_path, asked, Rules(meaning=False), 2, builder)
    first = next(reads)
    workers = multiprocessing.active_children()
    assert len(workers) == 2
    for worker in workers:
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
    for worker in workers:
        worker.join(20)
    time.sleep(1)  # the pool notices
    readings = [reading for read in (first, *reads) for reading in read.readings]
    assert [reading.path for reading in readings] == [path for path, _ in asked]
    assert all(reading.essay is not None and not reading.problems for reading in readings)
