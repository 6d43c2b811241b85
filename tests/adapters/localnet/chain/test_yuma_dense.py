"""Yuma Consensus computed once more, on full matrices and in the plainest way, as the chain's own tests do beside its sparse path.

Full matrices know no difference between an entry of 0 and none, which is why liquid alpha, where it decides, is left out.
"""

from collections.abc import Mapping, Sequence

import attrs
from hypothesis import given

from adapters.localnet.chain.fixed import ONE, U16_MAX, div, mul, normalise, to_u16
from adapters.localnet.chain.yuma import YumaInput, YumaParams, run_epoch
from tests.adapters.localnet.chain.test_yuma_properties import PARAMS, SUBNETS

Matrix = list[list[int]]


def pivot_median(stake: Sequence[int], scores: Sequence[int], minority: int) -> int:
    """The weighted median by halving: whatever lies below a pivot is kept if it outweighs the minority, else what lies above."""
    left, low, high = list(range(len(stake))), 0, sum(stake)
    while len(left) > 1:
        pivot = scores[left[len(left) // 2]]
        below = [voter for voter in left if scores[voter] < pivot]
        above = [voter for voter in left if scores[voter] > pivot]
        under, over = low + sum(stake[v] for v in below), high - sum(stake[v] for v in above)
        if under > minority and below:
            left, high = below, under
        elif over <= minority and above:
            left, low = above, over
        else:
            return pivot
    return scores[left[0]] if left else 0


def by_column(matrix: Matrix) -> Matrix:
    """Each column summing to 1."""
    totals = [sum(column) for column in zip(*matrix, strict=True)]
    return [[div(value, total) for value, total in zip(row, totals, strict=True)] for row in matrix]


def dense(rows: Sequence[Mapping[int, int]]) -> Matrix:
    return [[row.get(uid, 0) for uid in range(len(rows))] for row in rows]


def expected(subnet: YumaInput, params: YumaParams) -> dict[str, Sequence[object]]:
    """What an epoch leaves, step by step."""
    n, owner = len(subnet.stake_rao), subnet.owner_uid
    uids = range(n)
    counted = [
        s if s >= params.stake_threshold_rao or uid == owner else 0 for uid, s in enumerate(subnet.stake_rao)
    ]
    stake = normalise(counted)
    permits = [permit or uid == owner for uid, permit in enumerate(subnet.permits)]
    silent = [at + params.activity_cutoff_blocks < subnet.block for at in subnet.last_update]
    voting = normalise([stake[i] if permits[i] and not silent[i] else 0 for i in uids])
    commits = [2**64 if at is None else at for at in subnet.commit_blocks or (None,) * n]

    def counts(i: int, j: int) -> bool:
        is_known = subnet.last_update[i] > subnet.registered[j] and commits[i] >= subnet.registered[j]
        return permits[i] and (i != j or i == owner) and is_known

    raw = dense(subnet.weights)
    weights = [list(normalise([raw[i][j] * ONE if counts(i, j) else 0 for j in uids])) for i in uids]
    voters = [i for i in uids if voting[i]]
    power = normalise([voting[i] for i in voters])
    minority = sum(power) - div(params.kappa, U16_MAX)
    consensus = [pivot_median(power, [weights[i][j] for i in voters], minority) for j in uids]
    clipped = [[min(weights[i][j], consensus[j]) for j in uids] for i in uids]
    incentive = normalise([sum(mul(voting[i], clipped[i][j]) for i in uids) for j in uids])
    beta = div(params.bonds_penalty, U16_MAX)
    grown = [[weights[i][j] + mul(beta, clipped[i][j] - weights[i][j]) for j in uids] for i in uids]
    bonds, dividends = expected_bonds(subnet, params, grown, voting, incentive)
    best = sorted(uids, key=lambda i: (stake[i], i))[n - min(n, params.max_validators) :]
    new_permits = [(i in best and stake[i] > 0) or i == owner for i in uids]
    return {
        "consensus": [to_u16(value) for value in consensus],
        "incentive": [to_u16(value) for value in incentive],
        "dividends": [to_u16(value) for value in dividends],
        "validator_trust": [to_u16(sum(row)) for row in clipped],
        "permits": new_permits,
        "emission_rao": emission(subnet.emission_rao, incentive, dividends, voting, stake),
        "bonds": [[to_u16(v) if new_permits[i] else 0 for v in bonds[i]] for i in uids],
    }


def expected_bonds(
    subnet: YumaInput, params: YumaParams, grown: Matrix, voting: Sequence[int], incentive: Sequence[int]
) -> tuple[Matrix, Sequence[int]]:
    uids = range(len(voting))
    since = (
        subnet.last_step_block + 1 if subnet.last_step_block else max(0, subnet.block - params.tempo_blocks)
    )
    held = dense(subnet.bonds)
    old = [[held[i][j] * ONE if subnet.registered[j] < since else 0 for j in uids] for i in uids]
    kept = params.bonds_moving_average * ONE // 1_000_000
    if params.yuma3:
        mixed = [[mul(ONE - kept, grown[i][j]) + mul(kept, old[i][j] // U16_MAX) for j in uids] for i in uids]
        shared = by_column(mixed)
        backed = [sum(mul(shared[i][j], incentive[j]) for j in uids) for i in uids]
        return mixed, normalise([mul(backed[i], voting[i]) for i in uids])
    fresh = by_column([[mul(grown[i][j], voting[i]) for j in uids] for i in uids])
    past = by_column(old)
    mixed = by_column([[mul(ONE - kept, fresh[i][j]) + mul(kept, past[i][j]) for j in uids] for i in uids])
    top = [max(column) for column in zip(*mixed, strict=True)]
    dividends = normalise([sum(mul(incentive[j], mixed[i][j]) for j in uids) for i in uids])
    return [[div(mixed[i][j], top[j]) for j in uids] for i in uids], dividends


def emission(
    rao: int, incentive: Sequence[int], dividends: Sequence[int], voting: Sequence[int], stake: Sequence[int]
) -> list[int]:
    both = [a + b for a, b in zip(incentive, dividends, strict=True)]
    shares = normalise(both) if sum(both) else (voting if sum(voting) else stake)
    return [share * rao // ONE for share in shares]


@given(SUBNETS, PARAMS)
def test_the_epoch_equals_its_plainest_computation(subnet: YumaInput, params: YumaParams) -> None:
    """Classic and Yuma3 give, to the last bit, what full matrices and a median by halving give."""
    params = attrs.evolve(params, liquid_alpha=False)

    outcome = run_epoch(subnet, params)

    for name, values in expected(subnet, params).items():
        found = getattr(outcome, name)
        assert list(dense(found) if name == "bonds" else found) == list(values), name
