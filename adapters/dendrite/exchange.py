"""One HTTP exchange with one miner: connect, sign, send, read.

Rules:
- One connection an exchange, closed after it: a miner is prompted once a forward, and a connection that the other side
  drops while idle cannot be mistaken for a miner that does not answer.
- No pool, no proxy, no environment, no redirects, no cookies, no decompression: there is no code here that could.
- Signed once the connection stands, so that a slow connect does not age the nonce.
- No time limit of its own: the caller cancels.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import anyio
import attrs
import httpcore2

from adapters.dendrite.address import Address
from adapters.dendrite.stream import BoundedStream
from adapters.dendrite.verdict import NOT_REACHABLE, NOT_UNDERSTOOD, TOO_LARGE, Refused, refuse_status
from adapters.wire.prompting import CONTENT_TYPE, METHOD, WHOLE_PATH

_HEAD_BYTES = 64 * 1024
_FRAMING_BYTES = 64 * 1024
_MAX_PIECES = 4096


@attrs.frozen
class Call:
    """One request: where to, what, how it is signed, and how much may come back.

    Attributes:
        sign: gives the signature's headers for `body`, with a nonce of this moment.
        max_answer_bytes: most bytes of an answer's body.
        sending: called just before the first byte is sent.
    """

    address: Address
    body: bytes
    sign: Callable[[bytes], dict[str, str]]
    max_answer_bytes: int
    sending: Callable[[], None]


async def exchange(call: Call) -> bytes:
    """The body of a 200 answer; raises Refused for whatever else came of it."""
    async with _connected(call.address) as stream:
        try:
            return await _ask(call, stream)
        except httpcore2.NetworkError:
            raise Refused(NOT_REACHABLE, f"{call.address} broke the connection") from None
        except httpcore2.RemoteProtocolError:
            if not stream.received:
                raise Refused(NOT_REACHABLE, f"{call.address} closed without an answer") from None
            raise Refused(NOT_UNDERSTOOD, "answer is not HTTP, or shorter than it says") from None


@asynccontextmanager
async def _connected(address: Address) -> AsyncIterator[BoundedStream]:
    try:
        raw = await httpcore2.AnyIOBackend().connect_tcp(address.host, address.port)
    except httpcore2.ConnectError:
        raise Refused(NOT_REACHABLE, f"cannot connect to {address}") from None
    stream = BoundedStream(raw, _HEAD_BYTES)
    try:
        yield stream
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()


async def _ask(call: Call, stream: BoundedStream) -> bytes:
    request = _request(call)
    connection = httpcore2.AsyncHTTP11Connection(origin=request.url.origin, stream=stream)
    call.sending()
    response = await connection.handle_async_request(request)
    _refuse_head(response, call.max_answer_bytes)
    stream.allow(call.max_answer_bytes + _FRAMING_BYTES)
    return await _read_body(response, call.max_answer_bytes)


def _request(call: Call) -> httpcore2.Request:
    headers = {
        "Host": str(call.address),
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(call.body)),
        "Accept": CONTENT_TYPE,
        "Accept-Encoding": "identity",
        "Connection": "close",
        **call.sign(call.body),
    }
    url = httpcore2.URL(scheme="http", host=call.address.host, port=call.address.port, target=WHOLE_PATH)
    return httpcore2.Request(METHOD, url, headers=list(headers.items()), content=call.body)


def _refuse_head(response: httpcore2.Response, max_answer_bytes: int) -> None:
    refuse_status(response.status)
    for name, value in response.headers:
        if name.lower() == b"content-encoding" and value.strip().lower() != b"identity":
            raise Refused(NOT_UNDERSTOOD, "answer is encoded, though identity was asked for")
        if name.lower() == b"content-length" and int(value) > max_answer_bytes:
            raise Refused(TOO_LARGE, f"answer above {max_answer_bytes} bytes")


async def _read_body(response: httpcore2.Response, max_answer_bytes: int) -> bytes:
    body = bytearray()
    pieces = 0
    async with aclosing(response.aiter_stream()) as stream:
        async for piece in stream:
            body += piece
            pieces += 1
            if len(body) > max_answer_bytes:
                raise Refused(TOO_LARGE, f"answer above {max_answer_bytes} bytes")
            if pieces > _MAX_PIECES:
                raise Refused(TOO_LARGE, f"answer in more than {_MAX_PIECES} pieces")
    return bytes(body)
