"""Consensus: the weight of each uid that enough stake supports."""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import normalise
from adapters.localnet.chain.yuma.terms import Row


def weighted_median(stake: Sequence[int], scores: Sequence[int], kappa: int) -> int:
    """The smallest score that all but a `kappa` share of the stake does not exceed; else the largest."""
    return _lowest_above(list(zip(scores, stake, strict=True)), 0, sum(stake) - kappa)


def consensus(voting: Sequence[int], weights: Sequence[Row], kappa: int) -> tuple[int, ...]:
    """The weighted median of each column, over the rows of who has a vote."""
    voters = [uid for uid, share in enumerate(voting) if share > 0]
    power = normalise([voting[uid] for uid in voters])
    columns: list[list[tuple[int, int]]] = [[] for _ in voting]
    given = [0] * len(voting)
    for validator, share in zip(voters, power, strict=True):
        for uid, value in weights[validator].items():
            columns[uid].append((value, share))
            given[uid] += share
    total = sum(power)
    minority = total - kappa
    # Who does not weigh a uid gives it a 0, the lowest score there is; where enough do so, nothing needs sorting.
    return tuple(
        0
        if len(column) < len(voters) and total - share > minority
        else _lowest_above(column, total - share, minority)
        for column, share in zip(columns, given, strict=True)
    )


def _lowest_above(scores: list[tuple[int, int]], below: int, minority: int) -> int:
    """The first score, going up, at which the stake reaches beyond the minority; `below` it lies what is not listed."""
    reached = below
    for score, power in sorted(scores):
        reached += power
        if reached > minority:
            return score
    return max(scores, default=(0, 0))[0]
