"""Bodies of requests, read within bounds.

A body whose length is not said comes in chunks, and each chunk costs some microseconds, however
small it is: 200,000 of one byte took more than a second. So such a body has to be short.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import request

#: Bytes that are asked for at a time, and bytes of a body whose length is not said.
CHUNK, UNSAID = 65_536, 8_192


def pieces(most: int) -> Iterator[bytes]:
    """The body of this request piece by piece, if it has at most so many bytes; 413 otherwise."""
    request.max_content_length = most if request.content_length is not None else min(most, UNSAID)
    stream = request.stream
    while piece := stream.read(CHUNK):
        yield piece


def body(most: int) -> bytes:
    """The body of this request as a whole; see :func:`pieces`."""
    return b"".join(pieces(most))
