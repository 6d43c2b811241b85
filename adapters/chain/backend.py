"""The SDK's RPC backend over websockets of ours.

The SDK dials a lost connection anew by itself, and goes on with whatever answers at the address: also where that is another chain by
now, whose metagraph and refusals would pass for those of the chain that we began with. So each websocket is asked for its chain's
first block before the SDK gets it.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.typing import Data

from adapters.chain.endpoints import shown
from adapters.chain.probe import CLOSE_TIMEOUT_S, Unusable, ask_genesis

if TYPE_CHECKING:
    from bittensor import RpcSubstrate

DIAL_TIMEOUT_S = 10.0
# The largest answers are blocks and the runtime's metadata, of a few MiB; the SDK by itself would take 4 GiB.
FRAME_LIMIT_BYTES = 1 << 26


def rpc_backend(endpoint: str, genesis: str) -> "RpcSubstrate":
    """A backend for the chain with this genesis at this endpoint, not yet connected."""
    from bittensor import RpcSubstrate
    from bittensor._transport import SubstrateConnection

    dialler = _Dialler(genesis)

    class Backend(RpcSubstrate):
        _made: SubstrateConnection | None = None

        # Private, but the one place where the SDK makes its connections; they take another way of dialling.
        def _interface(self, endpoint: str, fallbacks: list[str]) -> SubstrateConnection:
            self._made = SubstrateConnection(endpoint, fallback_urls=fallbacks, connect_factory=dialler.dial)
            return self._made

        async def close(self) -> None:
            # Before the SDK ends its tasks: one may miss that it is cancelled while a frame comes in, and wait for another.
            await dialler.hang_up()
            await _ended(super().close())
            # The SDK forgets a connection whose first answer somebody stopped waiting for.
            if self._made is not None:
                await _ended(self._made.close())

    return Backend(endpoint)


async def _ended(closing: Awaitable[None]) -> None:
    """Let the SDK close, whatever its tasks died of: a frame that it cannot take apart comes up again here."""
    with suppress(Exception):
        await closing


@attrs.define
class _Dialler:
    """Dials for one client; once it has hung up, for nobody: a stream that was left behind would connect again to unsubscribe."""

    genesis: str
    _is_closed: bool = False
    _socket: "_Socket | None" = None

    async def dial(self, url: str) -> "_Socket":
        """A websocket to the chain; the SDK closes one before it asks for another.

        Raises:
            Exception: there is none; to the SDK, all kinds are one.
        """
        if self._is_closed:
            raise ConnectionRefusedError("this client is closed")
        self._socket = await _dial(url, self.genesis)
        if self._is_closed:
            await self._socket.close()
        return self._socket

    async def hang_up(self) -> None:
        self._is_closed = True
        if self._socket is not None:
            await self._socket.close()


class _Socket(ClientConnection):
    """A websocket that calls every end an error.

    SDK 11.3.0 trips over its own bookkeeping when a node closes in good order while an answer is awaited: it
    builds an exception that websockets refuses (AssertionError), and whoever waits is never told. The path
    for a broken connection is sound, so a good end is made to look like one.
    """

    async def recv(self, decode: bool | None = None) -> Data:  # type: ignore[override]  # one form for all overloads
        try:
            return await super().recv(decode)
        except ConnectionClosedOK as end:
            raise ConnectionClosedError(end.rcvd, end.sent, end.rcvd_then_sent) from None


async def _dial(url: str, genesis: str) -> _Socket:
    """A websocket to the chain with this genesis.

    Raises:
        Exception: there is none; to the SDK, all kinds are one.
    """
    async with asyncio.timeout(DIAL_TIMEOUT_S):
        socket = await connect(
            url,
            create_connection=_Socket,
            max_size=FRAME_LIMIT_BYTES,
            close_timeout=CLOSE_TIMEOUT_S,
        )
        assert isinstance(socket, _Socket)  # noqa: S101  # made above
        try:
            await ask_genesis(socket, genesis)
        except Unusable as unusable:
            socket.transport.abort()
            raise Unusable(f"{shown(url)} {unusable}") from None
        except BaseException:
            socket.transport.abort()  # a farewell could be cancelled, or wait for one who does not answer
            raise
    return socket
