"""The SDK on either front of a chain: a node behind a websocket, or the chain in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

import anyio

from adapters.localnet.chain import LocalChain, serve_node
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.memory import MEMORY_ENDPOINT, memory_substrate
from adapters.localnet.chain.ticking import BY_HAND, produce_blocks

if TYPE_CHECKING:
    from bittensor import Client


class Front(Enum):
    NODE = "node"
    MEMORY = "memory"


@asynccontextmanager
async def client_of(
    front: Front, chain: LocalChain, gate: Gate | None = None, block_time_s: float = BY_HAND
) -> AsyncIterator["Client"]:
    """A connected client of the SDK; blocks come by hand where no block time is given."""
    from bittensor import Client

    gate = gate or Gate()
    async with anyio.create_task_group() as tasks:
        if front is Front.NODE:
            serve = partial(serve_node, chain, block_time_s=block_time_s, gate=gate)
            client = Client(f"ws://127.0.0.1:{await tasks.start(serve)}", archive_endpoints=[])
        else:
            tasks.start_soon(produce_blocks, chain, gate, block_time_s)
            client = Client(MEMORY_ENDPOINT, substrate=memory_substrate(chain, gate))
        async with client:
            yield client
        tasks.cancel_scope.cancel()
