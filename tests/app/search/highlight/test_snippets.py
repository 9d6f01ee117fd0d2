"""Which stretches of an essay are shown for the words that were searched."""

from __future__ import annotations

import pytest

from app.search.highlight.matcher import Finder
from app.search.highlight.snippets import snippets
from indexer.parsing.markup import render


def shown(body: str, *words: str, count: int = 1) -> list[str]:
    """The text of the snippets for some words."""
    finder = Finder(words=tuple((word, word) for word in words))
    found = snippets(render(body).sections, finder, most=count)
    return ["".join(each.text for each in one.fragments) for one in found]


LISTED = "\n".join(f"* pump {number} and valve" for number in range(40))
TOLD = "A pump needs a valve, or the water runs back."


@pytest.mark.parametrize(
    "listed", [LISTED, f"```\n{LISTED}\n```", "| pump | valve |\n|---|---|\n| pump | valve |"]
)
@pytest.mark.parametrize("heading", ["\n\n", "\n\n## Next\n\n"])
def test_running_text_is_shown_rather_than_lists_and_code(listed: str, heading: str) -> None:
    assert shown(listed + heading + TOLD, "pump", "valve") == [TOLD]
    assert shown(TOLD + heading + listed, "pump", "valve")[0].startswith(TOLD)


def test_a_list_with_more_of_the_words_is_shown_before_text() -> None:
    body = f"The pump is old.\n\n## Parts\n\n{LISTED}"
    first, second = shown(body, "pump", "valve", count=2)
    assert first.startswith("pump 0 and valve")
    assert second == "The pump is old."
