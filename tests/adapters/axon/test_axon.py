"""The axon as a server: paths, faults, starting and stopping."""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator
from functools import partial

import anyio
import httpx2
import pytest
from bittensor import http_auth
from bittensor.keyfiles import Keypair

from adapters.axon import Axon, AxonLimits
from core.types import Hotkey, Outcome, Prompting
from tests.adapters.axon.callers import BODY, CLAIMED, connect, post, read_all, signed
from tests.adapters.dendrite.peers import MINER, SYNAPSE, VALIDATOR, axon, dendrite, echo, target

WEBSOCKET = (
    b"GET /Prompting HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\xff" * 64


@pytest.mark.parametrize("path", ["/", "/prompting", "/Prompting/", "/Prompting/x", "/docs", "//Prompting"])
async def test_other_paths_are_not_found(path: str) -> None:
    """There are two paths; a near miss is 404 and no redirect, signed or not."""
    async with axon() as address:
        response = await post(address, headers=signed(path=path), path=path)
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


async def test_other_methods_are_not_allowed() -> None:
    """Only POST is answered."""
    async with axon() as address, httpx2.AsyncClient(trust_env=False) as client:
        response = await client.get(f"http://{address}/Prompting")
    assert (response.status_code, response.json()) == (405, {"message": "Method Not Allowed"})


async def test_what_fails_inside_stays_inside(caplog: pytest.LogCaptureFixture) -> None:
    """A forward that raises is a plain 500 to the caller and a logged error to the operator."""

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        raise ValueError("the secret of /etc/passwd")
        yield "never"

    with caplog.at_level(logging.ERROR):
        async with axon(forward) as address:
            response = await post(address)
    assert (response.status_code, response.json()) == (500, {"message": "internal error"})
    assert "the secret" in caplog.text


@pytest.mark.parametrize("path", ["/Prompting", "/StreamPrompting"])
async def test_what_a_forward_waits_for_may_be_cancelled(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """That is a failed forward like any other: nobody has cancelled the request."""

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        batch: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        batch.cancel()
        yield await batch

    with caplog.at_level(logging.ERROR):
        async with axon(forward) as address:
            response = await post(address, headers=signed(path=path), path=path)
    assert (response.status_code, response.json()) == (500, {"message": "internal error"})
    assert [record.message for record in caplog.records] == [
        f"the forward failed for {VALIDATOR.ss58_address}"
    ]


async def test_text_that_cannot_be_written_is_a_failed_forward(caplog: pytest.LogCaptureFixture) -> None:
    """A completion with a lone surrogate is 500, and the axon lives on."""

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        yield "\ud800"

    with caplog.at_level(logging.CRITICAL):
        async with axon(forward) as address:
            responses = [await post(address) for _ in range(2)]
    assert [response.status_code for response in responses] == [500, 500]


async def test_a_policy_that_fails_is_a_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """A blacklist that raises lets nobody in, and tells nobody why."""

    def blacklist(_hotkey: Hotkey, _synapse: Prompting) -> str | None:
        raise ValueError("the secret of /etc/passwd")

    with caplog.at_level(logging.ERROR):
        async with axon(blacklist=blacklist) as address:
            response = await post(address)
    assert (response.status_code, response.json()) == (500, {"message": "internal error"})
    assert "the secret" in caplog.text


async def test_whoever_has_priority_is_answered_first() -> None:
    """With one place, the waiting request that the priority puts highest is next."""
    started, finish = anyio.Event(), anyio.Event()
    order: list[str] = []

    async def forward(_synapse: Prompting, hotkey: Hotkey) -> AsyncIterator[str]:
        order.append(hotkey)
        started.set()
        await finish.wait()
        yield "done"

    keys = [Keypair.create_from_uri(f"//caller{index}") for index in range(4)]
    ranks = {key.ss58_address: float(index) for index, key in enumerate(keys)}
    limits = AxonLimits(max_forwards=1)
    async with (
        axon(forward, limits=limits, priority=lambda hotkey, _waited_s: ranks[hotkey]) as address,
        anyio.create_task_group() as group,
    ):
        for index, key in enumerate(keys):
            headers = http_auth.sign(
                key, method="POST", path="/Prompting", body=BODY, receiver_ss58=MINER.ss58_address
            )
            group.start_soon(partial(post, address, headers=headers))
            await started.wait()
            if index:
                await anyio.sleep(0.2)
        finish.set()
    assert order == [keys[index].ss58_address for index in (0, 3, 2, 1)]


async def test_one_request_at_a_time() -> None:
    """Of two requests sent at once the first is answered, and the connection closed: the second must be sent anew."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    request = (
        f"POST /Prompting HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    )
    async with axon() as address, await connect(address) as stream:
        await stream.send(request * 2)
        answer = await read_all(stream)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_connection_is_used_again() -> None:
    """An answer leaves its connection open for the next request."""
    places = set()
    async with axon() as address, httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        for _ in range(3):
            response = await client.post(f"http://{address}/Prompting", content=BODY, headers=signed())
            assert response.status_code == 200
            places.add(response.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(places) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /Prompting HTTP/1.1\r\n\r\n",
        b"POST /Prompting HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /Prompting HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /Prompting HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        WEBSOCKET,
        HTTP2,
        b"",
    ],
)
async def test_what_is_no_request_ends_its_connection_only(data: bytes) -> None:
    """Broken HTTP gets an error or a closed connection, and the axon answers the next caller."""
    async with axon(limits=AxonLimits(idle_timeout_s=0.2)) as address:
        async with await connect(address) as stream:
            await stream.send(data)
            await stream.send_eof()
            answer = await read_all(stream)
        assert (await post(address)).status_code == 200
    assert b" 200 " not in answer


async def test_a_port_that_is_taken_is_an_error() -> None:
    """An axon that cannot listen says so instead of serving elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        await Axon(MINER, echo).serve(port=taken.getsockname()[1])


async def test_a_given_port_is_the_one_that_is_served() -> None:
    """Port and host are taken as given, IPv6 included, and the port can be bound again after the stop."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
        port = free.getsockname()[1]
    for _ in range(2):
        async with anyio.create_task_group() as group:
            served = Axon(MINER, echo)
            bound = await group.start(partial(_serve, served, "::1", port))
            (outcome,) = await dendrite().query([target(f"[::1]:{port}")], SYNAPSE, timeout_s=5)
            group.cancel_scope.cancel()
        assert (bound, outcome.code) == (port, 200)


async def _serve(served: Axon, host: str, port: int, *, task_status: anyio.abc.TaskStatus[int]) -> None:
    await served.serve(host=host, port=port, task_status=task_status)


async def test_stopping_ends_every_connection_in_every_phase() -> None:
    """Idle, half-sent and running requests all end at once; a running one is told 503."""
    started = anyio.Event()
    outcomes: list[Outcome] = []

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        started.set()
        await anyio.sleep_forever()
        yield "never"

    async with anyio.create_task_group() as group:
        async with axon(forward) as address:

            async def query() -> None:
                outcomes.extend(await dendrite().query([target(address)], SYNAPSE, timeout_s=10))

            idle, head, body = [await connect(address) for _ in range(3)]
            await head.send(b"POST /Prompting HTTP/1.1\r\n")
            await body.send(CLAIMED + b"Content-Length: 9\r\n\r\n{")
            group.start_soon(query)
            await started.wait()
            stopped = time.perf_counter()
        assert time.perf_counter() - stopped < 1
    assert (outcomes[0].code, outcomes[0].message) == (503, "answered 503 Service Unavailable")
    answers = [await read_all(stream) for stream in (idle, head, body)]
    assert answers[:2] == [b"", b""]
    assert answers[2].endswith(b'{"message":"stopping"}')
    for stream in (idle, head, body):
        await stream.aclose()


async def test_nothing_listens_after_the_stop() -> None:
    """A stopped axon's port refuses connections."""
    async with axon() as address:
        pass
    with pytest.raises(OSError, match="connect"):
        await connect(address)


async def test_signals_are_left_alone() -> None:
    """Serving changes no signal handler: stopping is the program's business."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    async with axon():
        assert {name: signal.getsignal(name) for name in before} == before


async def test_many_axons_share_a_loop() -> None:
    """As many axons as a local subnet has answer side by side and stop together."""
    async with anyio.create_task_group() as group:
        ports = [await group.start(partial(_serve, Axon(MINER, echo), "127.0.0.1", 0)) for _ in range(27)]
        targets = [target(f"127.0.0.1:{port}") for port in ports]
        outcomes = await dendrite().query(targets, SYNAPSE, timeout_s=10)
        group.cancel_scope.cancel()
    assert [outcome.code for outcome in outcomes] == [200] * 27
