"""Keys, signatures and hashes are the same to both SDKs."""

import pytest
from bittensor.keyfiles import Keypair
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.v10 import body_hash
from tests.interop.ours import STRANGER, TEXT, VALIDATOR
from tests.interop.peer import Peer

pytestmark = pytest.mark.timeout(60)


def test_keys(v10_dendrite: Peer) -> None:
    """One secret gives one hotkey."""
    assert v10_dendrite.ask("hotkey") == VALIDATOR.ss58_address


def test_their_signatures_prove_to_us(v10_dendrite: Peer) -> None:
    """What a v10 wallet signed verifies here, for its own hotkey and text alone."""
    signature = bytes.fromhex(v10_dendrite.ask("sign", text=TEXT).removeprefix("0x"))
    assert Keypair(ss58_address=VALIDATOR.ss58_address).verify(TEXT.encode(), signature)
    assert not Keypair(ss58_address=STRANGER.ss58_address).verify(TEXT.encode(), signature)
    assert not VALIDATOR.verify(b"another text", signature)


def test_our_signatures_prove_to_them(v10_dendrite: Peer) -> None:
    """What we sign verifies by a v10 wallet, for its own hotkey and text alone."""
    signature = f"0x{VALIDATOR.sign(TEXT.encode()).hex()}"
    ours = {"hotkey": VALIDATOR.ss58_address, "text": TEXT, "signature": signature}
    assert v10_dendrite.ask("verify", **ours)
    assert not v10_dendrite.ask("verify", **ours | {"hotkey": STRANGER.ss58_address})
    assert not v10_dendrite.ask("verify", **ours | {"text": "another text"})


@given(st.lists(st.text(st.characters()), max_size=4))
def test_hashes(v10_dendrite: Peer, messages: list[str]) -> None:
    """Whatever the messages, both give them the same hash."""
    assert body_hash(messages) == v10_dendrite.ask("hashed", messages=messages)
