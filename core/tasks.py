"""The tasks of a forward: what a step asks of its miners.

Rules:
- A task is a value: type, base text, sections, criteria. Its prompt follows from it, and from nothing else.
- What a task draws by chance comes from the generator it is given: the same generator and texts, the same task.
- `base_text` is what the relevance mask and the verbatim-copy rule compare a completion with; the prompt is what a miner
  and the reward functions see. Marks, instruction and criteria are in the prompt only: repeating them makes nothing relevant.
"""

import random
from collections.abc import Sequence

import attrs

from core.criteria import Criterion, Layout, MatchContent, MatchLayout, MatchLength, Place, Unit, describe
from core.prompts import OPENINGS, Mark, Section, render
from core.randomness import below, between, choice, sample
from core.text import cut, sentences
from core.types import TaskType

QUESTION_WORDS = ("What", "Why", "How", "Which", "When", "Where", "Who", "Does", "Is", "Can")
OFFERED_QUESTION_WORDS = 3
CONTEXT_SENTENCES = (15, 30)

_Lengths = tuple[tuple[Unit, int, int], ...]
_LIST_SUMMARY_LENGTHS: _Lengths = ((Unit.WORDS, 100, 200), (Unit.SENTENCES, 8, 12))
_PLAIN_SUMMARY_LENGTHS: _Lengths = ((Unit.WORDS, 50, 200), (Unit.SENTENCES, 4, 8))
_QUESTION_LENGTHS: _Lengths = ((Unit.WORDS, 10, 40), (Unit.CHARACTERS, 40, 200))
_ANSWER_LENGTHS: _Lengths = ((Unit.WORDS, 50, 200),)


@attrs.frozen
class Task:
    """What one step asks.

    Attributes:
        name: the field's name of the step: "summarization", "followup0".., "answer0"...
        base_text: what the completion must be about and must not copy; see the module's rules.
        instruction: one paragraph, opened by the type's `OPENINGS`.
        sections: the texts that the prompt shows, in order.
    """

    name: str
    type: TaskType
    base_text: str
    instruction: str
    sections: tuple[Section, ...]
    criteria: tuple[Criterion, ...]

    def prompt(self) -> str:
        """The message to miners; ends without a line break."""
        points = [describe(criterion) for criterion in self.criteria]
        return render(self.instruction, self.sections, points)


def draw_context_text(text: str, rng: random.Random) -> str:
    """15 to 30 whole sentences that follow each other, from a place at random; all of a text that has fewer."""
    available = len(sentences(text))
    count = min(between(rng, *CONTEXT_SENTENCES), available)
    return cut(text, below(rng, available - count + 1), count)


def summary_task(base_text: str, rng: random.Random) -> Task:
    """Summarise `base_text`, a drawn context. Its base text is the context itself: be about it, do not copy it."""
    layout = choice(rng, tuple(Layout))
    lengths = _PLAIN_SUMMARY_LENGTHS if layout is Layout.PLAIN else _LIST_SUMMARY_LENGTHS
    return Task(
        name="summarization",
        type=TaskType.SUMMARY,
        base_text=base_text,
        instruction=f"{OPENINGS[TaskType.SUMMARY]} Give the summary only, without a heading.",
        sections=(Section(Mark.CONTEXT, base_text),),
        criteria=(MatchLayout(layout, penalty=0.5), _length(lengths, rng)),
    )


def question_task(
    summary: str, earlier_questions: Sequence[str], round_index: int, rng: random.Random
) -> Task:
    """Ask something new about `summary`.

    Its base text is the summary and the earlier questions, one a line: a question must be about the summary, and one that
    was asked before in this forward is a verbatim copy, though the summary does not hold it. The earlier questions are about
    the summary themselves, so they do not make anything else relevant.
    """
    earlier = "\n".join(" ".join(question.split()) for question in earlier_questions)
    return Task(
        name=f"followup{round_index}",
        type=TaskType.QUESTION,
        base_text=f"{summary}\n{earlier}" if earlier else summary,
        instruction=f"{OPENINGS[TaskType.QUESTION]} {_question_advice(earlier)}",
        sections=(Section(Mark.SUMMARY, summary), *_asked(earlier)),
        criteria=(
            MatchContent(sample(rng, QUESTION_WORDS, OFFERED_QUESTION_WORDS), Place.START),
            MatchContent(("?",), Place.END),
            _length(_QUESTION_LENGTHS, rng),
        ),
    )


def answer_task(question: str, summary: str, round_index: int, rng: random.Random) -> Task:
    """Answer `question`, asked about `summary`.

    Its base text is the question and the summary: the question alone is too short to tell a good answer from one that
    repeats its words, and neither repeating the question nor pasting a sentence of the summary is an answer.
    """
    return Task(
        name=f"answer{round_index}",
        type=TaskType.ANSWER,
        base_text=f"{question}\n{summary}",
        instruction=f"{OPENINGS[TaskType.ANSWER]} It is about the summary. Give the answer only.",
        sections=(Section(Mark.SUMMARY, summary), Section(Mark.QUESTION, question)),
        criteria=(
            MatchContent(("?",), Place.ANYWHERE, negate=True),
            MatchLayout(Layout.PLAIN),
            _length(_ANSWER_LENGTHS, rng),
        ),
    )


def _question_advice(earlier: str) -> str:
    if earlier:
        return "Give the question only, and none that was asked before."
    return "Give the question only."


def _asked(earlier: str) -> tuple[Section, ...]:
    return (Section(Mark.QUESTIONS, earlier),) if earlier else ()


def _length(lengths: _Lengths, rng: random.Random) -> MatchLength:
    unit, least, most = choice(rng, lengths)
    return MatchLength(between(rng, least, most), unit)
