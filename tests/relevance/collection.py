"""Which documents, questions and judgements does a folder hold?

Three files: ``docs.jsonl`` (``id``, ``title``, ``text``), ``queries.jsonl`` (``id``, ``text``)
and ``qrels.tsv`` (query, document, grade, between tabs; a heading line may stand above).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

_T = TypeVar("_T")


class Document(msgspec.Struct, frozen=True):
    """One document as it was published: plain text, no markup."""

    id: str
    text: str
    title: str = ""


class Question(msgspec.Struct, frozen=True):
    """One query, as somebody typed it."""

    id: str
    text: str


#: Query -> document -> grade; 0 and less is not relevant.
Judgements = dict[str, dict[str, int]]


class Collection(NamedTuple):
    """A collection in memory. ``questions`` are those that some document answers."""

    name: str
    documents: list[Document]
    questions: list[Question]
    judgements: Judgements


def read(folder: Path) -> Collection:
    """The collection in ``folder``; ValueError, with the place, where it does not hold together.

    A question without a relevant document tells nothing about a ranking and is left out.
    """
    documents = _lines(folder / "docs.jsonl", Document)
    questions = _lines(folder / "queries.jsonl", Question)
    judgements = _judgements(folder / "qrels.tsv")
    for name, ids in (
        ("docs.jsonl", [each.id for each in documents]),
        ("queries.jsonl", [each.id for each in questions]),
    ):
        if len(set(ids)) != len(ids) or not all(ids):
            raise ValueError(f"{folder / name}: every id is given once, and none is empty.")
    answered = [
        each for each in questions if any(g > 0 for g in judgements.get(each.id, {}).values())
    ]
    if not answered:
        raise ValueError(f"{folder / 'qrels.tsv'}: no question has a relevant document.")
    return Collection(folder.resolve().name, documents, answered, judgements)


def _lines(file: Path, shape: type[_T]) -> list[_T]:
    decode = msgspec.json.Decoder(shape, strict=False).decode
    made = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                made.append(decode(line))
            except msgspec.MsgspecError as error:
                raise ValueError(f"{file}:{number}: {error}") from error
    return made


def _judgements(file: Path) -> Judgements:
    made: Judgements = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if not row:
                continue
            try:
                query, document, grade = row
                made.setdefault(query, {})[document] = int(grade)
            except ValueError as error:
                if number > 1:
                    raise ValueError(f"{file}:{number}: {error}") from error
    return made
