"""Streamed answers, on both wires."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import httpx2
import pytest

from adapters.axon import AxonLimits, Forward
from adapters.wire import v10
from adapters.wire.prompting import END_EVENT, ERROR_EVENT, decode_piece
from adapters.wire.sse import DEFAULT_NAME, EventReader, ServerEvent
from core.types import Hotkey, Prompting, Wire
from tests.adapters.axon.callers import BODY, connect, post, signed
from tests.adapters.axon.v10_callers import BODY_V10, headers_v10
from tests.adapters.dendrite.peers import axon

PATH = "/StreamPrompting"
TEXT = "čaj, 茶, ☕"


@asynccontextmanager
async def streaming(address: str, wire: Wire) -> AsyncIterator[httpx2.Response]:
    headers, body = (signed(path=PATH), BODY) if wire is Wire.BTAUTH else (headers_v10(), BODY_V10)
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=5) as client,
        client.stream("POST", f"http://{address}{PATH}", content=body, headers=headers) as response,
    ):
        yield response


async def read_until_cut(response: httpx2.Response) -> tuple[bytes, bool]:
    """What came of the body, and whether it was cut."""
    data = b""
    try:
        async for piece in response.aiter_raw():
            data += piece
    except httpx2.RemoteProtocolError:
        return data, True
    return data, False


def events(data: bytes) -> list[ServerEvent]:
    return EventReader().feed(data)


def texts(data: bytes, wire: Wire) -> str:
    """What a stream, or the beginning of one, holds of the completion."""
    if wire is Wire.V10:
        return data.decode()
    return "".join(decode_piece(event) for event in events(data) if event.name == DEFAULT_NAME)


@pytest.mark.parametrize("wire", Wire)
async def test_pieces_go_out_as_they_come(wire: Wire) -> None:
    """A caller has the first piece while the forward still waits for leave to give the second."""
    has_first = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        yield TEXT
        yield ""
        await has_first.wait()
        yield " and more"

    async with axon(forward) as address, streaming(address, wire) as response:
        data = b""
        async for piece in response.aiter_raw():
            data += piece
            if texts(data, wire) == TEXT:
                has_first.set()
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream"
    assert texts(data, wire) == TEXT + " and more"
    if wire is Wire.BTAUTH:
        assert [event.name for event in events(data)] == [DEFAULT_NAME, DEFAULT_NAME, END_EVENT]
    else:
        assert response.headers[v10.STATUS_CODE] == "200"
        assert float(response.headers[v10.PROCESS_TIME]) >= 0


@pytest.mark.parametrize("wire", Wire)
async def test_a_completion_of_nothing_is_whole(wire: Wire) -> None:
    """A forward that gives no piece is answered with a stream that ends."""

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        pieces: tuple[str, ...] = ()
        for piece in pieces:
            yield piece

    async with axon(forward) as address, streaming(address, wire) as response:
        data = await response.aread()
    assert (response.status_code, texts(data, wire)) == (200, "")


async def broken(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    yield TEXT
    raise ValueError("a secret")


async def unwritable(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    yield TEXT
    yield "\ud800"


async def endless(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    yield TEXT
    await anyio.sleep_forever()


@pytest.mark.parametrize("forward", [broken, unwritable, endless])
async def test_what_breaks_half_way_is_told_on_btauth(
    forward: Forward, caplog: pytest.LogCaptureFixture
) -> None:
    """The pieces so far, then an error event that says no more."""
    limits = AxonLimits(forward_timeout_s=0.3)
    with caplog.at_level(logging.CRITICAL):
        async with axon(forward, limits=limits) as address, streaming(address, Wire.BTAUTH) as response:
            data = await response.aread()
    assert texts(data, Wire.BTAUTH) == TEXT
    assert events(data)[-1] == ServerEvent(ERROR_EVENT, "{}")


@pytest.mark.parametrize("forward", [broken, unwritable, endless])
async def test_what_breaks_half_way_is_cut_on_v10(forward: Forward, caplog: pytest.LogCaptureFixture) -> None:
    """The pieces so far, and no end of the body: the caller can see that it is cut."""
    limits = AxonLimits(forward_timeout_s=0.3)
    with caplog.at_level(logging.CRITICAL):
        async with axon(forward, limits=limits) as address, streaming(address, Wire.V10) as response:
            data, is_cut = await read_until_cut(response)
    assert (data.decode(), is_cut) == (TEXT, True)


@pytest.mark.parametrize("wire", Wire)
async def test_stopping_cuts_a_stream(wire: Wire) -> None:
    """A stream that runs when the axon stops does not look whole."""
    data, is_cut = b"", False
    started = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        yield TEXT
        started.set()
        await anyio.sleep_forever()

    async def read(address: str) -> None:
        nonlocal data, is_cut
        async with streaming(address, wire) as response:
            data, is_cut = await read_until_cut(response)

    async with anyio.create_task_group() as group, axon(forward) as address:
        group.start_soon(read, address)
        await started.wait()
    assert texts(data, wire) == TEXT
    assert is_cut or events(data)[-1].name == ERROR_EVENT


async def test_forward_of_a_reader_that_hung_up_is_closed() -> None:
    """A stream nobody reads any more ends its forward."""
    closed = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        try:
            while True:
                yield "more "
                await anyio.sleep(0.01)
        finally:
            closed.set()

    async with axon(forward) as address:
        async with streaming(address, Wire.BTAUTH) as response:
            await anext(response.aiter_raw())
        with anyio.fail_after(3):
            await closed.wait()


@pytest.mark.parametrize("wire", Wire)
async def test_whoever_takes_nothing_is_let_go(wire: Wire) -> None:
    """A caller that never reads holds neither forward nor connection once the forward's time is over."""
    ended = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        try:
            while True:
                yield "x" * 1_000_000
                await anyio.lowlevel.checkpoint()
        finally:
            ended.set()

    headers, body = (signed(path=PATH), BODY) if wire is Wire.BTAUTH else (headers_v10(), BODY_V10)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
    limits = AxonLimits(forward_timeout_s=0.3, idle_timeout_s=0.2, linger_s=0.1)
    async with axon(forward, limits=limits) as address:
        tasks = asyncio.all_tasks()
        async with await connect(address) as stream:
            await stream.send(head + body)
            with anyio.fail_after(10):
                await ended.wait()
                while asyncio.all_tasks() - tasks:  # noqa: ASYNC110 - tasks tell nobody
                    await anyio.sleep(0.02)


async def test_a_stream_is_signed_for_its_path() -> None:
    """A request that is signed for the whole answer is none for the stream."""
    async with axon() as address:
        response = await post(address, headers=signed(path="/Prompting"), path=PATH)
    assert response.status_code == 401
