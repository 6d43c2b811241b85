"""Servers that send too much, of whatever an answer is made of."""

from collections.abc import Mapping

from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    CHUNKED,
    KIB,
    OK_LINE,
    UNTIL_CLOSED,
    Behaviour,
    answered,
    body,
    flooding,
    raw,
    refused,
)
from tests.adapters.dendrite.peers import Handler, repeating

_PIECE = KIB * 64
_BYTES = 50_000_000
_CHUNK = b"%x\r\n" % len(_PIECE) + _PIECE + b"\r\n"


def _fifty_megabytes(head: bytes) -> Handler:
    return repeating(head, _PIECE, times=_BYTES // len(_PIECE) + 1)


def _crumbled(data: bytes) -> bytes:
    return CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in data) + b"0\r\n\r\n"


def _headers(lines: bytes) -> Handler:
    return raw(OK_LINE + lines + b"Content-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER)


_BODIES: Mapping[str, Behaviour] = {
    "announces 50 MB": refused(413, _fifty_megabytes(OK_LINE + b"Content-Length: %d\r\n\r\n" % _BYTES)),
    "sends 50 MB": refused(413, _fifty_megabytes(UNTIL_CLOSED)),
    "sends 50 MB in one chunk": refused(413, _fifty_megabytes(CHUNKED + b"%x\r\n" % _BYTES)),
    "sends without end": refused(413, flooding(UNTIL_CLOSED, _PIECE)),
    "sends chunks without end": refused(413, flooding(CHUNKED, _CHUNK)),
    "sends crumbs without end": refused(413, flooding(CHUNKED, b"1\r\nx\r\n")),
    "sends a chunk's size without end": refused(413, flooding(CHUNKED, b"0" * 1024), 422),
    "sends a chunk's extension without end": refused(413, flooding(CHUNKED + b"1;", KIB), 422),
    "sends trailers without end": refused(413, flooding(CHUNKED + b"0\r\n", b"X: y\r\n"), 422),
    "sends blanks without end": refused(413, flooding(UNTIL_CLOSED, b" " * 65536)),
    "crumbles a short answer": refused(413, raw(_crumbled(ANSWER.ljust(5000)))),
    "writes a key of a megabyte": refused(413, body(b'{"%b": 0}' % (b"k" * 2**20))),
}

_HEADS: Mapping[str, Behaviour] = {
    "sends a header without end": refused(413, flooding(OK_LINE + b"X: ", KIB), 422),
    "sends headers without end": refused(413, flooding(OK_LINE, b"X: y\r\n"), 422),
    "sends a folded header without end": refused(413, flooding(OK_LINE + b"X: y\r\n", b" y\r\n"), 422),
    "sends a reason without end": refused(413, flooding(b"HTTP/1.1 200 ", KIB), 422),
    "sends interim answers without end": refused(413, flooding(b"", b"HTTP/1.1 100 OK\r\n\r\n"), 422),
    "sends empty lines without end": refused(413, flooding(b"", b"\r\n"), 422),
    "sends 2000 headers": refused(422, _headers(b"X: y\r\n" * 2000)),
    "sends 100 000 headers": refused(413, _headers(b"X: y\r\n" * 100_000), 422),
    "sends a header of 8 KiB": answered(_headers(b"X: " + KIB * 8 + b"\r\n")),
    "sends a header of 1 MiB": refused(413, _headers(b"X: " + KIB * 1024 + b"\r\n"), 422),
    # What backtracks when it is read with a careless pattern.
    "sends a header of blanks": refused(422, _headers(b"X:" + b" " * 60_000 + b"\x00\r\n"), 413),
    "sends a header of 8 KiB of blanks": refused(422, _headers(b"X:" + b" \t" * 4096 + b"\x00\r\n"), 413),
    "sends 30 headers of 2000 blanks": refused(
        422, _headers((b"X:" + b" " * 2000 + b"\x7fx\r\n") * 29 + b"X:" + b" " * 2000 + b"\x00\r\n"), 413
    ),
    "sends an interim answer of blanks": refused(
        422, raw(b"HTTP/1.1 100 OK\r\nX:" + b"\t" * 60_000 + b"\x00\r\n\r\n"), 413
    ),
    "sends a trailer of blanks": refused(
        422, raw(CHUNKED + b"0\r\nX:" + b" " * 60_000 + b"\x00\r\n\r\n"), 413
    ),
}

VOLUME: Mapping[str, Behaviour] = {**_BODIES, **_HEADS}
