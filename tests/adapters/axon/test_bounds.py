"""What an axon takes at most, and what it says beyond it."""

import anyio
import pytest

from adapters.axon import AxonLimits
from core.types import Hotkey, Prompting
from tests.adapters.axon.callers import BODY, connect, post, read_all, signed
from tests.adapters.dendrite.peers import axon

HEAD = b"POST /Prompting HTTP/1.1\r\nHost: x\r\n"


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
        await stream.send(HEAD + b"Content-Length: 1000000000\r\n\r\n")
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

        await stream.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
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
        await stream.send(HEAD + b"X: " + b"x" * 20_000)
        assert (await read_all(stream)).startswith(b"HTTP/1.1 431")


async def test_slow_body_is_given_up() -> None:
    """A body that does not arrive in time is 408."""
    async with axon(limits=AxonLimits(read_timeout_s=0.1)) as address, await connect(address) as stream:
        await stream.send(HEAD + b"Content-Length: 10\r\n\r\n{")
        assert (await read_all(stream)).startswith(b"HTTP/1.1 408")


async def test_slow_head_is_given_up() -> None:
    """A connection whose headers never end is closed."""
    async with axon(limits=AxonLimits(idle_timeout_s=0.1)) as address, await connect(address) as stream:
        await stream.send(HEAD)
        assert await read_all(stream) == b""


async def test_slow_forward_is_given_up() -> None:
    """A forward above its time is cancelled and told as 504."""
    cancelled = anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> str:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        return "never"

    async with axon(forward, limits=AxonLimits(forward_timeout_s=0.1)) as address:
        response = await post(address)
    assert response.status_code == 504
    assert cancelled.is_set()


async def test_above_its_forwards_an_axon_is_busy() -> None:
    """While as many forwards run as may, the next request is 503 at once; later ones are answered again."""
    started, finish = anyio.Event(), anyio.Event()
    statuses: list[int] = []

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> str:
        started.set()
        await finish.wait()
        return "done"

    async def ask(address: str) -> None:
        statuses.append((await post(address)).status_code)

    async with axon(forward, limits=AxonLimits(max_forwards=1)) as address:
        async with anyio.create_task_group() as group:
            group.start_soon(ask, address)
            await started.wait()
            busy = await post(address)
            finish.set()
        await ask(address)
    assert (busy.status_code, busy.json()) == (503, {"message": "busy"})
    assert statuses == [200, 200]


async def test_above_its_readers_an_axon_is_busy() -> None:
    """Callers that hold back their bodies fill their own places only until their time is over."""
    limits = AxonLimits(max_readers=1, read_timeout_s=0.3)
    async with axon(limits=limits) as address, await connect(address) as stream:
        await stream.send(HEAD + b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        # The axon asks for the body: from here on its only reader waits.
        assert (await stream.receive()).startswith(b"HTTP/1.1 100")
        await anyio.wait_all_tasks_blocked()
        assert (await post(address)).status_code == 503
        await read_all(stream)
        assert (await post(address)).status_code == 200


async def test_forward_of_a_caller_that_hung_up_is_cancelled() -> None:
    """Nobody computes for a caller that is gone."""
    started, cancelled = anyio.Event(), anyio.Event()

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> str:
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        return "never"

    lines = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    async with axon(forward) as address:
        async with await connect(address) as stream:
            await stream.send(HEAD + f"{lines}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
            await started.wait()
        with anyio.fail_after(2):
            await cancelled.wait()
