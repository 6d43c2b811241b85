"""What a scenario does not say stays, or is as on chain."""

from adapters.localnet.scenario.reading import parsed
from adapters.localnet.scenario.running import Epoch, run
from tests.adapters.localnet.scenario.world import U16_MAX, Document, content, outcomes, scenario

ROW = {"2": U16_MAX}


def epochs(document: Document) -> list[Epoch]:
    return list(run(parsed(content(document))))


def test_what_is_absent_stays() -> None:
    """An epoch that names only its block finds all of the one before, the new bonds, and the block of the last step."""
    first, second = epochs(
        scenario(
            {"stakes": [5, 5, 0], "weights": {"0": ROW}, "registered_at": [1, 0, 1]},
            {"block": 9},
        )
    )

    assert second.subnet.stake_rao == first.subnet.stake_rao
    assert second.subnet.weights == first.subnet.weights
    assert second.subnet.registered == first.subnet.registered
    assert second.subnet.last_update == first.subnet.last_update
    assert second.subnet.bonds == first.outcome.bonds
    assert second.subnet.permits == first.outcome.permits
    assert (first.subnet.last_step_block, second.subnet.last_step_block) == (0, 1)


def test_who_sets_weights_is_up_to_date() -> None:
    """A row given counts as set at the epoch's block; without one the last update is the registration; what is said holds."""
    first, second, third = epochs(
        scenario(
            {"block": 5, "stakes": [5, 5, 5], "weights": {"0": ROW}, "registered_at": [0, 3, 4]},
            {"block": 6, "weights": [ROW, ROW, {}]},
            {"block": 7, "weights": {"0": ROW}, "last_update": [6, 5, 4]},
        )
    )

    assert first.subnet.last_update == (5, 3, 4)
    assert second.subnet.last_update == (6, 6, 4)
    assert third.subnet.last_update == (6, 5, 4)


def test_an_empty_row_takes_weights_away() -> None:
    """It clears what was set, and is no update."""
    _, second = epochs(
        scenario({"stakes": [5, 5, 0], "weights": {"0": ROW, "1": ROW}}, {"weights": {"0": {}}})
    )

    assert second.subnet.weights == ({}, {2: U16_MAX}, {})
    assert second.subnet.last_update == (1, 1, 0)


def test_permits_are_those_of_the_epoch_before() -> None:
    """At first those that stakes earn; given ones hold for their epoch only."""
    first, second, third = epochs(
        scenario(
            {"stakes": [5, 6, 0], "weights": {"0": ROW, "1": ROW}},
            {"permits": [True, False, False], "stakes": [9, 6, 0]},
            {},
            max_allowed_validators=1,
        )
    )

    assert first.subnet.permits == (False, True, False)
    assert second.subnet.permits == (True, False, False)
    assert third.subnet.permits == second.outcome.permits == (True, False, False)


def test_the_order_of_names_in_a_row_means_nothing() -> None:
    """A row told backwards gives the same as one told by uid."""
    params = {"yuma3": True, "liquid_alpha": True, "bonds_penalty": 0}
    backwards, forwards = (
        scenario(
            {"stakes": [5, 5, 0, 0], "weights": {"0": row, "1": {"3": U16_MAX}}},
            {"weights": {"0": row}},
            **params,
        )
        for row in ({"3": 1_000, "2": U16_MAX}, {"2": U16_MAX, "3": 1_000})
    )

    assert outcomes(backwards) == outcomes(forwards)


def test_commits_count_where_commit_reveal_is_on() -> None:
    """A pending commit from before a registration keeps the weights from the newcomer; off, it does nothing."""
    change = {
        "block": 50,
        "stakes": [5, 0, 0],
        "weights": {"0": {"1": U16_MAX, "2": U16_MAX}},
        "registered_at": [0, 0, 20],
        "commit_blocks": [10, None, None],
    }

    (off,) = outcomes(scenario(change))
    on, still, revealed = outcomes(
        scenario(change, {"block": 51}, {"block": 52, "commit_blocks": [None] * 3}, commit_reveal=True)
    )

    half = U16_MAX // 2
    assert off.incentive == revealed.incentive == (0, half, half)
    assert on.incentive == still.incentive == (0, U16_MAX, 0)
