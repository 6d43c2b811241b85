"""Small phrases that several views share: durations, counts, how a weight submission went."""

from collections.abc import Iterable

from adapters.reporting.text import visible
from core.types import Uid

MOST_REASON = 200
SHOWN_WEIGHTS = 3


def duration(seconds: float) -> str:
    """`m:ss`, from an hour on `h:mm:ss`; never negative."""
    minutes, rest_s = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest_s:02}" if hours else f"{minutes}:{rest_s:02}"


def count(number: int, noun: str) -> str:
    """`1 miner`, `2 miners`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def top_weights(weights: Iterable[tuple[Uid, float]]) -> str:
    """The highest weights, as `uid 4 12.1 %, uid 9 11.0 %`."""
    top = sorted(weights, key=lambda entry: (-entry[1], entry[0]))[:SHOWN_WEIGHTS]
    return ", ".join(f"uid {uid} {weight:.1%}".replace("%", " %") for uid, weight in top)


def verdict(accepted: bool, error: str) -> str:
    """What the chain said to a submission."""
    return "accepted" if accepted else f"not accepted: {visible(error, MOST_REASON)}"
