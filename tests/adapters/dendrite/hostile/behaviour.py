"""What a hostile server does, and what must come of it.

Rules:
- A behaviour is a handler of one connection. It says MARK wherever it may speak, so that a word of its own is found again.
- Its codes are the only ones that its miner may get; where several stand, which one comes is up to the network.
"""

import anyio
import attrs
from anyio.abc import SocketStream

from adapters.wire.prompting import encode_answer
from tests.adapters.dendrite.peers import Handler, answering, http, read_request, repeating

MARK = "TRICKSTER"
COMPLETION = f"{MARK} says that a tempo counts blocks."
ANSWER = encode_answer(COMPLETION)

OK_LINE = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK_LINE + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = OK_LINE + b"\r\n"
KIB = MARK.encode().ljust(1024, b"x")
DRIP_S = 0.2


@attrs.frozen
class Behaviour:
    """One way to treat a validator.

    Attributes:
        codes: of the outcome.
        completion: of the outcome, where its code is 200.
        cut: a pattern of what came of a stream, where it is another.
    """

    handle: Handler
    codes: frozenset[int]
    completion: str = ""
    cut: str = ""

    @property
    def takes_all_time(self) -> bool:
        """Its call may end by the deadline only."""
        return 408 in self.codes


def refused(code: int, handle: Handler, *others: int) -> Behaviour:
    """No answer comes of it."""
    return Behaviour(handle, frozenset({code, *others}))


def answered(handle: Handler, completion: str = COMPLETION) -> Behaviour:
    """The completion counts, and nothing else of it does."""
    return Behaviour(handle, frozenset({200}), completion)


def raw(data: bytes) -> Handler:
    """Reads a request, sends these bytes, closes."""
    return answering(data)


def body(data: bytes, *, status: str = "200 OK", headers: str = "") -> Handler:
    """An answer that is HTTP without fault."""
    return answering(http(data, status=status, headers=headers))


def flooding(first: bytes, then: bytes, *, times: int = 10_000_000) -> Handler:
    """Reads a request, sends `first`, and then `then` as fast as it is taken."""
    together = 65536 // len(then) + 1
    return repeating(first, then * together, times=times // together)


def staying(data: bytes) -> Handler:
    """Reads a request, sends these bytes, and keeps the connection open."""

    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        await stream.send(data)
        await anyio.sleep_forever()

    return handle
