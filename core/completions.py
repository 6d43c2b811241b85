"""What is scored of a completion: the cleaned text, and of a question just the question.

Rules:
- Reward functions, masks and the next prompt all see the one text that `scored_text` gives. Criteria and penalties judge the
  text as received instead, so that a final full stop still ends a sentence and chatter around a question still costs.
- Only questions are trimmed. An answer is asked for in 50 to 200 words: its last sentence alone would be another answer.
- An empty text means that there is nothing to score: the completion held no word.
"""

from functools import lru_cache

from core.text import sentences, words
from core.types import TaskType

MOST_QUESTION_WORDS = 40
SHORT_CHARACTERS = 1_000
_QUESTION_MARKS = "?？"
# Full stops, and whatever is white space: none of that lies beyond the first of Unicode's planes.
_EDGES = "." + "".join(char for char in map(chr, range(0x10000)) if char.isspace())
_TAIL = f"{_QUESTION_MARKS}.!…。！\"'”’»)]*_」』"


def scored_text(task_type: TaskType, completion: str) -> str:
    """What reward functions, masks and the next prompt see of a completion; "" where nothing is left."""
    return clean(trim_followup(completion) if task_type is TaskType.QUESTION else completion)


def clean(text: str) -> str:
    """The text without the white space and the full stops around it, in whatever order they come."""
    return text.strip(_EDGES)


def trim_followup(text: str) -> str:
    """The first question, up to its "?"; where there is none, the last sentence. "" for a text without a word.

    A question is a sentence that ends with "?", so that "U.S." and "3.5" stay whole. One of more than 40 words keeps its
    last 40, less any sentence that ends among them.
    """
    return _kept_followup(text) if len(text) <= SHORT_CHARACTERS else _followup(text)


def _followup(text: str) -> str:
    found = sentences(text)
    question = next((question for sentence in found if (question := _question(sentence))), "")
    return question or (found[-1] if found else "")


# A question is trimmed when it comes and again when its verdict does, some hundred others between. A long text is not kept.
_kept_followup = lru_cache(maxsize=512)(_followup)


def _question(sentence: str) -> str:
    """The sentence up to its "?", shortened; "" if it is no question."""
    tail = sentence[len(sentence.rstrip(_TAIL)) :]
    marks = [tail.index(mark) for mark in _QUESTION_MARKS if mark in tail]
    return _shortened(sentence[: len(sentence) - len(tail) + min(marks) + 1]) if marks else ""


def _shortened(question: str) -> str:
    if len(words(question)) <= MOST_QUESTION_WORDS:
        return question
    pieces = question.split()
    counted = [index for index, piece in enumerate(pieces) if words(piece)][-MOST_QUESTION_WORDS:]
    return sentences(" ".join(pieces[counted[0] :]))[-1]
