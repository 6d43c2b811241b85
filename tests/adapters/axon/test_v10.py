"""The axon on the v10 wire: who gets through, and answers that its clients understand. The other wire is told by `test_door`."""

from collections.abc import AsyncIterator, Callable

import anyio
import httpx2
import pytest
from bittensor.keyfiles import Keypair

from adapters.axon import AxonLimits
from adapters.wire import v10
from core.types import Hotkey, Prompting
from tests.adapters.axon.callers import connect, post, read_all, signed
from tests.adapters.axon.v10_callers import BODY_V10, aged_v10, headers_v10
from tests.adapters.dendrite.peers import MINER, SYNAPSE, VALIDATOR, axon

STRANGER = Keypair.create_from_uri("//stranger")


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in headers_v10().items() if key != name}


REFUSED: dict[str, Callable[[], dict[str, str]]] = {
    "without signature": lambda: without(v10.SIGNATURE),
    "without nonce": lambda: without(v10.NONCE),
    "without hotkey": lambda: without(v10.HOTKEY),
    "without uuid": lambda: without(v10.UUID),
    "without hash": lambda: without(v10.BODY_HASH),
    "signature without 0x": lambda: headers_v10() | {v10.SIGNATURE: headers_v10()[v10.SIGNATURE][2:]},
    "signature cut": lambda: headers_v10() | {v10.SIGNATURE: headers_v10()[v10.SIGNATURE][:-2]},
    "of another request": lambda: headers_v10() | {v10.SIGNATURE: headers_v10(nonce=1)[v10.SIGNATURE]},
    "hotkey rewritten": lambda: headers_v10() | {v10.HOTKEY: STRANGER.ss58_address},
    "hotkey is no address": lambda: headers_v10() | {v10.HOTKEY: "5Nobody"},
    "uuid rewritten": lambda: headers_v10() | {v10.UUID: "another"},
    "hash rewritten": lambda: headers_v10() | {v10.BODY_HASH: v10.body_hash(["other words"])},
    "over other messages": lambda: headers_v10(body_hash=v10.body_hash(["other words"])),
    "for somebody else": lambda: headers_v10(receiver=STRANGER.ss58_address),
    "stale": lambda: aged_v10(16.5),
    "stale without a timeout": lambda: aged_v10(4.5, None),
    "stale under the longest timeout": lambda: aged_v10(65, "1e300"),
    "stale under a negative timeout": lambda: aged_v10(4.5, "-3"),
    "stale, of an old release": lambda: aged_v10(16.5) | {v10.VERSION: "7001000"},
    "from the future": lambda: aged_v10(-3),
    "nonce is no number": lambda: headers_v10() | {v10.NONCE: "now"},
    "nonce is endless": lambda: headers_v10() | {v10.NONCE: "9" * 6000},
    "signed by the other wire as well, badly": lambda: headers_v10() | {"X-Bittensor-Version": "1"},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_proven_is_refused(name: str) -> None:
    """A request that does not verify is 401, and neither blacklist nor forward hear of it."""
    heard: list[Hotkey] = []
    async with axon(blacklist=lambda hotkey, _synapse: heard.append(hotkey)) as address:
        response = await post(address, BODY_V10, REFUSED[name]())
    assert response.status_code == 401
    assert set(response.json()) == {"message"}
    assert heard == []


ACCEPTED: dict[str, Callable[[], dict[str, str]]] = {
    "plain": headers_v10,
    "wrapped": lambda: headers_v10(wrapped=True),
    "in capitals": lambda: {name.upper(): value for name, value in headers_v10().items()},
    "without a uuid": lambda: {k: v for k, v in headers_v10(uuid="None").items() if k != v10.UUID},
    "without a timeout": lambda: without(v10.TIMEOUT),
    "without a version": lambda: without(v10.VERSION),
    "old but within its timeout": lambda: aged_v10(15.0),
    "a little ahead": lambda: aged_v10(-1.5),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_what_is_proven_is_answered(name: str) -> None:
    """The forward gets the synapse and the hotkey that signed; the answer builds the caller's synapse anew."""
    seen: list[tuple[Prompting, Hotkey]] = []

    async def forward(synapse: Prompting, hotkey: Hotkey) -> AsyncIterator[str]:
        seen.append((synapse, hotkey))
        yield "fi"
        yield "ne"

    headers = ACCEPTED[name]()
    async with axon(forward) as address:
        response = await post(address, BODY_V10, headers)
    assert seen == [(SYNAPSE, VALIDATOR.ss58_address)]
    assert response.status_code == 200
    told = response.json()
    assert (told["roles"], told["messages"]) == (list(SYNAPSE.roles), list(SYNAPSE.messages))
    assert (told["name"], told["completion"]) == ("Prompting", "fine")
    assert told.get("timeout") == (12.0 if v10.TIMEOUT in {key.lower() for key in headers} else None)
    assert told["axon"] == {
        "status_code": 200,
        "status_message": "Success",
        "process_time": float(response.headers[v10.PROCESS_TIME]),
    }
    assert_v10(response, 200, "Success")


def assert_v10(response: httpx2.Response, status: int, message: str) -> None:
    """The headers that a v10 client looks for, with their names as they must be."""
    assert response.headers["content-type"] in {"application/json", "text/event-stream"}
    raw = {name.decode(): value.decode("ascii") for name, value in response.headers.raw}
    assert (raw[v10.STATUS_CODE], raw[v10.STATUS_MESSAGE]) == (str(status), message)
    assert 0 <= float(raw[v10.PROCESS_TIME]) < 20


async def test_a_request_counts_once() -> None:
    """The same signed request is refused a second time, whatever timeout it then claims; its nonces need not increase."""
    headers = headers_v10()
    async with axon() as address:
        first = await post(address, BODY_V10, headers)
        again = await post(address, BODY_V10, headers | {v10.TIMEOUT: "60"})
        older = await post(address, BODY_V10, headers_v10(nonce=int(headers[v10.NONCE]) - 10**9))
    assert [response.status_code for response in (first, again, older)] == [200, 401, 200]


async def test_of_two_copies_at_once_one_counts() -> None:
    """A copy whose body comes while the first is still read does not slip through."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers_v10().items())
    head = f"POST /Prompting HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(BODY_V10)}\r\n\r\n".encode()
    async with axon() as address, await connect(address) as one, await connect(address) as other:
        for stream in (one, other):
            await stream.send(head)
        await anyio.sleep(0.1)
        for stream in (one, other):
            await stream.send(BODY_V10)
        answers = [await stream.receive() for stream in (one, other)]
    assert sorted(answer.split()[1] for answer in answers) == [b"200", b"401"]


@pytest.mark.parametrize("told", ["None", "nan", "inf", "soon", ""])
async def test_timeout_that_is_no_number(told: str) -> None:
    """It is told as 400."""
    async with axon() as address:
        response = await post(address, BODY_V10, headers_v10() | {v10.TIMEOUT: told})
    assert response.status_code == 400
    assert_v10(response, 400, "timeout is no number of seconds")


async def test_signature_is_checked_before_a_body_is_read() -> None:
    """What is not signed is refused with its body still on the way."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers_v10() | {v10.UUID: "x"}).items())
    head = f"POST /Prompting HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: 1000\r\n\r\n".encode()
    async with axon() as address, await connect(address) as stream:
        await stream.send(head)
        assert (await read_all(stream)).startswith(b"HTTP/1.1 401")


async def fails(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    raise ValueError("a secret")
    yield "never"


async def hangs(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    await anyio.sleep_forever()
    yield "never"


REFUSALS = {
    "blacklisted": (403, "not one of ours", {"blacklist": lambda _hotkey, _synapse: "not one of ours"}),
    "failing": (500, "internal error", {"forward": fails}),
    "too slow": (
        408,
        "the forward took too long",
        {"forward": hangs, "limits": AxonLimits(forward_timeout_s=0.1)},
    ),
    "busy": (503, "busy", {"limits": AxonLimits(max_forwards=0, max_waiting=0)}),
    "without memory": (503, "busy", {"limits": AxonLimits(max_nonces=0)}),
    "too large": (413, "the body is above 10 bytes", {"limits": AxonLimits(max_body_bytes=10)}),
    "too many headers": (431, "the headers are too large or too many", {"limits": AxonLimits(max_headers=8)}),
}


@pytest.mark.parametrize("path", ["/Prompting", "/StreamPrompting"])
@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_are_understood(name: str, path: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each refusal is JSON with the wire's headers, whole or streaming: nothing was streamed yet."""
    status, message, options = REFUSALS[name]
    async with axon(**options) as address:  # type: ignore[arg-type]
        response = await post(address, BODY_V10, headers_v10(), path=path)
    assert (response.status_code, response.json()) == (status, {"message": message})
    assert_v10(response, status, message)
    assert response.headers[v10.NAME] == path[1:]


async def test_unknown_paths_and_methods_are_understood() -> None:
    """404 and 405 carry the wire's headers too."""
    async with axon() as address, httpx2.AsyncClient(trust_env=False) as client:
        missing = await post(address, BODY_V10, headers_v10(), path="/Unknown")
        method = await client.put(f"http://{address}/Prompting", headers=headers_v10())
    assert_v10(missing, 404, "Not Found")
    assert_v10(method, 405, "Method Not Allowed")


async def test_words_of_a_blacklist_are_made_safe() -> None:
    """Whatever stands in a reason, the header is one line of plain text, and no header of its own."""
    async with axon(blacklist=lambda _hotkey, _synapse: "nö\r\nx-evil: 1 ☃" + "y" * 9000) as address:
        response = await post(address, BODY_V10, headers_v10())
    assert response.status_code == 403
    assert "x-evil" not in response.headers
    assert_v10(response, 403, response.json()["message"])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"roles": ["user"]}', b"\xff", BODY_V10[:-1]])
async def test_signed_nonsense_is_not_understood(body: bytes) -> None:
    """A body that holds no synapse is 422."""
    async with axon() as address:
        response = await post(address, body, headers_v10())
    assert response.status_code == 422


async def test_what_fails_on_one_wire_is_not_tried_on_the_other() -> None:
    """With headers of both wires btauth/1 decides, whether it lets in or not."""
    async with axon() as address:
        good = await post(address, BODY_V10, headers_v10() | signed(BODY_V10))
        bad = await post(address, BODY_V10, headers_v10() | signed(b"another body"))
        other_bad = await post(address, BODY_V10, headers_v10(nonce=1) | signed(BODY_V10))
    assert [response.status_code for response in (good, bad, other_bad)] == [200, 401, 200]
    assert good.json() == {"completion": f"echo: {SYNAPSE.messages[-1]}"}
    assert MINER.ss58_address not in bad.text
