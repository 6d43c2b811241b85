"""Requests on the v10 wire that are not what their sender signed, not for us, or not of now: our axon takes none of them."""

import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import attrs
import httpx2
import pytest
from bittensor.keyfiles import Keypair

from adapters.wire import v10
from core.types import Hotkey, Prompting
from tests.interop.ours import MINER, STRANGER, VALIDATOR, axon, echo

MESSAGES = ("What does a tempo count?",)
SECOND_NS = 1_000_000_000
# Bytes that a v10 client says its synapse has; base64 of empty values of the required fields.
OTHERS = {
    "content-type": "application/json",
    "name": "Prompting",
    "timeout": "12.0",
    "bt_header_dendrite_version": "10005000",
    "bt_header_input_obj_roles": "W10=",
    "bt_header_input_obj_messages": "W10=",
}


@attrs.frozen
class Request:
    headers: Mapping[str, str]
    body: bytes


def signed(signer: Keypair = VALIDATOR, *, messages: tuple[str, ...] = MESSAGES, **changes: Any) -> Request:
    """A request that holds together; `changes` are of its claim, before it is signed."""
    claim = attrs.evolve(
        v10.Claim(
            nonce=time.time_ns(),
            sender=VALIDATOR.ss58_address,
            receiver=MINER.ss58_address,
            uuid="5d1f7a3e-0000-11ef-8000-000000000000",
            body_hash=v10.body_hash(messages),
        ),
        **changes,
    )
    headers = {
        v10.HOTKEY: claim.sender,
        v10.NONCE: str(claim.nonce),
        v10.UUID: claim.uuid,
        v10.SIGNATURE: f"0x{signer.sign(claim.payload()).hex()}",
        v10.BODY_HASH: claim.body_hash,
    }
    return Request(OTHERS | headers, body(messages))


def body(messages: tuple[str, ...]) -> bytes:
    return json.dumps({"roles": ["user"] * len(messages), "messages": messages, "completion": ""}).encode()


def with_header(name: str, value: str, **changes: Any) -> Request:
    """A request with one header altered after signing."""
    good = signed(**changes)
    return attrs.evolve(good, headers={**good.headers, name: value})


def without(name: str) -> Request:
    good = signed()
    return attrs.evolve(good, headers={key: value for key, value in good.headers.items() if key != name})


def flipped() -> Request:
    """One bit of the signature is another."""
    last = signed().headers[v10.SIGNATURE]
    return with_header(v10.SIGNATURE, last[:-1] + f"{int(last[-1], 16) ^ 1:x}")


def other_body_and_hash() -> Request:
    """A body and the hash that goes with it, under the signature of another."""
    good = signed()
    headers = {**good.headers, v10.BODY_HASH: v10.body_hash(("Pay me.",))}
    return Request(headers, body(("Pay me.",)))


def ago(seconds: int) -> int:
    return time.time_ns() - seconds * SECOND_NS


FORGED: dict[str, Callable[[], Request]] = {
    "another body": lambda: attrs.evolve(signed(), body=body(("Pay me.",))),
    "one message more": lambda: attrs.evolve(signed(), body=body((*MESSAGES, ""))),
    "another hash": lambda: with_header(v10.BODY_HASH, v10.body_hash(("Pay me.",))),
    "another body and its hash": other_body_and_hash,
    "a bit of the signature": flipped,
    "a signature of zeros": lambda: with_header(v10.SIGNATURE, "0x" + 128 * "0"),
    "no signature": lambda: without(v10.SIGNATURE),
    "another signer": lambda: signed(STRANGER),
    "another sender": lambda: with_header(v10.HOTKEY, STRANGER.ss58_address),
    "no sender": lambda: without(v10.HOTKEY),
    "a sender that is no hotkey": lambda: with_header(v10.HOTKEY, "5Nobody"),
    "a newer nonce": lambda: with_header(v10.NONCE, str(time.time_ns())),
    "no nonce": lambda: without(v10.NONCE),
    "another uuid": lambda: with_header(v10.UUID, "another"),
    "no hash": lambda: without(v10.BODY_HASH),
    "another receiver": lambda: signed(receiver=STRANGER.ss58_address),
    "the sender as receiver": lambda: signed(receiver=VALIDATOR.ss58_address),
    "stale": lambda: signed(nonce=ago(60)),
    "stale, with a long timeout": lambda: with_header("timeout", "1e9", nonce=ago(3600)),
    # The SDK's axon asks no age of what says to be older than 7.2.
    "stale, of an old release": lambda: with_header(v10.VERSION, "7001000", nonce=ago(60)),
    "stale, of no release": lambda: with_header(v10.VERSION, "", nonce=ago(60)),
    "of the future": lambda: signed(nonce=ago(-60)),
    "of a far future": lambda: signed(nonce=ago(-1_000_000_000)),
}


async def post(port: int, request: Request) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.post(
            f"http://127.0.0.1:{port}/Prompting", content=request.body, headers=dict(request.headers)
        )


@pytest.mark.parametrize("make", [signed, lambda: signed(nonce=ago(3))])
async def test_what_holds_together_is_taken(make: Callable[[], Request]) -> None:
    """A request made by hand is answered, so what the others are refused for is what was altered."""
    async with axon() as served:
        response = await post(served["port"], make())
    assert response.status_code == 200
    assert response.json()["completion"] == f"echo: {MESSAGES[0]} 🌍"


@pytest.mark.parametrize("name", FORGED)
async def test_what_was_altered_is_refused(name: str) -> None:
    """What is not what was signed, for us and just now is 401, and no forward hears of it."""
    heard: list[Prompting] = []

    async def forward(synapse: Prompting, hotkey: Hotkey) -> AsyncGenerator[str, None]:
        heard.append(synapse)
        async for piece in echo(synapse, hotkey):
            yield piece

    async with axon(forward) as served:
        response = await post(served["port"], FORGED[name]())
    assert response.status_code == 401
    assert response.headers[v10.STATUS_CODE] == "401"
    assert response.json() == {"message": response.headers[v10.STATUS_MESSAGE]}
    assert heard == []


async def test_a_replay_is_refused() -> None:
    """The very same request a second time is 401, as is its nonce under another body; a new one is taken."""
    request = signed()
    nonce = int(request.headers[v10.NONCE])
    again = signed(nonce=nonce, messages=("Another prompt.",))
    async with axon() as served:
        answers = [await post(served["port"], one) for one in (request, request, again, signed())]
    assert [answer.status_code for answer in answers] == [200, 401, 401, 200]


async def test_a_replay_to_another_path_is_refused() -> None:
    """A request for a whole answer cannot be sent again for a streamed one."""
    request = signed()
    async with axon() as served, httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        codes = [
            (
                await client.post(
                    f"http://127.0.0.1:{served['port']}/{name}",
                    content=request.body,
                    headers=dict(request.headers),
                )
            ).status_code
            for name in ("Prompting", "StreamPrompting")
        ]
    assert codes == [200, 401]
