"""`python -m tests.crash.network FOLDER BLOCK_TIME`: a local subnet that writes down what reaches its chain.

It tells its facts in one line on standard output, and ends when standard input closes.
"""

import logging
import sys
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.genesis import Genesis
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import encode_line
from adapters.localnet.subnet import run_subnet
from adapters.program import run_async
from tests.crash.arrivals import WatchedChain, append

ARRIVALS_NAME = "arrivals.jsonl"


def main(folder: Path, block_time: float) -> None:
    # One of the miners fails on purpose, at every prompt; and a client that is killed says no goodbye.
    for name in ("adapters.axon", "websockets.server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    run_async(_serve, SubnetConfig(port=0, block_time=block_time, folder=folder))


async def _serve(config: SubnetConfig) -> None:
    arrivals = config.folder / ARRIVALS_NAME
    arrivals.touch()

    def make_chain(genesis: Genesis) -> LocalChain:
        return WatchedChain(genesis, partial(append, arrivals))

    async with anyio.create_task_group() as group:
        group.start_soon(_end_with_input, group.cancel_scope)
        facts = await group.start(partial(run_subnet, config, make_chain=make_chain))
        sys.stdout.buffer.write(encode_line(facts))
        sys.stdout.buffer.flush()


async def _end_with_input(scope: anyio.CancelScope) -> None:
    await anyio.to_thread.run_sync(sys.stdin.buffer.read, abandon_on_cancel=True)
    scope.cancel()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
