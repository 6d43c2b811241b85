"""From weights to the extrinsic that carries them: decided by the core's own rules, with the chain as it is at its head."""

from itertools import count

import attrs

from adapters.chain.submission import ERA_BLOCKS
from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import (
    BurnedRegister,
    Call,
    CommitTimelockedMechanismWeights,
    ServeAxon,
    SetMechanismWeights,
)
from adapters.localnet.chain.pool import Extrinsic
from adapters.localnet.chain.ss58 import public_key
from adapters.localnet.chain.state import StateView
from adapters.timelock import STAND_IN_VERSION, seal
from core.submission import Terms, row_for
from core.types import Block, Hotkey, Row, Uid, WeightsRefused

MECHANISM = 0


@attrs.frozen
class Request:
    """Weights as they are wanted; see `core.submission.row_for`."""

    weights: tuple[tuple[Uid, float], ...]
    owners: tuple[Hotkey, ...]
    version_key: int


class Composer:
    """Makes extrinsics of one hotkey.

    Attributes:
        spec_version: the runtime that is signed for: the one that the client met first, until it is renewed.
    """

    def __init__(self, chain: LocalChain, own: Hotkey) -> None:
        self._chain, self._own = chain, own
        self._numbers = count(1)
        self._public_key = _public_key(own)
        self.spec_version = 0
        self.renew()

    def renew(self) -> None:
        """Meet the chain as it is now."""
        self.spec_version = self._chain.at().spec_version()

    def row(self, request: Request, terms: Terms, now_s: float) -> Row | WeightsRefused:
        return row_for(request.weights, request.owners, terms, version_key=request.version_key, now_s=now_s)

    def weights(self, row: Row, version_key: int) -> Extrinsic:
        """Plain, or committed where the subnet wants that."""
        state = self._chain.at()
        if state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED):
            return self.signed(self._commitment(state, row, version_key))
        uids, values = tuple(uid for uid, _ in row), tuple(value for _, value in row)
        return self.signed(SetMechanismWeights(state.netuid, MECHANISM, uids, values, version_key))

    def axon(self, ip: int, port: int) -> Extrinsic:
        return self.signed(ServeAxon(self._chain.genesis.netuid, 1, ip, port, 4, 4, 0, 0))

    def idle(self) -> Extrinsic:
        """Takes a nonce of ours, and does nothing: we are registered. By another program, with a client of its own."""
        return elsewhere(self.signed(BurnedRegister(self._chain.genesis.netuid, self._own)))

    def signed(self, call: Call) -> Extrinsic:
        """Under the next nonce, void after an era, bound to the runtime and to a block.

        That is the head or the last final block, in turns: a reorganisation makes the one void, and moves the other to another block.
        """
        head, nonce = self._chain.head, self._chain.next_nonce(self._own)
        born = head if nonce % 2 else self._chain.finalized
        return Extrinsic(
            raw=b"",
            hash=f"{self._own} {next(self._numbers)}",
            signer=self._own,
            nonce=nonce,
            call=call,
            dies_at=Block(head + ERA_BLOCKS),
            born=self._chain.id_of(born),
            spec_version=self.spec_version,
        )

    def _commitment(self, state: StateView, row: Row, version_key: int) -> CommitTimelockedMechanismWeights:
        opens_at = state.hyper(storage.SUBNET_EPOCH_INDEX) + state.hyper(storage.REVEAL_PERIOD_EPOCHS)
        sealed = seal(row, version_key, self._public_key)
        return CommitTimelockedMechanismWeights(state.netuid, MECHANISM, sealed, opens_at, STAND_IN_VERSION)


def _public_key(own: Hotkey) -> bytes:
    try:
        return public_key(own)
    except ValueError as error:
        raise ValueError(
            f"own_hotkey {own!r} is no ss58 address, by whose key commitments are sealed"
        ) from error


def elsewhere(extrinsic: Extrinsic) -> Extrinsic:
    """The same as another program signs it: whatever runtime and whichever fork there is."""
    return attrs.evolve(extrinsic, born=None, spec_version=None)
