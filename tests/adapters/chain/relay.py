"""A websocket between the SDK and a node that loses connections or falls silent when a test says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

import anyio
import attrs
from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class Failure(Enum):
    """What happens to a frame from the client that holds the trigger, and to all after it."""

    CUT_AFTER = "it is passed on, then the connection breaks"
    CUT_BEFORE = "the connection breaks instead"
    SILENCE = "it is passed on, and no answer to anything comes back"


@attrs.define
class Relay:
    """Passes frames on both ways until a frame from the client holds `trigger`."""

    node: str
    trigger: str = ""
    failure: Failure = Failure.SILENCE
    silent: bool = False

    def arm(self, trigger: str, failure: Failure) -> None:
        self.trigger, self.failure = trigger, failure

    async def converse(self, client: ServerConnection) -> None:
        async with connect(self.node) as upstream, anyio.create_task_group() as tasks:
            tasks.start_soon(self._answers, upstream, client)
            await self._questions(client, upstream)
            tasks.cancel_scope.cancel()

    async def _questions(self, client: ServerConnection, upstream: Connection) -> None:
        try:
            async for frame in client:
                if not self.trigger or self.trigger not in str(frame):
                    await upstream.send(frame)
                    continue
                if self.failure is not Failure.CUT_BEFORE:
                    await upstream.send(frame)
                if self.failure is not Failure.SILENCE:
                    self.trigger = ""
                    client.transport.abort()
                    return
                self.silent = True
        except ConnectionClosed:
            return

    async def _answers(self, upstream: Connection, client: ServerConnection) -> None:
        try:
            async for frame in upstream:
                if not self.silent:
                    await client.send(frame)
        except ConnectionClosed:
            return


@asynccontextmanager
async def relaying(node: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the node, and its own address."""
    relay = Relay(node)
    async with serve(relay.converse, "127.0.0.1", 0, close_timeout=0.2) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield relay, f"ws://127.0.0.1:{port}"
