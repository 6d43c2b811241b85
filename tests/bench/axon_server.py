"""An axon in a process of its own: prints its port, serves until standard input ends, then prints what its forward was asked, as JSON."""

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import anyio

from adapters.axon import Axon
from core.types import Hotkey, Prompting
from tests.adapters.dendrite.peers import MINER


async def serve(nonces: Path) -> None:
    """Serve for as long as standard input lasts."""
    asked: Counter[str] = Counter()

    async def forward(synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        asked[synapse.messages[-1]] += 1
        yield "an answer"

    async with anyio.create_task_group() as group:
        port: int = await group.start(partial(_serve, Axon(MINER, forward, nonces=nonces)))
        print(port, flush=True)  # noqa: T201 - what it is run for
        await anyio.to_thread.run_sync(sys.stdin.read)
        group.cancel_scope.cancel()
    print(json.dumps(asked))  # noqa: T201


async def _serve(axon: Axon, *, task_status: anyio.abc.TaskStatus[int]) -> None:
    await axon.serve(task_status=task_status)


if __name__ == "__main__":
    anyio.run(serve, Path(sys.argv[1]))
