"""What holds of Yuma Consensus whatever the subnet, under the classic rule, Yuma3 and liquid alpha."""

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain.fixed import U16_MAX
from adapters.localnet.chain.yuma import YumaInput, YumaOutcome, YumaParams, run_epoch

UIDS = 6
BLOCK = 50
ROWS = st.lists(
    st.dictionaries(st.integers(0, UIDS - 1), st.integers(0, U16_MAX)), min_size=UIDS, max_size=UIDS
).map(tuple)
FLAGS = st.lists(st.booleans(), min_size=UIDS, max_size=UIDS).map(tuple)
BLOCKS = st.lists(st.integers(0, BLOCK), min_size=UIDS, max_size=UIDS).map(tuple)
STAKES = st.lists(st.integers(0, 10**15), min_size=UIDS, max_size=UIDS).map(tuple)
SUBNETS = st.builds(
    YumaInput,
    block=st.just(BLOCK),
    emission_rao=st.integers(0, 10**13),
    stake_rao=STAKES,
    weights=ROWS,
    bonds=ROWS,
    permits=FLAGS,
    last_update=BLOCKS,
    registered=BLOCKS,
    last_step_block=st.sampled_from((0, 20)),
    commit_blocks=st.one_of(st.just(()), BLOCKS),
    owner_uid=st.one_of(st.none(), st.integers(0, UIDS - 1)),
)
PARAMS = st.builds(
    YumaParams,
    kappa=st.integers(0, U16_MAX),
    bonds_moving_average=st.integers(0, 1_000_000),
    bonds_penalty=st.sampled_from((0, 20_000, U16_MAX)),
    max_validators=st.integers(0, UIDS + 1),
    stake_threshold_rao=st.sampled_from((0, 10**9)),
    activity_cutoff_blocks=st.sampled_from((20, 5_000)),
    tempo_blocks=st.just(10),
    yuma3=st.booleans(),
    liquid_alpha=st.booleans(),
    alpha_sigmoid_steepness=st.integers(0, 5_000),
)


@given(SUBNETS, PARAMS)
def test_the_emission_is_paid_out_but_for_roundings(subnet: YumaInput, params: YumaParams) -> None:
    """Never more than the epoch has, and all but a rao for each uid and a rounded share wherever somebody has stake."""
    outcome = run_epoch(subnet, params)

    # A share is rounded down in its 32nd binary place before it becomes rao.
    lost = UIDS * (1 + subnet.emission_rao / 2**32)
    paid = sum(outcome.emission_rao)
    assert paid <= subnet.emission_rao
    assert sum(outcome.server_rao) + sum(outcome.validator_rao) <= subnet.emission_rao
    counted = [
        stake >= params.stake_threshold_rao or uid == subnet.owner_uid
        for uid, stake in enumerate(subnet.stake_rao)
        if stake
    ]
    assert paid >= subnet.emission_rao - lost if any(counted) else paid == 0


@given(SUBNETS, PARAMS)
def test_what_is_stored_fits_the_chain(subnet: YumaInput, params: YumaParams) -> None:
    """Every share is a u16, and bonds are held only by who has a permit."""
    outcome = run_epoch(subnet, params)

    for values in (outcome.consensus, outcome.incentive, outcome.dividends, outcome.validator_trust):
        assert all(0 <= value <= U16_MAX for value in values)
    for row, permit in zip(outcome.bonds, outcome.permits, strict=True):
        assert permit or not row
        assert all(0 <= uid < UIDS and 0 <= value <= U16_MAX for uid, value in row.items())


def moved(subnet: YumaInput, to: list[int]) -> YumaInput:
    """The same subnet with other uids: who was `uid` is `to[uid]`."""
    names = ("stake_rao", "permits", "last_update", "registered", "commit_blocks")
    changes: dict[str, Any] = {name: by_uid(getattr(subnet, name), to) for name in names}
    for name in ("weights", "bonds"):
        changes[name] = by_uid([renamed(row, to) for row in getattr(subnet, name)], to)
    changes["owner_uid"] = None if subnet.owner_uid is None else to[subnet.owner_uid]
    return attrs.evolve(subnet, **changes)


def by_uid(values: Any, to: list[int]) -> tuple[Any, ...]:
    return tuple(value for _, value in sorted(zip(to, values, strict=False), key=lambda pair: pair[0]))


def renamed(row: dict[int, int], to: list[int]) -> dict[int, int]:
    return dict(sorted((to[uid], value) for uid, value in row.items()))


@given(SUBNETS, PARAMS, st.permutations(range(UIDS)))
def test_who_has_which_uid_decides_nothing(subnet: YumaInput, params: YumaParams, to: list[int]) -> None:
    """With permits for all who have stake, other uids give the same outcome under other uids.

    Permits go to the higher uid where stakes are equal, so there are enough of them here; rows are in the order of uids, for
    the chain heeds that order under liquid alpha.
    """
    params = attrs.evolve(params, max_validators=UIDS)
    subnet = moved(subnet, list(range(UIDS)))

    here, there = run_epoch(subnet, params), run_epoch(moved(subnet, to), params)

    for name in attrs.fields_dict(YumaOutcome):
        values = getattr(here, name)
        expected = [renamed(row, to) for row in values] if name == "bonds" else values
        assert getattr(there, name) == by_uid(expected, to)


@given(
    SUBNETS,
    PARAMS,
    st.integers(0, UIDS - 1),
    st.dictionaries(st.integers(0, UIDS - 1), st.integers(0, U16_MAX)),
)
def test_weights_of_who_does_not_count_change_nothing(
    subnet: YumaInput, params: YumaParams, uid: int, row: dict[int, int]
) -> None:
    """A validator without permit may set what it likes; one that is inactive changes nobody's incentive."""
    subnet = attrs.evolve(subnet, owner_uid=None)
    without = attrs.evolve(subnet, permits=replaced(subnet.permits, uid, value=False))
    other = attrs.evolve(without, weights=replaced(subnet.weights, uid, value=row))
    assert run_epoch(without, params) == run_epoch(other, params)

    silent = attrs.evolve(subnet, block=10_000, last_update=replaced((9_999,) * UIDS, uid, value=1))
    changed = attrs.evolve(silent, weights=replaced(subnet.weights, uid, value=row))
    before, after = run_epoch(silent, params), run_epoch(changed, params)
    assert (before.incentive, before.consensus) == (after.incentive, after.consensus)


def replaced(values: tuple[Any, ...], uid: int, *, value: object) -> tuple[Any, ...]:
    return (*values[:uid], value, *values[uid + 1 :])
