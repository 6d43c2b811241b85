"""What an axon takes at most, and what it says beyond it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import anyio
import pytest

from adapters.axon import AxonLimits
from core.types import Hotkey, Prompting
from tests.adapters.axon.callers import BODY, CLAIMED, connect, post, read_all, signed
from tests.adapters.dendrite.peers import axon


def padded(size: int) -> bytes:
    """BODY with white space behind it, `size` bytes in all."""
    return BODY.ljust(size)


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
async def test_body_limit_is_exact(size: int, status: int) -> None:
    """A body of exactly the limit is read, one byte more is refused."""
    async with axon(limits=AxonLimits(max_body_bytes=1000)) as address:
        response = await post(address, padded(size))
    assert response.status_code == status


async def test_announced_size_is_refused_unread() -> None:
    """A body that announces too much is refused before a byte of it is sent."""
    async with axon() as address, await connect(address) as stream:
        await stream.send(CLAIMED + b"Content-Length: 1000000000\r\n\r\n")
        assert (await read_all(stream)).startswith(b"HTTP/1.1 413")


async def test_unannounced_size_is_cut_off() -> None:
    """Chunks without end are refused at the limit, and the connection is closed."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    async with axon() as address, await connect(address) as stream, anyio.create_task_group() as group:

        async def flood() -> None:
            while True:
                await stream.send(chunk)

        async def flood_until_closed() -> None:
            try:
                await flood()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return

        await stream.send(CLAIMED + b"Transfer-Encoding: chunked\r\n\r\n")
        group.start_soon(flood_until_closed)
        await read_all(stream)
        group.cancel_scope.cancel()
        assert (await post(address)).status_code == 200


async def test_body_that_nobody_reads_is_dropped() -> None:
    """Crumbs sent to a path that does not exist neither hold the connection nor the stop of the axon."""
    crumbs = b"1\r\nx\r\n" * 10_000
    async with axon() as address, await connect(address) as stream:
        await stream.send(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + crumbs)
        assert (await read_all(stream)).startswith(b"HTTP/1.1 404")


async def test_head_limit() -> None:
    """Headers above the limit are refused, and the connection is closed."""
    async with axon() as address, await connect(address) as stream:
        await stream.send(CLAIMED + b"X: " + b"x" * 20_000)
        assert (await read_all(stream)).startswith(b"HTTP/1.1 431")


async def test_slow_body_is_given_up() -> None:
    """A body that does not arrive in time is 408."""
    async with axon(limits=AxonLimits(read_timeout_s=0.1)) as address, await connect(address) as stream:
        await stream.send(CLAIMED + b"Content-Length: 10\r\n\r\n{")
        assert (await read_all(stream)).startswith(b"HTTP/1.1 408")


async def test_slow_head_is_given_up() -> None:
    """A connection whose headers never end is closed."""
    async with axon(limits=AxonLimits(idle_timeout_s=0.1)) as address, await connect(address) as stream:
        await stream.send(CLAIMED)
        assert await read_all(stream) == b""


async def test_dripping_head_is_given_up() -> None:
    """Crumbs of a head buy no time: it has as long as one that stops."""
    async with axon(limits=AxonLimits(idle_timeout_s=0.3)) as address, await connect(address) as stream:
        began = anyio.current_time()
        with pytest.raises((anyio.BrokenResourceError, anyio.EndOfStream)):  # noqa: PT012 - one of many fails
            while True:
                await stream.send(b"x")
                await anyio.sleep(0.02)
        assert anyio.current_time() - began < 5


async def test_endless_trailers_are_cut_off() -> None:
    """What follows the last chunk is bounded as well."""
    async with axon() as address, await connect(address) as stream:
        await stream.send(CLAIMED + b"Transfer-Encoding: chunked\r\n\r\n0\r\nx: ")
        with pytest.raises((anyio.BrokenResourceError, anyio.EndOfStream)):  # noqa: PT012 - one of many fails
            for _ in range(1000):
                await stream.send(b"y" * 0x10000)


async def test_slow_forward_is_given_up() -> None:
    """A forward above its time is cancelled and told as 504."""
    cancelled = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        yield "never"

    async with axon(forward, limits=AxonLimits(forward_timeout_s=0.1)) as address:
        response = await post(address)
    assert response.status_code == 504
    assert cancelled.is_set()


async def test_above_its_forwards_an_axon_is_busy() -> None:
    """While as many forwards run as may, the next request is 503 at once; later ones are answered again."""
    started, finish = anyio.Event(), anyio.Event()
    statuses: list[int] = []

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        started.set()
        await finish.wait()
        yield "done"

    async def ask(address: str) -> None:
        statuses.append((await post(address)).status_code)

    async with axon(forward, limits=AxonLimits(max_forwards=1, max_waiting=0)) as address:
        async with anyio.create_task_group() as group:
            group.start_soon(ask, address)
            await started.wait()
            busy = await post(address)
            finish.set()
        await ask(address)
    assert (busy.status_code, busy.json()) == (503, {"message": "busy"})
    assert statuses == [200, 200]


async def test_whoever_waits_longest_makes_room() -> None:
    """With all places taken by connections that do not get on, a new one closes the oldest and is answered."""
    limits = AxonLimits(max_connections=3)
    async with axon(limits=limits) as address, AsyncExitStack() as stack:
        idle, head, body = [await stack.enter_async_context(await connect(address)) for _ in range(3)]
        await head.send(b"POST /Prompting HTTP/1.1\r\n")
        await body.send(CLAIMED + b"Content-Length: 10\r\n\r\n{")
        assert (await post(address)).status_code == 200
        assert await read_all(idle) == b""
        for stream in (head, body):
            with pytest.raises(TimeoutError), anyio.fail_after(0.05):
                await stream.receive()


async def test_whoever_is_answered_keeps_its_place() -> None:
    """A connection whose request is verified stays open however many come after it."""
    started, finish = anyio.Event(), anyio.Event()
    statuses: list[int] = []

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        started.set()
        await finish.wait()
        yield "done"

    async def ask(address: str) -> None:
        statuses.append((await post(address)).status_code)

    async with (
        axon(forward, limits=AxonLimits(max_connections=2)) as address,
        anyio.create_task_group() as group,
    ):
        group.start_soon(ask, address)
        await started.wait()
        for _ in range(5):
            async with await connect(address) as first, await connect(address):
                assert await read_all(first) == b""
        finish.set()
    assert statuses == [200]


async def test_forward_of_a_caller_that_hung_up_is_cancelled() -> None:
    """Nobody computes for a caller that is gone."""
    started, cancelled = anyio.Event(), anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        yield "never"

    lines = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    async with axon(forward) as address:
        async with await connect(address) as stream:
            await stream.send(
                b"POST /Prompting HTTP/1.1\r\nHost: x\r\n"
                + f"{lines}Content-Length: {len(BODY)}\r\n\r\n".encode()
                + BODY
            )
            await started.wait()
        with anyio.fail_after(2):
            await cancelled.wait()
