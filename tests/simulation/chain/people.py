"""Who is on the subnet, and where they listen: all of it follows from a newcomer's number."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from adapters.localnet.chain import RAO_PER_TAO, Genesis, GenesisNeuron
from core.types import Hotkey
from tests.simulation.clock import START_S
from tests.simulation.swarm import Swarm

OWN_AXON = "198.51.255.200:8091"
OWN_STAKE_TAO = 10_000
# Who has less gets no permit: no miner earns so much.
THRESHOLD_TAO = 1_000
# Room for newcomers, at least so much.
ROOM = 16
HISTORY_BLOCKS = 256

_FIRST_ADDRESS = int(ipaddress.IPv4Address("198.51.0.1"))
_ADDRESSES = 60_000
_PORT = 8091
# Version and protocol as axons have them: of SDK 11, of SDK 10, of no SDK.
_RECORDS = ((1, 4), (11_003_000, 4), (10_005_000, 4), (0, 0), (7, 1))


def newcomer(number: int) -> GenesisNeuron:
    """The miner of that number, counted from 1."""
    return GenesisNeuron(Hotkey(f"m{number}"), Hotkey(f"c{number}"))


def ourselves(own: Hotkey, *, stake_tao: int = 0) -> GenesisNeuron:
    return GenesisNeuron(own, Hotkey("operator"), stake_tao * RAO_PER_TAO)


def genesis(swarm: Swarm) -> Genesis:
    """The subnet as it begins: the validator at uid 0, with a permit, then the miners."""
    own = ourselves(Hotkey(swarm.config.own_hotkey), stake_tao=OWN_STAKE_TAO)
    return Genesis(
        neurons=(own, *(newcomer(number) for number in range(1, swarm.miners + 1))),
        tempo=swarm.tempo_blocks,
        block_time_s=swarm.block_time_s,
        weights_rate_limit_blocks=swarm.weights_rate_limit_blocks,
        max_uids=1 + swarm.miners + max(ROOM, swarm.miners // 2),
        stake_threshold_rao=THRESHOLD_TAO * RAO_PER_TAO,
        history_blocks=HISTORY_BLOCKS,
        started_ms=round(1_000 * START_S),
    )


@lru_cache(maxsize=8192)
def axon(hotkey: Hotkey) -> Mapping[str, Any]:
    """A miner's axon, as the chain's record has it."""
    number = int(hotkey[1:])
    version, protocol = _RECORDS[number % len(_RECORDS)]
    return {
        "ip": _FIRST_ADDRESS + number % _ADDRESSES,
        "ip_type": 4,
        "port": _PORT + number // _ADDRESSES,
        "version": version,
        "protocol": protocol,
    }


def own_axon_address() -> tuple[int, int]:
    """`OWN_AXON` as the chain has it: address and port."""
    host, _, port = OWN_AXON.rpartition(":")
    return int(ipaddress.IPv4Address(host)), int(port)
