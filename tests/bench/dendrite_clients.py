"""Who is measured: our dendrite on either wire, and the v10 SDK's. Each does a round when told: all targets at once."""

import time
from collections.abc import Sequence
from functools import cache, partial
from typing import Protocol

import attrs
from bittensor.keyfiles import Keypair

from adapters.dendrite import HttpDendrite
from core.types import OK, Hotkey, Target, Uid, Wire
from tests.bench.dendrite_synapse import SYNAPSE
from tests.interop.peer import Peer

# Far more than a round takes: a call that runs into it is a failure, not a figure.
TIMEOUT_S = 60.0


@attrs.frozen
class Round:
    """One round.

    Attributes:
        cpu_s: of the client's process.
        times_s: of the calls that were answered, as the client measures a miner's time.
    """

    calls: int
    wall_s: float
    cpu_s: float
    times_s: Sequence[float]
    failed: int


class Client(Protocol):
    async def round(self, ports: Sequence[int]) -> Round:
        """Prompt the axons on all these ports at once."""


class Ours:
    """`HttpDendrite`, in this process."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._dendrite = HttpDendrite(Keypair.create_from_uri("//validator"), allow_private=True)

    async def round(self, ports: Sequence[int]) -> Round:
        targets = [self._target(uid, port) for uid, port in enumerate(ports)]
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        outcomes = await self._dendrite.query(targets, SYNAPSE, timeout_s=TIMEOUT_S)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        times_s = [outcome.process_time_s for outcome in outcomes if outcome.code == OK]
        return Round(len(ports), wall_s, cpu_s, times_s, len(ports) - len(times_s))

    def _target(self, uid: int, port: int) -> Target:
        return Target(Uid(uid), Hotkey(_hotkey(uid)), f"127.0.0.1:{port}", wires=(self._wire,))


class V10:
    """The SDK's own dendrite, in its own environment."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def round(self, ports: Sequence[int]) -> Round:
        to = [{"port": port, "hotkey": _hotkey(uid)} for uid, port in enumerate(ports)]
        ask = partial(self._peer.ask_aside, text=SYNAPSE.messages[0], timeout_s=TIMEOUT_S)
        return Round(calls=len(ports), **await ask("measure", to=to))


@cache
def _hotkey(uid: int) -> str:
    return str(Keypair.create_from_uri(f"//miner/{uid}").ss58_address)
