"""Names of languages, and which language a text shows."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import detection, languages
from indexer.analysis.detection import detect

TAGS = {
    "de": "de", "DE": "de", "de-at": "de-AT", "de_AT": "de-AT", "German": "de", "english": "en",
    "zh-hant": "zh-Hant", "zh_TW": "zh-TW", "pt-br": "pt-BR", "pt_BR.UTF-8": "pt-BR", "nb": "nb",
    "sr-latn-rs": "sr-Latn-RS", "eng": "en", "deu": "de", "Norwegian": "no", "sm": "sm",
    "": "", "the usual": "", "?": "", "deutschland über alles": "", "12": "", "e": "",
}  # fmt: skip


@pytest.mark.parametrize(("given", "tag"), TAGS.items(), ids=[g or "empty" for g in TAGS])
def test_tags(given: str, tag: str) -> None:
    assert languages.tag(given) == tag
    assert languages.tag(tag) == tag


@pytest.mark.parametrize(
    ("tag", "direction"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl"), ("az-Arab", "rtl"), ("ks-Latn", "auto"),
     ("ar-Latn", "auto"), ("de", "auto"), ("", "auto")],
)  # fmt: skip
def test_directions(tag: str, direction: str) -> None:
    assert languages.direction(tag) == direction


def test_every_stemmer_is_there() -> None:
    stemmed = [lang for lang in sorted(languages._SNOWBALL) if languages.snowball(lang)]
    assert len(stemmed) == 34
    assert all(languages.known(lang) for lang in stemmed)


SHOWN = {
    "en": "The tide comes in twice a day, and nobody who lives by it would call that an opinion.",
    "de": "Die Flut kommt zweimal am Tag, und niemand, der an ihr lebt, nennt das eine Meinung.",
    "nl": "Het tij komt twee keer per dag op, en niemand die er woont noemt dat een mening.",
    "sv": "Tidvattnet kommer två gånger om dagen, och ingen som bor där kallar det en åsikt.",
    "da": "Tidevandet kommer to gange om dagen, og ingen af dem, der bor ved havet, bliver uenige "
    "om det; de ser efter hver morgen.",
    "fr": "La marée monte deux fois par jour, et personne de ceux qui y vivent n'en discute.",
    "it": "La marea sale due volte al giorno, e nessuno di quelli che ci vivono lo discute.",
    "es": "La marea sube dos veces al día, y nadie de los que viven junto a ella lo discute.",
    "pt": "A maré sobe duas vezes por dia, e ninguém que viva junto dela discute isso.",
    "pl": "Przypływ przychodzi dwa razy dziennie i nikt, kto tam mieszka, się o to nie spiera.",
    "cs": "Příliv přichází dvakrát denně a nikdo, kdo u moře žije, se o to nepře.",
    "fi": "Vuorovesi nousee kahdesti päivässä, eikä kukaan siellä asuva kiistele siitä.",
    "hu": "A dagály naponta kétszer jön, és senki sem vitatja, aki a parton él.",
    "tr": "Gelgit günde iki kez gelir ve kıyıda yaşayan hiç kimse bunu tartışmaz.",
    "ru": "Прилив приходит дважды в день, и никто из живущих у моря с этим не спорит.",
    "uk": "Приплив приходить двічі на день, і ніхто з тих, хто живе біля моря, не сперечається.",
    "el": "Η παλίρροια έρχεται δύο φορές την ημέρα και κανείς δεν το αμφισβητεί.",
    "ar": "يأتي المد مرتين في اليوم، ولا يجادل في ذلك أحد من الذين يعيشون على الشاطئ.",
    "fa": "جزر و مد روزی دو بار می‌آید و کسی که کنار دریا زندگی می‌کند با آن بحث نمی‌کند.",
    "he": "הגאות מגיעה פעמיים ביום, ואיש מאלה שחיים ליד הים לא מתווכח על כך.",
    "hi": "ज्वार दिन में दो बार आता है और समुद्र के पास रहने वाला कोई इस पर बहस नहीं करता।",
    "zh": "潮水每天来两次，住在海边的人没有谁会争论这件事。",
    "ja": "潮は一日に二度満ちる。海辺に住む人は誰もそれを疑わない。",
    "ko": "밀물은 하루에 두 번 들어오고, 바닷가에 사는 사람은 아무도 그것을 의심하지 않는다.",
    "th": "น้ำขึ้นวันละสองครั้ง และไม่มีใครที่อยู่ริมทะเลสงสัยเรื่องนี้",
}


@pytest.mark.parametrize(("lang", "text"), SHOWN.items(), ids=list(SHOWN))
def test_a_sentence_shows_its_language(lang: str, text: str) -> None:
    assert detect(text) == lang
    assert detect(f"{text} {text.upper()}") == lang


UNDECIDED = {
    "nothing": "",
    "a title": "Latent Dirichlet Allocation",
    "a name": "Søren Kierkegaard",
    "figures": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "code": "def f(x): return x if x else g(h(x)); i = [j for j in range(k)]; assert i == m, n",
    "a list of names": "numpy scipy pandas matplotlib seaborn sklearn torch jax flax optax numba",
    "a URL": "https://example.org/a/b/c?d=e&f=g",
}


@pytest.mark.parametrize("text", UNDECIDED.values(), ids=list(UNDECIDED))
def test_what_shows_no_language_has_none(text: str) -> None:
    assert detect(text) == ""


def test_words_of_another_language_do_not_make_an_essay_foreign() -> None:
    text = SHOWN["en"] + " The word Weltanschauung, 世界観 in Japanese, is not the same thing."
    assert detect(text) == "en"
    assert detect(f"{SHOWN['ja']} Deep Learning, Transformer, BERT.") == "ja"


def test_english_is_told_without_the_library() -> None:
    told = (
        "from indexer.analysis.detection import detect; import sys\n"
        f"assert detect({SHOWN['en']!r}) == 'en' and detect({SHOWN['de']!r}) == 'de'\n"
        f"assert detect({UNDECIDED['a list of names']!r}) == ''\n"
        "assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", told], check=True)


def test_without_the_library_a_text_only_has_to_show_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    detection._library.cache_clear()
    try:
        assert detect("Een kort briefje over water: eb, vloed") == ""
        assert detect(" ".join([SHOWN["fr"]] * 2)) == "fr"
    finally:
        detection._library.cache_clear()


@given(st.text(max_size=300))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    found = detect(text)
    assert found == "" or languages.known(found) or found in detection._SHORT_WORDS
