"""What the chain itself says of one validator: every block as that hotkey meets it, and every sending of weights, a JSON line each."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import attrs
import msgspec

from adapters.localnet.chain import storage
from adapters.localnet.chain.calls import (
    CommitTimelockedMechanismWeights,
    SetMechanismWeights,
)
from adapters.localnet.chain.chain import BuiltBlock, LocalChain
from adapters.localnet.chain.genesis import Genesis
from adapters.localnet.chain.pool import Extrinsic, PoolError
from adapters.timelock import opened
from core.types import Block, Hotkey
from tests.crash.arrivals import DROPPED, POOLED, outcomes_of

RETRACTED = "retracted"
L = TypeVar("L")


@attrs.frozen
class BlockLine:
    """One block, and what it says of the validator. One of a height that was told before takes that one's place.

    Attributes:
        at_s: Unix time at which it was built.
        last_update: of the validator's weights; `rate_limit`, `permit` and `version_key` as of this block.
        retracted: how many blocks it makes void.
    """

    number: int
    at_s: float
    last_update: int
    rate_limit: int
    permit: bool
    version_key: int
    retracted: int = 0


@attrs.frozen
class Arrival:
    """What became of one extrinsic that sets or commits the validator's weights; several lines for each.

    Attributes:
        hash: of the extrinsic.
        at_s: Unix time of this line.
        block: that holds it, or would have been the first to.
        outcome: POOLED; ACCEPTED, DROPPED (not fit for a block any more) or an error's name; RETRACTED (its block is void, it
            waits again); or why the pool refused it.
        row: (uid, u16), positive ones.
        signed, known: who had those uids at the block that the signature is bound to, and at the head when it came.
        waiting: how many others of the validator's were in the pool as it came.
    """

    hash: str
    at_s: float
    block: int
    outcome: str
    row: tuple[tuple[int, int], ...] = ()
    signed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    waiting: int = 0


class ObservedChain(LocalChain):
    """A chain that tells `listener` all of that about one hotkey."""

    def __init__(
        self, genesis: Genesis, hotkey: Hotkey, listener: Callable[[BlockLine | Arrival], None]
    ) -> None:
        super().__init__(genesis)
        self._hotkey = hotkey
        self._listener = listener
        self._open: dict[str, Extrinsic] = {}
        self.on_block(self._look_at)

    def submit(self, extrinsic: Extrinsic) -> None:
        if not self._is_ours(extrinsic):
            super().submit(extrinsic)
            return
        arrival = self._arrival(extrinsic)
        try:
            super().submit(extrinsic)
        except PoolError as error:
            self._listener(attrs.evolve(arrival, outcome=str(error)))
            raise
        self._open[extrinsic.hash] = extrinsic
        self._listener(arrival)

    def _is_ours(self, extrinsic: Extrinsic) -> bool:
        kinds = SetMechanismWeights | CommitTimelockedMechanismWeights
        return extrinsic.signer == self._hotkey and isinstance(extrinsic.call, kinds)

    def _arrival(self, extrinsic: Extrinsic) -> Arrival:
        row = tuple((uid, weight) for uid, weight in _row(extrinsic) if weight > 0)
        born = self.head if extrinsic.born is None else extrinsic.born.number
        return Arrival(
            hash=extrinsic.hash,
            at_s=time.time(),
            block=int(self.head) + 1,
            outcome=POOLED,
            row=row,
            signed=self._holders(row, born),
            known=self._holders(row, self.head),
            waiting=len(self._open),
        )

    def _holders(self, row: tuple[tuple[int, int], ...], block: Block) -> tuple[str, ...]:
        hotkeys = self.at(min(block, self.head)).hotkeys()
        return tuple(hotkeys[uid] for uid, _ in row)

    def _look_at(self, built: BuiltBlock) -> None:
        for block in built.retracted:
            self._tell(block.extrinsics, block.number, RETRACTED)
            self._open |= {each.hash: each for each in block.extrinsics if self._is_ours(each)}
        outcomes = outcomes_of(self.at())
        for place, extrinsic in enumerate(built.extrinsics):
            self._tell((extrinsic,), built.number, outcomes[place])
        self._tell([self._open[each] for each in built.dropped if each in self._open], built.number, DROPPED)
        for done in (*(extrinsic.hash for extrinsic in built.extrinsics), *built.dropped):
            self._open.pop(done, None)
        self._listener(self._line(built))

    def _tell(self, extrinsics: Sequence[Extrinsic], block: Block, outcome: str) -> None:
        for extrinsic in extrinsics:
            if self._is_ours(extrinsic):
                self._listener(Arrival(extrinsic.hash, time.time(), int(block), outcome))

    def _line(self, built: BuiltBlock) -> BlockLine:
        state = self.at()
        uid = state.uid_of(self._hotkey)
        assert uid is not None  # no fault takes the validator's own uid
        return BlockLine(
            number=int(built.number),
            at_s=time.time(),
            last_update=state.hyper(storage.LAST_UPDATE)[uid],
            rate_limit=state.hyper(storage.WEIGHTS_SET_RATE_LIMIT),
            permit=state.hyper(storage.VALIDATOR_PERMIT)[uid],
            version_key=state.hyper(storage.WEIGHTS_VERSION_KEY),
            retracted=len(built.retracted),
        )


def _row(extrinsic: Extrinsic) -> tuple[tuple[int, int], ...]:
    """The weights that a call sets or, once opened, will set."""
    match extrinsic.call:
        case SetMechanismWeights(dests=dests, weights=weights):
            return tuple(zip(dests, weights, strict=True))
        case CommitTimelockedMechanismWeights(commit=commit):
            sealed = opened(commit)
            return () if sealed is None else sealed.row
        case _:
            return ()


def append(path: Path, line: object) -> None:
    """Add a line to the file."""
    with path.open("ab", buffering=0) as file:
        file.write(msgspec.json.encode(line) + b"\n")


def read(path: Path, kind: type[L]) -> tuple[L, ...]:
    """All whole lines of the file; none where there is no file."""
    if not path.exists():
        return ()
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return tuple(msgspec.json.decode(line, type=kind) for line in whole.splitlines())
