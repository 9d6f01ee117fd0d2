"""The questions of a collection in the forms in which people type and paste them.

Each form is a collection of its own, over the same documents: what it asks for is the same, so an
engine that reads it as it was meant answers as well as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.relevance.collection import Collection, Judgements, Question

#: Questions that are joined to a paragraph.
SENTENCES = 3


def capitals(text: str) -> str:
    """A question as a headline.

    >>> capitals("Do owls hear mice?")
    'DO OWLS HEAR MICE?'
    """
    return text.upper()


def quotation_mark(text: str) -> str:
    """A question with a quotation mark that nothing closes, before its middle word.

    >>> quotation_mark("Do owls hear mice?")
    'Do owls "hear mice?'
    """
    words = text.split()
    words[len(words) // 2] = '"' + words[len(words) // 2]
    return " ".join(words)


def colon(text: str) -> str:
    """A question with a colon after its first word, as titles have it.

    >>> colon("Owls hear mice"), colon("Owls")
    ('Owls: hear mice', 'Owls:')
    """
    first, *rest = text.split()
    return " ".join([first + ":", *rest])


def sentence(text: str) -> str:
    """A question that another sentence can follow.

    >>> sentence("owls hear mice"), sentence("Do they?")
    ('Owls hear mice.', 'Do they?')
    """
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def paragraphs(collection: Collection) -> Collection:
    """Three questions after another as one; what answers any of them answers it, by its best
    grade. What is over at the end is left out."""
    questions: list[Question] = []
    judgements: Judgements = {}
    for group in _groups(collection.questions):
        question = Question(
            "+".join(each.id for each in group), " ".join(sentence(each.text) for each in group)
        )
        grades = judgements.setdefault(question.id, {})
        for each in group:
            for document, grade in collection.judgements[each.id].items():
                grades[document] = max(grade, grades.get(document, grade))
        questions.append(question)
    return collection._replace(questions=questions, judgements=judgements)


def _groups(questions: list[Question]) -> Iterator[list[Question]]:
    for at in range(0, len(questions) - SENTENCES + 1, SENTENCES):
        yield questions[at : at + SENTENCES]


def _each(change: Callable[[str], str]) -> Callable[[Collection], Collection]:
    def changed(collection: Collection) -> Collection:
        questions = [Question(each.id, change(each.text)) for each in collection.questions]
        return collection._replace(questions=questions)

    return changed


#: A form's name in the report, and what makes it of a collection as it was published.
FORMS: dict[str, Callable[[Collection], Collection]] = {
    "as published": lambda collection: collection,
    "in capitals": _each(capitals),
    "a quotation mark in it": _each(quotation_mark),
    "a colon after the first word": _each(colon),
    "three as a paragraph": paragraphs,
}
