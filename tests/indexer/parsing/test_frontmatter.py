"""Every fence that authors write, every way to break one, and the line that the problem names."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.frontmatter import BadFrontMatter, parse
from indexer.parsing.yaml_text import MAX_DEPTH, MAX_VALUES

RULE = "# " + "=" * 40
SEED_BANNER = f"{RULE}\n# On maps\n# by hand\n{RULE}\n"

T = {"title": "Maps"}

FENCES = {
    "yaml": ("---\ntitle: Maps\n---\n\nText.", T, 5),
    "yaml-dots": ("---\ntitle: Maps\n...\nText.", T, 4),
    "yaml-long-fence": ("-----\ntitle: Maps\n-----\nText.", T, 4),
    "yaml-space-after-fence": ("--- \ntitle: Maps\n---\t\nText.", T, 4),
    "yaml-empty": ("---\n---\nText.", {}, 3),
    "yaml-only-comments": ("---\n# nothing yet\n---\nText.", {}, 4),
    "toml": ('+++\ntitle = "Maps"\n+++\nText.', T, 4),
    "toml-empty": ("+++\n+++\nText.", {}, 3),
    "json": ('{\n  "title": "Maps"\n}\n\nText.', T, 5),
    "json-one-line": ('{"title": "Maps"}\nText.', T, 2),
    "json-brace-in-text": ('{"title": "Maps", "x": "}\\n}"}\nText.', T | {"x": "}\n}"}, 2),
    "json-fenced": (';;;\n{"title": "Maps"}\n;;;\nText.', T, 4),
    "json-fenced-bare": (';;;\n"title": "Maps"\n;;;\nText.', T, 4),
    "rules-doubled": (f"{SEED_BANNER}{RULE}\ntitle: Maps\n{RULE}\nText.", T, 8),
    "rules-single": (f"{SEED_BANNER}title: Maps\n{RULE}\nText.", T, 7),
    "rules-no-banner": (f"{RULE}\ntitle: Maps\n{RULE}\nText.", T, 4),
    "rules-tight": (f"#{'=' * 10}\ntitle: Maps\n#{'=' * 10}\n\n\nText.", T, 6),
    "rules-commented-key": (f"{RULE}\n# a\ntitle: Maps\n{RULE}\nText.", T, 5),
    "none": ("Text.", {}, 1),
    "none-below-blanks": ("\n \n\nText.", {}, 4),
    "leading-blanks": ("\n\n---\ntitle: Maps\n---\nText.", T, 6),
    "bom": ("\ufeff---\ntitle: Maps\n---\nText.", T, 4),
    "crlf": ("---\r\ntitle: Maps\r\n---\r\n\r\nText.", T, 5),
    "cr": ("---\rtitle: Maps\r---\rText.", T, 4),
    "bom-blanks-crlf": ("\ufeff\r\n---\r\ntitle: Maps\r\n---\r\nText.", T, 5),
}


@pytest.mark.parametrize(("text", "metadata", "line"), FENCES.values(), ids=FENCES.keys())
def test_every_fence(text: str, metadata: dict[str, Any], line: int) -> None:
    top = parse(text)
    assert (top.metadata, top.body, top.line) == (metadata, "Text.", line)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param("", "", id="empty-file"),
        pytest.param(" \n\n", "", id="blank-file"),
        pytest.param("---\ntitle: Maps\n---", "", id="no-body"),
        pytest.param("---\na: b\n---\none\n\n---\n\ntwo", "one\n\n---\n\ntwo", id="ruler-in-body"),
        pytest.param("---\na: b\n---\none\n\n...\n\ntwo", "one\n\n...\n\ntwo", id="dots-in-body"),
        pytest.param("+++\n+++\none\n+++\ntwo", "one\n+++\ntwo", id="plusses-in-body"),
        pytest.param(f"{RULE}\na: b\n{RULE}\none\n{RULE}", f"one\n{RULE}", id="rule-in-body"),
        pytest.param("\n    code\n    more", "    code\n    more", id="indented-code-first"),
        pytest.param("---\na: b\n---\n\n    code", "    code", id="indented-code-after-keys"),
        pytest.param("# One\n\nText.", "# One\n\nText.", id="heading-is-no-rule"),
        pytest.param("# =========", "# =========", id="nine-equals-are-no-rule"),
        pytest.param("{% raw %}", "{% raw %}", id="template-is-no-json"),
        pytest.param("--\na: b\n--", "--\na: b\n--", id="two-dashes-are-no-fence"),
    ],
)
def test_the_body_is_what_follows(text: str, body: str) -> None:
    assert parse(text).body == body


WORDS = {
    "no": "no",
    "yes": "yes",
    "1.10": "1.10",
    "12:30": "12:30",
    "0o17": "0o17",
    "007": "007",
    "2024-13-45": "2024-13-45",
    "1_000": "1_000",
    ".nan": ".nan",
    "=": "=",
    "~": None,
    "null": None,
    "": None,
    '"null"': "null",
    "'~'": "~",
    "nullify": "nullify",
}


@pytest.mark.parametrize(("written", "meant"), WORDS.items(), ids=[w or "empty" for w in WORDS])
def test_yaml_scalars_stay_as_they_were_written(written: str, meant: str | None) -> None:
    assert parse(f"---\na: {written}\n---").metadata == {"a": meant}


def test_yaml_merge_keys_and_aliases_work_as_long_as_they_are_small() -> None:
    top = parse("---\nbase: &b {x: 1}\nown:\n  <<: *b\n  y: 2\nsame: *b\n---")
    assert top.metadata == {
        "base": {"x": "1"},
        "own": {"x": "1", "y": "2"},
        "same": {"x": "1"},
    }


def laughs(levels: int) -> str:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "---\n" + "\n".join(lines) + "\n---\n"


def merges(levels: int) -> str:
    lines = ["m0: &m0 {a: 1, b: 2}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, levels)]
    return "---\n" + "\n".join(lines) + "\n---\n"


def wide(keys: int) -> str:
    """The inside of a mapping with so many keys, or of a list."""
    return ", ".join(f"k{number}: 1" for number in range(keys))


def test_merges_of_merges_are_what_they_mean() -> None:
    assert parse(merges(12)).metadata["m11"] == {"a": "1", "b": "2"}
    top = parse("---\na: &a {x: 1, y: 2}\nb: {y: 9, <<: [{x: 5}, *a]}\nc: &c {<<: *c, z: 1}\n---")
    assert top.metadata["b"] == {"x": "5", "y": "9"}
    assert top.metadata["c"] == {"z": "1"}


OPEN = "is opened here and never closed."
NOT_YAML = "The front matter is not valid YAML"
NOT_TOML = "The front matter is not valid TOML"
NOT_JSON = "The front matter is not valid JSON"
DEEP = "The front matter is nested too deeply."
HUGE = f"The front matter expands to more than {MAX_VALUES:,} values."
MANY = f"The front matter has more than {MAX_VALUES:,} values."
LONG = "The front matter expands to many times its own text."
NUMBER = "The front matter holds an impossible number."
KEYLESS = "The front matter holds no keys."

BROKEN = {
    "yaml-unclosed": ("---\ntitle: Maps\n\nText.", OPEN, 1, "--- (or ...)"),
    "yaml-unclosed-below-blanks": ("\n\n---\ntitle: Maps\n\nText.", OPEN, 3, "---"),
    "toml-unclosed": ('+++\ntitle = "x"\n\nText.', OPEN, 1, "+++"),
    "json-fenced-unclosed": (';;;\n"title": "x"\n\nText.', OPEN, 1, ";;;"),
    "json-unclosed": ('{\n  "title": "x",\n', OPEN, 1, "}"),
    "rules-unclosed": (f"{SEED_BANNER}{RULE}\ntitle: Maps\n\nText.", OPEN, 1, "ten or more ="),
    "rules-banner-only": (f"{SEED_BANNER}\nText.", OPEN, 1, "ten or more ="),
    "yaml-syntax": ('---\na: 1\nb: "x" "y"\nc: 3\n---\n', NOT_YAML, 3, "quotes"),
    "yaml-syntax-crlf": ('---\r\na: 1\r\nb: "x" "y"\r\nc: 3\r\n---\r\n', NOT_YAML, 3, "quotes"),
    "yaml-syntax-below-blanks": ('\n\n---\nb: "x" "y"\n---\n', NOT_YAML, 4, "quotes"),
    "yaml-colon": ("---\na: 1\nb: one: two\n---\n", NOT_YAML, 3, "colon"),
    "yaml-tab": ("---\na:\n\tb: 1\n---\n", NOT_YAML, 3, "quotes"),
    "yaml-open-bracket": ("---\na: [1, 2\nb: 3\n---\n", NOT_YAML, 3, "brackets"),
    "yaml-unknown-alias": ("---\na: 1\nb: *c\n---\n", NOT_YAML, 3, "quotes"),
    "yaml-control": ("---\né: é\nb: 'x\x7f'\n---\n", NOT_YAML, 3, "quotes"),
    "yaml-line-separator": ("---\na: x\u2028y\nb: 1: 2\n---\n", NOT_YAML, 3, "quotes"),
    "yaml-rules-syntax": (f"{SEED_BANNER}{RULE}\na: 1\nb: 1: 2\n{RULE}\n", NOT_YAML, 7, "quotes"),
    "yaml-python-tag": (
        "---\na: 1\nb: !!python/object:os.x {}\n---\n", f"{NOT_YAML}: an unknown tag", 3, "",
    ),
    "yaml-own-tag": ("---\na: !mine x\n---\n", f"{NOT_YAML}: an unknown tag !mine", 2, ""),
    "yaml-python-call": ("---\na: !!python/object/apply:os.system [x]\n---\n", NOT_YAML, 2, ""),
    "yaml-tag-int": ("---\na: 1\nb: !!int abc\n---\n", NOT_YAML, 3, ""),
    "yaml-tag-bool": ("---\na: 1\nb: !!bool abc\n---\n", NOT_YAML, 3, ""),
    "yaml-tag-timestamp": ("---\na: 1\nb: !!timestamp abc\n---\n", NOT_YAML, 3, ""),
    "yaml-tag-date": ("---\na: 1\nb: !!timestamp 2024-13-01\n---\n", NOT_YAML, 3, ""),
    "yaml-list": ("---\n- a\n---\n", KEYLESS, 1, "key: value"),
    "yaml-text": ("---\nText.\n---\n", KEYLESS, 1, "key: value"),
    "yaml-list-key": ("---\na: 1\n? [b]\n: 2\n---\n", NOT_YAML, 3, ""),
    "yaml-bomb": (laughs(9), HUGE, 1, "aliases"),
    "yaml-wide-merge": (
        f"---\na: &a {{{wide(3_000)}}}\nb: {{<<: [{', '.join(['*a'] * 9)}]}}\n---\n",
        f"{NOT_YAML}: more than {MAX_VALUES:,} keys are merged (<<).", 3, "",
    ),
    "yaml-merged-text": ("---\na: 1\nb: {<<: c}\n---\n", f"{NOT_YAML}: something is merged", 3, ""),
    "yaml-many-keys": (f"---\na: {{{wide(200_000)}}}\n---\n", MANY, 1, "a file of its own"),
    "yaml-many-items": (f"---\na: [{wide(200_000)}]\n---\n", MANY, 1, "a file of its own"),
    "json-many": (json.dumps({"a": [1] * 30_000}), MANY, 1, "a file of its own"),
    "toml-many": (f"+++\na = {[1] * 30_000}\n+++\n", MANY, 1, "a file of its own"),
    "yaml-long-aliases": (
        f"---\na: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 99)}]\n---\n", LONG, 1, "aliases",
    ),
    "yaml-self-alias": ("---\na: &a [*a]\n---\n", DEEP, 1, "Flatten"),
    "yaml-deep-flow": ("---\nx: 1\na: " + "[" * 100_000 + "\n---\n", DEEP, 3, "Flatten"),
    "yaml-deep-block": (
        "---\n" + "".join(f"{' ' * n}a:\n" for n in range(1000)) + "---\n",
        DEEP, MAX_DEPTH + 2, "Flatten",
    ),
    "json-deep": ('{"a": ' + "[" * 100_000 + "\n", DEEP, 1, "Flatten"),
    "json-fenced-deep": (";;;\n{\"a\": " + "[" * 100_000 + "\n;;;\n", DEEP, 1, "Flatten"),
    "toml-deep": ("+++\na = " + "[" * 100_000 + "\n+++\n", DEEP, 1, "Flatten"),
    "toml-quietly-deep": ("+++\na = " + "[" * 40 + "]" * 40 + "\n+++\n", DEEP, 1, "Flatten"),
    "toml-syntax": ('+++\na = "x"\nb = x\n+++\n', NOT_TOML, 3, "quotes"),
    "toml-unended-text": ('+++\na = "x"\nb = """x\n\n+++\n', NOT_TOML, 3, "quotes"),
    "toml-twice": ("+++\na = 1\na = 2\n+++\n", NOT_TOML, 3, ""),
    "toml-digits": (f"+++\na = {'1' * 5000}\n+++\n", NUMBER, 1, "quotes"),
    "json-syntax": ('{\n  "a": 1,\n  "b" 2\n}\nText.', NOT_JSON, 3, "commas"),
    "json-below-blanks": ('\n\n{\n  "a": 1,\n  "b" 2\n}\nText.', NOT_JSON, 5, "commas"),
    "json-fenced-syntax": (';;;\n"a": 1,\n"b" 2\n;;;\n', NOT_JSON, 3, "commas"),
    "json-fenced-object": (';;;\n{\n"a": 1,\n"b" 2\n}\n;;;\n', NOT_JSON, 4, "commas"),
    "json-digits": (f'{{"a": {"1" * 5000}}}\n', NUMBER, 1, "quotes"),
    "json-fenced-digits": (f';;;\n"a": {"1" * 5000}\n;;;\n', NUMBER, 1, "quotes"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "what", "line", "hint"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_front_matter_names_its_line(text: str, what: str, line: int, hint: str) -> None:
    with pytest.raises(BadFrontMatter) as caught:
        parse(text)
    assert what in str(caught.value)
    assert caught.value.line == line
    assert hint in caught.value.hint


def test_an_impossible_bare_date_costs_a_toml_file_nothing_else() -> None:
    top = parse('+++\ndate = 2024-02-30\ntitle = "Maps"\n[x]\n"a.b" = 2024-01-01T25:00:00Z\n+++\n')
    assert top.metadata == {
        "date": "2024-02-30",
        "title": "Maps",
        "x": {"a.b": "2024-01-01T25:00:00Z"},
    }


LINES = dedent("""\
    ---
    title: tags
    status:
      value: Notes
      percentage: 140
    certainty: {value: Likely,
      percentage: 999}
    "tags": [a]
    ---
    date: 2024
    """)


@pytest.mark.parametrize(
    ("key", "inner", "line"),
    [
        ("title", "", 2),
        ("status", "", 3),
        ("status", "percentage", 5),
        ("certainty", "percentage", 7),
        ("tags", "", 8),
        ("date", "", 1),
    ],
)
def test_where_a_key_stands(key: str, inner: str, line: int) -> None:
    assert parse(LINES).line_of(key, inner) == line


def test_where_a_key_stands_under_other_fences() -> None:
    assert parse('\n+++\na = 1\ndate = "x"\n[taxonomy]\ntag = 1\n+++').line_of("tag") == 6
    assert parse('{\n "a": 1,\n "date": 2\n}').line_of("date") == 3
    assert parse(f"{SEED_BANNER}{RULE}\na: 1\ndate: x\n{RULE}\n").line_of("date") == 7


# Texts as an author's tool would write them: anything that has one line-breaking character
# only, since a front matter normalises the others.
scalars = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
    )
)
keys = st.text("abcdefgh_-", min_size=1, max_size=8)
trees = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
    max_size=6,
)
bodies = st.from_regex(r"[A-Za-z](?:[\w .]|\n){0,60}[a-z]", fullmatch=True)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(trees, bodies)
def test_what_a_tool_dumps_is_read_back(tree: dict[str, Any], body: str) -> None:
    block = yaml.safe_dump(tree, allow_unicode=True)
    pairs = "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in tree.items())
    for text in (
        f"---\n{block}---\n\n{body}",
        f"---\n{block}...\n{body}",
        f"{SEED_BANNER}{RULE}\n{block}{RULE}\n\n{body}",
        f"+++\n{pairs}\n+++\n{body}",
        f"{json.dumps(tree, indent=2)}\n{body}",
        f";;;\n{json.dumps(tree)}\n;;;\n{body}",
    ):
        top = parse(text)
        assert (top.metadata, top.body) == (tree, body)
        assert text.split("\n")[top.line - 1] == body.split("\n", 1)[0]


fences = st.sampled_from(
    ("---\n", "+++\n", ";;;\n", "{\n", '{"', "...\n", f"{RULE}\n", "\n", "a: ")
)


@given(st.lists(fences | st.text(max_size=12), max_size=12).map("".join))
def test_any_text_is_read_or_refused_with_a_line_of_it(text: str) -> None:
    count = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        top = parse(text)
    except BadFrontMatter as error:
        line, hint = error.line, error.hint
    else:
        line, hint = top.line, "none is needed"
        assert top.body in text.replace("\r\n", "\n").replace("\r", "\n")
    assert 1 <= line <= count
    assert hint
