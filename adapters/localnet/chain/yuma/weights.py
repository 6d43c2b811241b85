"""Which weights count, how far consensus lets them, and what miners get by them."""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import U16_MAX, div, mul
from adapters.localnet.chain.yuma.terms import Row, YumaInput


def usable_weights(subnet: YumaInput, permits: Sequence[bool]) -> list[Row]:
    """Rows of permitted validators, each summing to 1."""
    return [_usable_row(subnet, uid) if permit else {} for uid, permit in enumerate(permits)]


def _usable_row(subnet: YumaInput, validator: int) -> Row:
    """Without the validator itself, and without uids that are newer than its word: the row, or a commit still pending."""
    newest = subnet.last_update[validator]
    commit = subnet.commit_blocks[validator] if subnet.commit_blocks else None
    if commit is not None:
        newest = min(newest, commit + 1)
    registered = subnet.registered
    kept = {uid: value for uid, value in subnet.weights[validator].items() if registered[uid] < newest}
    if validator != subnet.owner_uid:
        kept.pop(validator, None)
    total = sum(kept.values()) or 1
    return {uid: (value << 32) // total for uid, value in kept.items()}


def clipped_weights(weights: Sequence[Row], median: Sequence[int]) -> list[Row]:
    """No weight above the consensus; entries are dropped where that leaves nothing of them."""
    return [
        {uid: min(value, median[uid]) for uid, value in row.items() if median[uid] or not value}
        for row in weights
    ]


def ranks(voting: Sequence[int], clipped: Sequence[Row]) -> list[int]:
    """What each uid was given, weighed by who gave it."""
    totals = [0] * len(voting)
    for share, row in zip(voting, clipped, strict=True):
        for uid, value in row.items():
            totals[uid] += share * value >> 32
    return totals


def bond_weights(weights: Sequence[Row], clipped: Sequence[Row], penalty: int) -> Sequence[Row]:
    """The weights that bonds grow on: as given, as clipped, or between the two."""
    if penalty == 0:
        return weights
    if penalty == U16_MAX:
        return clipped
    beta = div(penalty, U16_MAX)
    return [_between(row, cut, beta) for row, cut in zip(weights, clipped, strict=True)]


def _between(row: Row, cut: Row, beta: int) -> Row:
    """Positive entries only, in the order of uids."""
    values = ((uid, row[uid] + mul(beta, cut.get(uid, 0) - row[uid])) for uid in sorted(row))
    return {uid: value for uid, value in values if value > 0}
