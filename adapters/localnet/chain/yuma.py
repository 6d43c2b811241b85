"""Yuma Consensus, the classic epoch: who earns what from the weights that validators have set.

Exact integers throughout (`fixed`), so the results equal the chain's to the last rao. Rules as the chain's
production path has them (subtensor spec 425, `epoch_mechanism`). Left out, as a local subnet has them
switched off: Yuma3 bonds, liquid alpha, commit-reveal and the privileges of a subnet owner's uid.

Vectors are indexed by uid. A matrix is a row per validator, a row maps uid to value, an absent entry is 0.
"""

from collections.abc import Mapping, Sequence

import attrs

from adapters.localnet.chain.fixed import ONE, U16_MAX, div, mul, normalise, to_u16

Row = dict[int, int]


@attrs.frozen
class YumaParams:
    """Hyperparameters of an epoch, in the chain's own units.

    Attributes:
        kappa: share of stake that must support a weight; 65535 is 1.
        bonds_moving_average: share of the old bonds that is kept, in millionths.
        bonds_penalty: how far bonds follow the clipped weights instead of the given ones; 65535 is wholly.
        activity_cutoff_blocks: a validator silent for longer does not count.
    """

    kappa: int = 32_767
    bonds_moving_average: int = 900_000
    bonds_penalty: int = U16_MAX
    max_validators: int = 128
    stake_threshold_rao: int = 0
    activity_cutoff_blocks: int = 5_000
    tempo_blocks: int = 360


@attrs.frozen
class YumaInput:
    """A subnet as an epoch finds it. `weights` and `bonds` are u16; block numbers are heights."""

    block: int
    emission_rao: int
    stake_rao: tuple[int, ...]
    weights: tuple[Mapping[int, int], ...]
    bonds: tuple[Mapping[int, int], ...]
    permits: tuple[bool, ...]
    last_update: tuple[int, ...]
    registered: tuple[int, ...]
    last_step_block: int = 0


@attrs.frozen
class YumaOutcome:
    """What an epoch leaves on chain: u16 shares, and rao.

    Attributes:
        emission_rao: the epoch's emission by uid, miner's and validator's part together.
        server_rao, validator_rao: the two parts, each rounded down by itself.
    """

    active: tuple[bool, ...]
    permits: tuple[bool, ...]
    consensus: tuple[int, ...]
    validator_trust: tuple[int, ...]
    incentive: tuple[int, ...]
    dividends: tuple[int, ...]
    emission_rao: tuple[int, ...]
    server_rao: tuple[int, ...]
    validator_rao: tuple[int, ...]
    bonds: tuple[Row, ...]


def run_epoch(subnet: YumaInput, params: YumaParams) -> YumaOutcome:
    """One epoch, from weights to emission."""
    stake = stake_shares(subnet.stake_rao, params.stake_threshold_rao)
    active = tuple(block + params.activity_cutoff_blocks >= subnet.block for block in subnet.last_update)
    voting = normalise(_counted(stake, active, subnet.permits))
    weights = _usable_weights(subnet)
    median = consensus(voting, weights, div(params.kappa, U16_MAX))
    clipped = [{uid: min(value, median[uid]) for uid, value in row.items()} for row in weights]
    incentive = normalise(_ranks(voting, clipped))
    bonds = _bonds(subnet, params, voting, _bond_weights(weights, clipped, params.bonds_penalty))
    dividends = normalise([sum(mul(incentive[uid], value) for uid, value in row.items()) for row in bonds])
    permits = validator_permits(stake, params.max_validators)
    server, validator, combined = _emission_shares(incentive, dividends, voting, stake)
    return YumaOutcome(
        active=active,
        permits=permits,
        consensus=_u16(median),
        validator_trust=_u16([sum(row.values()) for row in clipped]),
        incentive=_u16(incentive),
        dividends=_u16(dividends),
        emission_rao=_paid(combined, subnet.emission_rao),
        server_rao=_paid(server, subnet.emission_rao),
        validator_rao=_paid(validator, subnet.emission_rao),
        bonds=_stored_bonds(bonds, permits),
    )


def stake_shares(stake_rao: Sequence[int], threshold_rao: int) -> tuple[int, ...]:
    """Each stake's share of the whole; what is below the threshold counts for nothing."""
    return normalise([stake if stake >= threshold_rao else 0 for stake in stake_rao])


def validator_permits(stake: Sequence[int], max_validators: int) -> tuple[bool, ...]:
    """The uids with the most stake, if they have any; of equal ones the higher uid goes first."""
    ascending = sorted(range(len(stake)), key=lambda uid: stake[uid])
    dropped = set(ascending[: max(0, len(stake) - max_validators)])
    return tuple(share > 0 and uid not in dropped for uid, share in enumerate(stake))


def weighted_median(stake: Sequence[int], scores: Sequence[int], kappa: int) -> int:
    """The smallest score that all but a `kappa` share of the stake does not exceed; else the largest."""
    minority = sum(stake) - kappa
    reached = 0
    for score, power in sorted(zip(scores, stake, strict=True)):
        reached += power
        if reached > minority:
            return score
    return max(scores, default=0)


def consensus(stake: Sequence[int], weights: Sequence[Mapping[int, int]], kappa: int) -> tuple[int, ...]:
    """The weight of each uid that a `kappa` share of the stake supports."""
    voters = [uid for uid, share in enumerate(stake) if share > 0]
    power = normalise([stake[uid] for uid in voters])
    rows = [weights[uid] for uid in voters]
    return tuple(
        weighted_median(power, [row.get(uid, 0) for row in rows], kappa) for uid in range(len(stake))
    )


def _counted(stake: Sequence[int], active: Sequence[bool], permits: Sequence[bool]) -> list[int]:
    return [
        share if alive and permit else 0 for share, alive, permit in zip(stake, active, permits, strict=True)
    ]


def _usable_weights(subnet: YumaInput) -> list[Row]:
    """Rows of permitted validators, without themselves and without uids that are newer than the row."""
    rows = []
    for validator, (row, permit) in enumerate(zip(subnet.weights, subnet.permits, strict=True)):
        updated = subnet.last_update[validator]
        known = {u: v for u, v in row.items() if permit and u != validator and updated > subnet.registered[u]}
        rows.append(_normalised_row({uid: value * ONE for uid, value in known.items()}))
    return rows


def _normalised_row(row: Row) -> Row:
    return dict(zip(row, normalise(tuple(row.values())), strict=True))


def _ranks(stake: Sequence[int], clipped: Sequence[Row]) -> list[int]:
    ranks = [0] * len(stake)
    for share, row in zip(stake, clipped, strict=True):
        for uid, value in row.items():
            ranks[uid] += mul(share, value)
    return ranks


def _bond_weights(weights: Sequence[Row], clipped: Sequence[Row], penalty: int) -> Sequence[Row]:
    """The weights that bonds grow on: as given, as clipped, or between the two."""
    if penalty == 0:
        return weights
    if penalty == U16_MAX:
        return clipped
    beta = div(penalty, U16_MAX)
    return [
        {uid: value + mul(beta, cut[uid] - value) for uid, value in row.items()}
        for row, cut in zip(weights, clipped, strict=True)
    ]


def _bonds(subnet: YumaInput, params: YumaParams, stake: Sequence[int], weights: Sequence[Row]) -> list[Row]:
    """The moving average of bonds, each column summing to 1 (classic rule)."""
    old = _normalised_columns(_kept_bonds(subnet, params.tempo_blocks))
    fresh = [
        {uid: mul(value, share) for uid, value in row.items()}
        for row, share in zip(weights, stake, strict=True)
    ]
    kept = (params.bonds_moving_average << 32) // 1_000_000
    mixed = [
        {
            uid: mul(ONE - kept, new.get(uid, 0)) + mul(kept, past.get(uid, 0))
            for uid in new.keys() | past.keys()
        }
        for new, past in zip(_normalised_columns(fresh), old, strict=True)
    ]
    return _normalised_columns(mixed)


def _kept_bonds(subnet: YumaInput, tempo_blocks: int) -> list[Row]:
    """Stored bonds, without those in uids that were registered since the last step."""
    since = subnet.last_step_block + 1 if subnet.last_step_block else max(0, subnet.block - tempo_blocks)
    return [
        {uid: value * ONE for uid, value in row.items() if since > subnet.registered[uid]}
        for row in subnet.bonds
    ]


def _normalised_columns(rows: Sequence[Row]) -> list[Row]:
    totals: Row = {}
    for row in rows:
        for uid, value in row.items():
            totals[uid] = totals.get(uid, 0) + value
    return [{uid: div(value, totals[uid]) for uid, value in row.items()} for row in rows]


def _stored_bonds(bonds: Sequence[Row], permits: Sequence[bool]) -> tuple[Row, ...]:
    """Bonds as u16, each column relative to its largest; none for who has no permit."""
    top: Row = {}
    for row in bonds:
        for uid, value in row.items():
            top[uid] = max(top.get(uid, 0), value)
    return tuple(
        {uid: to_u16(div(value, top[uid])) for uid, value in sorted(row.items()) if value > 0}
        if permit
        else {}
        for row, permit in zip(bonds, permits, strict=True)
    )


def _emission_shares(
    incentive: Sequence[int], dividends: Sequence[int], voting: Sequence[int], stake: Sequence[int]
) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Shares of the emission: miners', validators', both. With nothing earned, stake takes all."""
    both = [server + validator for server, validator in zip(incentive, dividends, strict=True)]
    total = sum(both)
    if total == 0:
        fallback = voting if any(voting) else stake
        return incentive, fallback, fallback
    return [div(x, total) for x in incentive], [div(x, total) for x in dividends], normalise(both)


def _u16(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(to_u16(value) for value in values)


def _paid(shares: Sequence[int], emission_rao: int) -> tuple[int, ...]:
    return tuple(mul(share, emission_rao) for share in shares)
