"""What a completion loses for its form: missed criteria, stock phrases, and posing as another role or task.

    applied = 1 - min(clip(raw, 0, 1), max_penalty)

Rules:
- Penalties judge the text as received, white space around it trimmed.
- Every stock phrase is looked for on its own. Those that are labels ("Task:") count where a label stands only: at the start of
  the text or of a line, as a whole word, signs of a heading, a quote or emphasis aside. "data:", "FAQ:" and the list item
  "- User: whoever logs in" are honest.
- Section marks of a prompt count anywhere: nobody writes them but to pass for the validator.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import compress

import attrs

from core import criteria
from core.config import RewardConfig
from core.prompts import OPENINGS, POINTS_OPENING, has_mark
from core.tasks import Task
from core.types import TaskType

STOCK_PHRASE_CHARACTERS = 200
STOCK_PHRASES_FOR_ALL = 10

# Of the prompts and templates that models are run with, ours included.
LEAKED_LABELS = ("Task:", "Instruction:", "Instructions:", "Input:", "Response:", "Output:", "Prompt:")
LEAKED_PHRASES = (
    "You are a helpful",
    "You are an AI",
    "As an AI",
    "As a language model",
    "As a large language model",
    "Below is an instruction",
    "Write a response that",
    "A chat between",
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "[INST]",
    "<<SYS>>",
    POINTS_OPENING,
    *OPENINGS.values(),
)
# Of talk about the answer in place of the answer.
CHAT_FILLER = (
    "I can help you with",
    "How can I help you",
    "How can I assist you",
    "I'd be happy to",
    "I would be happy to",
    "Let me know if",
    "I hope this helps",
    "Great question",
    "Thank you for your",
    "Sure, here",
    "Sure! Here",
    "Certainly! Here",
    "Of course! Here",
    "Here is a summary",
    "Here is the summary",
    "Here's a summary",
    "Here is a question",
    "Here's a question",
    "Here is the answer",
    "I'm sorry, but",
    "I apologize",
)

ROLE_LABELS = ("User:", "Human:", "Assistant:", "System:")
TASK_LABELS: Mapping[TaskType, tuple[str, ...]] = {
    TaskType.SUMMARY: ("Summary:",),
    TaskType.QUESTION: ("Question:", "Q:"),
    TaskType.ANSWER: ("Answer:", "A:"),
}


@attrs.frozen
class Penalty:
    """What one rule found, and what it costs.

    Attributes:
        raw: as found, 0 or more.
        adjusted: `raw` within 0..1, and no more than the rule's maximum.
        applied: the factor on the reward, 1 - `adjusted`.
    """

    name: str
    raw: float
    adjusted: float
    applied: float


def penalties(task: Task, text: str, config: RewardConfig) -> tuple[Penalty, ...]:
    """Of one completion as received: `task_validation`, `content_match`, `keyword_match`, in this order."""
    text = text.strip()
    return (
        _penalty("task_validation", task_validation(task, text), config.task_validation_max_penalty),
        _penalty("content_match", content_match(text), config.content_match_max_penalty),
        _penalty("keyword_match", keyword_match(task.type, text), config.keyword_match_max_penalty),
    )


def task_validation(task: Task, text: str) -> float:
    """Sum of what the task's criteria cost the text."""
    return sum([criteria.penalty(criterion, text) for criterion in task.criteria], 0.0)


def content_match(text: str) -> float:
    """A tenth for each stock phrase within the first 200 characters."""
    head = "\n" + text[:STOCK_PHRASE_CHARACTERS].replace("’", "'").lower()
    likely = compress(_STOCK.values(), map(head.__contains__, _STOCK))
    return sum([pattern.search(head) is not None for pattern in likely]) / STOCK_PHRASES_FOR_ALL


def keyword_match(task_type: TaskType, text: str) -> float:
    """1 where the text poses as another role or task, or copies a section mark; else 0."""
    return float(has_mark(text) or _POSING[task_type].search(f"\n{text}") is not None)


# Most texts miss nothing, or one of a few criteria by a few words.
@lru_cache(maxsize=1024, typed=True)
def _penalty(name: str, raw: float, max_penalty: float) -> Penalty:
    adjusted = min(max(raw, 0.0), 1.0, max_penalty)
    return Penalty(name, raw, adjusted, 1 - adjusted)


def _label_pattern(labels: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the labels ("Answer:") where a label stands; "**Answer:**" and "# Answer :" are labels, too.

    To be looked for in a text with a line break before it: a plain character to open with is found many times faster than "^".
    """
    names = "|".join(re.escape(label.removesuffix(":")) for label in labels)
    return re.compile(rf"\n[ \t]*+(?:[>#]++[ \t]*+)?[*_]*+(?:{names})[ \t*_]*+[:：]", re.IGNORECASE)


def _phrase_pattern(phrase: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if phrase[0].isalnum() else ""
    after = r"(?!\w)" if phrase[-1].isalnum() else ""
    return re.compile(f"{before}{re.escape(phrase.lower())}{after}")


def _posing(task_type: TaskType) -> re.Pattern[str]:
    others = (label for other, labels in TASK_LABELS.items() if other is not task_type for label in labels)
    return _label_pattern((*ROLE_LABELS, *others))


# The phrase itself is looked for first: that is many times quicker, and mostly settles it.
_STOCK = {
    **{label.removesuffix(":").lower(): _label_pattern((label,)) for label in LEAKED_LABELS},
    **{phrase.lower(): _phrase_pattern(phrase) for phrase in (*LEAKED_PHRASES, *CHAT_FILLER)},
}
_POSING: Mapping[TaskType, re.Pattern[str]] = {task_type: _posing(task_type) for task_type in TaskType}
