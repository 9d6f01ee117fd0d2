"""Which program a file was written for, and what its keys mean there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Programs whose files are understood. ``fenced`` is YAML between comment rules.
KINDS = ("hugo", "jekyll", "obsidian", "quartz", "hakyll", "fenced")

#: Keys beyond those that every file may use (:data:`indexer.parsing.rules.ALIASES`), by the field
#: that they mean.
OTHER_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "hugo": {"slug": ("url",), "lang": ("language",)},
    "jekyll": {"updated": ("last_modified_at", "last-modified-at")},
    "obsidian": {
        "published": ("date created", "date-created", "creation date"),
        "updated": ("date modified", "date-modified", "modification date"),
    },
    "quartz": {"published": ("published",), "updated": ("last-modified",)},
    "hakyll": {},
    "fenced": {},
}

#: Mappings that hold keys of an essay: Zola's, Grav's and Hugo's.
CONTAINERS = ("taxonomies", "taxonomy", "params", "extra")

#: The name of a file whose date Jekyll reads, and Hugo where it is told to: day, hyphen, title.
DATED = re.compile(r"(?:.*/)?(\d{4}-\d{1,2}-\d{1,2})-[^/]+", re.DOTALL)

_HASH = re.compile(r"\s*#[^\s#]")


def kind_of(path: str, metadata: Mapping[str, Any], fence: str) -> str:
    """The program that a file was most likely written for; ``fence`` is the name of its handler.

    >>> kind_of("_posts/2024-01-30-kelp.md", {"layout": "post"}, "Yaml")
    'jekyll'
    >>> kind_of("kelp.md", {"created": "2024", "confidence": "likely"}, "Yaml")
    'hakyll'
    """
    keys = {key.lower() for key in metadata}
    if path.startswith("_posts/") or "/_posts/" in path:
        return "jekyll"
    if fence == "CommentFencedYaml":
        return "fenced"
    if fence in ("Toml", "FencedJson", "Json"):
        return "hugo"
    if "layout" in keys:
        return "jekyll"
    if keys & {"confidence", "belief"} and keys & {"created", "modified"}:
        return "hakyll"
    if keys & {"enabletoc", "last-modified", "socialdescription", "socialimage"}:
        return "quartz"
    tags = next((value for key, value in metadata.items() if key.lower() in ("tags", "tag")), None)
    listed = tags if isinstance(tags, list) else [tags]
    if any(isinstance(tag, str) and _HASH.match(tag) for tag in listed):
        return "obsidian"
    if keys & {"aliases", "cssclass", "cssclasses", "publish", "date created", "date modified"}:
        return "obsidian"
    return "hugo"
