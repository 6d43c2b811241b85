"""What a prompt looks like: an opening that tells the task, the texts it is about between marks, the criteria in words.

    Summarize the text between the marks in your own words. ...

    <context>
    ...
    </context>

    Keep to these points:
    - Length in words: about 150.

Rules:
- A prompt starts with its task's opening (`OPENINGS`), so that the task can be told from the first characters.
- A mark stands on a line of its own, and never within a section's text: whatever a data set or a miner wrote, marks are
  taken out of it, so that the text cannot close its section and speak for us.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import attrs

from core.types import TaskType


class Mark(StrEnum):
    """What kind of text a section holds."""

    CONTEXT = "context"
    SUMMARY = "summary"
    QUESTIONS = "questions"
    QUESTION = "question"

    @property
    def opening(self) -> str:
        return f"<{self.value}>"

    @property
    def closing(self) -> str:
        return f"</{self.value}>"


OPENINGS: Mapping[TaskType, str] = {
    TaskType.SUMMARY: "Summarize the text between the marks in your own words.",
    TaskType.QUESTION: "Ask one question about the summary between the marks.",
    TaskType.ANSWER: "Answer the question between the marks in your own words.",
}
POINTS_OPENING = "Keep to these points:"

_ANY_MARK = re.compile(rf"</?(?:{'|'.join(Mark)})>", re.IGNORECASE)


@attrs.frozen
class Section:
    """A text that a prompt is about, and what kind of text it is."""

    mark: Mark
    text: str


def has_mark(text: str) -> bool:
    """Whether a section mark, opening or closing, stands anywhere in the text; case does not matter."""
    return _ANY_MARK.search(text) is not None


def without_marks(text: str) -> str:
    """The text with a blank in place of every section mark; a blank, so that no new mark can grow together."""
    return _ANY_MARK.sub(" ", text)


def render(instruction: str, sections: Sequence[Section], points: Sequence[str]) -> str:
    """The prompt as it is sent: instruction, sections and points, a blank line between them."""
    blocks = [instruction]
    blocks += [
        f"{section.mark.opening}\n{without_marks(section.text)}\n{section.mark.closing}"
        for section in sections
    ]
    blocks.append("\n".join((POINTS_OPENING, *(f"- {point}" for point in points))))
    return "\n\n".join(blocks)
