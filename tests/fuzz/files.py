"""Whole content files as people, tools and enemies write them.

A file is made from a seed by plain random choices: a million values take minutes so, where drawing
each from Hypothesis would take hours. What a seed makes is always the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from indexer.parsing.rules import ALIASES

#: Every key that means something, in the spellings of all tools, and some that mean nothing.
KEYS = [
    *(key for keys in ALIASES.values() for key in keys),
    "mood", "taxonomy", "x", "meta title", "Title", "TAGS", "<<", "null", "", "é", "路",
]  # fmt: skip

WORDS = [
    "map", "Straße", "naïve", "東京都", "नमस्ते", "שלום", "Ωmega", "🦉", "e\u0301tude", "ﬁn",
    "İstanbul", "\u200b", "\u202e", "\ufeff", "a\u0345", "\x07", "\u2028", "\u00a0", "a" * 300,
    "C++", "'", '"', "\\", "<b>", "&amp;", "{{", "[[x]]", "%", "#", ": ", "- ", "~", "|", ">",
    "---",
]  # fmt: skip

NUMBERS = [
    "0", "1", "7", "10", "100", "-1", "-0", "3.5", "80,5", "80%", "~80%", "60-70%", "½%", "½", "²",
    "٣", "٨٠٪", "१०", "7/10", "11/10", "0/0", "1e400", "1e-400", "nan", "inf", "-inf", ".nan",
    ".inf", "NaN", "Infinity", "0x1f", "0o17", "1_000", "1,000", "1.000,5", "9" * 400, "𝟕",
    "about 80%", ">90%", "80 ％", "+5", "5.", ".5", "--5", "%", "1e5%", "999999999999999999999",
    "0x" + "f" * 4_000, "0b" + "1" * 20_000, "9" * 5_000,
]  # fmt: skip

DATES = [
    "2024-01-30", "2024-02-30", "0000-00-00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z",
    "2024", "2024-1", "20240130", "٢٠٢٤-٠١-٣٠", "2024-01-30T24:00:00", "2024-01-30 10:00 +99:99",
    "yesterday", "30.01.2024", "-2024-01-01", "12024-01-01", "2024-01-30T05:00:00.123456789Z",
]  # fmt: skip

RATING_WORDS = [
    "Likely",
    "finished",
    "unrated",
    "UNRATED",
    "Log",
    "highly  likely",
    "draft",
    "high",
]
FLAGS = ["true", "false", "yes", "no", "on", "maybe", "True", "1", "~", "null"]
SLUGS = [
    "a",
    "a/b",
    "../x",
    "https://[",
    "http://e.org/a?b#c",
    "ö" * 900,
    "a/" * 600,
    "%2e%2e",
    ".",
]
TAGGED = ["!!int 7", "!!int x", "!!float .nan", "!!binary aGk=", "!!set {a, b}", "!!omap [a: 1]",
          "!!timestamp 2024-01-01", "!!python/object:os.x {}", "!!null ''", "!!bool maybe", "*a",
          "&a [1]", "&a {b: 1}", "!x y", "? x", "|\n  a\n  b", ">-\n  a"]  # fmt: skip


class File(NamedTuple):
    """A content file, and how many values its front matter was given."""

    data: bytes
    values: int


class Maker:
    """Makes files by the choices of one random source."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.values = 0

    def text(self) -> str:
        count = self.random.choice((0, 1, 1, 1, 2, 3, 8))
        return " ".join(self.random.choice(WORDS) for _ in range(count))

    def any_text(self) -> str:
        """Characters from anywhere, surrogates left out."""
        codes = (self.random.choice((0x7F, 0x2FF, 0xD7FF, 0x10FFFF)) for _ in range(6))
        made = "".join(chr(self.random.randrange(top + 1)) for top in codes)
        return made.encode("utf-8", "ignore").decode()

    def scalar(self) -> str:
        kind = self.random.random()
        if kind < 0.3:
            return self.random.choice(NUMBERS)
        if kind < 0.4:
            return self.number()
        if kind < 0.6:
            return self.text()
        if kind < 0.7:
            return self.any_text()
        return self.random.choice(self.random.choice((DATES, RATING_WORDS, FLAGS, SLUGS)))

    def number(self) -> str:
        sign = self.random.choice(("", "", "", "-", "+", "~", ">"))
        digits = self.random.choice(("0123456789", "٠١٢٣٤٥٦٧٨٩", "⁰¹²³⁴⁵⁶⁷⁸⁹", "०१२३४५६७८९"))
        size = self.random.choice((1, 1, 2, 2, 3, 5, 30))
        whole = "".join(self.random.choice(digits) for _ in range(size))
        return (
            sign + whole + self.random.choice(("", "", "%", " %", ".5", ",5", ",5%", "e9", "/10"))
        )

    def key(self) -> str:
        known = self.random.random() < 0.3
        return self.random.choice(KEYS) if known else f"k{self.random.randrange(10_000)}"

    def value(self, depth: int = 0) -> object:
        """A value of plain lists, mappings and texts."""
        self.values += 1
        kind = self.random.random()
        if depth < 3 and kind < 0.12:
            return [self.value(depth + 1) for _ in range(self.random.choice((0, 1, 2, 5)))]
        if depth < 3 and kind < 0.24:
            names = ("value", "percentage", "name", "tag", "x", self.any_text())
            size = self.random.choice((0, 1, 2))
            return {self.random.choice(names): self.value(depth + 1) for _ in range(size)}
        if kind < 0.3:
            return self.random.choice((None, True, False, 0, -1, 7, 2**64, 1e300, 0.1, 10**30))
        return self.scalar()

    def top(self) -> str:
        """A front matter of any syntax, whole or broken."""
        given = {self.key(): self.value() for _ in range(self.random.choice((3, 30, 100, 300)))}
        if self.random.random() < 0.03:
            return self.bomb()
        style = self.random.choice(
            (self.yaml, self.yaml, self.toml, self.json, self.fenced, self.ruled, self.loose)
        )
        made = style(given)
        if self.random.random() < 0.05:
            made = made[: self.random.randrange(len(made) + 1)]
        return made

    def yaml(self, given: dict[str, object]) -> str:
        return "---\n" + self._flow(given) + self.random.choice(("---\n", "...\n"))

    def _flow(self, given: dict[str, object]) -> str:
        return "".join(
            f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}\n"
            for key, value in given.items()
        )

    def toml(self, given: dict[str, object]) -> str:
        lines = []
        for key, value in given.items():
            bare = isinstance(value, str) and self.random.random() < 0.3
            written = value if bare else json.dumps(value, ensure_ascii=False)
            lines.append(f"{json.dumps(key, ensure_ascii=False)} = {written}\n")
        return "+++\n" + "".join(lines) + "+++\n"

    def json(self, given: dict[str, object]) -> str:
        return json.dumps(given, ensure_ascii=self.random.random() < 0.5, indent=1) + "\n"

    def fenced(self, given: dict[str, object]) -> str:
        return ";;;\n" + self.json(given) + ";;;\n"

    def ruled(self, given: dict[str, object]) -> str:
        rule = "# " + "=" * 20 + "\n"
        return f"{rule}# banner\n{rule}{self._flow(given)}{rule}"

    def loose(self, given: dict[str, object]) -> str:
        """YAML without quotes, as people write it, and its tags."""
        lines = []
        for key in given:
            plain = self.random.random() < 0.7
            written = self.scalar() if plain else self.random.choice(TAGGED)
            lines.append(f"{key}: {written}\n")
        return "---\n" + "".join(lines) + "---\n"

    def bomb(self) -> str:
        """A front matter that is much larger than it looks."""
        size = self.random.choice((3, 30, 300, 3_000))
        made: Callable[[], str] = self.random.choice((
            lambda: "---\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9 if n else 1}]\n"
                                      for n in range(min(size, 30))) + "---\n",
            lambda: "---\n" + "".join(f"a{n}: &a{n} {{{f'<<: *a{n - 1}, ' if n else ''}x{n}: 1}}\n"
                                      for n in range(size)) + "---\n",
            lambda: "---\na: " + "[" * size + "\n---\n",
            lambda: "+++\na = " + "[" * size + "]" * size + "\n+++\n",
            lambda: '{"a": ' * size + "1" + "}" * size + "\n",
            lambda: "---\ntags: [" + "t, " * size + "]\n---\n",
            lambda: f"---\ntitle: {'x ' * size}\nslug: {'ö' * size}\n---\n",
        ))  # fmt: skip
        return made()

    def body(self) -> str:
        kinds = (self.text, self.any_text, self.markup, self.again)
        count = self.random.choice((0, 1, 1, 3))
        return "\n\n".join(self.random.choice(kinds)() for _ in range(count))

    def markup(self) -> str:
        text = self.text()
        return self.random.choice((
            f"# {text}", f"{text}\n===", f"> {text}\n> - {text}", f"1. {text}\n\n    {text}",
            f"```python\n{text}\n```", f"| {text} |\n|---|\n| {text} |", f"[{text}](a.md#{text})",
            f"![{text}](../{text}.png)", f"[[{text}|{text}]]", f"[[#{text}]]", f"*{text}* **{text}",
            f"<div>{text}<p>", f"<script>{text}</script>", f"[^{text}]\n\n[^{text}]: {text}",
            f"{text}\n: {text}", f"<http://[{text}>", f"[a]: {text}\n[a]", f"<!-- {text}", "---",
        ))  # fmt: skip

    def again(self) -> str:
        """One thing many times."""
        times = self.random.choice((10, 100, 400))
        return times * self.random.choice((
            "[[", "[", "![", "[a](", "***\n", "<b>", "<a ", "a\n: ", ">", "`", "*a ", "__", "<!--",
            "&#", "[^1]", "- a\n", "  ", "\\", "|a", "x", "語", "<![CDATA[", "#", "~~~\n", "$",
        ))  # fmt: skip

    def file(self) -> File:
        self.values = 0
        top = "" if self.random.random() < 0.05 else self.top()
        data = (top + "\n" + self.body() + "\nquiet\n").encode("utf-8", "surrogatepass")
        spoiled = self.random.random()
        if spoiled < 0.02:
            data = data.replace(b"a", b"\xff")
        elif spoiled < 0.04:
            data = data.decode("utf-8", "replace").encode("utf-16")
        elif spoiled < 0.06:
            data = data.replace(b"\n", b"\r\n")
        return File(data, self.values)


def folder(seed: int, files: int) -> list[File]:
    """The files of a folder, made from a seed."""
    maker = Maker(Random(seed))
    return [maker.file() for _ in range(files)]


#: What folders are made from. Numbers, not folders: those of examples that the clock no longer lets
#: through need not be made.
SEEDS: SearchStrategy[int] = st.integers(0, 2**48)
