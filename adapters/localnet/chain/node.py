"""The loopback node: a local chain behind JSON-RPC over websocket, as the Bittensor SDK expects it.

It runs inside the caller's task group and ends with its cancellation: every connection is closed, the port
is free, no task is left. It needs asyncio (websockets does), and never imports `bittensor`, so that it
starts fast.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
from anyio.abc import TaskStatus
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.line import Cut, Line
from adapters.localnet.chain.rpc import Rpc
from adapters.localnet.chain.ticking import BY_HAND, produce_blocks

__all__ = ["BY_HAND", "serve_node"]

_MAX_FRAME_BYTES = 1 << 20
_CLOSE_TIMEOUT_S = 1.0


async def serve_node(
    chain: LocalChain,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    block_time_s: float | None = None,
    gate: Gate | None = None,
    task_status: TaskStatus[int] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Serve `chain` on `ws://host:port` and let it produce blocks, until cancelled.

    Args:
        chain: the chain; its blocks may also be produced by hand meanwhile.
        host: the address to listen on.
        port: 0 takes any free one.
        block_time_s: seconds from block to block; that of the genesis where None; `BY_HAND` for none.
        gate: what makes the node fail on demand; None for a node that does not.
        task_status: told the bound port once connections are taken.

    Raises:
        OSError: the address cannot be bound.
    """
    gate = Gate() if gate is None else gate
    async with _listening(Rpc(chain, gate.behind_ms), gate, host, port) as server:
        task_status.started(server.sockets[0].getsockname()[1])
        await produce_blocks(chain, gate, block_time_s)


@asynccontextmanager
async def _listening(rpc: Rpc, gate: Gate, host: str, port: int) -> AsyncIterator[Server]:
    async def client(socket: ServerConnection) -> None:
        await _converse(rpc, gate, socket)

    def admit(socket: ServerConnection, _request: Request) -> Response | None:
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n") if gate.refusing else None

    try:
        server = await serve(
            client,
            host,
            port,
            process_request=admit,
            max_size=_MAX_FRAME_BYTES,
            close_timeout=_CLOSE_TIMEOUT_S,
            compression=None,
        )
    except OSError as error:
        raise OSError(
            error.errno, f"cannot listen on ws://{host}:{port} ({error}); choose another port"
        ) from error
    try:
        yield server
    finally:
        server.close()
        with anyio.CancelScope(shield=True):
            await server.wait_closed()


async def _converse(rpc: Rpc, gate: Gate, socket: ServerConnection) -> None:
    """One client from connection to disconnection, or until its line is cut: then without a word of farewell."""
    with anyio.CancelScope() as life, Line(rpc, gate, on_cut=life.cancel) as line:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_send, line, socket)
            await _receive(line, socket)
            tasks.cancel_scope.cancel()
    if life.cancel_called:
        socket.transport.abort()


async def _receive(line: Line, socket: ServerConnection) -> None:
    try:
        async for frame in socket:
            line.receive(frame)
    except ConnectionClosed:
        return


async def _send(line: Line, socket: ServerConnection) -> None:
    try:
        while True:
            await socket.send(await line.next())
    except (ConnectionClosed, Cut):
        return
