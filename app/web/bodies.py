"""Bodies of requests, read within bounds.

A body whose length is not said comes in chunks, and each chunk costs some ten microseconds, however
small it is: 50,000 of one byte took a third of a second of processors. So such a body has to be
short, and is read no longer than a short time of this thread's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import abort, request

#: Bytes that are asked for at a time.
CHUNK = 65_536
#: The same for a body whose length is not said, the bytes that it may have, and the seconds of a
#: processor that reading it may take.
STEP, UNSAID, SECONDS = 1_024, 16_384, 0.02


def pieces(most: int) -> Iterator[bytes]:
    """The body of this request piece by piece, if it has at most so many bytes; 413 otherwise, and
    for one in chunks that takes too long."""
    said = request.content_length is not None
    request.max_content_length = most if said else min(most, UNSAID)
    stream = request.stream
    began = time.thread_time()
    while piece := stream.read(CHUNK if said else STEP):
        if not said and time.thread_time() - began > SECONDS:
            abort(413)
        yield piece


def body(most: int) -> bytes:
    """The body of this request as a whole; see :func:`pieces`."""
    return b"".join(pieces(most))
