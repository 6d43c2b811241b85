"""uvicorn's HTTP protocol with what it lacks against hostile callers.

Rules:
- A head has a limit of bytes, of lines and of time, and what can be refused by it is answered here, without a task or a body.
- After a refusal the connection is deaf: nothing that still comes is parsed, and it closes as soon as the caller may have read why.
- One request at a time: what a caller sends behind a request before it has its answer closes the connection after that answer.
"""

import asyncio
import logging
import time

import attrs
import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from adapters.axon.connections import Connections
from adapters.axon.exchange import GIVEN, Given
from adapters.axon.head import (
    BROKEN,
    HEAD_TOO_LARGE,
    path_of,
    read_head,
    refused_at_once,
    wire_of,
)
from adapters.axon.limits import AxonLimits
from adapters.axon.refusal import Refusal
from adapters.axon.replies import plain_refusal, replies_on
from core.types import Wire

_log = logging.getLogger(__name__)

# How many bytes one of a body may take on the wire: chunks of one byte take six, and what is more serves nobody.
MOST_WRAPPING = 8


@attrs.frozen
class Serving:
    """What all connections of one axon share."""

    config: Config
    limits: AxonLimits
    connections: Connections
    state: ServerState = attrs.field(factory=ServerState)


class _Enough(Exception):
    """Makes the parser stop where nothing more of what it was given is wanted."""


class AxonProtocol(HttpToolsProtocol):
    """One connection. Its first part is asyncio's side, its second the parser's."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(serving.config, serving.state, {}, asyncio.get_running_loop())
        self.logger = _log
        self.access_log = False
        self._limits = serving.limits
        self._connections = serving.connections
        self._message_bytes = 0
        self._body_bytes = 0
        self._unheard_bytes = 0
        self._is_in_head = True
        self._is_whole = False
        self._is_deaf = False
        self._is_refused = False
        self._began_s = 0.0
        self.url = b""
        self.headers = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own, narrower
        super().connection_made(transport)
        self._abort_after(self._limits.idle_timeout_s)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._unheard_bytes += len(data)
            if self._unheard_bytes > self._limits.max_body_bytes:
                self.abort()
            return
        self._feed(data)
        if self._is_refused:
            self._part()

    def _feed(self, data: bytes) -> None:
        self._message_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._is_deaf:
                self._refuse(BROKEN, None)
            return
        if self._is_in_head and self._message_bytes > self._limits.max_head_bytes:
            self._refuse(HEAD_TOO_LARGE, None)
        elif self._message_bytes > self._limits.max_head_bytes + MOST_WRAPPING * self._limits.max_body_bytes:
            self.abort()

    def _part(self) -> None:
        """Close, at once where the request has been read to its end: a reset would take the answer with it otherwise."""
        if self._is_whole or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write_eof()
        self._abort_after(self._limits.linger_s)

    def _abort_after(self, delay_s: float) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(delay_s, self.abort)

    def abort(self) -> None:
        """Close at once; what is not sent yet is lost."""
        self._is_deaf = True
        self.transport.abort()

    def hold(self) -> None:
        """Keep this connection until its request is answered."""
        self._connections.hold(self)

    def break_off(self) -> None:
        """Close once all is sent that was written; no clean end is written."""
        self._is_deaf = True
        self.transport.close()
        self._abort_after(self._limits.idle_timeout_s)

    # The parser's side.

    def on_message_begin(self) -> None:
        if self._is_deaf:
            raise _Enough
        self._began_s = time.perf_counter()
        self._body_bytes = 0
        self._is_whole = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self._limits.max_headers:
            self._refuse(HEAD_TOO_LARGE, wire_of(self.headers))
            raise _Enough

    def on_headers_complete(self) -> None:
        self._unset_keepalive_if_required()
        self._is_in_head = False
        wire = wire_of(self.headers)
        refusal = self._refusal(wire)
        if refusal is not None:
            self._refuse(refusal, wire)
        elif self._is_answering():
            self._hear_no_more()
        elif wire is not None:
            given = Given(read_head(self.url, self.headers), wire, self._began_s, self)
            self.scope["state"] = {GIVEN: given}
            super().on_headers_complete()

    def _refusal(self, wire: Wire | None) -> Refusal | None:
        if self.parser.should_upgrade():
            return BROKEN
        if (
            len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            > self._limits.max_head_bytes
        ):
            return HEAD_TOO_LARGE
        return refused_at_once(self.parser.get_method(), self.url, self.headers, wire, self._limits)

    def on_body(self, body: bytes) -> None:
        """Take a body up to one byte above its limit, which tells that it is too large."""
        if not self._is_deaf:
            room = self._limits.max_body_bytes + 1 - self._body_bytes
            self._body_bytes += len(body)
            super().on_body(body[: max(room, 0)])

    def on_message_complete(self) -> None:
        self._is_whole = True
        if not self._is_deaf:
            self._is_in_head = True
            self._message_bytes = 0
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written: wait for the next request, or for the rest of this answer to be taken."""
        # Not uvicorn's own, which would go on with what was sent behind this request: here nothing is.
        self.server_state.total_requests += 1
        self._connections.let_wait(self)
        self.flow.resume_reading()
        self._abort_after(self._limits.idle_timeout_s)

    def _is_answering(self) -> bool:
        # uvicorn says it is always there; before the first request it is None.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, refusal: Refusal, wire: Wire | None) -> None:
        """Answer now, or close after the answer that is being given."""
        if self._is_answering():
            self._hear_no_more()
            return
        self._is_deaf = self._is_refused = True
        self.headers.clear()
        if wire is None:
            self.transport.write(plain_refusal(refusal))
            return
        replies = replies_on(wire, (path_of(self.url) or "").removeprefix("/"))
        self.transport.write(replies.refused(refusal, time.perf_counter() - self._began_s).raw())

    def _hear_no_more(self) -> None:
        self._is_deaf = True
        self.cycle.keep_alive = False
