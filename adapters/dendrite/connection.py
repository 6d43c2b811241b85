"""One connection to one miner for one request and its answer.

Rules:
- One connection an exchange, closed after it: a miner is prompted once a forward, so that a kept one would nearly always have been
  dropped by the other side (v10 axons do so after 5 s) when it is wanted; and two answers on one connection cannot be confused.
- The clock runs from the first byte sent to the last one received, read where the bytes are: no queue of ours is in it.
- No time limit of its own: the caller cancels.

Why a protocol of asyncio and not streams: what is read is looked at and judged in the event loop's own call, without a task to be
woken for it, which takes a third of the time, and no queue lies between the socket and the clock.
"""

import asyncio
import errno
import time
from collections.abc import Callable

from adapters.dendrite.address import Address
from adapters.dendrite.answer import AnswerReader
from adapters.dendrite.verdict import NOT_REACHABLE, Refused
from effects.ports import Fault

# One read. As small as an honest answer, so that fifty hostile ones, each with a read full of crumbs, do not keep the event loop from the
# others.
_READ_BYTES = 2 * 1024
# What opening a socket fails with when it is this machine that has no more of them.
_OURS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Died(Exception):
    """The connection ended before any byte of an answer came."""


class Exchange(asyncio.BufferedProtocol):
    """One request and its answer.

    Attributes:
        elapsed_s: from the first byte sent to the end, or till now; 0 before anything was sent.
    """

    def __init__(self, reader: AnswerReader) -> None:
        self._reader = reader
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._transport: asyncio.Transport | None = None
        self._received = False
        self._sent_s = self._done_s = 0.0
        self._error: Exception | None = None
        self._done = asyncio.Event()

    @property
    def elapsed_s(self) -> float:
        return (self._done_s or time.perf_counter()) - self._sent_s if self._sent_s else 0.0

    async def ask(self, request: Callable[[], bytes]) -> None:
        """Send what `request` makes, and return once the answer is whole.

        Raises:
            Refused, Malformed: what came is no answer.
            Died: nothing came at all.
        """
        assert self._transport is not None  # noqa: S101 - connected before
        data = request()
        self._sent_s = time.perf_counter()
        self._transport.write(data)
        await self._done.wait()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a TCP connection

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._received = True
        if self._done.is_set():
            return
        try:
            self._reader.feed(self._buffer[:nbytes])
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            self._finish(error)
        else:
            if self._reader.over:
                self._finish(None)

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, _error: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        """The other side sends no more."""
        if self._done.is_set():
            return
        try:
            self._reader.close()
        except Refused as error:
            self._finish(error if self._received else Died())
        else:
            self._finish(None)

    def _finish(self, error: Exception | None) -> None:
        self._done_s = time.perf_counter()
        self._error = error
        self._done.set()
        self.close()


async def connect(address: Address, exchange: Exchange, *, allow_private: bool) -> None:
    """Connect; raises Refused (503).

    Raises:
        Fault: this machine has no socket left, which is no miner's fault.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_connection(lambda: exchange, address.host, address.port)
    except OSError as error:
        if error.errno in _OURS:
            raise Fault(f"no socket left ({error.strerror}): allow this program more open files") from None
        raise Refused(NOT_REACHABLE, f"cannot connect to {address}") from None
    if not allow_private and _is_ourselves(transport):
        exchange.close()
        raise Refused(NOT_REACHABLE, f"axon {address} is this machine")


def _is_ourselves(transport: asyncio.BaseTransport) -> bool:
    """Whether both ends have one address, as they have where a machine connects to itself."""
    here, there = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
    return bool(here and there and here[0] == there[0])
