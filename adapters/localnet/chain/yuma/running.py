"""One epoch, from weights to emission: the order of its steps."""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import U16_MAX, div, mul, normalise, to_u16
from adapters.localnet.chain.yuma.bonds import bonds_and_dividends, stored_bonds
from adapters.localnet.chain.yuma.median import consensus
from adapters.localnet.chain.yuma.stakes import (
    active_uids,
    stake_shares,
    validator_permits,
    voting_shares,
    with_owner,
)
from adapters.localnet.chain.yuma.terms import YumaInput, YumaOutcome, YumaParams
from adapters.localnet.chain.yuma.weights import bond_weights, clipped_weights, ranks, usable_weights


def run_epoch(subnet: YumaInput, params: YumaParams) -> YumaOutcome:
    """One epoch. The permits it finds decide who counts; those it gives out count from the next one on."""
    owner = subnet.owner_uid
    stake = stake_shares(subnet.stake_rao, params.stake_threshold_rao, owner)
    active = active_uids(subnet, params.activity_cutoff_blocks)
    permits = with_owner(subnet.permits, owner)
    voting = voting_shares(stake, active, permits)
    weights = usable_weights(subnet, permits)
    median = consensus(voting, weights, div(params.kappa, U16_MAX))
    clipped = clipped_weights(weights, median)
    incentive = normalise(ranks(voting, clipped))
    grown_on = bond_weights(weights, clipped, params.bonds_penalty)
    bonds, dividends = bonds_and_dividends(subnet, params, voting, grown_on, median, incentive)
    new_permits = with_owner(validator_permits(stake, params.max_validators), owner)
    server, validator, combined = _emission_shares(incentive, dividends, voting, stake)
    return YumaOutcome(
        active=active,
        permits=new_permits,
        consensus=_u16(median),
        validator_trust=_u16([sum(row.values()) for row in clipped]),
        incentive=_u16(incentive),
        dividends=_u16(dividends),
        emission_rao=_paid(combined, subnet.emission_rao),
        server_rao=_paid(server, subnet.emission_rao),
        validator_rao=_paid(validator, subnet.emission_rao),
        bonds=stored_bonds(bonds, new_permits),
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
    return tuple(map(to_u16, values))


def _paid(shares: Sequence[int], emission_rao: int) -> tuple[int, ...]:
    return tuple(mul(share, emission_rao) for share in shares)
