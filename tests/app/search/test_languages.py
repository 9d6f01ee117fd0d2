"""One archive in eleven languages: found by the words a reader of each would type, and marked at
exactly those letters.

Every essay is a few true sentences; none but those of ``GIVEN`` says which language it is in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.embedded.ranking import expansion
from app.search.highlight import matcher
from app.search.highlight.folded_text import folded
from app.search.results import Hit
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

TEXTS = {
    "zh-hans": (
        "机器学习与可解释性",
        "可解释性研究的问题是：一个模型为什么给出这样的结果。深度学习模型很难解释，"
        "GPT模型尤其如此。医生不会接受没有理由的建议，法官也不会。",
    ),
    "zh-hant": (
        "圖書館的歷史",
        "最早的圖書館收藏泥板。亞歷山大圖書館收集了當時已知世界的書籍，後來毀於戰火。",
    ),
    "ja": (
        "東京の図書館",
        "東京都には多くの図書館がある。猫は本棚の上で眠っている。データベースの検索は速い。"
        "ﾊﾝｶｸの文字も読める。",
    ),
    "ko": (
        "도서관의 역사",
        "도서관에서 책을 빌릴 수 있다. 한국의 첫 공공 도서관은 부산에 있었다. "
        "학교에서도 책을 읽는다.",
    ),
    "ru": (
        "О картах и книгах",
        "Карта не показывает всего, что есть на земле. Книги рассказывают о том, чего нет на "
        "картах. Новый ёжик живёт в лесу, и это всё, что мы о нём знаем.",
    ),
    "de": (
        "Über Häuser und Bücher",
        "Die Häuser der Straße sind alt. Der Datenschutz ist in der Datenschutzgrundverordnung "
        "geregelt, und die Verordnung gilt für alle. Wer Bücher liest, braucht kein großes Haus.",
    ),
    "ar": (
        "تاريخ الكتب",
        "كان الكِتَابُ في القديم يُنسخ باليد. المكتبات الكبيرة جمعت الكتب من كل البلاد، "
        "وهذه المكتبة هي التي بقيت.",
    ),
    "fr": (
        "L’été des traducteurs",
        "L’homme qui traduit a étudié toutes les langues qu’il aime. Les œuvres qu'elle a aimées "
        "sont restées dans une bibliothèque d'une petite école.",
    ),
    "it": (
        "L'arte della mappa",
        "La mappa non è il territorio. L'uomo che disegna un'isola non conosce tutte le città "
        "dell'arcipelago, perché nessuno le ha mai viste.",
    ),
    "es": (
        "El año de los mapas",
        "Los niños dibujaron mapas de la ciudad. Cada canción que cantaban era también un mapa, "
        "y las naciones no tenían fronteras.",
    ),
    "th": (
        "ห้องสมุดไทย",
        "ห้องสมุดแห่งชาติเก็บหนังสือเก่าไว้มากมาย นักเรียนชอบอ่านหนังสือในห้องสมุด",
    ),
    "en": (
        "Maps and rates",
        "The rates of the post office were printed on the map. To be or not to be: that is what "
        "the clerk asked, and no one of us had an answer.",
    ),
    "rats": (
        "Rats",
        "A rat lives in the walls of the house. It is not the kind of animal that is easily "
        "seen, and the cat has given up.",
    ),
}

GIVEN = {
    "de-at": ("Der Jänner", "Jänner heisst der Monat.", "de-AT"),
    "named": ("Die Nachricht", "Nachrichten.", "german"),
    "wrong": (
        "The time of the essay",
        "This is what the text of it says, and it was English.",
        "fr",
    ),
    "klingon": ("Of what they speak", "It is a language that was made for the films.", "the usual"),
    "unknown": ("Mo tatau", "E lelei tusitala.", "sm"),
}


@pytest.fixture(scope="module")
def archive(shared: Callable[..., Archive]) -> Archive:
    made = shared("languages", Rules(facets=("lang",)))
    for slug, (title, text) in TEXTS.items():
        made.write(f"{slug}.md", text, title=title)
    for slug, (title, text, lang) in GIVEN.items():
        made.write(f"{slug}.md", text, title=title, lang=lang)
    made.build()
    return made


LANGS = {
    "zh-hans": "zh", "zh-hant": "zh", "ja": "ja", "ko": "ko", "ru": "ru", "de": "de", "ar": "ar",
    "fr": "fr", "it": "it", "es": "es", "th": "th", "en": "en", "rats": "en",
    "de-at": "de-AT", "named": "de", "wrong": "fr", "klingon": "en", "unknown": "sm",
}  # fmt: skip


@pytest.mark.parametrize(("slug", "lang"), LANGS.items(), ids=list(LANGS))
def test_the_language_is_given_or_detected(archive: Archive, slug: str, lang: str) -> None:
    essay = archive.engine.essay(slug)
    assert essay is not None
    assert essay.lang == lang


def test_what_is_no_language_is_a_problem(archive: Archive) -> None:
    (problem,) = archive.build().problems
    assert (problem.path, problem.line) == ("klingon.md", 3)
    assert "the usual" in problem.what


#: What is typed, the essay found, and the stretches of its text and title that are marked; the
#: title's marks come first.
FOUND = [
    # Chinese: a word within a run, a run across "words", one letter, other scripts beside it.
    ("可解释性", "zh-hans", ["可解释性", "可解释性"]),
    ("机器学习", "zh-hans", ["机器学习"]),
    ("解", "zh-hans", ["解", "解", "解"]),
    ("GPT模型", "zh-hans", ["模型", "模型", "GPT", "模型"]),
    ("gpt", "zh-hans", ["GPT"]),
    ('"GPT模型"', "zh-hans", ["GPT模型"]),
    ("模型 医生", "zh-hans", ["模型", "模型", "模型", "医生"]),
    ("圖書館", "zh-hant", ["圖書館", "圖書館", "圖書館"]),
    ("泥板", "zh-hant", ["泥板"]),
    # Japanese: kanji, kana, voicing tells words apart, half width is no other word.
    ("図書館", "ja", ["図書館", "図書館"]),
    ("猫", "ja", ["猫"]),
    ("データベース", "ja", ["データベース"]),
    ("ﾃﾞｰﾀﾍﾞｰｽ", "ja", ["データベース"]),
    ("ハンカク", "ja", ["ﾊﾝｶｸ"]),
    # Korean: a word with any particle behind it.
    ("도서관", "ko", ["도서관", "도서관", "도서관"]),
    ("학교", "ko", ["학교"]),
    ("책", "ko", ["책", "책"]),
    # Russian: every case and number; ё typed as е; й stays what it is.
    ("карт", "ru", ["картах", "Карта", "картах"]),
    ("книга", "ru", ["книгах", "Книги"]),
    ("ежик", "ru", ["ёжик"]),
    ("новый", "ru", ["Новый"]),
    # German: umlauts, with and without dots, ss for ß, the stem within and without.
    ("Haus", "de", ["Häuser", "Häuser", "Haus"]),
    ("haeuser", "de", ["Häuser", "Häuser", "Haus"]),
    ("Hauser", "de", ["Häuser", "Häuser", "Haus"]),
    ("strasse", "de", ["Straße"]),
    ("Straßen", "de", ["Straße"]),
    ("grossen", "de", ["großes"]),
    ("datenschutz*", "de", ["Datenschutz", "Datenschutzgrundverordnung"]),
    ("Datenschutz", "de", ["Datenschutz", "Datenschutzgrundverordnung"]),
    ("Verordnungen", "de", ["Datenschutzgrundverordnung", "Verordnung"]),
    # Arabic: with the article and without, vowel points, hamza and teh as people type them.
    ("كتاب", "ar", ["الكِتَابُ"]),
    ("الكتاب", "ar", ["الكِتَابُ"]),
    ("مكتبة", "ar", ["المكتبات", "المكتبة"]),
    ("المكتبه", "ar", ["المكتبات", "المكتبة"]),
    # French: without the article, by either apostrophe, without accents, in any form.
    ("été", "fr", ["été"]),
    ("l'ete", "fr", ["été"]),
    ("homme", "fr", ["homme"]),
    ("l’hommes", "fr", ["homme"]),
    ("une", "fr", ["une", "une"]),
    ("qu'il", "fr", ["il"]),
    ("etudie", "fr", ["étudié"]),
    ("aimees", "fr", ["aime", "aimées"]),
    ("oeuvre", "fr", ["œuvres"]),
    ("œuvre", "fr", ["œuvres"]),
    ("ecole", "fr", ["école"]),
    ('"une petite école"', "fr", ["une petite école"]),
    ('"d\'une petite ecole"', "fr", ["une petite école"]),
    # Italian and Spanish.
    ("arte", "it", ["arte"]),
    ("isola", "it", ["isola"]),
    ("dell'arcipelago", "it", ["arcipelago"]),
    ("citta", "it", ["città"]),
    ("niño", "es", ["niños"]),
    ("nino", "es", ["niños"]),
    ("nacion", "es", ["naciones"]),
    ("canciones", "es", ["canción"]),
    # Thai: a word within a run, a mark with its letter.
    ("หนังสือ", "th", ["หนังสือ", "หนังสือ"]),
    ("ห้องสมุด", "th", ["ห้องสมุด", "ห้องสมุด", "ห้องสมุด"]),
    # English beside all of them.
    ("rate", "en", ["rates", "rates"]),
    ('"to be or not to be"', "en", ["To be or not to be"]),
    ("Jänner", "de-at", ["Jänner", "Jänner"]),
    ("tatau", "unknown", ["tatau"]),
]  # fmt: skip


def marked(archive: Archive, q: str, hit: Hit) -> list[str]:
    """What is marked in the title and in the whole text of an essay."""
    snapshot = archive.engine._current()
    wanted = archive.engine.language.parse(q, snapshot.analyzer).marks
    finder = expansion.finder(wanted, snapshot)
    essay = archive.engine.essay(hit.essay.slug)
    assert essay is not None
    texts = [essay.title, *(section.text for section in essay.sections)]
    return [text[m.start : m.end] for text in texts for m in matcher.matches(text, finder)]


@pytest.mark.parametrize(
    ("q", "slug", "expected"), FOUND, ids=[f"{slug} {q}" for q, slug, _ in FOUND]
)
def test_found_and_marked(archive: Archive, q: str, slug: str, expected: list[str]) -> None:
    results = archive.search(q)
    hits = {hit.essay.slug: hit for hit in results.hits}
    assert slug in hits
    assert marked(archive, q, hits[slug]) == expected
    shown = [f.text for s in hits[slug].snippets for f in s.fragments if f.match]
    assert shown or any(f.match for f in hits[slug].title)


NOT_FOUND = [
    ("习学", "zh-hans"),  # both letters are there, not side by side
    ("学术", "zh-hans"),
    ('"模型GPT"', "zh-hans"),
    ("テーダ", "ja"),  # voicing makes another word
    ("テータ", "ja"),
    ("rates", "rats"),  # of "Rat" in German, of nothing in English
    ("chaos", "fr"),
    ('"petite une"', "fr"),
]


@pytest.mark.parametrize(("q", "slug"), NOT_FOUND, ids=[q for q, _ in NOT_FOUND])
def test_not_found(archive: Archive, q: str, slug: str) -> None:
    found = archive.search(q)
    assert found.nearest or slug not in [hit.essay.slug for hit in found.hits]


STOP_WORDS = {
    "en": ["to be or not to be", "of the", "is that"],
    "de": ["die der und", "ist in der", "für alle"],
    "fr": ["qui a", "les", "toutes les", "dans une", "qu'il"],
    "ru": ["и это", "не", "о том", "нет на"],
    "es": ["de la", "los"],
    "ar": ["هي التي", "من كل"],
    "zh-hans": ["的", "为什么"],
    "ja": ["の", "いる"],
}


@pytest.mark.parametrize(
    ("slug", "q"), [(slug, q) for slug, listed in STOP_WORDS.items() for q in listed]
)
def test_words_that_lists_leave_out_find_what_has_them(archive: Archive, slug: str, q: str) -> None:
    assert slug in archive.slugs(q)
    assert slug in archive.slugs(" OR ".join(q.split()))


@pytest.mark.parametrize(
    ("q", "slug", "marks"),
    [("为什么医生不接受模型的建议", "zh-hans", {"为什", "医生", "接受", "模型", "建议"}),
     ("東京都の図書館には猫がいますか", "ja", {"東京", "の図", "書館", "には"}),
     ("한국도서관역사는어디서", "ko", {"도서", "역사"})],
)  # fmt: skip
def test_a_question_without_spaces_finds_what_has_most_of_it(
    archive: Archive, q: str, slug: str, marks: set[str]
) -> None:
    found = archive.search(q)
    assert found.hits[0].essay.slug == slug
    assert [note.message for note in found.notes] == [
        "No essay has all these words; these have most of them."
    ]
    fragments = [*found.hits[0].title, *(f for s in found.hits[0].snippets for f in s.fragments)]
    shown = {fragment.text for fragment in fragments if fragment.match}
    assert len(marks & shown) >= 2


def test_a_letter_ranks_by_how_often_it_is_said(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("once.md", "屋顶上有一只猫，还有一只狗和一只鸟。", title="屋顶")
    archive.write("often.md", "猫和猫，还有猫；最后一只还是猫。", title="屋顶")
    archive.write("title.md", "屋顶上有一只猫，还有一只狗和一只鸟。", title="猫")
    archive.build()
    assert archive.slugs("猫") == ["title", "often", "once"]


@pytest.mark.parametrize(
    ("title", "text"),
    [("東京の図書館", "東京の図書館は東京の図書館であり、東京の図書館である。"),
     ("L’homme qui lit", "L’homme qui lit, et l’homme qui lit encore, et l’homme qui lit.")],
)  # fmt: skip
def test_a_whole_title_comes_first(make: Callable[..., Archive], title: str, text: str) -> None:
    archive = make()
    archive.write("named.md", "Rien.", title=title, lang="fr")
    archive.write("said.md", f"## {title}\n\n{text}", title=f"{title}, {title}", lang="fr",
                  description=text, tags=[f"{title} {number}" for number in range(4)])  # fmt: skip
    archive.build()
    results = archive.search(title, explain=True)
    assert [hit.essay.slug for hit in results.hits] == ["named", "said"]
    assert "title" in [part.kind for part in results.hits[0].parts or ()]


def test_languages_can_be_a_facet(archive: Archive) -> None:
    counted = {v.value: v.count for v in archive.search().counts.facets["lang"]}
    assert counted == {lang: list(LANGS.values()).count(lang) for lang in LANGS.values()}
    assert archive.slugs("lang:ru") == ["ru"]
    assert set(archive.slugs("книги OR haus", filters={"lang": ("ru",)})) == {"ru"}


@pytest.mark.parametrize(
    ("typed", "title"),
    [("図書", "東京の図書館"), ("東", "東京の図書館"), ("кар", "О картах и книгах"),
     ("l'éte", "L’été des traducteurs"), ("ete", "L’été des traducteurs"),
     ("도서", "도서관의 역사"), ("hauser un", "Über Häuser und Bücher"),
     ("dell'art", "L'arte della mappa")],
)  # fmt: skip
def test_a_title_is_offered_while_it_is_typed(archive: Archive, typed: str, title: str) -> None:
    offered = archive.engine.suggest(typed, 20)
    assert title in [s.text for s in offered if s.kind == "essay"]


@pytest.mark.parametrize("q", ["模型*", "*模型", "模?型", "模型~", "模型~2", "title:机器学习*"])
def test_patterns_over_runs_are_the_runs(archive: Archive, q: str) -> None:
    assert "zh-hans" in archive.slugs(q)


def test_excluding_goes_by_every_language(archive: Archive) -> None:
    assert "de" not in archive.slugs("-Hauses")
    assert "zh-hans" not in archive.slugs("-模型")
    assert "ru" not in archive.slugs("-карт")


def test_a_phrase_is_one_in_each_language(archive: Archive) -> None:
    assert archive.slugs('"L’homme qui traduit"') == ["fr"]
    assert archive.slugs('"toutes les langues qu\'il aime"') == ["fr"]
    assert archive.slugs('"Die Häuser der Strasse"') == ["de"]
    assert archive.slugs('"картах и книгах"') == ["ru"]
    assert archive.search('"книгах и картах"').nearest
    assert archive.slugs('"深度学习模型很难解释"') == ["zh-hans"]
    assert archive.slugs('"GPT 模型"') == ["zh-hans"]


def test_an_english_archive_has_one_term_per_word(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "The maps of l'homme are old.", title="Rates")
    archive.build()
    tongues = archive.engine._current().analyzer
    assert tongues.langs == ("en",)
    assert tongues.forms("Rates") == ("rate",)
    assert [piece.text for piece in tongues.pieces("l'homme")] == ["l", "homme"]


def test_a_language_comes_and_goes_with_its_essays(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", TEXTS["en"][1], title="A")
    archive.build()
    assert archive.slugs("Buch OR aimees") == []
    archive.write("de.md", TEXTS["de"][1], title="B")
    archive.write("fr.md", TEXTS["fr"][1], title="C")
    assert archive.build().added == 2
    assert archive.slugs("Buch") == ["de"]
    assert archive.slugs("aimees") == ["fr"]
    assert archive.slugs("rates") == ["a"]
    (archive.content / "de.md").unlink()
    archive.build()
    assert archive.slugs("Buch OR Verordnungen") == []
    assert archive.slugs("aimees") == ["fr"]


def test_essays_of_a_language_are_related_by_its_words(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "Die Glocken der Kirche läuten. Wer die Glocke hört, geht zur Kirche.")
    archive.write("two.md", "Eine Glocke, die nicht läutet, ist in der Kirche keine Glocke.")
    archive.write("three.md", "Das Brot ist alt, und der Bäcker backt es nicht noch einmal.")
    for number in range(4):
        archive.write(f"{number}.md", f"Es ist die {number}. Seite, auf der nichts steht.")
    archive.build()
    first = archive.engine.related("one", 5)[0]
    assert first.essay.slug == "two"
    (shared,) = (reason.values for reason in first.reasons if reason.kind == "word")
    assert {"Glocke", "Kirche"} <= set(shared)


@pytest.mark.parametrize(
    ("usual", "text", "lang"),
    [("de", "Jänner", "de"), ("de-AT", TEXTS["de"][1], "de-AT"), ("de-AT", TEXTS["en"][1], "en"),
     ("fr", "", "fr")],
)  # fmt: skip
def test_what_shows_no_language_is_in_the_archives_own(
    make: Callable[..., Archive], usual: str, text: str, lang: str
) -> None:
    archive = make(rules=Rules(lang=usual))
    archive.write("a.md", text, title="A")
    archive.build()
    essay = archive.engine.essay("a")
    assert essay is not None
    assert essay.lang == lang


@pytest.mark.parametrize(
    ("slug", "said"),
    [("ar", '<div class="prose" lang="ar" dir="rtl">'), ("de-at", 'lang="de-AT" dir="auto">')],
)
def test_a_page_says_its_language_and_direction(archive: Archive, slug: str, said: str) -> None:
    page = archive.app().test_client().get(f"/essay/{slug}").text
    assert said in page


def test_a_page_marks_the_words_of_the_search(archive: Archive) -> None:
    page = archive.app().test_client().get("/essay/fr?q=l'homme").text
    assert ">L’<mark" in page
    assert ">homme</mark>" in page
    page = archive.app().test_client().get("/essay/zh-hans?q=模型").text
    assert page.count(">模型</mark>") == 3


def test_the_snippet_of_a_text_without_spaces_is_cut_between_clauses(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    archive.write(
        "long.md", "海面每天上升两次，没有人争论。" * 40 + "灯塔在这里。" + "夜里很安静，" * 60
    )
    archive.build()
    (hit,) = archive.search("灯塔").hits
    (snippet,) = hit.snippets
    text = "".join(fragment.text for fragment in snippet.fragments)
    assert [f.text for f in snippet.fragments if f.match] == ["灯塔"]
    assert len(text) < 140
    said = text.removeprefix("… ").removesuffix(" …")
    assert said.startswith(("海面", "没有"))
    assert said.endswith(("，", "。"))


ALPHABET = st.sampled_from(
    [*"aB é’'-. \n", "ß", "œ", "ﬁ", "İ", "e\u0301", "كِ", "تَ", "ـ", "ё", "й", "ｶﾞ", "ガ", "猫",
     "模型", "한국", "ำ", "ที่", "½", "🙂", "\u0301", "l'été ", "Straße ", "don’t "]
)  # fmt: skip


@given(st.lists(ALPHABET, max_size=40).map("".join), st.lists(ALPHABET, max_size=4).map("".join))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_marks_are_within_the_text_in_order_and_say_what_was_asked(
    archive: Archive, text: str, q: str
) -> None:
    snapshot = archive.engine._current()
    wanted = archive.engine.language.parse(q, snapshot.analyzer).marks
    places = matcher.matches(text, expansion.finder(wanted, snapshot))
    at = 0
    for place in places:
        assert at <= place.start < place.end <= len(text)
        at = place.end
        assert text[place.start : place.end].strip()
    sought = folded(text)
    for start in range(len(sought.text)):
        low, high = sought.place(start, start + 1)
        assert 0 <= low < high <= len(text)
        assert sought.text[start] in folded(text[low:high]).text
