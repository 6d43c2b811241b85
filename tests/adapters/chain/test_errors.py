"""What the chain's refusals are taken to mean."""

import pytest
from bittensor import BittensorError, ChainError, RpcConnectionError

from adapters.chain.errors import BY_NAME, failed_after, refused_before
from core.types import WeightsRefused, WeightsUnknown


@pytest.mark.parametrize(
    "name", ["SettingWeightsTooFast", "RateLimitExceeded", "Stale", "PriorityTooLow", "CommitRevealEnabled"]
)
def test_what_time_or_a_new_extrinsic_mends_is_passing(name: str) -> None:
    """Rate limits and the pool's complaints may be followed by another try."""
    result = failed_after(ChainError("why", name), included=False)
    assert result == WeightsRefused(f"{name}: why", passing=True)


@pytest.mark.parametrize(
    "name", ["NeuronNoValidatorPermit", "IncorrectWeightVersionKey", "Payment", "StakeAmountTooLow"]
)
def test_what_an_operator_must_mend_is_not_passing(name: str) -> None:
    """Missing permits, keys and funds are told, not tried again."""
    assert failed_after(ChainError("why", name), included=True) == WeightsRefused(
        f"{name}: why", passing=False
    )


def test_a_lost_registration_is_told_apart() -> None:
    """By its name after sending, by its code before."""
    named = failed_after(ChainError("why", "HotKeyNotRegisteredInNetwork"), included=False)
    assert isinstance(named, WeightsRefused)
    assert named.not_registered
    assert refused_before(ChainError("why", "HotKeyNotRegisteredInSubNet")).not_registered


@pytest.mark.parametrize("name", ["Dropped", "Usurped", "FinalityTimeout", "AlreadyImported"])
def test_what_may_have_landed_is_unknown(name: str) -> None:
    """A watch that ended without a verdict leaves only the chain to ask."""
    assert failed_after(ChainError("why", name), included=False) == WeightsUnknown(f"{name}: why")


def test_a_failure_without_a_name_is_unknown_unless_a_block_holds_it() -> None:
    """A broken connection names nothing; a block that holds the extrinsic has its verdict all the same."""
    broken = ChainError("Connection lost while waiting")
    assert isinstance(failed_after(broken, included=False), WeightsUnknown)
    assert failed_after(broken, included=True) == WeightsRefused(
        "Connection lost while waiting", passing=False
    )


def test_an_error_the_table_lacks_is_judged_by_its_code() -> None:
    """New rate limits of the runtime are passing, other news is not."""
    assert failed_after(ChainError("why", "NewRateLimitExceeded"), included=True) == WeightsRefused(
        "NewRateLimitExceeded: why", passing=True
    )
    assert failed_after(ChainError("why", "NeverHeardOf"), included=True) == WeightsRefused(
        "NeverHeardOf: why", passing=False
    )


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (RpcConnectionError("down"), True),
        (TimeoutError(), True),
        (ChainError("rpc hiccup"), True),
        (BittensorError("All weights are zero; nothing to set."), False),
        (ValueError('Storage function "SubtensorModule.X" not found'), False),
    ],
)
def test_before_sending_only_the_connection_passes(error: Exception, passing: bool) -> None:
    """Nothing was sent, so nothing is unknown: a connection comes back, bad input stays bad."""
    result = refused_before(error)
    assert result.passing is passing
    assert result.reason


def test_every_name_in_the_table_is_one_the_sdk_knows() -> None:
    """A misspelt name would never be found."""
    from bittensor import error_map

    known = (
        set(error_map.NAME_TO_CODE)
        | set(error_map.DISPATCH_ERRORS)
        | set(error_map.CUSTOM_TRANSACTION_ERRORS.values())
        | {name for _, name in error_map.INVALID_TRANSACTION_ERRORS}
        | {"Dropped", "Usurped", "Retracted", "Invalid", "FinalityTimeout"}
    )
    assert set(BY_NAME) <= known
