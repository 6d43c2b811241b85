"""Running the forward: within its time, and so that whatever it raises stays inside.

A forward may be anybody's code: its fault is logged, and told to the caller as 500, or as a stream that is cut.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
import attrs

from adapters.axon.exchange import Exchange
from adapters.axon.refusal import Refusal, Refused
from core.types import Hotkey, Prompting

_log = logging.getLogger(__name__)

FAILED = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")

Forward = Callable[[Prompting, Hotkey], AsyncIterator[str]]


@attrs.frozen
class Forwarding:
    """The forward with its time limit; each method raises Refused (500, 504) where it gives no answer."""

    forward: Forward
    timeout_s: float

    async def whole(self, exchange: Exchange, synapse: Prompting, hotkey: Hotkey) -> None:
        """Answer with all pieces joined."""
        async with self._given_time(hotkey):
            async with _pieces(self.forward, synapse, hotkey) as pieces:
                completion = "".join([piece async for piece in pieces])
            await exchange.send_whole(completion)

    async def streamed(self, exchange: Exchange, synapse: Prompting, hotkey: Hotkey) -> None:
        """Answer with each piece as it comes."""
        async with self._given_time(hotkey):
            async with _pieces(self.forward, synapse, hotkey) as pieces:
                async for piece in pieces:
                    await exchange.send_piece(piece)
            await exchange.end_stream()

    @asynccontextmanager
    async def _given_time(self, hotkey: Hotkey) -> AsyncIterator[None]:
        with anyio.move_on_after(self.timeout_s) as scope:
            try:
                yield
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
                    raise
                _log.exception("the forward failed for %s", hotkey)
                raise Refused(FAILED.status, FAILED.message) from None
        if scope.cancelled_caught:
            raise Refused(HTTPStatus.GATEWAY_TIMEOUT, "the forward took too long")


def _is_being_cancelled() -> bool:
    """Whether somebody wants this task to end; otherwise a forward waited for something that others had cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def _pieces(forward: Forward, synapse: Prompting, hotkey: Hotkey) -> AsyncIterator[AsyncIterator[str]]:
    """What the forward gives, closed whatever happens."""
    pieces = forward(synapse, hotkey)
    try:
        yield pieces
    finally:
        close = getattr(pieces, "aclose", None)
        if close is not None:
            await close()
