"""Changes of a front matter made in YAML text: what does not change keeps its comments and form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import yaml

from indexer.essay import valid_text
from indexer.migrate.plan import Entry
from indexer.parsing.yaml_text import PlainLoader

#: Characters of a line up to which a list stands on one.
LINE = 100


class _Dumper(yaml.SafeDumper):
    """YAML in the form of ``docs/writing.md``: dates without quotes, long texts line by line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _is_date(text):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)
    # Blank ends would ask for signs behind the bar, and an end of the document below it.
    style = "|" if "\n" in text and text.removesuffix("\n") == text.strip() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_date(text: str) -> bool:
    tag = yaml.SafeDumper.yaml_implicit_resolvers.get(text[:1], [])
    return any(
        name == "tag:yaml.org,2002:timestamp" and pattern.fullmatch(text) for name, pattern in tag
    )


_Dumper.add_representer(str, _represent_text)


def written_entry(key: str, value: Any) -> str:
    """One key with its value as YAML, without the last line end.

    >>> print(written_entry("tags", ["maps", "10"]))
    tags: [maps, '10']
    >>> print(written_entry("publishdate", "2024-01-30"))
    publishdate: 2024-01-30
    """
    text = ""
    for flow in (None, False):  # leaves on one line, as far as they fit
        dumper = _Dumper(io.StringIO(), default_flow_style=flow, sort_keys=False)
        node = dumper.represent_data({key: value})
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = False
        text = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=10**9).rstrip("\n")
        if max(map(len, text.split("\n"))) <= LINE:
            break
    return text


def edited(block: str, entries: Sequence[Entry]) -> str | None:
    """A block of YAML with the keys and values of ``entries``; None where it is written in a form
    that cannot be changed piece by piece.

    >>> edited("created: 2024 # or so\\nmood: calm\\n", [
    ...     Entry("created", "publishdate", "2024", False), Entry("mood", "mood", "calm", False)])
    'publishdate: 2024 # or so\\nmood: calm\\n'
    """
    root = yaml.compose(valid_text(block), Loader=PlainLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    column = root.start_mark.column
    wanted = {entry.old: entry for entry in entries if entry.old is not None}
    pieces: list[tuple[int, int, str]] = []
    for key, value in root.value:
        start = key.start_mark.index
        end = max(_end(value, block), key.end_mark.index + 1)
        entry = wanted.get(key.value)
        if entry is None:
            line_end = block.find("\n", end)
            pieces.append((start - column, line_end + 1 if line_end >= 0 else len(block), ""))
        elif entry.changed:
            pieces.append((start, end, _indented(written_entry(entry.key, entry.value), column)))
        elif entry.key != key.value:
            pieces.append((start, key.end_mark.index, entry.key))
    for start, end, text in reversed(pieces):
        block = block[:start] + text + block[end:]
    added = [written_entry(entry.key, entry.value) for entry in entries if entry.old is None]
    if not added:
        return block
    lines = "\n".join(" " * column + _indented(text, column) for text in added)
    return f"{block.rstrip()}\n{lines}\n"


def _end(node: yaml.Node, block: str) -> int:
    """Where the text of a value ends, comments below it not counted."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, block)
    end: int = node.end_mark.index
    start: int = node.start_mark.index
    return start + len(block[start:end].rstrip())


def _indented(text: str, column: int) -> str:
    return text.replace("\n", "\n" + " " * column)
