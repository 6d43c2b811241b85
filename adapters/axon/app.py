"""What an axon does with a request whose head was not refused at once: prove, decode, admit, forward, answer.

Rules:
- Nothing reads the body's meaning before what the caller's wire signs is verified.
- Whatever fails inside is a plain 500; the cause goes to the log, never to the caller.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, assert_never, cast

import anyio
import attrs

from adapters.axon.btauth import BtauthProof
from adapters.axon.door import Door
from adapters.axon.exchange import GIVEN, Exchange, Given, while_connected
from adapters.axon.forwarding import FAILED, Forwarding
from adapters.axon.limits import AxonLimits
from adapters.axon.nonces import Nonce
from adapters.axon.queue import Line
from adapters.axon.refusal import Refused
from adapters.axon.replies import V10Replies, replies_on
from adapters.axon.v10 import V10Proof, timeout_of
from adapters.wire.prompting import Malformed, decode_request
from core.types import Hotkey, Prompting, Wire

_log = logging.getLogger(__name__)


@attrs.define(eq=False)
class AxonApp:
    """The ASGI application of one axon; each request's `Given` stands in the state of its scope."""

    _btauth: BtauthProof
    _v10: V10Proof
    _door: Door
    _line: Line
    _forwarding: Forwarding
    _limits: AxonLimits
    _running: set[anyio.CancelScope] = attrs.field(factory=set, init=False)
    _is_stopped: bool = attrs.field(default=False, init=False)

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        given = cast(Given, scope["state"][GIVEN])
        replies = replies_on(given.wire, given.head.synapse_name)
        exchange = Exchange(given, replies, self._limits, receive, send)
        try:
            with self._until_stopped():
                await self._serve(exchange)
        except Refused as refused:
            await exchange.refuse(refused.refusal)
        except Exception:  # noqa: BLE001 - see the rules
            _log.exception("a request failed inside the axon")
            await exchange.refuse(FAILED)

    def stop(self) -> None:
        """End what is running, and refuse what still comes."""
        self._is_stopped = True
        for scope in self._running:
            scope.cancel()

    @contextmanager
    def _until_stopped(self) -> Iterator[None]:
        with anyio.CancelScope() as scope:
            if self._is_stopped:
                scope.cancel()
            self._running.add(scope)
            try:
                yield
            finally:
                self._running.discard(scope)
        if scope.cancelled_caught:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "stopping")

    async def _serve(self, exchange: Exchange) -> None:
        nonce, synapse = await self._proven(exchange)
        hotkey = self._door.admit(nonce, synapse)
        exchange.given.caller.hold()
        await while_connected(exchange, partial(self._answer, exchange, synapse, hotkey))

    async def _proven(self, exchange: Exchange) -> tuple[Nonce, Prompting]:
        head = exchange.given.head
        match exchange.given.wire:
            case Wire.BTAUTH:
                body = await exchange.read_body()
                return self._btauth.proven(head, body), _decode(body)
            case Wire.V10:
                promise = self._v10.promised(head, time.time_ns())
                synapse = _decode(await exchange.read_body())
                promise.check(synapse)
                exchange.replies = V10Replies(head.synapse_name, timeout_of(head), synapse)
                return promise.nonce, synapse
            case _:
                assert_never(exchange.given.wire)

    async def _answer(self, exchange: Exchange, synapse: Prompting, hotkey: Hotkey) -> None:
        async with self._line.place(hotkey):
            if exchange.given.head.is_streamed:
                await self._forwarding.streamed(exchange, synapse, hotkey)
            else:
                await self._forwarding.whole(exchange, synapse, hotkey)


def _decode(body: bytes) -> Prompting:
    try:
        return decode_request(body)
    except Malformed as malformed:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(malformed)) from None
