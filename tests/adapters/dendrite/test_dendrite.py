"""The dendrite among miners that mean well."""

import time
from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.abc import SocketStream
from bittensor import http_auth

from adapters.wire.prompting import encode_answer, encode_request
from core.types import Hotkey, Prompting
from tests.adapters.dendrite.peers import (
    MINER,
    SYNAPSE,
    VALIDATOR,
    answering,
    axon,
    dendrite,
    http,
    read_request,
    server,
    target,
)


async def test_answers_come_in_the_order_of_the_targets() -> None:
    """Each outcome stands where its target stands, however late it came."""
    pace = anyio.Event()

    async def last(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        await pace.wait()
        yield "first target, last answer"

    async def first(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        pace.set()
        yield "second target, first answer"

    async with axon(last) as slow, axon(first) as fast:
        outcomes = await dendrite().query([target(slow), target(fast)], SYNAPSE, timeout_s=5)
    assert [outcome.completion for outcome in outcomes] == [
        "first target, last answer",
        "second target, first answer",
    ]
    assert {(outcome.code, outcome.message) for outcome in outcomes} == {(200, "")}


async def test_no_targets_no_outcomes() -> None:
    """Prompting nobody gives nothing."""
    assert await dendrite().query([], SYNAPSE, timeout_s=1) == ()


@pytest.mark.parametrize("text", ["", " \n\t", "čaj, 茶, ☕", "\x00\x1b[31m", "x" * 200_000])
async def test_completion_comes_as_sent(text: str) -> None:
    """Text arrives unchanged, an empty one as an empty answer."""

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        yield text

    async with axon(forward) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    assert (outcome.code, outcome.message, outcome.completion) == (200, "", text)


async def test_request_is_signed_for_its_receiver_over_the_bytes_sent() -> None:
    """What arrives verifies as ours, for this miner, and asks for no encoding and no second use of the connection."""
    requests: list[bytes] = []

    async def handle(stream: SocketStream) -> None:
        requests.append(await read_request(stream))
        await stream.send(http(encode_answer("yes")))

    async with server(handle) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    head, _, body = requests[0].partition(b"\r\n\r\n")
    first_line, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    caller = http_auth.verify(
        headers,
        body,
        method="POST",
        path="/Prompting",
        self_hotkey_ss58=MINER.ss58_address,
        nonce_store=http_auth.InMemoryNonceStore(),
    )
    assert outcome.code == 200
    assert first_line == "POST /Prompting HTTP/1.1"
    assert caller.hotkey_ss58 == VALIDATOR.ss58_address
    assert body == encode_request(SYNAPSE)
    assert (headers["Accept-Encoding"], headers["Connection"]) == ("identity", "close")
    assert "Cookie" not in headers


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable that somebody left set changes nothing."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with server(answering(http(encode_answer("straight")))) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    assert outcome.completion == "straight"


async def test_every_call_has_its_own_nonce() -> None:
    """The same prompt twice at once to one axon is two requests, neither a replay of the other."""
    async with axon() as address:
        outcomes = await dendrite().query([target(address)] * 20, SYNAPSE, timeout_s=10)
    assert {outcome.code for outcome in outcomes} == {200}


async def test_all_targets_are_asked_at_once() -> None:
    """More miners than any pool holds are all in conversation before the first of them answers."""
    count = 300
    arrived = 0
    everybody = anyio.Event()

    async def handle(stream: SocketStream) -> None:
        nonlocal arrived
        await read_request(stream)
        arrived += 1
        if arrived == count:
            everybody.set()
        await everybody.wait()
        await stream.send(http(encode_answer("here")))

    async with server(handle) as address:
        outcomes = await dendrite().query([target(address)] * count, SYNAPSE, timeout_s=15)
    assert [outcome.code for outcome in outcomes] == [200] * count


async def test_time_is_that_of_the_exchange() -> None:
    """process_time_s lies between what the miner took and what the whole query took."""
    pause_s = 0.2

    async def forward(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        await anyio.sleep(pause_s)
        yield "done"

    async with axon(forward) as address:
        started = time.perf_counter()
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
        elapsed_s = time.perf_counter() - started
    assert pause_s <= outcome.process_time_s <= elapsed_s


async def test_a_cancelled_query_ends_at_once() -> None:
    """Cancelling reaches through to the connections: the server sees them closed."""
    closed = anyio.Event()
    asked = anyio.Event()

    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        asked.set()
        try:
            await stream.receive()
        except anyio.EndOfStream:
            closed.set()

    async with server(handle) as address, anyio.create_task_group() as group:

        async def query() -> None:
            await dendrite().query([target(address)], SYNAPSE, timeout_s=60)

        group.start_soon(query)
        await asked.wait()
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True), anyio.fail_after(2):
            await closed.wait()
