"""What relates two essays, what each reason weighs, and how it is told."""

from __future__ import annotations

from app.search.discovery import Reason, Related
from indexer.analysis import citations
from indexer.essay import Essay, distinct, value_key

#: A cited work says more of what an essay is about than a tag as rare.
WORK_WEIGHT = 2.0
#: Words are evidence, where a link or a tag is their author's statement. A third of the weight of
#: an essay's keywords is worth a link; the usual likeness, a tenth or two, decides between equals.
WORDS_WEIGHT = 3.0
#: Essays that share less than this of the weight of keywords, and nothing else, are not related:
#: any two texts share some words.
MIN_LIKENESS = 0.1
#: What a cosine of meaning weighs, where links weigh one. Twice as much finds in the first five
#: the most of the essays that authors linked or gave the same tags: of 28 links of one archive
#: 71 % (50 % by words alone), of 688 of another 56 % (50 %), of 50 like tags there 50 % (21 %).
MEANING_WEIGHT = 2.0
#: Essays whose words and meaning together weigh less of a link, and that share nothing else, are
#: not related: a cosine of 0.35, or 0.2 with the least likeness of words that relates without
#: meaning. Words alone bring twice as many such pairs, of which half the share are linked.
MIN_EVIDENCE = 0.7
#: However much their words weigh, nearer than this two essays must be, where links and tags do not
#: relate them: of a short one, a few weak words may be all that it says twice. In two archives that
#: left out 6 to 9 % of the pairs, and of the linked ones hardly any.
MIN_NEARNESS = 0.05
#: Essays at least as near as this are said to be similar in meaning: of pairs below it too many
#: have a tone in common more than a subject.
MIN_SIMILARITY = 0.3
#: Values and links of one essay that are looked at.
MAX_VALUES = 64
#: Shared words that are named as a reason.
MAX_NAMED_WORDS = 4


def told(
    other: Essay,
    tags: dict[str, float],
    cited: dict[str, float],
    linked: bool,
    linking: bool,
    similar: bool,
    words: list[str],
) -> Related:
    """An essay with the reasons why it is related to another one. ``tags`` and ``cited`` are what
    the other has, each with what sharing it weighs; the others say what was found."""
    shared = sorted(
        (tag for tag in distinct(other.tags) if value_key(tag) in tags),
        key=lambda t: -tags[value_key(t)],
    )
    same = {
        citations.work_key(entry): entry
        for entry in other.bibliography
        if citations.work_key(entry) in cited
    }
    reasons = [
        Reason("links") if linked else None,
        Reason("linked") if linking else None,
        Reason("work", tuple(same.values())) if same else None,
        Reason("tag", tuple(shared)) if shared else None,
        Reason("meaning") if similar else None,
        Reason("word", tuple(words)) if words else None,
    ]
    return Related(other, tuple(reason for reason in reasons if reason is not None))
