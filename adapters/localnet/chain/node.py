"""The loopback node: a local chain behind JSON-RPC over websocket, as the Bittensor SDK expects it.

It runs inside the caller's task group and ends with its cancellation: every connection is closed, the port
is free, no task is left. It needs asyncio (websockets does), and never imports `bittensor`, so that it
starts fast.
"""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.rpc import Rpc
from adapters.localnet.chain.session import Session

BY_HAND = math.inf
_MAX_FRAME_BYTES = 1 << 20
WAITING_FRAMES_LIMIT = 4_096
_CLOSE_TIMEOUT_S = 1.0


async def serve_node(
    chain: LocalChain,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    block_time_s: float | None = None,
    task_status: TaskStatus[int] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Serve `chain` on `ws://host:port` and let it produce blocks, until cancelled.

    Args:
        chain: the chain; its blocks may also be produced by hand meanwhile.
        host: the address to listen on.
        port: 0 takes any free one.
        block_time_s: seconds from block to block; that of the genesis where None; `BY_HAND` for none.
        task_status: told the bound port once connections are taken.

    Raises:
        OSError: the address cannot be bound.
    """
    rpc = Rpc(chain)
    async with _listening(rpc, host, port) as server:
        task_status.started(server.sockets[0].getsockname()[1])
        await _produce_blocks(chain, chain.genesis.block_time_s if block_time_s is None else block_time_s)


async def _produce_blocks(chain: LocalChain, block_time_s: float) -> None:
    """A block at each tick; ticks that were slept through are left out."""
    due = anyio.current_time()
    while True:
        due = max(due + block_time_s, anyio.current_time())
        await anyio.sleep_until(due)
        chain.produce_block()


@asynccontextmanager
async def _listening(rpc: Rpc, host: str, port: int) -> AsyncIterator[Server]:
    async def client(socket: ServerConnection) -> None:
        await _converse(rpc, socket)

    try:
        server = await serve(
            client, host, port, max_size=_MAX_FRAME_BYTES, close_timeout=_CLOSE_TIMEOUT_S, compression=None
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


async def _converse(rpc: Rpc, socket: ServerConnection) -> None:
    """One client from connection to disconnection; one that does not read its frames is cut off."""
    outbox, frames = anyio.create_memory_object_stream[str](WAITING_FRAMES_LIMIT)
    with outbox, frames:
        async with anyio.create_task_group() as tasks:

            def post(frame: str) -> None:
                try:
                    outbox.send_nowait(frame)
                except anyio.WouldBlock:
                    tasks.cancel_scope.cancel()

            session = Session(rpc, post)
            forget = rpc.chain.on_block(session.on_block)
            try:
                tasks.start_soon(_send, frames, socket)
                await _receive(session, socket)
            finally:
                forget()
            tasks.cancel_scope.cancel()


async def _receive(session: Session, socket: ServerConnection) -> None:
    try:
        async for frame in socket:
            session.receive(frame)
    except ConnectionClosed:
        return


async def _send(frames: MemoryObjectReceiveStream[str], socket: ServerConnection) -> None:
    try:
        async for frame in frames:
            await socket.send(frame)
    except ConnectionClosed:
        return
