"""Chains opened on either front: the project's own node behind a websocket, or the same chain without one.

`reach` (a fixture) is a front: `async with reach(chain_of()) as way, opened(way, tmp_path) as chain`. `way.gate` makes it fail.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import attrs
from anyio.abc import TaskGroup, TaskStatus

from adapters.chain.blocks import Pace
from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings
from adapters.localnet.chain import LocalChain, serve_node
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.memory import MEMORY_ENDPOINT, memory_substrate
from adapters.localnet.chain.ticking import produce_blocks
from tests.adapters.localnet.chain.world import VALIDATOR, genesis, key

if TYPE_CHECKING:
    from bittensor import Substrate

BLOCK_TIME_S = 0.05
QUICK = Pace(first_pause_s=0.02, longest_pause_s=0.1)


@attrs.frozen
class Way:
    """A way to a chain.

    Attributes:
        substrate: makes the SDK's backend for one client; None where the SDK is to make its own.
    """

    endpoint: str
    gate: Gate
    substrate: "Callable[[], Substrate] | None" = None


class Reach(Protocol):
    """A front: opens a way to a chain, whose blocks come by themselves meanwhile."""

    def __call__(
        self, chain: LocalChain, block_time_s: float | None = None
    ) -> AbstractAsyncContextManager[Way]: ...


@asynccontextmanager
async def by_node(chain: LocalChain, block_time_s: float | None = None) -> AsyncIterator[Way]:
    """By a websocket to the node."""
    gate = Gate()
    async with anyio.create_task_group() as tasks:
        port = await tasks.start(partial(serve_node, chain, block_time_s=block_time_s, gate=gate))
        yield Way(f"ws://127.0.0.1:{port}", gate)
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def in_memory(chain: LocalChain, block_time_s: float | None = None) -> AsyncIterator[Way]:
    """Without a socket."""
    gate = Gate()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(produce_blocks, chain, gate, block_time_s)
        yield Way(MEMORY_ENDPOINT, gate, lambda: memory_substrate(chain, gate))
        tasks.cancel_scope.cancel()


def chain_of(**changes: Any) -> LocalChain:
    """A chain with quick blocks that begins now; uids 0 and 1 are validators, 2 and 3 miners."""
    started_ms = round(time.time() * 1000)
    return LocalChain(attrs.evolve(genesis(block_time_s=BLOCK_TIME_S, started_ms=started_ms), **changes))


def settings(endpoint: str, cache_dir: Path) -> ChainSettings:
    return ChainSettings((endpoint,), netuid=1, cache_dir=cache_dir, pace=QUICK)


@asynccontextmanager
async def opened(
    way: Way | str, cache_dir: Path, name: str = f"n{VALIDATOR}", **changes: Any
) -> AsyncIterator[SubtensorChain]:
    """The chain at the end of a way, or behind a node's endpoint, as the key of that name."""
    endpoint, substrate = (way, None) if isinstance(way, str) else (way.endpoint, way.substrate)
    wanted = attrs.evolve(settings(endpoint, cache_dir), **changes)
    async with open_chain(wanted, key(name), substrate) as chain:
        yield chain


async def start_node(
    tasks: TaskGroup, chain: LocalChain, port: int = 0, block_time_s: float | None = None
) -> tuple[int, Callable[[], Awaitable[None]]]:
    """A node in the group; gives its port, and what kills it."""
    life, gone = anyio.CancelScope(), anyio.Event()

    async def serve(*, task_status: TaskStatus[int]) -> None:
        with life:
            await serve_node(chain, port=port, block_time_s=block_time_s, task_status=task_status)
        gone.set()

    async def kill() -> None:
        life.cancel()
        await gone.wait()

    return await tasks.start(serve), kill


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another task brings about."""
    with anyio.fail_after(5):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to tell it by
            await anyio.sleep(0.005)
