"""The language of a text, where its author names none.

Scripts first: kana is Japanese, Hangul Korean. Languages that share a script are told apart by
their commonest short words, a third of any prose (Grefenstette, "Comparing two language
identification schemes", JADT 1995). Only where these do not decide is py3langid asked: it is right
more often in a sentence or two, and takes a second to load, a millisecond to answer and 80 MB. A
text that does not show its language clearly has none; the archive's own is better than a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from indexer.analysis import languages
from indexer.analysis.folding import RUN
from indexer.analysis.languages import ENGLISH

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: Characters of a text that are looked at, by us and by the library.
LOOKED_AT, LIBRARY_LOOKS_AT = 1_000, 600
#: Words, and letters of scripts that are written without spaces, by which a language is told.
FEWEST_WORDS, FEWEST_LETTERS = 5, 2
#: The share of words that must be a language's own short words, and how far it must lead, for
#: these to decide by themselves; they can in so many words.
SHARE, LEAD, BY_SHORT_WORDS = 0.2, 1.5, 12
#: What must be there for the library to be asked: short words of any language, or letters outside
#: ASCII. Code, tables and lists of names have neither.
ASKED_FROM, ACCENTED_FROM = 0.05, 0.02
#: How sure the library has to be.
CONFIDENCE = 0.9
#: Own words of English that no other language shares, and the share that ends the question.
_SURELY_ENGLISH = frozenset(
    "the and of that with for this which from are by not but they you have it was be or".split()
)
ENOUGH_ENGLISH = 0.18

_SHORT_WORDS = {
    "af": ("die en van in is het nie wat vir om te 'n dat hy met op sy ek ons aan was ook as word"),
    "ca": (
        "de la i que el en a per les un una els amb del és no es al més com o dels les seva però "
        "aquest aquesta va són hi"
    ),
    "cs": (
        "a v se na je to že s z do o i pro ale jako si by jsou tak po nebo jeho které který bylo "
        "když jsem není být aby"
    ),
    "da": (
        "og i at det en er til på som af de for med der den ikke et har var jeg fra men om kan vi "
        "eller hun også efter blev når skal"
    ),
    "de": (
        "der die und in den das von zu mit sich des auf für ist im dem nicht ein eine als auch es "
        "an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen "
        "so zum war haben nur oder aber vor zur bis mehr durch man wir wenn ich"
    ),
    "en": (
        "the of and to in a is that for it as was with be by on not he his but at are this have "
        "from or had an they which you were all we there can been if more their will would what "
        "so no when one them has its into than"
    ),
    "eo": (
        "la de kaj en estas ke al ne mi li por kun sed tio ĝi oni pri el kiu estis iuj sin ĉu ili "
        "kiel pli"
    ),
    "es": (
        "de la que el en y a los se del las un por con una no su para es al lo como más o pero "
        "sus le ha me si sin sobre este ya entre cuando todo esta son también fue hay muy"
    ),
    "et": (
        "ja on ei et see oli ta kui ka mis oma aga või siis nagu mida kes seda ning selle veel ma "
        "tema ole"
    ),
    "eu": (
        "eta da ez bat ere du dira baina izan zuen den dute zen hau horrek hori egin beste egiten "
        "baten edo da"
    ),
    "fi": (
        "ja on ei se että oli hän mutta kuin ovat myös joka sen tai niin kun mitä jos ole tämä "
        "voi ollut jotka siitä sitä olla vain"
    ),
    "fr": (
        "de la le et les des en un du une que est dans qui pour pas au sur par il plus ne se ce "
        "avec on son sont mais comme ou sa cette elle nous aux ses être tout si leur je vous peut "
        "c'est d'un qu'il n'est"
    ),
    "ga": "an agus na a ar is i go sé le bhí do ag sí tá nach ach atá mar siad leis den ní seo",
    "hr": (
        "i je u se na da za su s od o kao što koji ali ne to nije bi iz sam koja ili po samo kada "
        "biti te koje kako"
    ),
    "hu": (
        "a az és hogy nem is egy ez de volt meg csak ha mint van már el még azt vagy ki le én "
        "akkor minden amely lehet"
    ),
    "id": (
        "yang dan di dengan untuk dari ini itu dalam tidak pada adalah ke akan oleh juga saya "
        "sebagai atau ada bisa karena telah dapat mereka kami"
    ),
    "is": (
        "og að í er á sem það við um ekki til en með var ég hann af fyrir hún þá eru því hafa þau "
        "svo"
    ),
    "it": (
        "di e il la che in un a per è una non si sono con i del da le al dei come più gli anche "
        "della alla ma nel lo se ha delle questo essere o su ci quando dell l'"
    ),
    "la": (
        "et in est non ad ut cum qui quod quae sed sunt ex esse si per atque enim nec ab aut hoc "
        "quam eius"
    ),
    "lt": "ir kad yra į tai su iš ne kaip bet jis o buvo tik už ar nuo dar per jų savo mes",
    "lv": "un ir ka no uz ar par tas bet kas to viņš arī kā bija nav ja vai gan tikai pie",
    "nl": (
        "de het een van en in is dat te op niet zijn met voor die aan er om ook dan maar bij nog "
        "naar heeft hij ik uit wordt als worden door over deze kan wat geen hebben was wel of je"
    ),
    "no": (
        "og i det er på som en til å av for at med de den ikke et har var jeg fra men om kan vi "
        "eller hun også etter ble når skal seg være så ved"
    ),
    "pl": (
        "i w na z nie się do że jest to o jak po co ale za od tak przez dla są czy już może ich "
        "jego który które tylko być oraz jako można"
    ),
    "pt": (
        "de a que e o do da em um para é com não uma os no se na por mais as dos como mas ao das "
        "à seu sua ou ser quando muito nos já também só pelo pela isso são você está"
    ),
    "ro": (
        "de și în a la cu nu că pe o se este un mai din pentru să care ce sunt dar al sau fost ca "
        "lui prin dacă fi au această acest"
    ),
    "sk": (
        "a v sa na je to že s z do o aj pre ale ako si by sú tak po alebo jeho ktoré ktorý bolo "
        "keď som nie byť aby či"
    ),
    "sl": (
        "in je v se na da za so ki ne pa z s ni po kot tudi bi od ali iz kar bil pri to še lahko"
    ),
    "sq": "të e në dhe që një i për me është nga nuk se si ka më do kjo por ishte janë ai",
    "st": "le ya ho ke a ba e o tsa ka ha wa di sa ea tse bo se hore",
    "sv": (
        "och i att det som en på är av för den med till inte ett om har de jag så var men från vi "
        "kan när man sig eller hon också efter hade vid ska mot än nu"
    ),
    "tl": "ang ng sa na at mga ay si ito hindi para siya ko ni kung may isang",
    "tr": (
        "ve bir bu da de için ile olarak çok daha ne gibi en o ki ama olan kadar sonra var değil "
        "ya her ben mi olduğu"
    ),
    "vi": (
        "và của là có không được một cho trong này những với người các để đã khi từ cũng như tôi "
        "đến về ra"
    ),
    "be": "і ў у на не што з да як для гэта ён але па яго ад таксама або быў мы бы",
    "bg": (
        "и на в да се за не от е са с че по като но това до при как или който има които той ще си "
        "може беше към"
    ),
    "mk": "и на во да се за не од е со што ќе како но ова по или тоа беше се ги сум при кој",
    "ru": (
        "и в не на что с он как это но я по из к а у за от так же его для то или мы было бы вы "
        "только она они ее быть если был при когда все чтобы может этого также есть"
    ),
    "sr": (
        "и је у се на да за су од о као што који али не то није би из сам која или по само када "
        "бити те које i je u se na da za su od o kao što koji ali ne nije bi iz sam koja ili će "
        "ovo"
    ),
    "uk": (
        "і в не на що з у та до як це але я він за від про так його для або ми був бо щоб є також "
        "може які який вона вони та й"
    ),
    "ar": (
        "في من على إلى أن عن هذا التي الذي لا ما كان مع هذه أو كل بعد ذلك قد هو هي بين لم كما وقد "
        "إن عند كانت يمكن"
    ),
    "fa": (
        "و در به از که این را با است برای آن یک می های بود خود شده تا شود کند بر هر ما یا اما نیز"
    ),
    "ur": "کے میں کی ہے اور سے کا کو اس نے پر ہیں کہ یہ بھی ایک تھا جو نہیں کر تھے",
    "he": "של את על לא הוא עם זה כי היא גם או אל אם כל מה היה אני אבל יש אין ידי כך רק",
    "yi": "די און איז אין צו דער פון מיט ניט נישט האט דאס וואס אויף איך זיי אַ",
    "hi": "के में की है और से का को पर हैं ने कि यह भी एक था जो नहीं कर लिए इस वह हो",
    "mr": "आणि आहे या च्या हे ते व तो आहेत होते एक मध्ये नाही ही की तर",
    "ne": "छ र को मा लाई पनि छन् हो का थियो भने यो गर्न एक भएको गरेको",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LANGUAGES_OF: dict[str, list[str]] = {}
for _code, _listed in _SHORT_WORDS.items():
    for _each in dict.fromkeys(_listed.split()):
        _LANGUAGES_OF.setdefault(_each, []).append(_code)

#: Scripts that one language alone is written in, or that one stands for.
_ALONE = (
    ("th", re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]")),
    ("lo", re.compile("[\u0e81-\u0ecf\u0edc-\u0edf]")),
    ("km", re.compile("[\u1780-\u17d3]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("hy", re.compile("[\u0531-\u0587]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
)
_KANA = re.compile("[\u3041-\u30fa\uff66-\uff9f]")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str, usual: str = ENGLISH) -> str:
    """The language of a text, as its code; nothing for one that does not show it.

    Nothing is lost where the text is in the ``usual`` language of its archive and does not show
    that, so another one has to be shown more clearly.

    >>> detect("Die Katze, die auf dem Dach sitzt, ist nicht von hier, und sie weiß es auch.")
    'de'
    >>> detect("猫は屋根の上で眠っている。"), detect("屋顶上的猫正在睡觉，它不是这里的。")
    ('ja', 'zh')
    >>> detect("Latent Dirichlet Allocation")
    ''
    """
    sample = text[:LOOKED_AT].lower()
    rough = sample.split()
    if len(rough) >= BY_SHORT_WORDS:
        own = sum(map(_SURELY_ENGLISH.__contains__, rough))
        if own > ENOUGH_ENGLISH * len(rough):
            return ENGLISH
    if not sample.isascii() and (found := _by_script(sample)):
        return found
    words = _WORD.findall(sample.replace("’", "'"))
    if len(words) < FEWEST_WORDS:
        return ""
    votes: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for lang in _LANGUAGES_OF.get(word, ()):
            votes[lang] += times
    first, most, next_most = _leading(votes)
    clear = most > SHARE * len(words) and most > LEAD * next_most
    if clear and len(words) >= BY_SHORT_WORDS:
        return first
    if most < ASKED_FROM * len(words) and _accented(sample) < ACCENTED_FROM:
        return ""
    guess = _by_library(sample[:LIBRARY_LOOKS_AT])
    return guess if votes[guess] >= votes[usual] or guess not in _SHORT_WORDS else ""


def _leading(votes: Mapping[str, int]) -> tuple[str, int, int]:
    """The language with most votes, how many it has, and the next one."""
    ranked = sorted(votes.items(), key=lambda each: (-each[1], each[0]))
    first, most = ranked[0] if ranked else ("", 0)
    return first, most, ranked[1][1] if len(ranked) > 1 else 0


def _accented(sample: str) -> float:
    """The share of letters that are outside ASCII."""
    if sample.isascii():
        return 0.0
    letters = _LETTER.findall(sample)
    return sum(not letter.isascii() for letter in letters) / (len(letters) or 1)


@cache
def _library() -> LanguageIdentifier | None:
    """py3langid's model, if it can be had: without it a text only has to show more."""
    try:
        from py3langid import langid

        return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    except (ImportError, OSError, ValueError, EOFError):
        return None


def prepare() -> None:
    """Load what takes seconds to load, once, so that no file is blamed for it."""
    _library()


def _by_library(sample: str) -> str:
    """What py3langid is sure of, among the languages that mean something here."""
    library = _library()
    if library is None:
        return ""
    guess, confidence = library.classify(sample)
    known = languages.code(guess)
    return known if confidence >= CONFIDENCE and languages.known(known) else ""


def _by_script(sample: str) -> str:
    """The language that the letters of a text show by themselves, if most of them do."""
    unspaced = "".join(RUN.findall(sample))
    other = [code for code, letters in _ALONE if letters.search(sample)]
    if not unspaced and not other:
        return ""
    # A letter of these says as much as several of a word; half a text of code is still Chinese.
    many = max(FEWEST_LETTERS, len(_LETTER.findall(sample)) // 4)
    for code, letters in _ALONE:
        if code in other and len(letters.findall(sample)) >= many:
            return code
    if len(unspaced) < many:
        return ""
    if len(_HANGUL.findall(unspaced)) > len(unspaced) // 4:
        return "ko"
    return "ja" if len(_KANA.findall(unspaced)) > len(unspaced) // 10 else "zh"
