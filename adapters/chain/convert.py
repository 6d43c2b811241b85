"""From the runtime's metagraph record to the core's. A neuron that cannot be read is left out, with the reason.

The record is that of `SubnetInfoRuntimeApi.get_metagraph`: columns by uid beside values of the subnet.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

import attrs

from core.types import Block, Hotkey, Metagraph, Neuron, Uid

RAO = 10**9
FULL_SHARE = 65535
IPV6 = 6


@attrs.frozen
class Reading:
    """A metagraph, and why which uids are missing from it."""

    metagraph: Metagraph
    skipped: tuple[str, ...] = ()


def read_metagraph(record: Mapping[str, Any], own_hotkey: str) -> Reading:
    """The metagraph as `own_hotkey` sees it.

    Raises:
        LookupError, TypeError, ValueError: the subnet's own values cannot be read.
    """
    neurons, skipped = _neurons(record)
    own = own_uid(record, own_hotkey)
    metagraph = Metagraph(
        block=Block(int(record["block"])),
        neurons=tuple(neurons),
        last_epoch=Block(int(record["last_step"])),
        tempo_blocks=int(record["tempo"]),
        weights_rate_limit_blocks=int(record["weights_rate_limit"]),
        last_update=Block(0 if own is None else int(record["last_update"][own])),
        version_key=int(record["weights_version"]),
    )
    return Reading(metagraph, tuple(skipped))


def own_uid(record: Mapping[str, Any], hotkey: str) -> int | None:
    """The uid under which the hotkey is registered, None where it is not."""
    hotkeys = record["hotkeys"]
    return hotkeys.index(hotkey) if hotkey in hotkeys else None


def axon_address(axon: Mapping[str, Any] | None) -> str | None:
    """The address as "ip:port" (v6 "[ip]:port"), None where nothing is served.

    Raises:
        ValueError: the number is no address of its kind.
    """
    if axon is None or int(axon["ip"]) == 0:
        return None
    if int(axon["ip_type"]) == IPV6:
        return f"[{ipaddress.IPv6Address(int(axon['ip']))}]:{int(axon['port'])}"
    return f"{ipaddress.IPv4Address(int(axon['ip']))}:{int(axon['port'])}"


def _neurons(record: Mapping[str, Any]) -> tuple[list[Neuron], list[str]]:
    neurons, skipped = [], []
    for uid in range(len(record["hotkeys"])):
        try:
            neurons.append(_neuron(record, uid))
        except (ValueError, TypeError, LookupError) as error:
            skipped.append(f"uid {uid} left out of the metagraph: {type(error).__name__}: {error}")
    return neurons, skipped


def _neuron(record: Mapping[str, Any], uid: int) -> Neuron:
    hotkey = record["hotkeys"][uid]
    if not isinstance(hotkey, str) or not hotkey:
        raise ValueError(f"its hotkey is {hotkey!r}")
    axon = record["axons"][uid]
    return Neuron(
        uid=Uid(uid),
        hotkey=Hotkey(hotkey),
        axon=axon_address(axon),
        axon_version=int(axon["version"]) if axon else 0,
        axon_protocol=int(axon["protocol"]) if axon else 0,
        stake_tao=int(record["total_stake"][uid]) / RAO,
        validator_permit=bool(record["validator_permit"][uid]),
        incentive=_share(record["incentives"], uid),
        dividends=_share(record["dividends"], uid),
    )


def _share(column: Any, uid: int) -> float:
    # A runtime that has not run an epoch yet returns shorter columns.
    return int(column[uid]) / FULL_SHARE if uid < len(column) else 0.0
