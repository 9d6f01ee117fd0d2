"""Vectors of texts: what they know, in which languages, and what eight bits lose of them."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from indexer.analysis import embedding
from indexer.analysis.embedding import DIMENSIONS, LANGUAGES, MAX_LETTERS, Embedding

#: Pairs of short texts of one subject, without a word of content in common.
SUBJECTS = {
    "en": [
        ("the automobile and its engine", "cars on the road and their motors"),
        ("baking bread at home", "dough, yeast and a hot oven"),
        ("migratory birds in autumn", "swallows and geese fly south"),
        ("the tides of the ocean", "how the moon moves sea water"),
        ("income taxes and the state", "the government takes money from wages"),
        ("why we dream", "sleep and the resting brain"),
        ("the doctor and his patients", "physicians treat the sick in a hospital"),
        ("writing computer programs", "software code and its bugs"),
        ("plants in the garden", "flowers, seeds and soil"),
        ("the library of the university", "students borrow books to read"),
    ],
    "de": [
        ("das Automobil und sein Motor", "Wagen auf der Straße und ihre Maschinen"),
        ("Brot zu Hause backen", "Teig, Hefe und ein heißer Ofen"),
        ("Zugvögel im Herbst", "Schwalben und Gänse fliegen nach Süden"),
        ("die Gezeiten des Ozeans", "wie der Mond das Wasser im Meer bewegt"),
        ("Einkommensteuer und Staat", "die Regierung nimmt Geld vom Lohn"),
        ("warum wir träumen", "Schlaf und das ruhende Gehirn"),
        ("der Arzt und seine Patienten", "Mediziner behandeln Kranke in der Klinik"),
        ("Computerprogramme schreiben", "Software, Code und ihre Fehler"),
        ("Pflanzen im Garten", "Blumen, Samen und Erde"),
        ("die Bibliothek der Universität", "Studenten leihen Bücher zum Lesen aus"),
    ],
    "zh": [
        ("汽车及其发动机", "公路上的轿车和马达"),
        ("在家烤面包", "面团、酵母和热炉子"),
        ("秋天的候鸟", "燕子和大雁向南飞"),
        ("海洋的潮汐", "月亮怎样推动海水"),
        ("所得税与国家", "政府从工资里拿钱"),
        ("我们为什么做梦", "睡眠与休息的大脑"),
        ("医生和他的病人", "大夫在医院治疗患者"),
        ("编写计算机程序", "软件代码及其错误"),
        ("花园里的植物", "花朵、种子和泥土"),
        ("大学图书馆", "学生借书阅读"),
    ],
    "ar": [
        ("السيارة ومحركها", "المركبات على الطريق وآلاتها"),
        ("خبز الخبز في البيت", "العجين والخميرة وفرن ساخن"),
        ("الطيور المهاجرة في الخريف", "السنونو والإوز يطير جنوبا"),
        ("مد وجزر المحيط", "كيف يحرك القمر ماء البحر"),
        ("ضريبة الدخل والدولة", "الحكومة تأخذ المال من الأجور"),
        ("لماذا نحلم", "النوم والدماغ المستريح"),
        ("الطبيب ومرضاه", "الأطباء يعالجون المصابين في المستشفى"),
        ("كتابة برامج الحاسوب", "شفرة البرمجيات وأخطاؤها"),
        ("نباتات الحديقة", "زهور وبذور وتربة"),
        ("مكتبة الجامعة", "الطلاب يستعيرون الكتب للقراءة"),
    ],
}


@pytest.fixture(scope="module")
def model() -> Embedding:
    found = embedding.model()
    if found is None:
        pytest.skip("the packages of word vectors are not installed")
    return found


def together(model: Embedding, lang: str) -> float:
    """The share of texts to which the other of their subject is the nearest."""
    left, right = (
        model.vectors([embedding.lower_words(pair[side]) for pair in SUBJECTS[lang]])
        for side in (0, 1)
    )
    cosines = left @ right.T
    own = np.arange(len(cosines))
    found = (cosines.argmax(0) == own).sum() + (cosines.argmax(1) == own).sum()
    return float(found / (2 * len(cosines)))


@pytest.mark.parametrize("lang", SUBJECTS)
def test_a_language_has_vectors_if_they_know_what_its_texts_are_about(
    model: Embedding, lang: str
) -> None:
    assert (together(model, lang) > 0.9) == (lang in LANGUAGES)


def test_a_vector_is_of_unit_length_and_of_no_words_zero(model: Embedding) -> None:
    lengths = np.linalg.norm(model.vectors([["owls"], [], ["owls", "at", "night"]]), axis=1)
    assert lengths.tolist() == pytest.approx([1, 0, 1], abs=1e-5)
    assert model.vectors([]).shape == (0, DIMENSIONS)


def test_a_text_has_the_same_vector_alone_and_among_others(model: Embedding) -> None:
    texts = [["tides", "and", "maps"], ["owls"], ["maps"] * 300]
    together = model.vectors(texts)
    for row, words in zip(together, texts, strict=True):
        assert row == pytest.approx(model.vectors([words])[0], abs=1e-6)


@given(st.text())
def test_any_text_has_words_and_a_vector(text: str) -> None:
    words = embedding.lower_words(text)
    assert all(0 < len(word) <= 40 for word in words)
    found = embedding.model()
    if found is not None:
        assert np.isfinite(found.vectors([words])).all()


@given(word=st.from_regex(embedding._WORD, fullmatch=True))
def test_a_word_is_taken_apart_as_the_whole_tokenizer_does(word: str, model: Embedding) -> None:
    pieces = np.frombuffer(model._pieces[word], np.uint16)
    assert pieces.tolist() == whole().encode(word, add_special_tokens=False).ids


@cache
def whole() -> Any:
    """The tokenizer with all that it does to a text."""
    from tokenizers import Tokenizer

    folder = embedding.folder()
    assert folder is not None
    return Tokenizer.from_file(str(folder / embedding.PIECES))


def test_a_plural_in_a_query_is_near_its_singular(model: Embedding) -> None:
    alone, singular = model.vectors([["laptops"], ["laptop"]])
    assert model.weighted(["laptops"], [1]) @ singular > 0.9 > alone @ singular


@pytest.mark.parametrize("word", ["cars", "glass", "is", "s", "laptop", "physics"])
def test_other_words_are_the_same_in_queries_and_texts(word: str, model: Embedding) -> None:
    assert np.allclose(model.weighted([word], [1]), model.vectors([[word]])[0], atol=1e-6)


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("mowing", ["cut", "the", "grass"]), ("tortoise", ["turtle"]), ("blunders", ["mistakes"]),
        ("ornithology", ["birds"]), ("spreadsheets", ["financial", "data"]),
    ],
)  # fmt: skip
def test_a_word_of_several_pieces_is_nearer_to_what_it_means_by_its_glosses(
    model: Embedding, word: str, means: list[str]
) -> None:
    (meaning,) = model.vectors([means])
    alone, half, all_of_it = (model.weighted([word], [1], [share]) for share in (0, 0.5, 1))
    assert alone @ meaning + 0.1 < half @ meaning
    assert alone @ all_of_it < alone @ half < 1 > all_of_it @ half > 0.5


@pytest.mark.parametrize("word", ["guitar", "the", "zxqvb", "ausdrücke", "chatgpt", "1234"])
def test_words_of_one_piece_and_unknown_ones_have_no_glosses(model: Embedding, word: str) -> None:
    assert np.array_equal(model.weighted([word], [1], [0.5]), model.weighted([word], [1]))


def test_queries_and_their_glosses_widen_no_vectors() -> None:
    folder = embedding.folder()
    if folder is None:
        pytest.skip("the packages of word vectors are not installed")
    anew = Embedding(folder)
    assert anew.weighted(["mowing", "the", "lawn"], [1, 1, 1], [0.5, 0.5, 0.5]).any()
    assert not anew._widened.any()


def test_glosses_change_the_direction_of_a_word_and_not_what_it_counts(model: Embedding) -> None:
    """Two words that count alike by their lengths do so when one has become its glosses."""
    words, weights = ["mowing", "guitar"], [1.0, 1.0]
    ((mowing, length),) = model._of(["mowing"])
    ((guitar, _),) = model._of(["guitar"])
    meaning = model.weighted(["mowing"], [1], [1])
    expected = embedding.unit((length * meaning + guitar)[None])[0]
    assert np.allclose(model.weighted(words, weights, [1, 1]), expected, atol=1e-5)
    assert np.linalg.norm(mowing) == pytest.approx(length, rel=1e-5)


def test_a_long_text_is_read_from_its_beginning() -> None:
    assert embedding.lower_words("tide " * MAX_LETTERS) == ["tide"] * (MAX_LETTERS // 5)
    assert max(map(len, embedding.lower_words("a" * 500))) == 40


@given(
    npst.arrays(
        np.float32,
        st.tuples(st.integers(0, 5), st.just(DIMENSIONS)),
        elements=st.floats(-1, 1, width=16),
    )
)
def test_eight_bits_keep_direction_and_length(vectors: embedding.Vectors) -> None:
    vectors = embedding.unit(vectors)
    found = embedding.quantise(vectors)
    again = found.numbers * found.scales[:, None]
    zero = ~vectors.any(axis=1)
    assert found.numbers.dtype == np.int8
    assert (found.scales[zero] == 0).all()
    lengths = np.linalg.norm(again[~zero], axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-5)
    # Each number is wrong by half a step at the most: by 0.063 together, where one is nearly all
    # of the vector and all others lie between two steps.
    assert (np.einsum("nd,nd->n", again, vectors)[~zero] > 0.998).all()


def test_without_the_packages_there_are_no_vectors() -> None:
    """In a process that cannot import them, as where they are not installed."""
    program = (
        "import sys; sys.modules['tokenizers'] = None\n"
        "from indexer.analysis import embedding\n"
        "print(embedding.model(), repr(embedding.identity()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["None", "''"]
