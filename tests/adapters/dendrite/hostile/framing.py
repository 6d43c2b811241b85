"""Servers that break HTTP, or speak something else."""

import socket
import struct
from collections.abc import Mapping

import anyio
from anyio.abc import SocketAttribute, SocketStream

from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    CHUNKED,
    COMPLETION,
    MARK,
    OK_LINE,
    UNTIL_CLOSED,
    Behaviour,
    answered,
    body,
    raw,
    refused,
    staying,
)
from tests.adapters.dendrite.peers import Handler, http, read_request

_LENGTH = len(ANSWER)
_HUGE = "9" * 5000


def _abort(stream: SocketStream) -> None:
    """Closing sends a reset from here on."""
    plain = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - anyio's, not Django's
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _closes(_stream: SocketStream) -> None:
    pass


async def _hangs_up(stream: SocketStream) -> None:
    await read_request(stream)


async def _ends_its_side(stream: SocketStream) -> None:
    await stream.send_eof()
    await anyio.sleep_forever()


async def _resets(stream: SocketStream) -> None:
    _abort(stream)


async def _resets_after_the_request(stream: SocketStream) -> None:
    await read_request(stream)
    _abort(stream)


async def _resets_within_its_body(stream: SocketStream) -> None:
    await read_request(stream)
    await stream.send(http(ANSWER)[:-9])
    await anyio.sleep(0.1)
    _abort(stream)


async def _answers_unread(stream: SocketStream) -> None:
    await stream.send(http(ANSWER))


async def _answers_unread_and_stays(stream: SocketStream) -> None:
    await stream.send(http(ANSWER))
    await anyio.sleep_forever()


def _header(line: bytes) -> Handler:
    return raw(OK_LINE + line + b"\r\nContent-Length: %d\r\n\r\n" % _LENGTH + ANSWER)


def _length(value: str) -> Handler:
    return raw(OK_LINE + f"Content-Length: {value}\r\n\r\n".encode() + ANSWER)


def _chunks(data: bytes) -> Handler:
    return raw(CHUNKED + data)


_WHOLE_CHUNK = b"%x\r\n%b\r\n" % (_LENGTH, ANSWER)

_HEADERS: Mapping[str, Behaviour] = {
    "has NUL in a header": refused(422, _header(b"X: a\x00b")),
    "has CR in a header": refused(422, _header(b"X: a\rb")),
    "has NUL in a name": refused(422, _header(b"X\x00: a")),
    "has no name": refused(422, _header(b": a")),
    "has no colon": refused(422, _header(MARK.encode())),
    "has a blank before a colon": refused(422, _header(b"X : a")),
    "begins with a folded line": refused(422, _header(b" folded")),
    "has escapes in a header": refused(422, _header(b"X: \x1b[31m" + MARK.encode())),
    "splits a header": answered(_header(b"X: a\r\nSet-Cookie: " + MARK.encode())),
    "splits its answer": refused(422, _header(b"X: a\r\n\r\n" + MARK.encode())),
    "ends its lines by LF": refused(422, raw(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % _LENGTH + ANSWER)),
}

_LENGTHS: Mapping[str, Behaviour] = {
    "has a negative length": refused(422, _length("-1")),
    "has a length in words": refused(422, _length(MARK)),
    "has a hexadecimal length": refused(422, _length(hex(_LENGTH))),
    "has a signed length": refused(422, _length(f"+{_LENGTH}")),
    "has a length of 5000 digits": refused(422, _length(_HUGE), 413),
    "has a list of lengths": refused(422, _length(f"{_LENGTH}, {_LENGTH + 1}")),
    "has two lengths": refused(422, _length(f"{_LENGTH}\r\nContent-Length: 3")),
    "has one length twice": refused(422, _length(f"{_LENGTH}\r\nContent-Length: {_LENGTH}")),
    "has no length": answered(raw(UNTIL_CLOSED + ANSWER)),
    "says too much": refused(422, _length(str(_LENGTH + 1))),
    "says too little": refused(422, _length(str(_LENGTH - 1))),
    "says nothing comes": refused(422, _length("0")),
    "has a length and chunks": refused(422, _length("3\r\nTransfer-Encoding: chunked"), 200),
    "has two transfer encodings": refused(422, _length("3\r\nTransfer-Encoding: identity, chunked")),
    "sends more than it said": answered(raw(http(ANSWER) + ANSWER)),
    "answers twice": answered(raw(http(ANSWER) + http(b'{"completion": "second"}', status="500 Oops"))),
    "answers twice at rest": answered(staying(http(ANSWER) + http(ANSWER))),
}

_CHUNKS: Mapping[str, Behaviour] = {
    "has a chunk in words": refused(422, _chunks(b"five\r\n")),
    "has a negative chunk": refused(422, _chunks(b"-5\r\nhello\r\n")),
    "has a chunk of 5000 digits": refused(422, _chunks(b"f" * 5000 + b"\r\nx")),
    "has a chunk of 2**80 bytes": refused(422, _chunks(b"f" * 20 + b"\r\nx")),
    "has a chunk longer than said": refused(422, _chunks(b"5\r\nhello there\r\n0\r\n\r\n")),
    "stops within a chunk": refused(422, _chunks(b"9\r\nx")),
    "stops before the last chunk": refused(422, _chunks(_WHOLE_CHUNK)),
    "stops within its body": refused(422, raw(http(ANSWER)[:-1])),
    "stops within its head": refused(422, raw(OK_LINE + b"X: y")),
    "adds trailers": answered(_chunks(_WHOLE_CHUNK + b"0\r\nX: " + MARK.encode() + b"\r\n\r\n")),
    "adds framing in trailers": Behaviour(
        _chunks(_WHOLE_CHUNK + b"0\r\nContent-Length: 1\r\nContent-Encoding: gzip\r\n\r\n"),
        frozenset({200, 422}),
        COMPLETION,
    ),
    "adds extensions": answered(_chunks(b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (_LENGTH, ANSWER))),
}

_PROTOCOLS: Mapping[str, Behaviour] = {
    "speaks TLS": refused(422, raw(b"\x15\x03\x01\x00\x02\x02\x28")),
    "greets by TLS": refused(422, raw(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(range(111)))),
    "speaks HTTP/2": refused(422, raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18))),
    "begins with HTTP/2's preface": refused(422, raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    "calls itself HTTP/2": refused(422, raw(b"HTTP/2 200\r\n\r\n" + ANSWER)),
    "calls itself HTTP/9.9": Behaviour(
        raw(b"HTTP/9.9 200 OK\r\n\r\n" + ANSWER), frozenset({200, 422}), COMPLETION
    ),
    "speaks HTTP/1.0": answered(raw(b"HTTP/1.0 200 OK\r\n\r\n" + ANSWER)),
    "speaks HTTP/0.9": refused(422, raw(ANSWER)),
    "speaks SSH": refused(422, raw(b"SSH-2.0-OpenSSH_9.6\r\n")),
    "speaks nonsense": refused(422, raw(b"hello there\r\n\r\n")),
    "speaks a request": refused(422, raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
    "sends zeros": refused(422, raw(bytes(1000)), 413),
    "has a status of two digits": refused(422, raw(b"HTTP/1.1 20 OK\r\n\r\n")),
    "has a status of four digits": refused(422, raw(b"HTTP/1.1 2000 OK\r\n\r\n")),
    "has the status 000": refused(422, raw(b"HTTP/1.1 000 OK\r\n\r\n")),
    "upgrades to a web socket": refused(
        422,
        raw(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05x"
        ),
    ),
    "sends early hints": answered(raw(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + http(ANSWER))),
    "sends hints alone": refused(422, raw(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")),
}

_CONNECTIONS: Mapping[str, Behaviour] = {
    "closes at once": refused(503, _closes),
    "hangs up": refused(503, _hangs_up),
    "ends its side": refused(503, _ends_its_side),
    "resets at once": refused(503, _resets),
    "resets after the request": refused(503, _resets_after_the_request),
    "resets within its body": refused(503, _resets_within_its_body, 422),
    # Closed with a request unread, which resets: the answer may be lost on the way.
    "answers what it has not read": Behaviour(_answers_unread, frozenset({200, 503}), COMPLETION),
    "answers what it has not read and stays": answered(_answers_unread_and_stays),
    "closes before its tail": answered(raw(http(ANSWER, headers="Connection: close\r\n") + ANSWER)),
    "offers another protocol": answered(
        body(ANSWER, headers="Connection: Upgrade, close\r\nUpgrade: h2c, websocket\r\n")
    ),
    "asks to be kept": answered(
        body(ANSWER, headers="Connection: keep-alive\r\nKeep-Alive: timeout=999999\r\n")
    ),
}

FRAMING: Mapping[str, Behaviour] = {**_HEADERS, **_LENGTHS, **_CHUNKS, **_PROTOCOLS, **_CONNECTIONS}
