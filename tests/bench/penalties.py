"""What penalties cost: all three for the 50 completions of a step, beside a plain implementation of the same rules.

Rules:
- The plain one is what one would write first: a regular expression for each phrase and label, a loop for the sentences.
- Texts are 170 words of the shipped corpus each, in the layout that the task asks for.
- Both give the raw penalties, so that they can be compared.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from core.config import RewardConfig
from core.criteria import Criterion, Layout, MatchContent, MatchLayout, MatchLength, Place, Unit
from core.penalties import CHAT_FILLER, LEAKED_LABELS, LEAKED_PHRASES, ROLE_LABELS, TASK_LABELS, penalties
from core.prompts import Mark
from core.tasks import Task
from core.text import sentences
from core.types import TaskType
from tests.bench.corpus import corpus_words

COMPLETIONS = 50
WORDS = 170

Raws = list[tuple[float, ...]]
Work = Callable[[], Raws]


def _task(task_type: TaskType, *criteria: Criterion) -> Task:
    return Task("bench", task_type, "", "", (), criteria)


TASKS: Mapping[str, Task] = {
    "numbered summary": _task(
        TaskType.SUMMARY, MatchLayout(Layout.NUMBERS, 0.5), MatchLength(10, Unit.SENTENCES)
    ),
    "bullet summary": _task(TaskType.SUMMARY, MatchLayout(Layout.BULLETS, 0.5), MatchLength(150, Unit.WORDS)),
    "plain summary": _task(TaskType.SUMMARY, MatchLayout(Layout.PLAIN, 0.5), MatchLength(6, Unit.SENTENCES)),
    "question": _task(
        TaskType.QUESTION,
        MatchContent(("What", "Why", "How"), Place.START),
        MatchContent(("?",), Place.END),
        MatchLength(20, Unit.WORDS),
    ),
    "answer": _task(
        TaskType.ANSWER,
        MatchContent(("?",), Place.ANYWHERE, negate=True),
        MatchLayout(Layout.PLAIN),
        MatchLength(150, Unit.WORDS),
    ),
}


def case(name: str = "numbered summary", run: int = 0) -> tuple[Work, Work]:
    """The plain implementation and the product's over the same texts; by default of the task that costs most."""
    task, config = TASKS[name], RewardConfig()
    texts = [_completion(task, run * COMPLETIONS + i) for i in range(COMPLETIONS)]

    def reference() -> Raws:
        return [_plain(task, text) for text in texts]

    def product() -> Raws:
        return [tuple(penalty.raw for penalty in penalties(task, text, config)) for text in texts]

    return reference, product


def _completion(task: Task, i: int) -> str:
    words = corpus_words()
    first = i * 131 % (len(words) - WORDS)
    text = " ".join(words[first : first + WORDS])
    layouts = {criterion.layout for criterion in task.criteria if isinstance(criterion, MatchLayout)}
    if Layout.NUMBERS in layouts:
        return "\n".join(f"{number}. {line}" for number, line in enumerate(sentences(text), 1))
    return "\n".join(f"- {line}" for line in sentences(text)) if Layout.BULLETS in layouts else text


def _plain(task: Task, text: str) -> tuple[float, ...]:
    text = text.strip()
    missed = sum(_criterion(criterion, text) for criterion in task.criteria)
    return missed, _stock_phrases(text) / 10, float(_poses(task.type, text))


def _criterion(criterion: Criterion, text: str) -> float:
    match criterion:
        case MatchLength(target=target, unit=unit):
            error = (target - _length(text, unit)) / target
            return criterion.penalty * (1 - math.exp(-10 * error**2))
        case MatchContent(words=words, place=place, negate=negate):
            return criterion.penalty * (any(_stands(word, place, text) for word in words) == negate)
        case MatchLayout(layout=layout):
            bullets = len(re.findall(r"^[ \t]*[-*+•‣▪◦·](?=\s)", text, re.MULTILINE))
            numbers = len(re.findall(r"^[ \t]*\(?\d{1,3}[.)](?=\s)", text, re.MULTILINE))
            met = {
                Layout.BULLETS: bullets >= 2,
                Layout.NUMBERS: numbers >= 2,
                Layout.PLAIN: bullets + numbers == 0,
            }
            return criterion.penalty * (not met[layout])


def _length(text: str, unit: Unit) -> int:
    pieces: Mapping[Unit, Callable[[], Sequence[str]]] = {
        Unit.CHARACTERS: lambda: text,
        Unit.WORDS: lambda: [word for word in text.split() if re.search(r"[^\W_]", word)],
        Unit.SENTENCES: lambda: _sentences(text),
        Unit.PARAGRAPHS: lambda: [block for block in text.split("\n\n") if re.search(r"[^\W_]", block)],
    }
    return len(pieces[unit]())


def _sentences(text: str) -> list[str]:
    """Stops before white space end one, line breaks too; list numbers and abbreviations do not."""
    found = []
    for line in text.split("\n"):
        words, first = line.split(), 0
        for i, word in enumerate(words, 1):
            is_stop = re.search(r"[.!?…][\"'”’»)\]]*$", word)
            if i == len(words) or (is_stop and not _keeps_its_stop(word, words[i])):
                found.append(" ".join(words[first:i]))
                first = i
    return found


def _keeps_its_stop(word: str, following: str) -> bool:
    initial = re.fullmatch(r"[^\W\d_]\.", word) and following not in {"The", "It", "When", "Where"}
    return bool(initial or re.fullmatch(r"\d{1,3}\.|(?:Dr|Mr|Mrs|St|vs|etc|e\.g|i\.e|U\.S)\.", word))


def _whole(word: str) -> str:
    before = r"(?<!\w)" if word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isalnum() else ""
    return f"{before}{re.escape(word)}{after}"


def _stands(word: str, place: Place, text: str) -> bool:
    whole = _whole(word)
    at = {Place.START: rf"\A{whole}", Place.END: rf"{whole}\Z", Place.ANYWHERE: whole}[place]
    return re.search(at, text, re.IGNORECASE) is not None


def _stock_phrases(text: str) -> int:
    head = text[:200].replace("’", "'")
    phrases = [re.search(_whole(phrase), head, re.IGNORECASE) for phrase in (*LEAKED_PHRASES, *CHAT_FILLER)]
    return sum(phrase is not None for phrase in phrases) + sum(
        _has_label(label, head) for label in LEAKED_LABELS
    )


def _poses(task_type: TaskType, text: str) -> bool:
    others = [label for other, labels in TASK_LABELS.items() if other is not task_type for label in labels]
    found = [_has_label(label, text) for label in (*ROLE_LABELS, *others)]
    marks = [mark in text.lower() for section in Mark for mark in (section.opening, section.closing)]
    return any(found) or any(marks)


def _has_label(label: str, text: str) -> bool:
    name = re.escape(label.removesuffix(":"))
    pattern = rf"^[ \t]*(?:[>#]+[ \t]*)?[*_]*{name}[ \t*_]*[:：]"
    return re.search(pattern, text, re.IGNORECASE | re.MULTILINE) is not None
