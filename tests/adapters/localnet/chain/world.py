"""A small subnet for tests: two validators with stake, the rest miners, keys from public development paths."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial

import anyio
import attrs
import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs

from adapters.localnet.chain import RAO_PER_TAO, Genesis, GenesisNeuron, LocalChain, serve_node
from core.types import Hotkey

VALIDATOR, SECOND_VALIDATOR, MINER, OTHER_MINER = range(4)


@cache
def key(name: str) -> core.Keypair:
    return core.Keypair.create_from_uri(f"//{name}")


def hotkey(uid: int) -> Hotkey:
    return Hotkey(key(f"n{uid}").ss58_address)


def neuron(name: str, stake_tao: int = 0) -> GenesisNeuron:
    coldkey = Hotkey(key(f"{name}//cold").ss58_address)
    return GenesisNeuron(Hotkey(key(name).ss58_address), coldkey, stake_tao * RAO_PER_TAO)


def genesis(count: int = 4, **changes: object) -> Genesis:
    """`count` neurons: uid 0 has 3000 TAO of stake, uid 1 has 1000, the others none."""
    stakes = {VALIDATOR: 3_000, SECOND_VALIDATOR: 1_000}
    neurons = tuple(neuron(f"n{uid}", stakes.get(uid, 0)) for uid in range(count))
    return attrs.evolve(Genesis(neurons=neurons), **changes)  # type: ignore[arg-type]  # each test names its own


@asynccontextmanager
async def serving(chain: LocalChain, block_time_s: float | None = None) -> AsyncIterator[str]:
    """A node for the chain as long as the block lasts; gives its address."""
    async with anyio.create_task_group() as tasks:
        port = await tasks.start(partial(serve_node, chain, block_time_s=block_time_s))
        yield f"ws://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()
