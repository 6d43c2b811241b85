"""Streamed answers: pieces as they come, on both wires, and what is kept where they are cut."""

from itertools import pairwise

import anyio
import pytest
from anyio.abc import SocketStream
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.wire.prompting import encode_end, encode_error, encode_piece
from core.types import Hotkey, Outcome, Target, Uid, Wire
from tests.adapters.dendrite.peers import MINER, SYNAPSE, Handler, dendrite, read_request, server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
TEXT = "čaj, 茶 \N{TEACUP WITHOUT HANDLE}"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def encoded(wire: Wire, text: str) -> bytes:
    return encode_piece(text) if wire is Wire.BTAUTH else text.encode()


def ending(wire: Wire) -> bytes:
    return (chunk(encode_end()) if wire is Wire.BTAUTH else b"") + LAST


def sending(*pieces: bytes, hangs: bool = False) -> Handler:
    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        for piece in pieces:
            await stream.send(piece)
        if hangs:
            await anyio.sleep_forever()

    return handle


async def ask(handler: Handler, wire: Wire, timeout_s: float = 5.0) -> Outcome:
    async with server(handler) as address:
        target = Target(Uid(0), Hotkey(MINER.ss58_address), address, (wire,))
        (outcome,) = await dendrite(streaming=True).query([target], SYNAPSE, timeout_s=timeout_s)
    return outcome


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, 200)), wire=st.sampled_from(Wire))
async def test_pieces_make_the_completion(cuts: set[int], wire: Wire) -> None:
    """However the network cuts the stream, also within a character, the text is the one that was sent."""
    body = encoded(wire, TEXT) + encoded(wire, TEXT)
    places = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
    chunks = [chunk(body[a:b]) for a, b in pairwise(places)]
    outcome = await ask(sending(HEAD, *chunks, ending(wire)), wire)
    assert (outcome.code, outcome.message, outcome.completion) == (200, "", TEXT * 2)


@pytest.mark.parametrize("wire", Wire)
async def test_a_stream_is_asked_for_by_its_name(wire: Wire) -> None:
    """The request goes to StreamPrompting."""
    requests: list[bytes] = []

    async def handle(stream: SocketStream) -> None:
        requests.append(await read_request(stream))

    await ask(handle, wire)
    assert requests[0].startswith(b"POST /StreamPrompting HTTP/1.1\r\n")


@pytest.mark.parametrize("wire", Wire)
async def test_text_before_the_deadline_is_kept(wire: Wire) -> None:
    """A stream that is not over in time is 408 with what came."""
    outcome = await ask(sending(HEAD, chunk(encoded(wire, TEXT)), hangs=True), wire, timeout_s=0.5)
    assert (outcome.code, outcome.completion) == (408, TEXT)
    assert outcome.process_time_s == pytest.approx(0.5, abs=0.25)


CUT: dict[str, tuple[Wire, bytes, int]] = {
    "events without an end": (Wire.BTAUTH, LAST, 422),
    "events that fail": (Wire.BTAUTH, chunk(encode_error()) + LAST, 422),
    "events cut off": (Wire.BTAUTH, b"", 422),
    "text cut off": (Wire.V10, b"", 422),
    "text that is no UTF-8": (Wire.V10, chunk(b"\xff") + LAST, 422),
    "text with half a character": (Wire.V10, chunk(TEXT.encode()[:-1]) + LAST, 422),
    "events that are no UTF-8": (Wire.BTAUTH, chunk(b'data: {"text":"\xff"}\n\n') + LAST, 422),
    "a piece that is no piece": (Wire.BTAUTH, chunk(b"data: [1]\n\n") + LAST, 422),
    "a million events": (Wire.BTAUTH, chunk(encode_piece("") * 5000) + LAST, 413),
    "text without end": (Wire.V10, chunk(b"x" * 1_100_000), 413),
    "empty lines": (Wire.BTAUTH, chunk(b"\n" * 20_000), 413),
    "events without data": (Wire.BTAUTH, chunk(b": wait\n\n" * 150_000), 413),
}


@pytest.mark.parametrize("name", CUT)
async def test_a_cut_stream_is_no_answer(name: str) -> None:
    """What broke it is told, and the text that came before is kept."""
    wire, rest, code = CUT[name]
    outcome = await ask(sending(HEAD, chunk(encoded(wire, TEXT)), rest), wire)
    assert outcome.code == code
    assert outcome.completion.startswith(TEXT)
    assert outcome.message.isprintable()


async def test_the_end_is_the_end() -> None:
    """A stream that says that it is over is taken at its word, though the connection goes on."""
    outcome = await ask(
        sending(HEAD, chunk(encode_piece("all")), chunk(encode_end()), hangs=True), Wire.BTAUTH
    )
    assert (outcome.code, outcome.completion) == (200, "all")


async def test_events_of_other_names_are_skipped() -> None:
    """What a later version may send beside the pieces is not text; neither is what follows the end."""
    events = (
        b'event: progress\ndata: {"text":"no"}\n\n'
        + encode_piece("yes")
        + encode_end()
        + encode_piece("late")
    )
    outcome = await ask(sending(HEAD, chunk(events), LAST), Wire.BTAUTH)
    assert (outcome.code, outcome.completion) == (200, "yes")


@pytest.mark.parametrize("wire", Wire)
async def test_a_refusal_is_no_text(wire: Wire) -> None:
    """An error answer to a streaming request is its status; its body is not read as a completion."""
    refusal = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 15\r\n\r\n{"message":"x"}'
    outcome = await ask(sending(refusal), wire)
    assert (outcome.code, outcome.completion) == (403, "")


async def test_an_empty_stream_is_an_empty_answer() -> None:
    """No piece and a proper end: 200 without text, on both wires."""
    for wire in Wire:
        outcome = await ask(sending(HEAD, ending(wire)), wire)
        assert (outcome.code, outcome.completion) == (200, "")
