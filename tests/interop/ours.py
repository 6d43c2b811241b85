"""Our side of the tests: the hotkeys, and an axon that is served."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskStatus
from bittensor.keyfiles import Keypair

from adapters.axon import Axon
from core.types import Hotkey, Prompting

VALIDATOR = Keypair.create_from_uri("//validator")
MINER = Keypair.create_from_uri("//miner")
STRANGER = Keypair.create_from_uri("//stranger")

# Quotes of both kinds, what Python escapes, and characters of one to four bytes.
TEXT = 'it\'s "čaj", 茶 and 🌍\n\t\\ \x7f\u200b'


async def echo(synapse: Prompting, _hotkey: Hotkey) -> AsyncGenerator[str, None]:
    for piece in ("echo: ", synapse.messages[-1], " 🌍"):
        yield piece


@asynccontextmanager
async def axon(forward: Any = echo, **options: Any) -> AsyncIterator[dict[str, Any]]:
    """An axon of MINER on loopback; gives its {"port", "hotkey"}."""
    async with anyio.create_task_group() as group:
        port: int = await group.start(partial(_serve, Axon(MINER, forward, **options)))
        yield {"port": port, "hotkey": MINER.ss58_address}
        group.cancel_scope.cancel()


async def _serve(served: Axon, *, task_status: TaskStatus[int]) -> None:
    await served.serve(host="127.0.0.1", port=0, task_status=task_status)
