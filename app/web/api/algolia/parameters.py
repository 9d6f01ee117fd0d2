"""What a client sent, in any of its forms, as named values.

Clients say the same in several ways: a body that is JSON whatever its content type says; parameters
beside one another in it, or under ``params`` as an object or as an encoded query string; and in a
query string a list is JSON or words between commas.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from app.web.api.algolia.refusal import Refused

#: Bytes of a body, and of what a compressed one becomes.
MAX_BODY = 200_000


def body(sent: bytes, encoding: str = "") -> dict[str, Any]:
    """The object that a body holds; an empty one holds nothing. Raises
    :class:`~app.web.api.algolia.refusal.Refused`.

    >>> body(b'{"query": "maps"}')
    {'query': 'maps'}
    """
    text = _unpacked(sent) if encoding.strip().lower() == "gzip" else sent
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"Invalid JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refused("Invalid JSON: expected an object")
    return found


def _unpacked(sent: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(sent, MAX_BODY)
    except zlib.error as error:
        raise Refused(f"Invalid gzip: {error}") from error
    if unpacking.unconsumed_tail:
        raise Refused(f"A body can have at most {MAX_BODY:,} bytes", 413)
    return text


class Parameters:
    """The parameters of one query, read by name. What is not known is left alone.

    >>> found = Parameters({"params": "query=a%20b&facets=%5B%22tags%22%5D&page=1"})
    >>> found.text("query"), found.names("facets"), found.whole("page", 0, 9)
    ('a b', ['tags'], 1)
    """

    def __init__(self, sent: Mapping[str, Any]) -> None:
        values = {name: value for name, value in sent.items() if name != "params"}
        inner = sent.get("params")
        if isinstance(inner, str):
            values |= dict(parse_qsl(inner, keep_blank_values=True))
        elif isinstance(inner, dict):
            values |= inner
        elif inner is not None:
            raise Refused("params must be an object or an encoded query string")
        self.values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers as they are written."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Refused(f'Invalid value for "{name}" parameter, expected string')
        return str(value)

    def whole(self, name: str, default: int, most: int) -> int:
        """A whole number from 0; a greater one than ``most`` is taken as that."""
        value = self.values.get(name, default)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value[:30])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise Refused(
                f'Invalid value for "{name}" parameter, expected integer between 0 and {most}'
            )
        return min(value, most)

    def names(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list of words, however it is written."""
        if name not in self.values:
            return list(default)
        value = self.tree(name)
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise Refused(f'Invalid value for "{name}" parameter, expected array of strings')
        return [each.strip() for each in listed if each.strip()]

    def tree(self, name: str) -> Any:
        """A list of texts and lists as it was sent; JSON in a text is read."""
        value = self.values.get(name, [])
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                return msgspec.json.decode(value)
            except (msgspec.DecodeError, RecursionError) as error:
                raise Refused(f'Invalid value for "{name}" parameter: {error}') from error
        return value

    def echo(self) -> str:
        """Every parameter as an encoded query string, as answers repeat it."""
        return urlencode({name: _written(value) for name, value in self.values.items()})


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
