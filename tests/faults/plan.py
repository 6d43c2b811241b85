"""When which fault comes. All of it follows from the seed, but for the moments that the validator itself brings about.

Every other fault, by a draw, is aimed: when its time has come it waits for the next weights to reach the node, and strikes as they wait for
their block, or a block or two later. Left to chance alone, hardly one in half an hour would meet weights on their way.
"""

from collections.abc import Iterator

import attrs

from adapters.localnet.chain.faults import ALL_KINDS, ChainFault, FaultPlan, Planned
from core.randomness import below, generator

MEAN_PAUSE_S, MEAN_LENGTH_S = 15.0, 10.0
BRIEF_PAUSE_S, BRIEF_LENGTH_S = 2.5, 4.0
LONGEST_AIM_MS = 300


@attrs.frozen
class Stroke:
    """One fault.

    Attributes:
        pause_s: from the end of the one before it.
        after_arrival_s: it then waits for weights to arrive and for so long after; None for one that does not.
    """

    pause_s: float
    fault: ChainFault
    lasts_s: float
    after_arrival_s: float | None = None


def at_random(seed: int) -> Iterator[Stroke]:
    """Faults at random, endlessly, in rounds: none of a kind comes again before one of every other kind has come."""
    plan, end_s = FaultPlan(seed, mean_pause_s=MEAN_PAUSE_S, mean_length_s=MEAN_LENGTH_S), 0.0
    seen: set[type] = set()
    for count, planned in enumerate(plan.schedule()):
        pause_s, end_s = planned.at_s - end_s, planned.at_s + planned.lasts_s
        if type(planned.fault) in seen:
            continue
        seen = seen | {type(planned.fault)} if len(seen) + 1 < len(ALL_KINDS) else set()
        yield Stroke(pause_s, planned.fault, planned.lasts_s, _aim(seed, count))


def each_once(seed: int) -> Iterator[Stroke]:
    """One of each kind in the seed's order, with short pauses and short lengths, none of them aimed: what fits into a minute."""
    seen: dict[type, Planned] = {}
    for planned in FaultPlan(seed).schedule():
        seen.setdefault(type(planned.fault), planned)
        if len(seen) == len(ALL_KINDS):
            break
    for planned in seen.values():
        yield Stroke(BRIEF_PAUSE_S, planned.fault, min(planned.lasts_s, BRIEF_LENGTH_S))


def _aim(seed: int, count: int) -> float | None:
    rng = generator(seed, "aim", count)
    return below(rng, LONGEST_AIM_MS) / 1_000 if below(rng, 2) else None
