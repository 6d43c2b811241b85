"""Liquid alpha: each bond moves at a speed of its own, by how far a weight is from consensus or a bond from its weight."""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import ONE, U16_MAX, div, exp, mul, quotient
from adapters.localnet.chain.yuma.terms import Row


class Speeds(dict[int, int]):
    """The part of a bond that is renewed, by its distance, both in fixed point; what was computed once is kept."""

    def __init__(self, alpha_low: int, alpha_high: int, steepness: int) -> None:
        """Bounds as u16, steepness in hundredths."""
        super().__init__()
        self._low, self._high = div(alpha_low, U16_MAX), div(alpha_high, U16_MAX)
        self._slope = quotient(steepness, -100)

    def __missing__(self, distance: int) -> int:
        sigmoid = div(ONE, ONE + exp(mul(self._slope, distance - ONE // 2)))
        alpha = self._low + mul(sigmoid, self._high - self._low)
        self[distance] = alpha = max(self._low, min(self._high, alpha))
        return alpha


def liquid_row(row: Row, past: Row, median: Sequence[int], speeds: Speeds) -> Row:
    """A validator's bonds, only in uids that its row names: where it names none, the bond is gone at once.

    Who buys is measured against consensus, who sells against the bond.
    """
    seen, held = _in_sight(row), _in_sight(past)
    fresh = {}
    for uid, value in row.items():
        weight, bond = seen.get(uid, 0), held.get(uid, 0)
        distance = weight - median[uid] if weight >= bond else bond - weight
        alpha = speeds[max(0, distance)]
        renewed = ((ONE - alpha) * past.get(uid, 0) >> 32) + (alpha * value >> 32)
        if renewed:
            fresh[uid] = min(ONE, renewed)
    return fresh


def _in_sight(row: Row) -> Row:
    """The entries that the chain finds when it walks a row uid by uid: it passes over one that follows a higher uid.

    A row is stored in the order in which it was submitted. Only the speed is decided on what is found.
    """
    if list(row) == sorted(row):
        return row
    found, highest = {}, -1
    for uid, value in row.items():
        if uid > highest:
            found[uid], highest = value, uid
    return found
