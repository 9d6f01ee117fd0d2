"""Whatever was edited in whatever steps: the answers are those of a full build."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient

from indexer.parsing.rules import Rules
from indexer.storage import generation

if TYPE_CHECKING:
    from tests.conftest import Archive

WORDS = "map tide clock reef moon kelp wind harbour chart lantern".split()
ADDRESSES = (
    "/api/v1/search", "/api/v1/search?q=map", "/api/v1/search?q=tide+moon", "/api/v1/search?q=k*",
    "/api/v1/search?q=%22map+tide%22", "/api/v1/search?q=reff", "/api/v1/search?q=clock&tag=kelp",
    "/api/v1/search?q=what+does+the+tide+do+to+a+harbour", "/api/v1/search?sort=title&per_page=100",
    "/api/v1/facets", "/api/v1/essays/e3", "/api/v1/essays/e3/related",
)  # fmt: skip


def edit(archive: Archive, number: int, draw: random.Random) -> None:
    def some(least: int, most: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(least, most)))

    meta: dict[str, Any] = {
        "title": some(1, 3),
        "slug": f"e{number}",
        "tags": draw.sample(WORDS, 2),
    }
    if draw.random() < 0.5:
        meta["date"] = f"202{draw.randint(0, 4)}-0{draw.randint(1, 9)}-01"
        meta["certainty"] = draw.choice(["Likely", "Possible"])
    archive.write(f"{number}.md", f"{some(5, 40)}.\n\n## {some(1, 2)}\n\n{some(5, 40)}.", **meta)


def told(client: FlaskClient, address: str) -> tuple[int, Any]:
    answer = client.get(address)
    return answer.status_code, without_the_clock(answer.get_json())


def without_the_clock(answer: Any) -> Any:
    """An answer without the number of its generation and the time that it took; scores rounded."""
    if isinstance(answer, dict):
        passing = ("generation", "took_ms")
        return {k: without_the_clock(v) for k, v in answer.items() if k not in passing}
    if isinstance(answer, list):
        return [without_the_clock(each) for each in answer]
    return round(answer, 6) if isinstance(answer, float) else answer


def test_after_many_edits_the_answers_are_those_of_a_full_build(
    make: Callable[..., Archive],
) -> None:
    draw = random.Random(7)
    edited, anew = make("edited", Rules()), make("anew", Rules())
    for number in range(150):
        edit(edited, number, draw)
    edited.build()
    seen = set()
    for _ in range(60):
        edit(edited, draw.randrange(155), draw)
        if draw.random() < 0.1:
            (edited.content / f"{draw.randrange(4, 150)}.md").unlink(missing_ok=True)
        edited.build()
        pointer = generation.current(edited.index)
        seen.add(len(generation.segments_of(edited.index, pointer)))
    assert max(seen) > 1
    for file in edited.content.glob("*.md"):
        (anew.content / file.name).write_bytes(file.read_bytes())
    anew.build()
    one, other = edited.app().test_client(), anew.app().test_client()
    for address in ADDRESSES:
        assert told(one, address) == told(other, address), address
