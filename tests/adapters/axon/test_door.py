"""Who gets through to the forward, and who does not."""

import time
from collections.abc import AsyncIterator, Callable

import pytest
from bittensor import http_auth, sp_core
from bittensor.keyfiles import Keypair
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import Hotkey, Prompting
from tests.adapters.axon.callers import BODY, post, signed
from tests.adapters.axon.v10_callers import BODY_V10, headers_v10
from tests.adapters.dendrite.peers import MINER, SYNAPSE, VALIDATOR, axon, echo

STRANGER = Keypair.create_from_uri("//stranger")


def aged(seconds: float) -> dict[str, str]:
    return signed(nonce_ns=time.time_ns() - int(seconds * 1e9))


REFUSED: dict[str, Callable[[], dict[str, str]]] = {
    "unsigned": dict,
    "without version": lambda: {k: v for k, v in signed().items() if k != "X-Bittensor-Version"},
    "without receiver": lambda: signed(receiver_ss58=None),
    "for somebody else": lambda: signed(receiver_ss58=STRANGER.ss58_address),
    "receiver rewritten": lambda: (
        signed(receiver_ss58=STRANGER.ss58_address) | {"X-Bittensor-Receiver": MINER.ss58_address}
    ),
    "hotkey rewritten": lambda: signed() | {"X-Bittensor-Hotkey": STRANGER.ss58_address},
    "hotkey is no address": lambda: signed() | {"X-Bittensor-Hotkey": "5Nobody"},
    "over another body": lambda: signed(BODY + b" "),
    "for another path": lambda: signed(path="/Prompting?x=1"),
    "for another method": lambda: signed(method="PUT"),
    "stale": lambda: aged(11),
    "from the future": lambda: aged(-3),
    "nonce rewritten": lambda: signed() | {"X-Bittensor-Nonce": str(time.time_ns())},
    "nonce is no number": lambda: signed() | {"X-Bittensor-Nonce": "now"},
    "nonce is endless": lambda: signed() | {"X-Bittensor-Nonce": "9" * 6000},
    "signature cut": lambda: signed() | {"X-Bittensor-Signature": "0xab"},
    "signature is no hex": lambda: signed() | {"X-Bittensor-Signature": "0xzz"},
    "of an unknown scheme": lambda: signed() | {"X-Bittensor-Crypto": "none"},
    "of another scheme": lambda: signed() | {"X-Bittensor-Crypto": "ed25519"},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_proven_is_refused(name: str) -> None:
    """A request that does not verify is 401 in a sentence, and neither blacklist nor forward hear of it."""
    heard: list[Hotkey] = []

    def blacklist(hotkey: Hotkey, _synapse: Prompting) -> None:
        heard.append(hotkey)

    async with axon(blacklist=blacklist) as address:
        response = await post(address, headers=REFUSED[name]())
    assert response.status_code == 401
    assert set(response.json()) == {"message"}
    assert heard == []


async def test_signed_request_is_answered_for_the_hotkey_that_signed() -> None:
    """The forward gets the synapse as sent and the verified hotkey; the answer holds the completion alone."""
    seen: list[tuple[Prompting, Hotkey]] = []

    async def forward(synapse: Prompting, hotkey: Hotkey) -> AsyncIterator[str]:
        seen.append((synapse, hotkey))
        yield "fine"

    async with axon(forward) as address:
        response = await post(address)
    assert seen == [(SYNAPSE, VALIDATOR.ss58_address)]
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"completion": "fine"}


async def test_a_request_counts_once() -> None:
    """The same signed request a second time is refused as a replay."""
    headers = signed()
    async with axon() as address:
        responses = [await post(address, headers=headers) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 401]


def respelled(prefix: int) -> dict[str, str]:
    """Signed by VALIDATOR, under the address that its key has on another network."""
    hotkey = sp_core.ss58_encode(VALIDATOR.public_key, prefix)
    nonce_ns = time.time_ns()
    payload = http_auth.build_payload(
        scheme="sr25519",
        method="POST",
        path="/Prompting",
        body=BODY,
        nonce_ns=nonce_ns,
        sender_ss58=hotkey,
        receiver_ss58=MINER.ss58_address,
    )
    signature = "0x" + bytes(VALIDATOR.sign(payload)).hex()
    return signed(nonce_ns=nonce_ns) | {
        "X-Bittensor-Hotkey": hotkey,
        "X-Bittensor-Signature": signature,
    }


async def test_a_key_has_one_address() -> None:
    """Its spelling for another network is no second caller to a blacklist, on either wire."""
    heard: list[Hotkey] = []
    elsewhere = sp_core.ss58_encode(VALIDATOR.public_key, 0)
    async with axon(blacklist=lambda hotkey, _synapse: heard.append(hotkey)) as address:
        responses = [
            await post(address, headers=respelled(0)),
            await post(address, BODY_V10, headers_v10(sender=elsewhere)),
            await post(address, headers=respelled(42)),
        ]
    assert [response.status_code for response in responses] == [401, 401, 200]
    assert "spelled" in responses[0].json()["message"]
    assert responses[1].json() == responses[0].json()
    assert heard == [VALIDATOR.ss58_address]


async def test_axons_of_one_process_have_their_own_memory() -> None:
    """What one axon has seen is no replay for another with the same hotkey."""
    headers = signed()
    async with axon() as one, axon() as other:
        responses = [await post(address, headers=headers) for address in (one, other)]
    assert [response.status_code for response in responses] == [200, 200]


async def test_blacklist_is_told_to_the_caller() -> None:
    """Whoever is blacklisted gets 403 with the reason, others get an answer."""

    def blacklist(hotkey: Hotkey, _synapse: Prompting) -> str | None:
        return "no permit" if hotkey == VALIDATOR.ss58_address else None

    async with axon(blacklist=blacklist) as address:
        response = await post(address)
    assert (response.status_code, response.json()) == (403, {"message": "no permit"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"roles": ["user"]}',
        b'{"roles": ["user"], "messages": []}',
        b'{"roles": [], "messages": []}',
        b'{"roles": ["user"], "messages": [7]}',
        b'{"roles": "user", "messages": "hi"}',
        b'{"roles": ["user"], "messages": ["\\ud800"]}',
        b'{"roles": ["user"], "messages": ["\xff"]}',
        b"[" * 60_000,
        b'{"x": ' + b"[" * 60_000,
        BODY[:-1],
    ],
)
async def test_signed_nonsense_is_not_understood(body: bytes) -> None:
    """A body that verifies but is no Prompting is 422."""
    async with axon() as address:
        response = await post(address, body)
    assert response.status_code == 422
    assert set(response.json()) == {"message"}


header_names = st.sampled_from(["Version", "Hotkey", "Nonce", "Signature", "Receiver", "Crypto"])
header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))


@settings(max_examples=60, deadline=None)
@given(changes=st.dictionaries(header_names, header_values.map(str.strip), min_size=1))
async def test_no_header_breaks_the_door(changes: dict[str, str]) -> None:
    """Whatever stands in the headers, the answer is 401, never a fault of ours."""
    altered = {f"X-Bittensor-{name}": value for name, value in changes.items()}
    headers = {name: value.encode("latin-1") for name, value in (signed() | altered).items()}
    async with axon(echo) as address:
        response = await post(address, headers=headers)  # type: ignore[arg-type]  # bytes stand for what no str can
    unchanged = headers == {name: value.encode("latin-1") for name, value in signed().items()}
    assert response.status_code == 401 or unchanged
