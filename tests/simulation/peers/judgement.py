"""What a simulated model thinks of a text, read off the text itself: the same text, the same thoughts, on every machine.

Rules:
- A text that names its grade (`honest`) has scores by it and is kept. Others score low, and some of them are masked.
- Whatever names no grade is judged by a checksum; nothing is drawn by chance.
- Masks are told as the real ones tell theirs: a verbatim part of the base text, and a text that another of its step repeats.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from adapters.scoring.batch import mask_of, raw_reward
from core.types import RawMask, RawReward
from tests.simulation.peers.honest import GRADES, grade_of

# Lowest and highest raw score of each reward function.
RANGES = {
    "dpo": (-8.0, -1.5),
    "rlhf": (-5.0, 5.0),
    "reciprocate": (-3.0, 3.0),
    "dahoas": (-4.0, 4.0),
    "prompt_based": (0.0, 1.0),
}
# What `adapters.scoring.dpo` gives where it can measure nothing, as in a text of so few characters.
DPO_SENTINEL, DPO_SHORT = -11.0, 5
# Shares of a score: by the text's worth, and by the function's own taste.
_WORTH, _TASTE = 0.9, 0.1
_WORTH_WITHOUT_GRADE = 0.3
_READ_CHARACTERS = 1024
_COPIED_CHARACTERS = 12


class Reading(NamedTuple):
    """What is known of a text.

    Attributes:
        worth: 0 to 1.
        checksum: of its beginning, 32 bits.
        has_grade: it names how good it is.
    """

    text: str
    worth: float
    checksum: int
    has_grade: bool


def read(text: str) -> Reading:
    """Look at a text, once for all functions and masks."""
    head = text[:_READ_CHARACTERS]
    checksum, grade = crc32(head.encode()), grade_of(head)
    if grade is None:
        return Reading(text, _WORTH_WITHOUT_GRADE * (checksum % 256) / 256, checksum, False)
    return Reading(text, grade / (GRADES - 1), checksum, True)


def reward(name: str, readings: Sequence[Reading]) -> RawReward:
    """One reward function's verdict."""
    low, high = RANGES[name]
    shift, by_worth, by_taste = len(name), (high - low) * _WORTH, (high - low) * _TASTE / 255
    values = [
        low + by_worth * worth + by_taste * (checksum >> shift & 255) for _, worth, checksum, _ in readings
    ]
    return _dpo(readings, values) if name == "dpo" else raw_reward(name, values)


def masks(names: Sequence[str], base_text: str, readings: Sequence[Reading]) -> list[RawMask]:
    """The masks' verdicts, in the order of `names`."""
    return [mask_of(name, _FOUND[name](readings, base_text)) for name in names]


def _dpo(readings: Sequence[Reading], values: Sequence[float]) -> RawReward:
    measured = tuple([len(reading.text) > DPO_SHORT for reading in readings])
    told = [value if is_real else DPO_SENTINEL for value, is_real in zip(values, measured, strict=True)]
    return RawReward("dpo", tuple(told), measured)


def _copied(readings: Sequence[Reading], base_text: str) -> list[str]:
    reason = "a verbatim part of the base text"
    return [
        reason if reading.text in base_text and len(reading.text) >= _COPIED_CHARACTERS else ""
        for reading in readings
    ]


def _hateful(readings: Sequence[Reading], _: str) -> list[str]:
    reason = "score 1.25 above 0"
    return ["" if reading.has_grade or reading.checksum >> 8 & 7 else reason for reading in readings]


def _beside_the_point(readings: Sequence[Reading], _: str) -> list[str]:
    reason = "rms 0.0312 above 0.0246"
    return ["" if reading.has_grade or reading.checksum >> 12 & 3 else reason for reading in readings]


def _repeated(readings: Sequence[Reading], _: str) -> list[str]:
    counts = Counter([reading.text for reading in readings])
    if len(counts) == len(readings):
        return [""] * len(readings)
    reason = "diversity 0.000 not above 0.5, nearest in this step"
    return [reason if counts[reading.text] > 1 else "" for reading in readings]


# What each mask finds, given the readings and the base text: a reason to mask, or "".
_FOUND: Mapping[str, Callable[[Sequence[Reading], str], list[str]]] = {
    "blacklist": _copied,
    "nsfw": _hateful,
    "relevance": _beside_the_point,
    "diversity": _repeated,
}
