"""What honest miners write: short texts out of ready pieces, each of which names a grade from 0 to 99.

Rules:
- A text follows from its task, its grade and a number; no word of it is looked at while a simulation runs.
- The grade is in what the core scores of a text, too: whoever is given that can tell good from bad (`grade_of`).
"""

import re
from typing import assert_never

from core.types import TaskType

GRADES = 100

_OPENINGS = (
    "The river turns slowly past the old town before it reaches the sea.",
    "Most of the grain was carried upstream by flat boats in early spring.",
    "Farmers along the bank agreed long ago to share the water by the hour.",
    "A low stone wall keeps the meadow dry even when the snow melts fast.",
    "Builders chose the narrow bend because the ground is firm on both sides.",
    "Every winter the ice stops the wheel, and the miller mends his tools.",
    "The market moved to the other shore after the second bridge had fallen.",
    "Records of the guild tell how often the flood came higher than the door.",
)
_MIDDLES = (
    "Nobody paid for the repairs, so two families did the work themselves.",
    "That is why the older houses stand on the hill and not by the water.",
    "The toll was small, yet it fed the whole parish through the bad years.",
    "Fish returned once the tannery had closed and the mud had settled.",
    "Its gates still open twice a day, though hardly any boat goes through.",
    "Travellers praised the bread, which was baked from barley and rye.",
    "The council measured the depth each month and wrote it on the church door.",
    "Children learned to read the marks on the post before they read books.",
)
_QUESTION_OPENINGS = (
    "What made the water at",
    "Why did the builders of",
    "How often was the wheel of",
    "Which of the families near",
    "When was the lower gate of",
    "Where did the boats below",
    "Who paid for the bridge beside",
    "Can the records kept about",
)
_QUESTION_ENDINGS = (
    "slower than the river around it",
    "worth so much to the whole parish",
    "stand so far from the old market",
    "matter to the farmers along the bank",
    "change when the tannery had closed",
    "known to the guild before the flood",
    "tell us about the older houses",
    "recorded each month on the church door",
)
_SHORT = _OPENINGS
_LONG = tuple(f"{opening} {middle}" for opening in _OPENINGS for middle in _MIDDLES)
_GRADED = tuple(f"Mill {grade:02d} stands at its shore." for grade in range(GRADES))
# It opens with plain characters, which are found many times faster than anything else.
_GRADE = re.compile(r"ill (\d\d)\b")


def write(task_type: TaskType, grade: int, number: int, *, is_short: bool = False) -> str:
    """A text of 10 to 40 words, for a question one question; different numbers give different texts, as far as there are any."""
    match task_type:
        case TaskType.SUMMARY | TaskType.ANSWER:
            bodies = _SHORT if is_short else _LONG
            return f"{bodies[number % len(bodies)]} {_GRADED[grade]}"
        case TaskType.QUESTION:
            opening, ending = _QUESTION_OPENINGS[number & 7], _QUESTION_ENDINGS[number >> 3 & 7]
            return f"{opening} mill {grade:02d} {ending}?"
        case _:
            assert_never(task_type)


def grade_of(text: str) -> int | None:
    """The grade that the text names; None where it names none."""
    found = _GRADE.search(text)
    return int(found.group(1)) if found else None
