"""Weights as the chain takes them: 16-bit values by uid, none above the subnet's largest share, as many as it wants.

Rules, as the chain checks them (subtensor, `pallets/subtensor/src/subnets/weights.rs`):
- The largest value over the sum of all is at most the limit over 65535.
- There are at least as many entries as the subnet wants, or as it has uids; entries of 0 count.
- The largest value is 65535, so that the chain stores the row as it was sent.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from core.types import Row, Uid

FULL = 65_535


def quantised(weights: Mapping[Uid, float], limit_u16: int) -> Row | None:
    """The weights as values of 1 to 65535 by uid; what rounds to 0 is left out. None where so few uids cannot keep the limit.

    What is above the limit is cut down to it, and so its mass goes to the others in proportion.

    Args:
        weights: positive, at least one.
        limit_u16: the subnet's MaxWeightsLimit, 65535 for none.
    """
    if limit_u16 >= FULL:
        return _row(_scaled(weights))
    if len(weights) * limit_u16 < FULL:
        return None
    return _row(_within(_scaled(_bounded(weights, limit_u16 / FULL)), limit_u16))


def padded(row: Row, least: int, uids: Sequence[Uid]) -> Row:
    """The row with entries of 0, lowest uids first, until it has `least` of them or all `uids` are in it."""
    given = {uid for uid, _ in row}
    missing = max(0, least - len(row))
    zeros = [(uid, 0) for uid in uids if uid not in given][:missing]
    return tuple(sorted((*row, *zeros)))


def _row(values: Mapping[Uid, int]) -> Row:
    return tuple(sorted((uid, value) for uid, value in values.items() if value > 0))


def _scaled(weights: Mapping[Uid, float]) -> dict[Uid, int]:
    top = max(weights.values())
    return {uid: round(weight / top * FULL) for uid, weight in weights.items()}


def _bounded(weights: Mapping[Uid, float], share: float) -> dict[Uid, float]:
    """The largest cut down so that each has at most `share` of what then remains; all equal where nothing less does."""
    ordered = sorted(weights.values(), reverse=True)
    cap = next(_caps(ordered, share), ordered[-1])
    return {uid: min(weight, cap) for uid, weight in weights.items()}


def _caps(falling: Sequence[float], share: float) -> Iterator[float]:
    """Where the first k are cut down to a cap, cap = share * (k * cap + rest); it holds if no other is above it."""
    for count, following in enumerate((*falling[1:], 0.0), start=1):
        room = 1 - share * count
        cap = share * math.fsum(falling[count:]) / room if room > 0 else 0.0
        if 0 < cap >= following:
            yield cap


def _within(values: Mapping[Uid, int], limit_u16: int) -> dict[Uid, int]:
    """The values with what rounding has lost put back on the largest that have room, so that the limit is kept to the last unit."""
    raised = dict(values)
    lost = -(-FULL * FULL // limit_u16) - sum(raised.values())
    for uid, value in sorted(raised.items(), key=lambda entry: (-entry[1], entry[0])):
        gain = max(0, min(lost, FULL - value))
        raised[uid], lost = value + gain, lost - gain
    return raised
