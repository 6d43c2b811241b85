"""What a prompt asks, read from its words as a miner sees them. Pure.

Rules:
- A criterion that is not understood is left out; a prompt without marks is taken as a text that is to be summarised or answered.
- Nothing is known of the task but what the prompt says.
"""

import re

import attrs

from core.criteria import Criterion, Layout, MatchContent, MatchLayout, MatchLength, Place, Unit
from core.prompts import OPENINGS, POINTS_OPENING, Mark
from core.types import TaskType

_LENGTH = re.compile(r"length in (characters|words|sentences|paragraphs)\D+(\d{1,5})", re.IGNORECASE)
_CONTENT = re.compile(r"(do not )?(start|end) with |(do not )?(include) ", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]+)"')


@attrs.frozen
class Reading:
    """What a prompt asks.

    Attributes:
        text: what the completion is to be about.
        question: what is to be answered; "" where nothing is.
        asked: questions that are not to be asked again.
    """

    task_type: TaskType
    text: str
    question: str = ""
    asked: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()

    @property
    def layout(self) -> Layout:
        """The layout that is asked for; plain where none is."""
        return next((c.layout for c in self.criteria if isinstance(c, MatchLayout)), Layout.PLAIN)

    def length(self, otherwise: MatchLength) -> MatchLength:
        """The length that is asked for, or the given one."""
        return next((c for c in self.criteria if isinstance(c, MatchLength)), otherwise)

    @property
    def openings(self) -> tuple[str, ...]:
        """The words one of which is to come first; empty where any may."""
        return next(
            (
                c.words
                for c in self.criteria
                if isinstance(c, MatchContent) and c.place is Place.START and not c.negate
            ),
            (),
        )


def read_prompt(prompt: str) -> Reading:
    task_type = _task_type(prompt)
    summary = _section(prompt, Mark.SUMMARY) or _section(prompt, Mark.CONTEXT)
    return Reading(
        task_type=task_type,
        text=summary or prompt.partition(POINTS_OPENING)[0].strip(),
        question=_section(prompt, Mark.QUESTION),
        asked=tuple(line for line in _section(prompt, Mark.QUESTIONS).splitlines() if line.strip()),
        criteria=_criteria(prompt),
    )


def _task_type(prompt: str) -> TaskType:
    for task_type, opening in OPENINGS.items():
        if prompt.startswith(opening):
            return task_type
    first = prompt[:200].lower()
    if "summar" in first:
        return TaskType.SUMMARY
    return TaskType.QUESTION if "ask " in first else TaskType.ANSWER


def _section(prompt: str, mark: Mark) -> str:
    _, found, rest = prompt.partition(f"{mark.opening}\n")
    return rest.partition(f"\n{mark.closing}")[0].strip() if found else ""


def _criteria(prompt: str) -> tuple[Criterion, ...]:
    points = prompt.rpartition(POINTS_OPENING)[2].splitlines()
    found = (_criterion(line.removeprefix("- ")) for line in points if line.startswith("- "))
    return tuple(criterion for criterion in found if criterion is not None)


def _criterion(point: str) -> Criterion | None:
    if length := _LENGTH.search(point):
        return MatchLength(max(1, int(length.group(2))), Unit(length.group(1).lower()))
    if point.lower().startswith("layout"):
        return MatchLayout(_layout(point.lower()))
    if (content := _CONTENT.match(point)) and (quoted := _QUOTED.findall(point)):
        verb = (content.group(2) or content.group(4)).lower()
        place = {"start": Place.START, "end": Place.END, "include": Place.ANYWHERE}[verb]
        return MatchContent(tuple(quoted), place, negate=bool(content.group(1) or content.group(3)))
    return None


def _layout(point: str) -> Layout:
    if "plain" in point:
        return Layout.PLAIN
    return Layout.BULLETS if "bullet" in point else Layout.NUMBERS
