"""One request and its answer, between ASGI and what an axon does with it."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol

import anyio
import attrs

from adapters.axon.head import Head
from adapters.axon.limits import AxonLimits
from adapters.axon.reading import read_away, read_body
from adapters.axon.refusal import Refusal, Refused
from adapters.axon.replies import Headers, Replies, Reply
from core.types import Wire

# Where in a scope's state the server leaves `Given`.
GIVEN = "axon"


class Caller(Protocol):
    """The connection that a request came by."""

    def hold(self) -> None:
        """The request is verified: keep its connection whoever else wants the place."""
        ...

    def break_off(self) -> None:
        """Close without a clean end of what is being sent."""
        ...


@attrs.frozen
class Given:
    """What is known of a request when its head is read.

    Attributes:
        began_s: when its first byte was read, by `time.perf_counter`.
    """

    head: Head
    wire: Wire
    began_s: float
    caller: Caller


@attrs.define
class Exchange:
    """Reads a request's body, and sends one answer: whole, in pieces, or a refusal."""

    given: Given
    replies: Replies
    _limits: AxonLimits
    _receive: Callable[[], Awaitable[Any]]
    _send: Callable[[Any], Awaitable[None]]
    _is_read: bool = False
    _is_streaming: bool = False

    async def read_body(self) -> bytes:
        body = await read_body(self._receive, self._limits)
        self._is_read = True
        return body

    async def send_whole(self, completion: str) -> None:
        await self._send_reply(self.replies.whole(completion, self._took_s()), is_last=True)

    async def send_piece(self, text: str) -> None:
        """A part of a streamed answer; nothing is sent for one of no text."""
        if text:
            body = self.replies.piece(text)
            await self._begin_stream()
            await self._send_body(body, is_last=False)

    async def end_stream(self) -> None:
        await self._begin_stream()
        await self._send_body(self.replies.end(), is_last=True)

    async def refuse(self, refusal: Refusal) -> None:
        """Say no; where pieces went out already, that there are no more of them.

        Whoever takes nothing of what was written before does not keep us waiting to say so.
        """
        with anyio.move_on_after(self._limits.linger_s + self._limits.idle_timeout_s) as scope:
            await self._say_no(refusal)
        if scope.cancelled_caught:
            await self._cut()

    async def wait_until_gone(self) -> None:
        """Returns when the caller has hung up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _say_no(self, refusal: Refusal) -> None:
        if self._is_streaming:
            await self._fail_stream()
            return
        await self._send_reply(self.replies.refused(refusal, self._took_s()), is_last=False)
        if not self._is_read:
            await read_away(self._receive, self._limits)
        await self._send_body(b"", is_last=True)

    def _took_s(self) -> float:
        return time.perf_counter() - self.given.began_s

    async def _begin_stream(self) -> None:
        if not self._is_streaming:
            await self._send_head(HTTPStatus.OK, self.replies.stream_headers(self._took_s()))
            # Not before: the head may have to wait for an earlier answer to be taken, and be given up.
            self._is_streaming = True

    async def _fail_stream(self) -> None:
        failed = self.replies.failed()
        if failed is not None:
            await self._send_body(failed, is_last=True)
            return
        await self._cut()

    async def _cut(self) -> None:
        self.given.caller.break_off()
        await self.wait_until_gone()

    async def _send_reply(self, reply: Reply, *, is_last: bool) -> None:
        await self._send_head(reply.status, reply.all_headers())
        await self._send_body(reply.body, is_last=is_last)

    async def _send_head(self, status: int, headers: Headers) -> None:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def _send_body(self, body: bytes, *, is_last: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": not is_last})


async def while_connected(exchange: Exchange, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work, or give it up where the caller hangs up: nobody waits for its answer, and its place is wanted.

    Raises:
        Refused: the work raised it.
    """
    refused: Refused | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            await exchange.wait_until_gone()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            await work()
        except Refused as error:
            refused = error
        group.cancel_scope.cancel()
    if refused is not None:
        raise refused
