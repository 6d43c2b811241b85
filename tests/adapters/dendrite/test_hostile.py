"""The dendrite among miners that do not mean well: each gets its code, and nobody else notices."""

import gzip
import json
import socket
import struct
import time
from contextlib import AsyncExitStack

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from adapters.wire.prompting import encode_answer
from core.types import Outcome
from tests.adapters.dendrite.peers import (
    SYNAPSE,
    Handler,
    answering,
    axon,
    dendrite,
    http,
    repeating,
    server,
    target,
)

SLACK_S = 0.5
GOOD = encode_answer("good")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\n\r\n"
KIB = b"x" * 1024


async def mute(stream: SocketStream) -> None:
    await anyio.sleep_forever()


async def hang_up(stream: SocketStream) -> None:
    await stream.receive()


async def reset(stream: SocketStream) -> None:
    await stream.receive()
    raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - anyio's, not Django's
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def crumbled(data: bytes) -> bytes:
    return CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in data) + b"0\r\n\r\n"


def body(data: bytes) -> Handler:
    return answering(http(data))


def json_body(value: object) -> Handler:
    return body(json.dumps(value).encode())


def status(line: str, headers: str = "") -> Handler:
    return answering(http(GOOD, status=line, headers=headers))


HOSTILE: dict[str, tuple[Handler, int]] = {
    # Time.
    "never answers": (mute, 408),
    "drips its head": (repeating(b"HTTP/1.1 200 OK\r\nX: ", b"x", every_s=0.02), 408),
    "drips its body": (repeating(UNTIL_CLOSED, b"x", every_s=0.02), 408),
    "drips chunks": (repeating(CHUNKED, b"1\r\nx\r\n", every_s=0.02), 408),
    "promises more than it sends": (
        repeating(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"", every_s=1),
        408,
    ),
    # Size.
    "announces 50 MB": (repeating(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n", KIB), 413),
    "sends without end": (repeating(UNTIL_CLOSED, KIB), 413),
    "sends chunks without end": (repeating(CHUNKED, b"400\r\n" + KIB + b"\r\n"), 413),
    "sends crumbs without end": (repeating(CHUNKED, b"1\r\nx\r\n" * 200), 413),
    "sends a chunk header without end": (repeating(CHUNKED + b"1;", KIB), 422),
    "sends a header without end": (repeating(b"HTTP/1.1 200 OK\r\nX: ", KIB), 413),
    "sends headers without end": (repeating(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100), 413),
    "sends interim answers without end": (repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), 413),
    "crumbles a short answer": (answering(crumbled(GOOD.ljust(5000))), 413),
    # Encodings.
    "gzips": (answering(http(gzip.compress(GOOD), headers="Content-Encoding: gzip\r\n")), 422),
    "gzips in secret": (body(gzip.compress(GOOD)), 422),
    "says it is encoded": (status("200 OK", "content-encoding: br\r\n"), 422),
    "gzips its transfer": (
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        422,
    ),
    # Statuses.
    "redirects": (status("307 Temporary Redirect", "Location: http://169.254.169.254/\r\n"), 422),
    "redirects without a place": (status("302 Found"), 422),
    "switches protocols": (answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), 422),
    "answers 204": (answering(b"HTTP/1.1 204 No Content\r\n\r\n"), 422),
    "answers 201": (status("201 Created"), 422),
    "answers 999": (status("999 Whatever"), 422),
    "answers 401": (status("401 Unauthorized"), 401),
    "answers 403": (status("403 Forbidden"), 403),
    "answers 404": (status("404 Not Found"), 404),
    "answers 500": (status("500 Internal Server Error"), 500),
    "answers 599": (status("599 \x1b[31mred"), 599),
    # Not HTTP.
    "speaks TLS": (answering(b"\x15\x03\x01\x00\x02\x02\x28"), 422),
    "speaks nonsense": (answering(b"hello there\r\n\r\n"), 422),
    "has NUL in a header": (status("200 OK", "X: a\x00b\r\n"), 422),
    "has two lengths": (status("200 OK", "Content-Length: 3\r\n"), 422),
    "has a negative length": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), 422),
    "stops within its body": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), 422),
    "stops within a chunk": (answering(CHUNKED + b"9\r\nx"), 422),
    # Not an answer.
    "is empty": (body(b""), 422),
    "is HTML": (body(b"<html><body>it works</body></html>"), 422),
    "is broken JSON": (body(GOOD[:-1]), 422),
    "is a list": (json_body([{"completion": "x"}]), 422),
    "is null": (json_body(None), 422),
    "lacks completion": (json_body({"Completion": "x"}), 422),
    "has a null completion": (json_body({"completion": None}), 422),
    "has a number": (json_body({"completion": 7}), 422),
    "has a list": (json_body({"completion": ["x"]}), 422),
    "has NaN": (body(b'{"completion": NaN}'), 422),
    "has a lone surrogate": (body(b'{"completion": "\\ud800"}'), 422),
    "is not UTF-8": (body(b'{"completion": "\xff"}'), 422),
    "is UTF-16": (body(GOOD.decode().encode("utf-16")), 422),
    "has a byte order mark": (body(b"\xef\xbb\xbf" + GOOD), 422),
    "nests arrays": (body(b'{"completion": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"), 422),
    "nests beside": (body(b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b', "completion": "x"}'), 422),
    # Not there.
    "hangs up": (hang_up, 503),
    "resets": (reset, 503),
}


def assert_refused(outcome: Outcome, code: int) -> None:
    assert (outcome.code, outcome.completion) == (code, "")
    assert 0 < len(outcome.message) <= 200
    assert outcome.message.isprintable()


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_miner_gets_its_code_and_no_other_does(name: str) -> None:
    """The bad miner's outcome names its fault within the deadline; its honest neighbours answer as if it were not there."""
    handler, code = HOSTILE[name]
    timeout_s = 0.5 if code == 408 else 5.0
    async with axon() as honest, server(handler) as hostile:
        started = time.perf_counter()
        before, bad, after = await dendrite().query(
            [target(honest, 1), target(hostile, 2), target(honest, 3)], SYNAPSE, timeout_s=timeout_s
        )
        elapsed_s = time.perf_counter() - started
    assert_refused(bad, code)
    assert (before.code, after.code) == (200, 200)
    assert elapsed_s < timeout_s + SLACK_S
    assert 0 <= bad.process_time_s <= elapsed_s


async def test_all_of_them_at_once() -> None:
    """Every bad miner together with an honest one: each has its own code, and the deadline holds for the whole."""
    timeout_s = 3.0
    async with AsyncExitStack() as stack:
        honest = await stack.enter_async_context(axon())
        addresses = [await stack.enter_async_context(server(handler)) for handler, _ in HOSTILE.values()]
        targets = [target(address) for address in [*addresses, honest]]
        started = time.perf_counter()
        *bad, good = await dendrite().query(targets, SYNAPSE, timeout_s=timeout_s)
        elapsed_s = time.perf_counter() - started
    assert good.completion == f"echo: {SYNAPSE.messages[0]}"
    assert [outcome.code for outcome in bad] == [code for _, code in HOSTILE.values()]
    assert elapsed_s < timeout_s + SLACK_S


async def test_refused_connection() -> None:
    """Nobody listening is 503, told with the address."""
    async with server(mute) as address:
        pass
    (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    assert_refused(outcome, 503)
    assert address in outcome.message


async def test_redirect_is_not_followed() -> None:
    """The place that a redirect names is never connected to."""
    visited = False

    async def trap(stream: SocketStream) -> None:
        nonlocal visited
        visited = True

    async with server(trap) as place:
        location = f"Location: http://{place}/Prompting\r\n"
        async with server(status("308 Permanent Redirect", location)) as hostile:
            (outcome,) = await dendrite().query([target(hostile)], SYNAPSE, timeout_s=5)
    assert_refused(outcome, 422)
    assert not visited


async def test_nothing_of_a_refusal_is_quoted() -> None:
    """A miner's own words, in reason, headers or body, never reach the message."""
    handler = answering(http(b'{"message": "SECRET"}', status="403 SECRET", headers="X-Message: SECRET\r\n"))
    async with server(handler) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    assert outcome.message == "answered 403 Forbidden"


@pytest.mark.parametrize(("spare", "code"), [(0, 200), (1, 413)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_byte_limit_is_exact(spare: int, code: int, chunked: bool) -> None:
    """An answer of exactly the limit counts, one byte more does not, whether or not its length is announced."""
    limit = 1024 * 1024
    data = encode_answer("x" * (limit - len(encode_answer("")) + spare))
    framed = CHUNKED + f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n"
    async with server(answering(framed if chunked else http(data))) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    assert outcome.code == code


async def test_what_follows_an_answer_is_not_read() -> None:
    """A second answer on the same connection changes nothing."""
    second = http(encode_answer("second"), status="500 Oops")
    async with server(answering(http(encode_answer("first")) + second)) as address:
        outcomes = await dendrite().query([target(address)] * 2, SYNAPSE, timeout_s=5)
    assert [(outcome.code, outcome.completion) for outcome in outcomes] == [(200, "first")] * 2
