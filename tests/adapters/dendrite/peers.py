"""The other side of the wire: honest axons, and bare servers that send whatever a test wants."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
from anyio.abc import SocketStream
from bittensor.keyfiles import Keypair

from adapters.axon import Axon, Forward
from adapters.dendrite import HttpDendrite
from core.types import Hotkey, Prompting, Target, Uid

Handler = Callable[[SocketStream], Awaitable[None]]

VALIDATOR = Keypair.create_from_uri("//validator")
MINER = Keypair.create_from_uri("//miner")
SYNAPSE = Prompting(("user",), ("What does a tempo count?",))


def dendrite(**options: Any) -> HttpDendrite:
    return HttpDendrite(VALIDATOR, allow_private=True, **options)


def target(axon: str, uid: int = 0) -> Target:
    return Target(Uid(uid), Hotkey(MINER.ss58_address), axon)


async def echo(synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    yield f"echo: {synapse.messages[-1]}"


@asynccontextmanager
async def axon(forward: Forward = echo, **options: Any) -> AsyncIterator[str]:
    """An axon of MINER on loopback; gives its "ip:port"."""
    async with anyio.create_task_group() as group:
        port: int = await group.start(partial(_serve, Axon(MINER, forward, **options)))
        yield f"127.0.0.1:{port}"
        group.cancel_scope.cancel()


async def _serve(served: Axon, *, task_status: anyio.abc.TaskStatus[int]) -> None:
    await served.serve(host="127.0.0.1", port=0, task_status=task_status)


@asynccontextmanager
async def server(handle: Handler) -> AsyncIterator[str]:
    """A bare TCP server on loopback that runs `handle` for each connection; gives its "ip:port"."""

    async def guarded(stream: SocketStream) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
            async with stream:
                await handle(stream)

    async with AsyncExitStack() as stack:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        await stack.enter_async_context(listener)
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(listener.serve, guarded)
        yield f"127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"  # noqa: S610 - anyio's, not Django's
        group.cancel_scope.cancel()


async def read_request(stream: SocketStream) -> bytes:
    """Everything up to the end of a request with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += await stream.receive()
    return head + b"\r\n\r\n" + body


def http(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer with its length; `headers` are further lines, each ending in CRLF."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode("latin-1") + body


def answering(data: bytes) -> Handler:
    """Reads a request, sends these bytes, closes."""

    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        await stream.send(data)

    return handle


def repeating(first: bytes, then: bytes, *, times: int = 1_000_000, every_s: float = 0.0) -> Handler:
    """Reads a request, sends `first`, then `then` again and again."""

    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        await stream.send(first)
        for _ in range(times):
            await stream.send(then)
            await anyio.sleep(every_s)

    return handle
