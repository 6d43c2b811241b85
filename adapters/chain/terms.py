"""Reads what a submission of weights must keep, all of it at one block."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adapters.chain.connection import METAGRAPH
from adapters.chain.convert import own_uid
from adapters.timelock import DRAND_VERSION
from core.submission import Terms
from core.types import Block, Hotkey, Limits, Uid
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor import Client
    from bittensor.snapshot import Snapshot

PALLET = "SubtensorModule"


async def read_terms(client: "Client", netuid: int, hotkey: str) -> Terms:
    """The terms at the head.

    Raises:
        Fault: the subnet is not there.
        Exception: whatever the SDK raises.
    """
    pinned = await client.at()
    record = await pinned.runtime(METAGRAPH, [netuid])
    if not isinstance(record, Mapping):
        raise Fault(f"subnet {netuid} is not on chain any more")
    at_s = (await pinned.timestamp()).timestamp()
    return terms_of(
        record,
        hotkey,
        at_s=at_s,
        threshold_rao=await _optional(pinned, "StakeThreshold", [], 0),
        # Runtimes that do not say which form they take take drand's.
        reveal_version=await _optional(pinned, "CommitRevealWeightsVersion", [], DRAND_VERSION),
        pending_epoch_at=await _optional(pinned, "PendingEpochAt", [netuid], 0),
    )


def terms_of(
    record: Mapping[str, Any],
    hotkey: str,
    *,
    at_s: float,
    threshold_rao: int,
    reveal_version: int,
    pending_epoch_at: int,
) -> Terms:
    """The terms as the runtime's metagraph record has them for this hotkey.

    Raises:
        LookupError, TypeError, ValueError: the record cannot be read.
    """
    uid = own_uid(record, hotkey)
    scheduled = int(record["last_step"]) + int(record["tempo"])
    # The subnet's owner sets weights without a permit and whatever its stake.
    is_owner = uid is not None and record["owner_hotkey"] == hotkey
    return Terms(
        limits=Limits(
            block=Block(int(record["block"])),
            min_allowed_weights=int(record["min_allowed_weights"]),
            max_weight_u16=int(record["max_weights_limit"]),
            version_key=int(record["weights_version"]),
            commit_reveal=bool(record["commit_reveal_weights_enabled"]),
        ),
        at_s=at_s,
        hotkeys=tuple(Hotkey(str(each)) for each in record["hotkeys"]),
        own_uid=None if uid is None else Uid(uid),
        has_permit=is_owner or (uid is not None and bool(record["validator_permit"][uid])),
        stake_rao=0 if uid is None else int(record["total_stake"][uid]),
        stake_threshold_rao=0 if is_owner else threshold_rao,
        last_update=Block(0 if uid is None else int(record["last_update"][uid])),
        rate_limit_blocks=int(record["weights_rate_limit"]),
        next_epoch=Block(min(scheduled, pending_epoch_at or scheduled)),
        reveal_version=reveal_version,
    )


async def _optional(pinned: "Snapshot", item: str, keys: list[int], default: int) -> int:
    """A number that the runtime stores; `default` where the runtime has no such item."""
    try:
        value = await pinned.query((PALLET, item), keys)
    except ValueError:  # the SDK's error for an item that the runtime lacks is one
        return default
    return default if value is None else int(value)
