"""What an axon does with one request: read, verify, decode, forward, answer.

Rules:
- Nothing reads the body's meaning before the signature over it is verified.
- Whatever fails inside is a plain 500; the cause goes to the log, never to the caller.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.axon.door import Door
from adapters.axon.limits import AxonLimits
from adapters.axon.reading import read_body
from adapters.axon.refusal import refusal, refused_response
from adapters.wire.prompting import CONTENT_TYPE, METHOD, WHOLE_PATH, Malformed, decode_request, encode_answer
from core.types import Hotkey, Prompting

_log = logging.getLogger(__name__)

Forward = Callable[[Prompting, Hotkey], Awaitable[str]]


class AxonApp:
    """The ASGI application of one axon."""

    def __init__(self, door: Door, forward: Forward, limits: AxonLimits) -> None:
        self._door = door
        self._forward = forward
        self._limits = limits
        self._readers = anyio.Semaphore(limits.max_readers)
        self._forwards = anyio.Semaphore(limits.max_forwards)
        self._running: set[anyio.CancelScope] = set()
        self._stopped = False

    def starlette(self) -> Starlette:
        app = Starlette(
            routes=[Route(WHOLE_PATH, self._prompting, methods=[METHOD])],
            exception_handlers={HTTPException: refused_response},
        )
        # A redirect would be built from the Host header that the caller sent.
        app.router.redirect_slashes = False
        return app

    def stop(self) -> None:
        """End what is running, and refuse what still comes."""
        self._stopped = True
        for scope in self._running:
            scope.cancel()

    async def _prompting(self, request: Request) -> Response:
        with self._until_stopped():
            return await self._served(request)
        raise refusal(HTTPStatus.SERVICE_UNAVAILABLE, "stopping")

    @contextmanager
    def _until_stopped(self) -> Iterator[None]:
        with anyio.CancelScope() as scope:
            if self._stopped:
                scope.cancel()
            self._running.add(scope)
            try:
                yield
            finally:
                self._running.discard(scope)

    async def _served(self, request: Request) -> Response:
        with _slot(self._readers):
            body = await read_body(request, self._limits)
            hotkey = self._door.enter(request, body)
            synapse = _decode(body)
        with _slot(self._forwards):
            answer = await self._answer(request, synapse, hotkey)
        if answer is None:
            raise refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        return Response(answer, media_type=CONTENT_TYPE)

    async def _answer(self, request: Request, synapse: Prompting, hotkey: Hotkey) -> bytes | None:
        """The answer's body, None where the forward failed; raises refusal 504."""
        with anyio.move_on_after(self._limits.forward_timeout_s) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when_gone, request, scope)
                answer = await _completed(self._forward, synapse, hotkey)
                group.cancel_scope.cancel()
            return answer
        raise refusal(HTTPStatus.GATEWAY_TIMEOUT, "the forward took too long")


async def _cancel_when_gone(request: Request, scope: anyio.CancelScope) -> None:
    """Nobody waits for the answer of a caller that hung up, and its place is wanted."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _completed(forward: Forward, synapse: Prompting, hotkey: Hotkey) -> bytes | None:
    try:
        return encode_answer(await forward(synapse, hotkey))
    except Exception:  # noqa: BLE001 - a forward may be anybody's code; its fault is logged and told as 500
        _log.exception("axon: the forward failed for %s", hotkey)
        return None


def _decode(body: bytes) -> Prompting:
    try:
        return decode_request(body)
    except Malformed as malformed:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(malformed)) from None


@contextmanager
def _slot(semaphore: anyio.Semaphore) -> Iterator[None]:
    try:
        semaphore.acquire_nowait()
    except anyio.WouldBlock:
        raise refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy") from None
    try:
        yield
    finally:
        semaphore.release()
