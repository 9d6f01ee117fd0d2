"""The words of an archive that another word is a part of.

German and its neighbours write compounds as one word. Their parts are found by the archive's own
dictionary: a word is a compound of another if what stands beside it is made of words too, with the
letters between that join them. What follows from how a language forms words and not from its
words (*Rat* in *Rationalität*) is not taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: The languages that join words, and the letters they put between them.
JOINTS = {
    "de": ("es", "en", "er", "s", "n", "e"),
    "nl": ("en", "s", "e"),
    "sv": ("s",),
    "da": ("s", "e"),
    "no": ("s", "e"),
}
#: A word this short is a part of too many; so is what stands beside it.
MIN_PART_LETTERS, MIN_REST_LETTERS = 4, 3
#: Compounds of one word that are looked for.
MAX_COMPOUNDS = 100


class Compounds:
    """The words of one language in an archive, each with its terms.

    >>> words = ["daten", "schutz", "datenschutz", "verordnung", "datenschutzgrundverordnung"]
    >>> list(Compounds("de", {word: [] for word in words}).of("datenschutz"))
    ['datenschutzgrundverordnung']
    >>> list(Compounds("de", {"ration": [], "rationalitat": [], "kinder": []}).of("ration"))
    []
    """

    def __init__(self, lang: str, terms: Mapping[str, Sequence[str]]) -> None:
        self.terms = terms
        self._joints = JOINTS[lang]
        self._listed = "\n".join(["", *sorted(terms), ""])

    def of(self, part: str) -> Iterator[str]:
        """The words, in order, that are made of ``part`` and others; at most
        :data:`MAX_COMPOUNDS`."""
        at = self._listed.find(part) if len(part) >= MIN_PART_LETTERS else -1
        found = 0
        while at >= 0 and found < MAX_COMPOUNDS:
            start = self._listed.rfind("\n", 0, at) + 1
            end = self._listed.find("\n", at)
            before, after = self._listed[start:at], self._listed[at + len(part) : end]
            if (before or after) and self._before(before) and self._after(after):
                found += 1
                yield self._listed[start:end]
                at = end
            at = self._listed.find(part, at + 1)

    def _before(self, rest: str) -> bool:
        return not rest or any(self._made(bare) for bare in self._without(rest, str.removesuffix))

    def _after(self, rest: str) -> bool:
        return not rest or any(self._made(bare) for bare in self._without(rest, str.removeprefix))

    def _without(self, rest: str, remove: Callable[[str, str], str]) -> list[str]:
        return [rest, *(remove(rest, joint) for joint in self._joints)]

    def _made(self, rest: str) -> bool:
        """Whether a stretch is a word, or begins or ends with one."""
        if len(rest) < MIN_REST_LETTERS:
            return False
        if rest in self.terms:
            return True
        cuts = range(MIN_REST_LETTERS, len(rest) - MIN_REST_LETTERS + 1)
        return any(
            (cut >= MIN_PART_LETTERS and rest[:cut] in self.terms)
            or (len(rest) - cut >= MIN_PART_LETTERS and rest[cut:] in self.terms)
            for cut in cuts
        )


def dictionaries(inflections: Iterable[str], separator: str) -> Mapping[str, Compounds]:
    """The words of each language that joins words, from what an index tells of inflection."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in inflections:
        stem, *rest = each.split(separator)
        if len(rest) == 2 and rest[0] in JOINTS:
            lang, word = rest
            terms = found.setdefault(lang, {}).setdefault(word, [])
            terms.append(f"{stem}{separator}{lang}")
    return {lang: Compounds(lang, words) for lang, words in found.items()}
