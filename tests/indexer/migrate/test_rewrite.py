"""Files as other programs write them, rewritten; and for any file at all, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from indexer.essay import Essay
from indexer.migrate.kinds import KINDS
from indexer.migrate.rewrite import Rewritten, rewrites, rewritten
from indexer.parsing import frontmatter, metadata
from indexer.parsing.corpus import read_file
from indexer.parsing.rules import Rules

RULES = Rules(meaning=False)
RULE = "# " + "=" * 30

#: Kind, path, front matter as it is, and as it should be.
FILES: dict[str, tuple[str, str, str]] = {
    "hugo-toml": (
        "a.md",
        """\
        +++
        # When it came out
        title = "Of kelp"
        date = 2024-01-30T05:00:00Z
        weight = 10
        draft = false
        tags = ["Sea", "1.10"]
        [params]
        certainty = "Likely"
        color = "green"
        +++
        """,
        """\
        ---
        title: Of kelp
        publishdate: 2024-01-30T05:00:00+00:00
        weight: 10
        draft: false
        tags: [Sea, '1.10']
        params: {color: green}
        certainty: Likely
        ---
        """,
    ),
    "zola": (
        "a.md",
        """\
        +++
        title = "Of kelp"
        [taxonomies]
        tags = ["Sea"]
        categories = ["Life"]
        +++
        """,
        "---\ntitle: Of kelp\ntags: [Sea]\ncategories: [Life]\n---\n",
    ),
    "hugo-json": (
        "a.md",
        '{\n "title": "Of kelp",\n "lastmod": "2024-01-30",\n "url": "/kelp/"\n}\n',
        "---\ntitle: Of kelp\nlastmod: 2024-01-30\nslug: /kelp/\n---\n",
    ),
    "hugo-yaml": (
        "a.md",
        "---\n# why\ntitle: Kelp\ndate: 2024-01-30 # 1st\nkeywords:\n- Sea # wet\n- Life\n---\n",
        "---\n# why\ntitle: Kelp\npublishdate: 2024-01-30 # 1st\ntags:\n- Sea # wet\n- Life\n---\n",
    ),
    "jekyll": (
        "_posts/2024-01-30-kelp.md",
        "---\nlayout: post\ntitle:  Of kelp\ncategories: life travel\npublished: false\n---\n",
        "---\nlayout: post\ntitle:  Of kelp\ncategories: [life, travel]\ndraft: true\n"
        "publishdate: 2024-01-30\n---\n",
    ),
    "obsidian": (
        "a.md",
        '---\naliases: [Seaweed]\ntags: "#sea #life/plants"\nup: "[[Index]]"\n'
        'created: "[[2024-01-30]]"\n---\n',
        '---\naliases: [Seaweed]\ntags: [sea, life/plants]\nup: "[[Index]]"\n'
        "publishdate: 2024-01-30\n---\n",
    ),
    "obsidian-unquoted": (
        "a.md",
        "---\ntags: #sea #life\naliases: x\n---\n",
        "---\ntags: [sea, life]\naliases: x\n---\n",
    ),
    "quartz": (
        "a.md",
        "---\ntitle: A\npublished: 2024-01-30\nlast-modified: 2024-02-01\nenableToc: false\n---\n",
        "---\ntitle: A\npublishdate: 2024-01-30\nlastmod: 2024-02-01\nenableToc: false\n---\n",
    ),
    "hakyll": (
        "a.md",
        "---\ntitle: Of kelp\ncreated: 2009-01-29\nmodified: 2020-01-01\nstatus: finished\n"
        "confidence: highly likely\nimportance: 7\n...\n",
        "---\ntitle: Of kelp\npublishdate: 2009-01-29\nlastmod: 2020-01-01\nstatus: finished\n"
        "certainty: highly likely\nimportance: 7\n...\n",
    ),
    "fenced": (
        "a.md",
        f"{RULE}\n# On kelp\n{RULE}\n{RULE}\ntitle: Of kelp\ndate: 2024\n{RULE}\n",
        "---\n# On kelp\ntitle: Of kelp\npublishdate: 2024\n---\n",
    ),
}

BODY = "\n  Kelp #grows, see [[Moss|the moss]].\r\n\n\n---\nEnd  "


def essay_of(folder: Path, path: str, data: bytes) -> Essay | None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return read_file(folder, path, RULES).essay


def given_by(data: bytes) -> metadata.Fields:
    """The fields that the front matter itself gives; the rest an essay has from body and path."""
    top = frontmatter.parse(data.decode("utf-8-sig"))
    return metadata.read_fields("a.md", top.metadata, top.line_of, RULES)[0]


def no_less(before: Essay, after: Essay, old: bytes) -> None:
    """The oracle: all that the indexer read from the old file it reads from the new one."""
    fields = given_by(old)
    # A heading that repeats the title is not shown twice.
    of_title = {"html", "sections", "words"} if not fields["title"] else set()
    for field in set(before.__struct_fields__) - {"extra"} - of_title:
        was, now = getattr(before, field), getattr(after, field)
        if field in ("tags", "categories"):
            words = {word.lstrip("#") for tag in was for word in tag.split()}
            assert set(was) <= set(now) or words <= set(now), field
        else:
            assert now == was or not fields.get(field, was), (field, was, now)


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_of_file(kind: str, tmp_path: Path) -> None:
    path, old, new = FILES[kind]
    made = rewritten(path, (dedent(old) + BODY).encode(), RULES)
    assert not made.broken, made.notes
    assert made.new.decode() == dedent(new) + BODY
    before, after = (essay_of(tmp_path, path, data) for data in (made.old, made.new))
    assert before is not None
    assert after is not None
    no_less(before, after, made.old)
    assert rewritten(path, made.new, RULES).new == made.new


def test_what_is_in_its_form_stays() -> None:
    data = (
        b"---\ntitle: A\npublishdate: 2024 # x\ntags: [a,  b]\nstatus: { value: Finished }\n---\nX"
    )
    assert rewritten("a.md", data, RULES) == Rewritten("a.md", data, data)
    assert rewritten("a.md", b"No front matter.", RULES).new == b"No front matter."


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_byte_order_mark_stay(end: str) -> None:
    data = f"\ufeff---{end}date: 2024{end}---{end}Text\nand{end}more".encode()
    made = rewritten("a.md", data, RULES)
    assert made.new == data.replace(b"date", b"publishdate")


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"---\ntitle: [\n---\n", 3), (b"---\ndate: 2024\n\nText", 1), (b"---\na: \xff\n---\n", 2),
     (b"+++\ndate = \n+++\n", 2)],
)  # fmt: skip
def test_broken_files_are_left_and_named(data: bytes, line: int) -> None:
    made = rewritten("a.md", data, RULES)
    assert made.broken
    assert made.new == data
    assert abs(made.notes[0].line - line) <= 1


def test_what_cannot_be_mapped_is_told_with_its_line() -> None:
    data = b"---\ntitle: A\npublishdate: 2024\ncreated: 2023\nmodified: last week\n---\n"
    made = rewritten("a.md", data, RULES)
    told = [(note.line, note.what) for note in made.notes]
    assert (4, "created is kept as it is: publishdate says the same of the essay.") in told
    assert (5, "lastmod is not a date: last week.") in told


@pytest.mark.parametrize(
    ("given", "day"),
    [("Tuesday, January 30th 2024, 10:15:20 pm", "2024-01-30T22:15:20"),
     ("12:00 am", None), ("Feb 30, 2024", None), ("Sept 3, 2024", None),
     ("sep. 3 2024 12:05 am", "2024-09-03T00:05:00"), ("May 3, 2009", "2009-05-03")],
)  # fmt: skip
def test_dates_in_words(given: str, day: str | None) -> None:
    made = rewritten("a.md", f'---\ncreated: "{given}"\n---\nText'.encode(), RULES)
    published = given_by(made.new)["published"]
    assert (published.iso if published else None) == day
    assert (day is None) == bool(made.notes)


def test_comments_of_toml_are_told() -> None:
    made = rewritten(
        "a.md", b'+++\n# why\ndate = 2024-01-30\nx = "#no"\ny = """\n# no\n"""\n+++\n', RULES
    )
    assert [(n.line, n.what) for n in made.notes] == [(2, "This comment is left out: # why")]


def test_links_are_not_rewritten_and_broken_names_told(tmp_path: Path) -> None:
    content, outside = tmp_path / "content", tmp_path / "outside"
    content.mkdir()
    outside.mkdir()
    for folder in (content, outside):
        (folder / "a.md").write_text("---\ndate: 2024\n---\n")
    (content / "link.md").symlink_to(content / "a.md")
    (content / "out.md").symlink_to(outside / "a.md")
    for rules in (RULES, Rules(meaning=False, follow_links=True)):
        made = {each.path: each for each in rewrites(content, rules)}
        assert {path for path, each in made.items() if each.old != each.new} == {"a.md"}
        assert made["out.md"].broken
        assert "out of the" in made["out.md"].notes[0].what


KEYS = st.sampled_from(
    "title date created publishDate lastmod modified tags Tags keywords categories category status "
    "confidence certainty importance draft published publish author references url slug permalink "
    "lang language belief last-modified params taxonomies taxonomy aliases mood weight layout "
    "summary subtitle".split()
)
WORDS = st.sampled_from(
    ["Likely", "7/10", "75%", "2024-01-30", "2023", "true", "false", "a, b", "one two", "#x #y",
     "[[2024-01-30]]", "Straße: “x”", "no", "1.10", "~", "a\nb", "# x", "de", "{x}", "- y", ""]
)  # fmt: skip
SCALARS = st.one_of(WORDS, st.integers(-5, 120), st.booleans(), st.none(), st.text(max_size=8))
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(KEYS, SCALARS, max_size=3)
)
METADATA = st.dictionaries(KEYS, VALUES, max_size=6)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    written: dict[str, Any] = draw(METADATA)
    flow = draw(st.sampled_from([None, True, False]))
    block = yaml.safe_dump(written, allow_unicode=True, sort_keys=False, default_flow_style=flow)
    if draw(st.booleans()):
        block = block.replace("\n", " # why\n", 1) if "\n" in block and "|" not in block else block
    text = draw(
        st.sampled_from(
            [f"---\n{block}---\n", f"---\n{block}...\n", f"{RULE}\n# x\n{RULE}\n{block}{RULE}\n",
             json.dumps(written, indent=1) + "\n", f";;;\n{json.dumps(written)}\n;;;\n"]
        )
    )  # fmt: skip
    text += draw(st.sampled_from(["", BODY, "\n\nText.", "# A title\n\n[x](b.md) ---"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    path = draw(st.sampled_from(["a.md", "_posts/2024-01-30-a.md", "2024-13-01-a.md"]))
    return path, text.replace("\r\n", "\n").replace("\n", end).encode()


@given(file=files(), kind=st.sampled_from([*KINDS, "auto"]))
def test_nothing_is_lost_of_any_file(
    file: tuple[str, bytes], kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, data = file
    made = rewritten(path, data, RULES, kind)
    assert made.new.endswith(_body(data))
    folder = tmp_path_factory.mktemp("any")
    before = essay_of(folder, path, data)
    if before is None:
        assert made.new == data
        return
    after = essay_of(folder, path, made.new)
    assert after is not None
    no_less(before, after, data)
    if not made.broken:
        assert rewritten(path, made.new, RULES, kind).new == made.new
    for key in ("mood", "weight", "aliases"):
        assert (key in before.extra) == (key in after.extra)


def _body(data: bytes) -> bytes:
    """The last line of a file, which is never of a front matter that these tests make."""
    return data[-4:] if data.endswith((b"End  ", b"Text.", b"---")) else b""
