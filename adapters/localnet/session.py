"""One run of the local subnet from start to exit code: by itself for people, as a child for a program, or as an incentive run.

Rules:
- SIGINT and SIGTERM end either; the end of standard input ends a child, so that none is left when its parent is killed.
- As a child it writes messages (`facts`) to standard output and nothing else; people's words go to standard error.
"""

import logging
import os
import sys
from functools import partial

import anyio
from rich.console import Console

from adapters.ending import Ending
from adapters.errors import OperatorError
from adapters.localnet.config import LocalnetSettings, SubnetConfig
from adapters.localnet.facts import Message, Stage, encode_line
from adapters.localnet.showing import Board
from adapters.localnet.subnet import run_subnet
from adapters.program import run_async
from core.types import Metagraph

_READ_BYTES = 4096
# One of the miners fails on purpose, at every prompt; and whoever knocks at the node's port may be no websocket client.
_QUIET = ("adapters.axon", "websockets.server")


def run(settings: LocalnetSettings) -> int:
    """Run to the end; the exit code.

    Raises:
        OperatorError: something that the operator must put right.
    """
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if settings.run.epochs is not None:
        from adapters.localnet.incentives.session import run_incentives

        return run_incentives(settings.subnet, settings.run)
    run_async(_as_child if settings.child else _alone, settings.subnet)
    return 0


async def _alone(config: SubnetConfig) -> None:
    console = Console()
    boards: list[Board] = []

    def show_epoch(metagraph: Metagraph) -> None:
        for board in boards:
            board.epoch(metagraph)

    async with anyio.create_task_group() as group:
        await group.start(Ending(group.cancel_scope).watch)
        facts = await group.start(partial(run_subnet, config, on_epoch=show_epoch, on_stage=console.print))
        boards.append(Board(console, facts))
        boards[0].invitation()


async def _as_child(config: SubnetConfig) -> None:
    async with anyio.create_task_group() as group:
        await group.start(Ending(group.cancel_scope).watch)
        group.start_soon(_end_with_input, group.cancel_scope)
        facts = await group.start(partial(run_subnet, config, on_stage=lambda doing: _tell(Stage(doing))))
        _tell(facts)


async def _end_with_input(scope: anyio.CancelScope) -> None:
    descriptor = sys.stdin.fileno()
    try:
        while True:
            await anyio.wait_readable(descriptor)
            if not os.read(descriptor, _READ_BYTES):
                break
    except PermissionError:
        raise OperatorError(
            "--child needs a pipe as its standard input: leave the flag out to run by hand"
        ) from None
    scope.cancel()


def _tell(message: Message) -> None:
    sys.stdout.buffer.write(encode_line(message))
    sys.stdout.buffer.flush()
