"""Servers that stream: too much, too little, for ever, or what is no stream. For `btauth/1`, whose streams say where they end."""

import json
from collections.abc import Mapping

from adapters.wire.prompting import encode_end, encode_error, encode_piece
from adapters.wire.sse import MEDIA_TYPE, encode_event
from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    COMPLETION,
    DRIP_S,
    KIB,
    MARK,
    Behaviour,
    answered,
    body,
    flooding,
    raw,
    refused,
    staying,
)
from tests.adapters.dendrite.peers import Handler, repeating

HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: {MEDIA_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
LAST_CHUNK = b"0\r\n\r\n"

_PIECE = encode_piece(MARK)
_TINY = encode_piece("x")
_END = encode_end()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _streams(*pieces: bytes) -> Handler:
    """These, each as a chunk, and the last chunk."""
    return raw(HEAD + b"".join(map(chunk, pieces)) + LAST_CHUNK)


def _cut(code: int, handle: Handler, *others: int, after: str = "") -> Behaviour:
    """Refused; what came before is kept or not, and nothing else is."""
    return Behaviour(handle, frozenset({code, *others}), cut=f"({after})?")


_WITHOUT_END: Mapping[str, Behaviour] = {
    "streams and never ends": Behaviour(
        repeating(HEAD, chunk(_PIECE), every_s=DRIP_S), frozenset({408}), cut=f"({MARK})+"
    ),
    "streams a piece and waits": Behaviour(staying(HEAD + chunk(_PIECE)), frozenset({408}), cut=MARK),
    "streams nothing": refused(408, staying(HEAD)),
    "streams by the byte": refused(408, repeating(HEAD, chunk(b"d"), every_s=DRIP_S)),
    "streams empty pieces slowly": refused(408, repeating(HEAD, chunk(encode_piece("")), every_s=DRIP_S)),
    "streams comments slowly": refused(408, repeating(HEAD, chunk(b": alive\n\n"), every_s=DRIP_S)),
    "streams pieces without end": _cut(413, flooding(HEAD, chunk(_PIECE * 500)), after=f"({MARK})+"),
    "streams empty pieces without end": refused(413, flooding(HEAD, chunk(encode_piece("") * 500))),
    "streams a million tiny events": _cut(413, flooding(HEAD, chunk(_TINY * 1000), times=1000), after="x+"),
    "streams a million tiny chunks": _cut(413, flooding(HEAD, chunk(_TINY), times=1_000_000), after="x+"),
    "streams comments without end": refused(413, flooding(HEAD, chunk(b": alive\n\n" * 500))),
    "streams empty lines without end": refused(413, flooding(HEAD, chunk(b"\n" * 2000))),
    "streams a line without end": refused(413, flooding(HEAD + chunk(b"data: "), chunk(KIB))),
    "streams lines of one event without end": refused(413, flooding(HEAD, chunk(b"data:\n" * 500))),
    "streams a name without end": refused(413, flooding(HEAD + chunk(b"event: "), chunk(KIB))),
}

_NO_END: Mapping[str, Behaviour] = {
    "streams no end": _cut(422, _streams(_PIECE), after=MARK),
    "streams half an end": _cut(422, _streams(_PIECE, _END[:-1]), after=MARK),
    "streams no last chunk": _cut(422, raw(HEAD + chunk(_PIECE)), after=MARK),
    "streams nothing and ends": refused(422, _streams()),
    "streams empty chunks": refused(422, repeating(HEAD, LAST_CHUNK)),
    "streams an error": _cut(422, _streams(_PIECE, encode_error()), 500, 502, after=MARK),
}

_NO_STREAM: Mapping[str, Behaviour] = {
    "streams what is not UTF-8": _cut(422, _streams(_PIECE, b'data: {"text": "\xff"}\n\n', _END), after=MARK),
    "streams half a character": _cut(422, _streams(_PIECE, b'data: {"text": "\xc3"}\n\n', _END), after=MARK),
    "streams a lone surrogate": _cut(
        422, _streams(_PIECE, b'data: {"text": "\\ud800"}\n\n', _END), after=MARK
    ),
    "streams broken JSON": _cut(422, _streams(_PIECE, encode_event('{"text": '), _END), after=MARK),
    "streams a number": _cut(422, _streams(_PIECE, encode_event('{"text": 7}'), _END), after=MARK),
    "streams null": _cut(422, _streams(_PIECE, encode_event("null"), _END), after=MARK),
    "streams nested arrays": _cut(
        422, _streams(_PIECE, encode_event('{"x": ' + "[" * 200_000 + "]" * 200_000 + "}"), _END), after=MARK
    ),
    "streams HTML": refused(
        422, body(f"<html>{MARK}</html>".encode(), headers="Content-Type: text/html\r\n")
    ),
    "streams a whole answer": Behaviour(body(ANSWER), frozenset({200, 422}), COMPLETION),
    "streams in gzip": refused(422, body(_PIECE, headers="Content-Encoding: gzip\r\n")),
    "streams a refusal": refused(403, body(_PIECE + _END, status="403 Forbidden")),
    "streams a redirect": refused(
        422, body(_PIECE + _END, status="307 Temporary Redirect", headers="Location: http://10.0.0.1/\r\n")
    ),
}

_MORE: Mapping[str, Behaviour] = {
    "streams past its end": answered(_streams(_PIECE, _END, _PIECE, _PIECE), MARK),
    "streams on after its end": answered(staying(HEAD + chunk(_PIECE + _END + _PIECE)), MARK),
    "streams unknown events": answered(_streams(_PIECE, encode_event("{}", MARK), _END), MARK),
    "streams forged fields": answered(
        _streams(encode_event(json.dumps({"text": MARK, "code": 500, "hotkey": MARK})), _END), MARK
    ),
    "streams a character in two chunks": answered(
        raw(HEAD + chunk(b'data: {"text": "\xc3') + chunk(b'\xa9"}\n\n') + chunk(_END) + LAST_CHUNK), "\u00e9"
    ),
}

STREAMS: Mapping[str, Behaviour] = {**_WITHOUT_END, **_NO_END, **_NO_STREAM, **_MORE}
