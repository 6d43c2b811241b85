"""The epochs of a scenario, one after the other, each on what the one before left.

Three things are as on chain where a scenario does not say otherwise: a uid's last update is the block of its registration;
a row of weights that is given counts as set at the epoch's own block; permits are those that the epoch before gave out, in
the first epoch those that its stakes earn.
"""

from collections.abc import Iterator
from typing import TypeVar

import attrs

from adapters.localnet.chain.yuma import (
    Row,
    YumaInput,
    YumaOutcome,
    YumaParams,
    run_epoch,
    stake_shares,
    validator_permits,
)
from adapters.localnet.scenario.form import Change, Scenario

T = TypeVar("T")


@attrs.frozen
class Epoch:
    """An epoch as it was run."""

    subnet: YumaInput
    outcome: YumaOutcome


def run(scenario: Scenario) -> Iterator[Epoch]:
    """Each epoch, as soon as it is run."""
    params = scenario.params.of_chain()
    subnet = _beginning(scenario, params)
    for change in scenario.epochs:
        subnet = _changed(subnet, change, is_committing=scenario.params.commit_reveal)
        outcome = run_epoch(subnet, params)
        yield Epoch(subnet, outcome)
        subnet = attrs.evolve(
            subnet, permits=outcome.permits, bonds=outcome.bonds, last_step_block=change.block
        )


def _beginning(scenario: Scenario, params: YumaParams) -> YumaInput:
    """The subnet before the first epoch: nothing is set, nothing is held."""
    first = scenario.epochs[0]
    stake = tuple(first.stakes or ())
    owner = scenario.params.owner_uid
    registered = tuple(first.registered_at or (0,) * len(stake))
    empty: tuple[Row, ...] = ({},) * len(stake)
    return YumaInput(
        block=first.block,
        emission_rao=scenario.emission,
        stake_rao=stake,
        weights=empty,
        bonds=empty,
        permits=validator_permits(
            stake_shares(stake, params.stake_threshold_rao, owner), params.max_validators
        ),
        last_update=registered,
        registered=registered,
        owner_uid=owner,
    )


def _changed(subnet: YumaInput, change: Change, *, is_committing: bool) -> YumaInput:
    """The subnet as this epoch finds it."""
    given = change.rows()
    commits = change.commit_blocks if is_committing else None
    return attrs.evolve(
        subnet,
        block=change.block,
        stake_rao=_or(change.stakes, subnet.stake_rao),
        weights=tuple(
            _in_order(given[uid]) if uid in given else row for uid, row in enumerate(subnet.weights)
        ),
        permits=_or(change.permits, subnet.permits),
        last_update=_or(change.last_update, _updated(subnet, change.block, given)),
        registered=_or(change.registered_at, subnet.registered),
        commit_blocks=_or(commits, subnet.commit_blocks),
    )


def _updated(subnet: YumaInput, block: int, given: dict[int, Row]) -> tuple[int, ...]:
    """Who sets weights is up to date; taking them away is no update."""
    return tuple(block if given.get(uid) else at for uid, at in enumerate(subnet.last_update))


def _in_order(row: Row) -> Row:
    """By uid: in what order a file names them means nothing."""
    return dict(sorted(row.items()))


def _or(given: list[T] | None, before: tuple[T, ...]) -> tuple[T, ...]:
    return before if given is None else tuple(given)
