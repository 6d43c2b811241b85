"""What a client calls the errors of the pool and of blocks, as the SDK does; what they mean, `core.refusals` says."""

from collections.abc import Mapping

import attrs

from adapters.localnet.chain.calls import DispatchError
from adapters.localnet.chain.pool import PoolError, invalid_transaction

UNNAMED = "unknown"
# By the words of a node.
POOL_NAMES: Mapping[str, str] = {
    "Transaction is outdated": "Stale",
    "Transaction has a bad signature": "BadProof",
    "Transaction will be valid in the future": "Future",
    "Transaction has an ancient birth block": "AncientBirthBlock",
    "Transaction would exhaust the block limits": "ExhaustsResources",
    "Inability to pay some fees (e.g. account balance too low)": "Payment",
    "Priority is too low": "PriorityTooLow",
    "Transaction is already imported": "AlreadyImported",
    "Custom error: 1": "StakeAmountTooLow",
    "Custom error: 3": "SubnetNotExists",
    "Custom error: 6": "RateLimitExceeded",
    "Custom error: 10": "HotKeyNotRegisteredInNetwork",
    "Custom error: 11": "InvalidIpAddress",
    "Custom error: 12": "ServingRateLimitExceeded",
    "Custom error: 13": "InvalidPort",
    "Custom error: 15": "InvalidRevealRound",
    "Custom error: 255": "BadRequest",
}


@attrs.frozen
class Refusal:
    """An error as a client has it: `adapters.chain.errors.ChainRefusal`."""

    message: str
    name: str | None
    code: str = UNNAMED


def of_pool(error: PoolError) -> Refusal:
    """What the pool said."""
    name = POOL_NAMES.get(error.data) or POOL_NAMES.get(error.message)
    return Refusal(str(error), name)


def of_block(error: DispatchError) -> Refusal:
    """What a block says that holds the extrinsic."""
    return Refusal(error.value, error.value)


def of_watch(status: str) -> Refusal:
    """What the watch on an extrinsic ended with: "Invalid", "Dropped", "Usurped"."""
    return Refusal(f"Extrinsic {status.lower()}", status)


# What a node refuses for reasons of its own, or of the moment.
OF_NODES: tuple[PoolError, ...] = (
    PoolError(1012, "Transaction is temporarily banned", "The transaction was banned a moment ago"),
    PoolError(1013, "Transaction is already imported", "Already Imported"),
    PoolError(1016, "Immediately Dropped", "The transaction couldn't enter the pool because of the limit"),
    invalid_transaction("Transaction will be valid in the future"),
    invalid_transaction("Transaction has an ancient birth block"),
    invalid_transaction("Transaction would exhaust the block limits"),
    invalid_transaction("Inability to pay some fees (e.g. account balance too low)"),
    # It has seen a block that we have not.
    invalid_transaction("Custom error: 6"),
)
# The same, with what a newer chain may say, and clients sort by codes.
WHIMS: tuple[Refusal, ...] = (
    *map(of_pool, OF_NODES),
    Refusal("TooManyUnrevealedCommits", "TooManyUnrevealedCommits"),
    Refusal("a rule that is newer than this program", "SomethingNew", "too_early"),
    Refusal("a limit that is newer than this program", "SomethingNew", "rate_limited"),
)
