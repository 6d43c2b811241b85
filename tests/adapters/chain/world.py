"""Chains opened on the project's own node, directly or through a relay that fails on demand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
from anyio.abc import TaskGroup, TaskStatus

from adapters.chain.blocks import Pace
from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings
from adapters.localnet.chain import LocalChain, serve_node
from tests.adapters.localnet.chain.world import VALIDATOR, genesis, key

BLOCK_TIME_S = 0.05
QUICK = Pace(first_pause_s=0.02, longest_pause_s=0.1)


def chain_of(**changes: Any) -> LocalChain:
    """A chain with quick blocks; uids 0 and 1 are validators, 2 and 3 miners."""
    return LocalChain(attrs.evolve(genesis(block_time_s=BLOCK_TIME_S), **changes))


def settings(endpoint: str, cache_dir: Path) -> ChainSettings:
    return ChainSettings((endpoint,), netuid=1, cache_dir=cache_dir, pace=QUICK)


@asynccontextmanager
async def opened(
    endpoint: str, cache_dir: Path, name: str = f"n{VALIDATOR}", **changes: Any
) -> AsyncIterator[SubtensorChain]:
    """The chain behind an endpoint, as the key of that name."""
    async with open_chain(attrs.evolve(settings(endpoint, cache_dir), **changes), key(name)) as chain:
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
