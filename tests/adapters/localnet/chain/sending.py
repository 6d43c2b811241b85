"""Calls as tests send them, without bytes and signatures: the chain's own door."""

from itertools import count

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import (
    Call,
    CommitTimelockedMechanismWeights,
    DispatchError,
    Event,
    ExtrinsicFailed,
    SetMechanismWeights,
)
from adapters.localnet.chain.pool import Extrinsic, PoolError
from adapters.localnet.chain.store import Params
from adapters.timelock import STAND_IN_VERSION, seal
from core.types import Block, Hotkey
from tests.adapters.localnet.chain.world import key

Row = tuple[tuple[int, int], ...]
_ids = count()


def extrinsic(signer: Hotkey, nonce: int, call: Call, dies_at: int | None = None) -> Extrinsic:
    last = None if dies_at is None else Block(dies_at)
    return Extrinsic(b"", f"extrinsic {next(_ids)}", signer, nonce, call, last)


def send(chain: LocalChain, signer: Hotkey, call: Call) -> Extrinsic:
    """Put a call into the pool under the signer's next nonce."""
    sent = extrinsic(signer, chain.next_nonce(signer), call)
    chain.submit(sent)
    return sent


def outcome(chain: LocalChain, signer: Hotkey, call: Call) -> DispatchError | str | None:
    """Send a call and build a block: the dispatch error, the pool's reason, or None for success."""
    try:
        send(chain, signer, call)
    except PoolError as refusal:
        return refusal.data
    chain.produce_block()
    failures = [event.error for event in events(chain) if isinstance(event, ExtrinsicFailed)]
    return failures[0] if failures else None


def events(chain: LocalChain) -> list[Event]:
    """What the head's block tells."""
    return [record.event for record in chain.at().get(storage.EVENTS)]


def produce(chain: LocalChain, blocks: int) -> None:
    for _ in range(blocks):
        chain.produce_block()


def produce_to(chain: LocalChain, block: int) -> None:
    produce(chain, block - chain.head)


def weights(row: Row) -> SetMechanismWeights:
    return SetMechanismWeights(1, 0, tuple(uid for uid, _ in row), tuple(value for _, value in row), 0)


def commit(row: Row, uid: int, version_key: int = 0) -> CommitTimelockedMechanismWeights:
    """A stand-in's commit by the hotkey of a uid in the first block."""
    return CommitTimelockedMechanismWeights(
        1, 0, seal(row, version_key, bytes(key(f"n{uid}").public_key)), 1_000, STAND_IN_VERSION
    )


def stored(chain: LocalChain, uid: int) -> Row:
    """The row of a uid as it stands."""
    return chain.at().get(storage.WEIGHTS, 1, uid)


def everything(chain: LocalChain, block: int) -> dict[str, dict[Params, object]]:
    """All that the state holds at a block."""
    state = chain.at(Block(block))
    return {item.name: {key: state.get(item, *key) for key in state.keys(item)} for item in storage.ITEMS}
