"""What a run came to, as values and as the JSON of `--summary`: no texts, only who was asked, what came, what it was worth.

The oldest forwards and weights are forgotten beyond a fixed number, and the forgotten forwards counted.
"""

import attrs
import msgspec

from adapters.reporting.health import Health
from adapters.reporting.recount import Recounted


@attrs.frozen
class StepSummary:
    """One prompt step; `uids`, `statuses` and `rewards` run over its miners in one order. A reward is None where unscored."""

    index: int
    task_type: str
    uids: tuple[int, ...]
    statuses: tuple[int, ...]
    rewards: tuple[float | None, ...]
    best_uid: int | None


@attrs.frozen
class ForwardSummary:
    """One forward; `ended` is "complete", the reason why it ended early, or "running"."""

    id: int
    ended: str
    steps: tuple[StepSummary, ...]


@attrs.frozen
class WeightsSummary:
    """One weight submission; `error` is the chain's reason, "" where accepted."""

    block: int
    uids: tuple[int, ...]
    weights: tuple[float, ...]
    accepted: bool
    error: str


@attrs.frozen
class MinerSummary:
    """One registered hotkey but our own; `behaviour` is "" where nothing is known of it."""

    uid: int
    hotkey: str
    behaviour: str
    score: float
    incentive: float


@attrs.frozen
class Summary:
    """A whole run.

    Attributes:
        miners: whoever serves an axon or has a score, ordered by uid, as the last metagraph has them.
        dropped_completions: completions of effects that nothing waited for any more.
        forgotten_forwards: ended forwards that are no longer in `forwards`.
        health: what was left out of scoring at the end, and how many steps ever lacked something.
        recount: the averages, reckoned once more from the step records.
    """

    forwards: tuple[ForwardSummary, ...]
    weights: tuple[WeightsSummary, ...]
    miners: tuple[MinerSummary, ...]
    dropped_completions: int
    duration_s: float
    loop_lag_max_ms: float
    loop_lag_p99_ms: float
    forgotten_forwards: int
    health: Health
    recount: Recounted


def encode(summary: Summary) -> bytes:
    """As JSON for people to read, too."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"
