"""The SDK's failures, looked up in the core's table."""

import pytest
from bittensor import BittensorError, ChainError, ErrorCode, RpcConnectionError
from bittensor.result import ConnectionNotReady
from websockets.exceptions import ConnectionClosedError

from adapters.chain.errors import failed_after, is_lost, refused_before
from core.refusals import BY_CODE, BY_NAME
from core.submission import Terms
from core.types import Block, Hotkey, Limits, Uid, WeightsRefused, WeightsUnknown
from effects.ports import Fault

TERMS = Terms(
    Limits(Block(500)),
    at_s=0.0,
    hotkeys=(Hotkey("hk0"),),
    own_uid=Uid(0),
    last_update=Block(450),
    rate_limit_blocks=100,
)


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
    assert set(BY_CODE) <= {code.value for code in ErrorCode}


def test_the_chains_name_and_words_are_the_reason() -> None:
    """In one line, the name once."""
    refused = failed_after(ChainError("why\n so", "SettingWeightsTooFast"), TERMS, included=False)
    assert refused == WeightsRefused("SettingWeightsTooFast: why so", passing=True, not_before=Block(550))


def test_a_failure_without_a_name_is_unknown_unless_a_block_holds_it() -> None:
    """A broken connection names nothing; a block that holds the extrinsic has its verdict all the same."""
    broken = ChainError("Connection lost while waiting")
    assert isinstance(failed_after(broken, TERMS, included=False), WeightsUnknown)
    included = failed_after(broken, TERMS, included=True)
    assert included == WeightsRefused("Connection lost while waiting", passing=False)


def test_an_error_the_table_lacks_is_judged_by_the_sdks_code() -> None:
    """New rate limits of the runtime are passing, other news is not."""
    limited = failed_after(ChainError("why", "NewRateLimitExceeded"), TERMS, included=True)
    assert isinstance(limited, WeightsRefused)
    assert limited.passing
    assert failed_after(ChainError("why", "NeverHeardOf"), TERMS, included=True) == WeightsRefused(
        "NeverHeardOf: why", passing=False
    )


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (RpcConnectionError("down"), True),
        (TimeoutError(), True),
        (Fault("no chain"), True),
        (ChainError("rpc hiccup"), True),
        (BittensorError("All weights are zero; nothing to set."), False),
        (ValueError('Storage function "SubtensorModule.X" not found'), False),
    ],
)
def test_before_sending_only_the_connection_passes(error: Exception, passing: bool) -> None:
    """Nothing was sent, so nothing is unknown: a connection comes back, bad input stays bad."""
    result = refused_before(error, TERMS)
    assert result.passing is passing
    assert result.reason


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RpcConnectionError("down"), True),
        (ConnectionNotReady("closed"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (ConnectionClosedError(None, None), True),
        (AssertionError(), True),
        (ChainError("Connection lost while waiting for a subscription response"), True),
        (ChainError("why", "SettingWeightsTooFast"), False),
        (ChainError("no such thing", code=ErrorCode.NOT_FOUND), False),
        (BittensorError("Weights must be finite and non-negative."), False),
        (ValueError('Storage function "SubtensorModule.X" not found'), False),
        (KeyError("hotkeys"), False),
        (Fault("subnet 9 is not on chain any more"), False),
    ],
)
def test_what_is_neither_the_chains_word_nor_bad_input_is_a_lost_connection(
    error: Exception, lost: bool
) -> None:
    """Then another endpoint is dialled; a chain that says no is not left for that."""
    assert is_lost(error) is lost
