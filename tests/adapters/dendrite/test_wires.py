"""On which wire a miner is asked: what goes over each, and when the other is tried."""

import json
from collections.abc import Callable

import attrs
import pytest
from anyio.abc import SocketStream
from bittensor import sp_core

from adapters.wire import v10
from adapters.wire.prompting import encode_answer, encode_request
from core.types import Hotkey, Outcome, Prompting, Target, Uid, Wire, WireReason
from tests.adapters.dendrite.peers import (
    MINER,
    SYNAPSE,
    VALIDATOR,
    Handler,
    dendrite,
    http,
    read_request,
    server,
)

BOTH = (Wire.BTAUTH, Wire.V10)
SR25519 = 1


def wired(address: str, *wires: Wire) -> Target:
    return Target(Uid(0), Hotkey(MINER.ss58_address), address, wires)


def head_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


def wire_of(request: bytes) -> Wire:
    return Wire.BTAUTH if "X-Bittensor-Hotkey" in head_of(request) else Wire.V10


def speaking(wire: Wire, seen: list[Wire], refusal: str = "401 Unauthorized") -> Handler:
    """A miner of one wire, which refuses the other with this status."""

    async def handle(stream: SocketStream) -> None:
        asked = wire_of(await read_request(stream))
        seen.append(asked)
        status = "200 OK" if asked is wire else refusal
        await stream.send(http(encode_answer("well") if asked is wire else b"{}", status=status))

    return handle


async def ask(handler: Handler, *wires: Wire, synapse: Prompting = SYNAPSE) -> Outcome:
    async with server(handler) as address:
        (outcome,) = await dendrite().query([wired(address, *wires)], synapse, timeout_s=5)
    return outcome


async def test_a_v10_request_verifies_as_ours() -> None:
    """Headers and body say the same; the signature is ours, for this miner, over the hash of the messages."""
    requests: list[bytes] = []

    async def handle(stream: SocketStream) -> None:
        requests.append(await read_request(stream))
        await stream.send(http(encode_answer("yes")))

    outcome = await ask(handle, Wire.V10)
    head, body = head_of(requests[0]), json.loads(requests[0].partition(b"\r\n\r\n")[2])
    claim = v10.Claim(
        int(head[v10.NONCE]),
        VALIDATOR.ss58_address,
        MINER.ss58_address,
        head[v10.UUID],
        v10.body_hash(SYNAPSE.messages),
    )
    signature = bytes.fromhex(head[v10.SIGNATURE].removeprefix("0x"))
    assert (outcome.code, outcome.completion, outcome.wire) == (200, "yes", Wire.V10)
    assert requests[0].startswith(b"POST /Prompting HTTP/1.1\r\n")
    assert sp_core.verify(claim.payload(), signature, VALIDATOR.ss58_address, SR25519)
    assert head[v10.BODY_HASH] == claim.body_hash
    assert (head[v10.TIMEOUT], head["name"], head[v10.VERSION]) == ("5.0", "Prompting", "10005000")
    assert (body["roles"], body["messages"]) == (list(SYNAPSE.roles), list(SYNAPSE.messages))
    assert body["dendrite"]["hotkey"] == head[v10.HOTKEY] == VALIDATOR.ss58_address
    assert str(body["dendrite"]["nonce"]) == head[v10.NONCE]
    assert "status_code" not in body["axon"]


@pytest.mark.parametrize("wire", BOTH)
@pytest.mark.parametrize(
    "refusal",
    [
        "400 Bad Request",
        "401 Unauthorized",
        "404 Not Found",
        "422 Unprocessable",
        "500 Internal Server Error",
    ],
)
async def test_a_miner_of_the_other_wire_is_found(wire: Wire, refusal: str) -> None:
    """Whichever wire is tried first, and however its axon refuses it, the other one gets the answer."""
    seen: list[Wire] = []
    other = next(w for w in BOTH if w is not wire)
    outcome = await ask(speaking(other, seen, refusal), wire, other)
    assert seen == [wire, other]
    assert (outcome.code, outcome.completion, outcome.wire) == (200, "well", other)


@pytest.mark.parametrize("wire", BOTH)
async def test_the_first_wire_is_enough(wire: Wire) -> None:
    """A miner that understands is asked once."""
    seen: list[Wire] = []
    outcome = await ask(speaking(wire, seen), wire, *(w for w in BOTH if w is not wire))
    assert seen == [wire]
    assert outcome.wire is wire


@pytest.mark.parametrize("refusal", ["403 Forbidden", "408 Request Timeout", "429 Too Many", "503 Busy"])
async def test_a_refusal_that_is_understood_stands(refusal: str) -> None:
    """Who is blacklisted or comes at a bad time is not asked again on another wire."""
    seen: list[Wire] = []
    outcome = await ask(speaking(Wire.V10, seen, refusal), *BOTH)
    assert seen == [Wire.BTAUTH]
    assert (outcome.code, outcome.wire) == (int(refusal[:3]), Wire.BTAUTH)


async def test_nonsense_with_200_is_no_matter_of_wires() -> None:
    """An answer that is not understood costs the miner the step; nobody is asked twice for it."""
    count = 0

    async def handle(stream: SocketStream) -> None:
        nonlocal count
        count += 1
        await read_request(stream)
        await stream.send(http(b"<html>"))

    outcome = await ask(handle, *BOTH)
    assert (outcome.code, count) == (422, 1)


@pytest.mark.parametrize(
    ("reason", "statuses", "told"),
    [
        (WireReason.UNKNOWN, ("500 No", "401 Unauthorized"), 401),
        (WireReason.UNKNOWN, ("404 Not Found", "401 Unauthorized"), 404),
        (WireReason.UNKNOWN, ("500 No", "500 No"), 500),
        (WireReason.CHAIN, ("500 No", "401 Unauthorized"), 500),
        (WireReason.WORKED, ("401 Unauthorized", "500 No"), 401),
    ],
)
async def test_who_understands_no_wire_has_the_telling_verdict(
    reason: WireReason, statuses: tuple[str, str], told: int
) -> None:
    """That of the likelier wire; where nothing was known, not the 500 that v10 axons say to what they do not know."""

    async def handle(stream: SocketStream) -> None:
        asked = wire_of(await read_request(stream))
        await stream.send(http(b"", status=statuses[BOTH.index(asked)]))

    async with server(handle) as address:
        target = attrs.evolve(wired(address, *BOTH), wire_reason=reason)
        (outcome,) = await dendrite().query([target], SYNAPSE, timeout_s=5)
    assert outcome.code == told
    assert outcome.wire is BOTH[[int(status[:3]) for status in statuses].index(told)]


def dying(times: int, requests: list[bytes], *, after: bytes = b"") -> Handler:
    """Hangs up on the first requests, having sent `after`; answers the next."""

    async def handle(stream: SocketStream) -> None:
        requests.append(await read_request(stream))
        if len(requests) <= times:
            await stream.send(after) if after else None
            return
        await stream.send(http(encode_answer("again")))

    return handle


def btauth_nonce(request: bytes) -> str:
    return head_of(request)["X-Bittensor-Nonce"]


def v10_nonce(request: bytes) -> str:
    return head_of(request)[v10.NONCE]


@pytest.mark.parametrize(("wire", "nonce"), [(Wire.BTAUTH, btauth_nonce), (Wire.V10, v10_nonce)], ids=str)
async def test_a_connection_that_dies_unanswered_is_replaced_once(
    wire: Wire, nonce: Callable[[bytes], str]
) -> None:
    """One more request, newer than the first; after a second death the miner is not reachable."""
    requests: list[bytes] = []
    outcome = await ask(dying(1, requests), wire)
    assert (outcome.code, outcome.completion, len(requests)) == (200, "again", 2)
    assert int(nonce(requests[0])) < int(nonce(requests[1]))
    requests.clear()
    outcome = await ask(dying(9, requests), wire)
    assert (outcome.code, len(requests)) == (503, 2)


async def test_an_answer_that_began_is_not_asked_for_again() -> None:
    """One byte of an answer, and the miner may have done the work: no second request."""
    requests: list[bytes] = []
    outcome = await ask(dying(1, requests, after=b"H"), Wire.BTAUTH)
    assert (outcome.code, len(requests)) == (422, 1)


async def test_time_is_that_of_the_attempt_that_counts() -> None:
    """What an attempt on the wrong wire took is no part of a miner's time; nothing sent is no time."""
    async with server(speaking(Wire.V10, [])) as address:
        (outcome,) = await dendrite().query([wired(address, *BOTH)], SYNAPSE, timeout_s=5)
    (absent,) = await dendrite().query([wired(address, *BOTH)], SYNAPSE, timeout_s=5)
    assert 0 < outcome.process_time_s < 5
    assert (absent.code, absent.process_time_s, absent.wire) == (503, 0.0, None)


async def test_both_wires_carry_any_text() -> None:
    """Quotes, line feeds, characters of all planes: the bytes are those of the prompt on both wires."""
    synapse = Prompting(("user", "assistant"), ('it\'s "so"\n\t\\', "\N{TEACUP WITHOUT HANDLE} é \u200b"))
    bodies: list[dict[str, object]] = []

    async def handle(stream: SocketStream) -> None:
        bodies.append(json.loads((await read_request(stream)).partition(b"\r\n\r\n")[2]))
        await stream.send(http(encode_answer("yes")))

    for wire in BOTH:
        await ask(handle, wire, synapse=synapse)
    assert [body["messages"] for body in bodies] == [list(synapse.messages)] * 2
    assert json.loads(encode_request(synapse))["roles"] == bodies[1]["roles"]


async def test_v10_miners_of_any_python_can_read_the_hash() -> None:
    """A character that came after Unicode 13 is replaced on the v10 wire alone, where younger and older Pythons would hash it differently."""
    synapse = Prompting(("user",), ("new \U0001fae8, old \N{TEACUP WITHOUT HANDLE}",))
    seen: list[tuple[dict[str, str], dict[str, list[str]]]] = []

    async def handle(stream: SocketStream) -> None:
        request = await read_request(stream)
        seen.append((head_of(request), json.loads(request.partition(b"\r\n\r\n")[2])))
        await stream.send(http(encode_answer("yes")))

    for wire in BOTH:
        await ask(handle, wire, synapse=synapse)
    (_, btauth), (head, old) = seen
    assert btauth["messages"] == list(synapse.messages)
    assert old["messages"] == ["new \ufffd, old \N{TEACUP WITHOUT HANDLE}"]
    assert head[v10.BODY_HASH] == v10.body_hash(old["messages"])
