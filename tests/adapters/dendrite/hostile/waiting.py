"""Servers that take the validator's time."""

from collections.abc import Mapping

import anyio
from anyio.abc import SocketStream

from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    CHUNKED,
    DRIP_S,
    OK_LINE,
    UNTIL_CLOSED,
    Behaviour,
    refused,
    staying,
)
from tests.adapters.dendrite.peers import http, read_request, repeating

# Longer than any deadline of these tests.
LATE_S = 5.0


async def _never_reads(_stream: SocketStream) -> None:
    await anyio.sleep_forever()


async def _answers_late(stream: SocketStream) -> None:
    await read_request(stream)
    await anyio.sleep(LATE_S)
    await stream.send(http(ANSWER))


async def _ends_late(stream: SocketStream) -> None:
    await read_request(stream)
    await stream.send(http(ANSWER)[:-1])
    await anyio.sleep(LATE_S)
    await stream.send(http(ANSWER)[-1:])


async def _drips_its_head(stream: SocketStream) -> None:
    await read_request(stream)
    for byte in http(ANSWER):
        await stream.send(bytes([byte]))
        await anyio.sleep(DRIP_S)


def _drip(first: bytes, then: bytes) -> Behaviour:
    return refused(408, repeating(first, then, every_s=DRIP_S))


WAITING: Mapping[str, Behaviour] = {
    "never reads": refused(408, _never_reads),
    "never answers": refused(408, staying(b"")),
    "answers after the deadline": refused(408, _answers_late),
    "ends after the deadline": refused(408, _ends_late),
    "drips its head": refused(408, _drips_its_head),
    "drips a header": _drip(OK_LINE + b"X: ", b"x"),
    "drips headers": _drip(OK_LINE, b"X: y\r\n"),
    "drips its body": _drip(UNTIL_CLOSED, b"x"),
    "drips a body of known length": _drip(OK_LINE + b"Content-Length: 5000\r\n\r\n", b"x"),
    "drips chunks": _drip(CHUNKED, b"1\r\nx\r\n"),
    "drips a chunk's size": _drip(CHUNKED, b"0"),
    "drips trailers": _drip(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n"),
    # Some are normal, so that it depends on the deadline.
    "drips interim answers": refused(
        408, repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every_s=DRIP_S), 413
    ),
    "promises more than it sends": refused(408, staying(OK_LINE + b"Content-Length: 99\r\n\r\n{")),
    "never ends its chunks": refused(408, staying(CHUNKED + b"%x\r\n%b\r\n" % (len(ANSWER), ANSWER))),
    "never closes": refused(408, staying(UNTIL_CLOSED + ANSWER)),
    "switches protocols and waits": refused(422, staying(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")),
}
