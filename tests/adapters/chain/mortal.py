"""A node that dies at a frame, and comes back at the same port; and what its chain says of the answers that were given meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from functools import partial

import anyio
import attrs
from anyio.abc import TaskStatus

from adapters.localnet.chain import LocalChain, serve_node, storage
from adapters.localnet.chain.calls import SetMechanismWeights
from adapters.localnet.chain.gate import Gate, Snap
from adapters.localnet.chain.pool import Extrinsic
from adapters.timelock import opened as unsealed
from core.types import Block, Metagraph, Row, Uid, WeightsAccepted
from tests.adapters.chain.world import Way
from tests.adapters.localnet.chain.world import MINER, VALIDATOR, hotkey

SOON_S, LATE_S = 0.02, 0.4
SILENCE_S = 0.15


class Death(Enum):
    """How a node ends at a frame."""

    BEFORE = "killed before it acts on the frame"
    AFTER = "killed when it has acted on the frame, before it answers"
    SILENT = "acts on the frame, says nothing more, and is killed later"
    IN_ORDER = "shut down, with a farewell, before it acts on the frame"


# What the gate does at the frame; the kill comes on top of it.
SNAPS = {
    Death.BEFORE: Snap.CUT_BEFORE,
    Death.AFTER: Snap.CUT_AFTER,
    Death.SILENT: Snap.SILENCE,
    Death.IN_ORDER: Snap.CUT_BEFORE,
}


class MortalGate(Gate):
    """A gate whose snare is the end of its node.

    Attributes:
        heard: all frames from clients.
    """

    def __init__(self, death: Death | None) -> None:
        super().__init__()
        self.heard = list[str]()
        self.struck = anyio.Event()
        self._death = death

    def met(self, frame: str) -> Snap | None:
        self.heard.append(frame)
        snap = super().met(frame)
        if snap is None:
            return None
        self.struck.set()
        if self._death is Death.IN_ORDER:
            self.silent = True
            return None
        return snap


@attrs.frozen
class Lives:
    """A way to a node that can die once.

    Attributes:
        way: its gate is that of the first node.
        later: the gate of the node after it.
        succeeded: that node is there.
    """

    way: Way
    later: MortalGate
    succeeded: anyio.Event


@asynccontextmanager
async def mortal(
    chain: LocalChain, successor: LocalChain, death: Death, away_s: float
) -> AsyncIterator[Lives]:
    """A node for `chain`; when its gate's snare snaps it dies, and so much later there is one for `successor` at its port."""
    first, later = MortalGate(death), MortalGate(None)
    life, gone, succeeded = anyio.CancelScope(), anyio.Event(), anyio.Event()

    async def live(*, task_status: TaskStatus[int]) -> None:
        with life:
            await serve_node(chain, gate=first, task_status=task_status)
        gone.set()

    async def die(port: int) -> None:
        await first.struck.wait()
        if death is Death.SILENT:
            await anyio.sleep(SILENCE_S)
        life.cancel()
        await gone.wait()
        await anyio.sleep(away_s)
        await tasks.start(partial(serve_node, successor, gate=later, port=port))
        succeeded.set()

    async with anyio.create_task_group() as tasks:
        port = await tasks.start(live)
        tasks.start_soon(die, port)
        yield Lives(Way(f"ws://127.0.0.1:{port}", first), later, succeeded)
        tasks.cancel_scope.cancel()


def weighed(chain: LocalChain) -> LocalChain:
    """The chain with weights of ours in its first block."""
    call = SetMechanismWeights(1, 0, (MINER,), (1,), 0)
    chain.submit(Extrinsic(b"first", "0x" + 64 * "0", hotkey(VALIDATOR), 0, call))
    chain.produce_block()
    return chain


def landed(chain: LocalChain) -> int:
    """How many extrinsics of ours are in blocks."""
    blocks = (chain.block(Block(number)) for number in range(chain.head + 1))
    return sum(each.signer == hotkey(VALIDATOR) for block in blocks if block for each in block.extrinsics)


def last_update(chain: LocalChain, block: Block | None = None) -> Block:
    return Block(chain.at(block).hyper(storage.LAST_UPDATE)[VALIDATOR])


def is_metagraph(answer: object, chain: LocalChain, since: Block) -> bool:
    """Whether it is the chain's at a block that there was since then."""
    if not isinstance(answer, Metagraph) or not since <= answer.block <= chain.head:
        return False
    view = chain.at(answer.block)
    neurons = tuple(neuron.hotkey for neuron in answer.neurons)
    stakes_rao = [round(neuron.stake_tao * 10**9) for neuron in answer.neurons]
    return (
        neurons == view.hotkeys()
        and stakes_rao == [view.stake_rao(owner) for owner in neurons]
        and answer.last_update == last_update(chain, answer.block)
        and answer.last_epoch == view.hyper(storage.LAST_EPOCH_BLOCK)
        and answer.tempo_blocks == view.hyper(storage.TEMPO)
    )


def is_last_update(answer: object, chain: LocalChain, since: Block) -> bool:
    return answer in {last_update(chain, Block(block)) for block in range(since, chain.head + 1)}


def is_there(accepted: WeightsAccepted, chain: LocalChain) -> bool:
    """Whether the chain has our row, or a commitment to it, as of the block that the answer names."""
    view = chain.at(accepted.block)
    return last_update(chain, accepted.block) == accepted.block and accepted.row in {
        view.get(storage.WEIGHTS, 1, VALIDATOR),
        *_committed(chain, accepted.block),
    }


def _committed(chain: LocalChain, block: Block) -> set[Row]:
    view, rows = chain.at(block), set[Row]()
    for epoch in view.keys(storage.TIMELOCKED_WEIGHT_COMMITS):
        for owner, made_at, commit, _ in view.get(storage.TIMELOCKED_WEIGHT_COMMITS, *epoch):
            sealed = unsealed(commit)
            if sealed is not None and (owner, made_at) == (hotkey(VALIDATOR), block):
                rows.add(tuple((Uid(uid), value) for uid, value in sealed.row))
    return rows
