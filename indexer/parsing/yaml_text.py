"""A piece of YAML with its words left as they were written.

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


class TooMany(ValueError):
    """More than :data:`MAX_VALUES`, no alias expanded."""


def load(text: str) -> Any:
    """The value of one YAML document. Raises yaml.YAMLError, :class:`TooDeep` or
    :class:`TooMany`.

    >>> load("tags: [no, 1.10]\\ndate: 2024-13-45\\nempty:")
    {'tags': ['no', '1.10'], 'date': '2024-13-45', 'empty': None}
    """
    # libyaml builds its tree by recursion in C: deep nesting ends the process. A tree of
    # millions takes long to build, and is refused then.
    if sum(map(text.count, _NESTING)) > FEW:
        _look_through(text)
    return yaml.load(text, Loader=PlainLoader)  # noqa: S506 - a SafeLoader


def _look_through(text: str) -> None:
    depth = scalars = 0
    try:
        for event in yaml.parse(text, Loader=PlainLoader):
            scalars += isinstance(event, yaml.ScalarEvent)
            if scalars > 2 * MAX_VALUES:  # a value has one key at the most
                raise TooMany
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH and event.start_mark:
                raise TooDeep(text.count("\n", 0, event.start_mark.index))
    except yaml.MarkedYAMLError as error:
        # libyaml reads ahead and may refuse the depth first, in words of its own.
        where = error.problem_mark.index if error.problem_mark else len(text)
        deep = _deep_bracket(text[:where])
        if deep is None:
            raise
        raise TooDeep(text.count("\n", 0, deep)) from error


def _deep_bracket(text: str) -> int | None:
    """Where brackets are nested past :data:`MAX_DEPTH`, if they are."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return found.start()
    return None


_BRACKETS = re.compile(r"[\[\]{}]")
_MERGE, _VALUE, _TEXT = (f"tag:yaml.org,2002:{name}" for name in ("merge", "value", "str"))


class PlainLoader(_SafeLoader):
    """YAML whose plain scalars stay text; only an empty or ``~`` value is nothing."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._merged = 0

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, AttributeError, LookupError, TypeError) as error:
            # What PyYAML lets out for a value that its explicit tag does not allow: !!int abc.
            what = f"an impossible value under the tag {node.tag}"
            raise ConstructorError(None, None, what, node.start_mark) from error

    def flatten_mapping(self, node: Any) -> None:
        """Put the keys that a mapping merges (``<<``) before its own, each key once.

        Not PyYAML's, whose versions differ: merges multiply there before anything can count them.
        """
        sources = [value for key, value in node.value if key.tag == _MERGE]
        node.value = [pair for pair in node.value if pair[0].tag != _MERGE]
        for key, _ in node.value:
            if key.tag == _VALUE:
                key.tag = _TEXT
        # Of two keys the later counts: a mapping's own, then what is merged first.
        pairs: dict[object, Any] = {}
        for source in sources:
            for mapping in source.value if isinstance(source, yaml.SequenceNode) else [source]:
                if not isinstance(mapping, yaml.MappingNode):
                    what = "something is merged (<<) that is not a mapping"
                    raise ConstructorError(None, None, what, mapping.start_mark)
                self.flatten_mapping(mapping)
                self._merged += len(mapping.value) + 1
                if self._merged > MAX_VALUES:
                    what = f"more than {MAX_VALUES:,} keys are merged (<<)"
                    raise ConstructorError(None, None, what, node.start_mark)
                for pair in mapping.value:
                    name = pair[0].value
                    same = (pair[0].tag, name) if isinstance(name, str) else id(name)
                    pairs.setdefault(same, pair)
        node.value = [*pairs.values(), *node.value]

    def unknown(self, node: Any) -> Any:
        """Refuse a tag that stands for no plain value."""
        raise ConstructorError(None, None, f"an unknown tag {node.tag}", node.start_mark)


PlainLoader.add_constructor(None, PlainLoader.unknown)
# On a class of its own: PyYAML's resolvers are shared between loaders unless replaced whole.
PlainLoader.yaml_implicit_resolvers = {
    start: [("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"))]
    for start in ("~", "n", "N", "")
} | {"<": [("tag:yaml.org,2002:merge", re.compile(r"<<$"))]}
