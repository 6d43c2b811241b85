"""Keeps weights below the subnet's largest share, before the SDK quantises them.

The chain wants, of the 16-bit values it gets, largest / sum <= limit / 65535. The SDK clips before it
quantises and so can land just above; here the quantised values are what is checked.
"""

from collections.abc import Mapping

from core.types import Uid

FULL = 65535
# Tried in turn until the quantised weights fit: how far below the limit to clip.
MARGINS = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)


def clipped(weights: Mapping[Uid, float], limit_u16: int) -> dict[Uid, float]:
    """The weights, each at most the limit's share of their sum, mass above it spread over the others in proportion.

    Where no distribution over so few uids keeps the limit, all get the same: the nearest there is.

    Args:
        weights: positive, by uid.
        limit_u16: the subnet's MaxWeightsLimit, 65535 for none.
    """
    if limit_u16 >= FULL or fits(weights, limit_u16):
        return dict(weights)
    for margin in MARGINS:
        bounded = _bounded(weights, limit_u16 / FULL * (1 - margin))
        if fits(bounded, limit_u16):
            return bounded
    return dict.fromkeys(weights, 1.0)


def fits(weights: Mapping[Uid, float], limit_u16: int) -> bool:
    """Whether the weights keep the limit after they are scaled to a largest of 65535 and rounded."""
    top = max(weights.values(), default=0.0)
    values = [round(weight / top * FULL) for weight in weights.values()] if top > 0 else []
    return max(values, default=0) * FULL <= limit_u16 * sum(values)


def _bounded(weights: Mapping[Uid, float], share: float) -> dict[Uid, float]:
    """Cap the largest so that the cap is `share` of what remains: cap = share * (k * cap + rest)."""
    ordered = sorted(weights.values(), reverse=True)
    rest = sum(ordered)
    for capped, weight in enumerate(ordered, start=1):
        rest -= weight
        room = 1 - share * capped
        if room <= 0:
            break
        cap = share * rest / room
        following = ordered[capped] if capped < len(ordered) else 0.0
        if cap >= following:
            return {uid: min(value, cap) for uid, value in weights.items()}
    return dict.fromkeys(weights, 1.0)
