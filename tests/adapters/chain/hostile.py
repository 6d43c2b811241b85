"""A node that answers as it should until it is told otherwise; then each of its frames is what a test makes of it."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import anyio
import attrs
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from adapters.localnet.chain import LocalChain
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.line import Line
from adapters.localnet.chain.rpc import Rpc
from adapters.localnet.chain.ticking import produce_blocks

# From the frame that would be right to those that are sent; None hangs up.
Twist = Callable[[str], list[str | bytes] | None]


@attrs.define
class HostileNode:
    """Attributes:
    spared: how many frames are answered before the twist.
    twist: what comes of the answers after them.
    open: connections that are open.
    """

    chain: LocalChain
    spared: int = 1_000_000
    twist: Twist = lambda frame: [frame]
    open: int = 0
    endpoint: str = ""

    async def converse(self, socket: ServerConnection) -> None:
        self.open += 1
        try:
            with Line(Rpc(self.chain), Gate()) as line:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._answer, socket, line)
                    with suppress(ConnectionClosed):
                        async for frame in socket:
                            line.receive(frame)
                    tasks.cancel_scope.cancel()
        finally:
            self.open -= 1

    async def _answer(self, socket: ServerConnection, line: Line) -> None:
        with suppress(ConnectionClosed):
            while True:
                right = await line.next()
                self.spared -= 1
                frames = [right] if self.spared >= 0 else self.twist(right)
                if frames is None:
                    await socket.close()
                    return
                for frame in frames:
                    await socket.send(frame)


@asynccontextmanager
async def hostile_node(chain: LocalChain) -> AsyncIterator[HostileNode]:
    node = HostileNode(chain)
    async with (
        serve(node.converse, "127.0.0.1", 0, close_timeout=0.2) as server,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(produce_blocks, chain, Gate())
        node.endpoint = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield node
        tasks.cancel_scope.cancel()


def with_result(result: object) -> Twist:
    return lambda frame: [json.dumps({"jsonrpc": "2.0", "id": json.loads(frame).get("id"), "result": result})]


def with_error(error: object) -> Twist:
    return lambda frame: [json.dumps({"jsonrpc": "2.0", "id": json.loads(frame).get("id"), "error": error})]


def with_id(identifier: object) -> Twist:
    return lambda frame: [json.dumps({**json.loads(frame), "id": identifier})]


def with_frame(frame: str | bytes) -> Twist:
    return lambda _: [frame]


# What a broken node, or one that means harm, says.
TWISTS: dict[str, Twist] = {
    "no JSON": with_frame("{{{"),
    "deep JSON": with_frame("[" * 100_000),
    "a number": with_frame("7"),
    "null": with_frame("null"),
    "a list of numbers": with_frame("[1, 2]"),
    "no text": with_frame(b"\xff\xfe\x00"),
    "a frame of 65 MiB": with_frame(65 * 1024 * "x" * 1024),
    "another's id": with_id(99_999),
    "an id that is a list": with_id([1]),
    "the id as text": lambda frame: with_id(str(json.loads(frame).get("id")))(frame),
    "no result": with_result(None),
    "a negative result": with_result(-5),
    "a record as result": with_result({}),
    "text as result": with_result("text \x1b[31m\n"),
    "other bytes as result": with_result("0x" + 200 * "ff"),
    "an error that is text": with_error("bad"),
    "no error": with_error(None),
    "an error with control characters": with_error({"code": -32000, "message": "oh \x1b[31m\n\u202eno"}),
    "too many requests": with_error({"code": -32005, "message": "slow", "data": {"retry_after": 5}}),
    "hanging up": lambda _: None,
    "silence": lambda _: [],
}
