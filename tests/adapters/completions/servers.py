"""A bare HTTP server that answers chat completions however a test wants."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio
import attrs
from anyio.abc import SocketStream

HEAD = "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n{more}\r\n"
STREAM = "text/event-stream; charset=utf-8"


@attrs.frozen
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        read: dict[str, object] = json.loads(self.body)
        return read


Answer = Callable[[SocketStream], Awaitable[None]]


def head(status: str = "200 OK", kind: str = STREAM, more: str = "") -> bytes:
    return HEAD.format(status=status, kind=kind, more=more).encode()


def event(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def sends(*parts: bytes) -> Answer:
    """Answers with these bytes and closes."""

    async def answer(stream: SocketStream) -> None:
        for part in parts:
            await stream.send(part)

    return answer


@attrs.frozen
class Server:
    url: str
    received: list[Received]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[Server]:
    """On loopback; keeps the requests that came."""
    received: list[Received] = []

    async def handle(stream: SocketStream) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
            async with stream:
                received.append(await _read(stream))
                await answer(stream)

    async with AsyncExitStack() as stack:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        await stack.enter_async_context(listener)
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(listener.serve, handle)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - no query
        yield Server(f"http://127.0.0.1:{port}/v1", received)
        group.cancel_scope.cancel()


async def _read(stream: SocketStream) -> Received:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += await stream.receive()
    top, _, body = raw.partition(b"\r\n\r\n")
    line, *lines = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    while len(body) < int(headers["content-length"]):
        body += await stream.receive()
    return Received(line, headers, body)
