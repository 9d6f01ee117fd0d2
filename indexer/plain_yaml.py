"""What does a piece of YAML hold, if its words are left as they were written?

PyYAML's safe loader, without its guesses (``no`` is a word, ``1.10`` keeps its zero, an impossible
date is a text) and without its ways of taking a process down: nesting that overflows the C stack,
merges that multiply.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.constructor import ConstructorError

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

#: More values than this, counted with every alias expanded, are a bomb and no essay's metadata.
MAX_VALUES = 20_000
MAX_DEPTH = 30

#: A level of YAML needs one of these; with so few of them nothing can be nested dangerously.
_NESTING = ("[", "{", "-", ":", "?")
FEW = 200


class TooDeep(ValueError):
    """Nested past :data:`MAX_DEPTH`, from ``line`` (counted from 0) on."""

    def __init__(self, line: int) -> None:
        super().__init__("nested too deeply")
        self.line = line


def load(text: str) -> Any:
    """The value of one YAML document. Raises yaml.YAMLError, or :class:`TooDeep`.

    >>> load("tags: [no, 1.10]\\ndate: 2024-13-45\\nempty:")
    {'tags': ['no', '1.10'], 'date': '2024-13-45', 'empty': None}
    """
    # libyaml builds its tree by recursion in C: deep nesting ends the process.
    if sum(map(text.count, _NESTING)) > FEW:
        _refuse_deep(text)
    return yaml.load(text, Loader=PlainLoader)  # noqa: S506 - a SafeLoader


def _refuse_deep(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH and event.start_mark:
            raise TooDeep(text.count("\n", 0, event.start_mark.index))


class PlainLoader(_SafeLoader):
    """YAML whose plain scalars stay text; only an empty or ``~`` value is nothing."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, AttributeError, LookupError, TypeError) as error:
            # What PyYAML lets out for a value that its explicit tag does not allow: !!int abc.
            what = f"an impossible value under the tag {node.tag}"
            raise ConstructorError(None, None, what, node.start_mark) from error

    def flatten_mapping(self, node: Any) -> None:
        # Merge keys multiply while they are loaded, before anything can count them.
        wide = any(
            key.tag == "tag:yaml.org,2002:merge" and len(value.value) > MAX_DEPTH
            for key, value in node.value
            if isinstance(value, yaml.SequenceNode)
        )
        super().flatten_mapping(node)
        if wide or len(node.value) > MAX_VALUES:
            what = "too many merged keys (<<)"
            raise ConstructorError(None, None, what, node.start_mark)


# On a class of its own: PyYAML's resolvers are shared between loaders unless replaced whole.
PlainLoader.yaml_implicit_resolvers = {
    start: [("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"))]
    for start in ("~", "n", "N", "")
} | {"<": [("tag:yaml.org,2002:merge", re.compile(r"<<$"))]}
