"""What the chain saw of weights: every extrinsic that reached the node, whatever became of it, a JSON line each."""

from collections.abc import Callable
from pathlib import Path

import attrs
import msgspec

from adapters.localnet.chain import storage
from adapters.localnet.chain.calls import EventRecord, ExtrinsicFailed, ExtrinsicSuccess, SetMechanismWeights
from adapters.localnet.chain.chain import BuiltBlock, LocalChain
from adapters.localnet.chain.genesis import Genesis
from adapters.localnet.chain.pool import Extrinsic, PoolError
from adapters.localnet.chain.state import StateView

POOLED, ACCEPTED, DROPPED = "in the pool", "accepted", "dropped"


@attrs.frozen
class Arrival:
    """One extrinsic that sets weights.

    Attributes:
        block: that holds it, or would have been the first to.
        outcome: POOLED, with another line to follow; ACCEPTED; DROPPED (let into the pool, then not fit for a block); or why it was
            refused.
    """

    block: int
    signer: str
    uids: tuple[int, ...]
    weights: tuple[int, ...]
    outcome: str


def outcomes_of(state: StateView) -> dict[int, str]:
    """What became of each extrinsic of a block, by its place."""
    outcomes: dict[int, str] = {}
    for record in state.get(storage.EVENTS):
        match record:
            case EventRecord(int(place), ExtrinsicSuccess()):
                outcomes[place] = ACCEPTED
            case EventRecord(int(place), ExtrinsicFailed(error)):
                outcomes[place] = str(error)
            case _:
                pass
    return outcomes


class WatchedChain(LocalChain):
    """A chain that tells `listener` of each arrival, those that its pool refuses too."""

    def __init__(self, genesis: Genesis, listener: Callable[[Arrival], None]) -> None:
        super().__init__(genesis)
        self._listener = listener
        self._pending: dict[str, Extrinsic] = {}
        self.on_block(self._look_at)

    def submit(self, extrinsic: Extrinsic) -> None:
        try:
            super().submit(extrinsic)
        except PoolError as error:
            self._note(extrinsic, self.head + 1, str(error))
            raise
        self._pending[extrinsic.hash] = extrinsic
        self._note(extrinsic, self.head + 1, POOLED)

    def _look_at(self, built: BuiltBlock) -> None:
        outcomes = outcomes_of(self.at())
        for place, extrinsic in enumerate(built.extrinsics):
            self._note(extrinsic, built.number, outcomes[place])
        for dropped in built.dropped:
            self._note(self._pending[dropped], built.number, DROPPED)
        for done in (*(extrinsic.hash for extrinsic in built.extrinsics), *built.dropped):
            self._pending.pop(done, None)

    def _note(self, extrinsic: Extrinsic, block: int, outcome: str) -> None:
        call = extrinsic.call
        if isinstance(call, SetMechanismWeights):
            self._listener(Arrival(int(block), extrinsic.signer, call.dests, call.weights, outcome))


def append(path: Path, arrival: Arrival) -> None:
    """Add a line to the file."""
    with path.open("ab", buffering=0) as file:
        file.write(msgspec.json.encode(arrival) + b"\n")


def read(path: Path) -> tuple[Arrival, ...]:
    """All arrivals of which it is known what became of them."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    found = (msgspec.json.decode(line, type=Arrival) for line in whole.splitlines())
    return tuple(arrival for arrival in found if arrival.outcome != POOLED)
