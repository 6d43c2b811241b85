"""Bonds: what validators are paid by for having backed miners, carried from epoch to epoch.

Classic: a column of bonds is divided among validators by stake and weight, and moves at one speed. Yuma3: a bond stands for
itself, grows towards the weight that is given, and stake counts only when dividends are paid; under liquid alpha each bond
moves at a speed of its own.
"""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import ONE, U16_MAX, div, mul, normalise, to_u16
from adapters.localnet.chain.yuma.liquid import Speeds, liquid_row
from adapters.localnet.chain.yuma.terms import Row, YumaInput, YumaParams


def bonds_and_dividends(
    subnet: YumaInput,
    params: YumaParams,
    voting: Sequence[int],
    weights: Sequence[Row],
    median: Sequence[int],
    incentive: Sequence[int],
) -> tuple[list[Row], tuple[int, ...]]:
    """The bonds after this epoch as they are stored, but in fixed point, and each validator's share of the dividends."""
    n = len(voting)
    old = _kept_bonds(subnet, params.tempo_blocks)
    if params.yuma3:
        bonds = _yuma3(params, [_fractions(row) for row in old], weights, median)
        backed = _backed(_normalised_columns(bonds, n), incentive)
        return bonds, normalise([mul(value, share) for value, share in zip(backed, voting, strict=True)])
    mixed = _classic(params, old, weights, voting)
    return _upscaled_columns(mixed, n), normalise(_backed(mixed, incentive))


def stored_bonds(bonds: Sequence[Row], permits: Sequence[bool]) -> tuple[Row, ...]:
    """Bonds as u16; none for who has no permit."""
    return tuple(
        {uid: to_u16(value) for uid, value in row.items()} if permit else {}
        for row, permit in zip(bonds, permits, strict=True)
    )


def _kept_bonds(subnet: YumaInput, tempo_blocks: int) -> list[Row]:
    """Stored bonds, without those in uids that were registered since the last step."""
    since = subnet.last_step_block + 1 if subnet.last_step_block else max(0, subnet.block - tempo_blocks)
    registered = subnet.registered
    return [{uid: value for uid, value in row.items() if registered[uid] < since} for row in subnet.bonds]


def _classic(
    params: YumaParams, old: Sequence[Row], weights: Sequence[Row], voting: Sequence[int]
) -> list[Row]:
    """Each column summing to 1: so much of it is new, the rest as it was."""
    n = len(voting)
    fresh = [
        {uid: value * share >> 32 for uid, value in row.items()}
        for row, share in zip(weights, voting, strict=True)
    ]
    mixed = _mixed(_normalised_columns(fresh, n), _normalised_columns(old, n), _alpha(params))
    return _normalised_columns(mixed, n)


def _yuma3(
    params: YumaParams, old: Sequence[Row], weights: Sequence[Row], median: Sequence[int]
) -> list[Row]:
    if not params.liquid_alpha or not any(median):
        return _mixed(weights, old, _alpha(params))
    speeds = Speeds(params.alpha_low, params.alpha_high, params.alpha_sigmoid_steepness)
    return [liquid_row(row, past, median, speeds) for row, past in zip(weights, old, strict=True)]


def _alpha(params: YumaParams) -> int:
    """How much of the new goes into a bond, where all move at one speed."""
    return ONE - (params.bonds_moving_average << 32) // 1_000_000


def _mixed(fresh: Sequence[Row], old: Sequence[Row], alpha: int) -> list[Row]:
    """So much of the new, the rest of the old; positive entries, in the order of uids."""
    return [_mixed_row(new, past, alpha) for new, past in zip(fresh, old, strict=True)]


def _mixed_row(new: Row, past: Row, alpha: int) -> Row:
    rest = ONE - alpha
    mixed = {uid: alpha * value >> 32 for uid, value in new.items()}
    for uid, value in past.items():
        mixed[uid] = mixed.get(uid, 0) + (rest * value >> 32)
    return {uid: mixed[uid] for uid in sorted(mixed) if mixed[uid]}


def _backed(bonds: Sequence[Row], incentive: Sequence[int]) -> list[int]:
    """What a validator's bonds are worth by what the miners earned."""
    return [sum([incentive[uid] * value >> 32 for uid, value in row.items()]) for row in bonds]


def _normalised_columns(rows: Sequence[Row], n: int) -> list[Row]:
    totals = [0] * n
    for row in rows:
        for uid, value in row.items():
            totals[uid] += value
    return _divided(rows, totals)


def _upscaled_columns(rows: Sequence[Row], n: int) -> list[Row]:
    """Each column relative to its largest."""
    top = [0] * n
    for row in rows:
        for uid, value in row.items():
            top[uid] = max(top[uid], value)
    return _divided(rows, top)


def _divided(rows: Sequence[Row], by: Sequence[int]) -> list[Row]:
    """Each entry by its column's number; a column whose number is 0 holds nothing but zeros."""
    divisors = [number or 1 for number in by]
    return [{uid: (value << 32) // divisors[uid] for uid, value in row.items()} for row in rows]


def _fractions(row: Row) -> Row:
    """Stored bonds as parts of 1."""
    return {uid: div(value, U16_MAX) for uid, value in row.items()}
