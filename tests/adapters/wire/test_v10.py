"""The v10 wire's hash and signed message, against what the SDK 10.5.0 gave for the same input."""

import pytest
from bittensor.keyfiles import Keypair

from adapters.wire.v10 import Claim, body_hash

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
UUID = "00000000-0000-4000-8000-000000000000"
HASHES = {
    ("hi",): "e0e37eb7f2cc8e8cd1d99053c97a43fd5c2a67c7ca30a7d233e535ac480d4848",
    (): "a8ea28e4d52d34cdb5899a7d172856e378d786898fd92d0af8659a25bbee7098",
    ("",): "b4c567a3fb30d31db1db01b1a2e11d914dd0c83a786c1f34e823f7656c5af18c",
    ("What is the capital of France?",): "0a0f38cbfc2c9422ef9245bcd617e7d027c68e59ed9961464bfc0edcaefc9042",
    (
        "it's",
        'say "hi"',
        "both ' and \"",
    ): "f81e8b316b9a2d26d96f79b86318fcc999fc90627129698f92b3c26211ce6100",
    ("line\nbreak\ttab\\",): "51968a5ff2b8ca232d1fc6253b42983e83b62e43588ecb79a29d38ecb71db24c",
    ("h\u00e9llo \u2603 \u200b",): "7c71710dcaed489719d0658b024bb9a19d46a108f98492c83b6d10d291f9068a",
    ("a", "b"): "3367b97beae48a9dca4a5718a3d059e97f482a50f03dc93cb95541cd60a8cf65",
    ("\ud800",): "196cd1d81fbeefe075de26baaa16ee206ea192272a70aea6cb30294e8da0a03a",
}
CLAIM = Claim(1_700_000_000_000_000_000, ALICE, BOB, UUID, HASHES["hi",])
PAYLOAD = f"1700000000000000000.{ALICE}.{BOB}.{UUID}.{HASHES['hi',]}"
SIGNATURE = bytes.fromhex(
    "4e13a335ecd1a4b94c908a6b002c6eb9cf208d8a5e384c1d95ddb582f2ec6701"
    "6ab03dc5e142531342396001ceb1c039eb67f5407bb9518ab3c38132dfd9ae8a"
)


@pytest.mark.parametrize(("messages", "expected"), HASHES.items())
def test_hash(messages: tuple[str, ...], expected: str) -> None:
    """The hash of the messages is the one that the old SDK puts into its header and signs."""
    assert body_hash(messages) == expected


def test_signed_message() -> None:
    """What is signed is nonce, sender, receiver, uuid and hash, with full stops between them and nothing else."""
    assert CLAIM.payload() == PAYLOAD.encode()


def test_a_signature_of_the_old_sdk_verifies() -> None:
    """A signature that the old SDK made proves its sender to the new one."""
    assert Keypair(ss58_address=ALICE).verify(CLAIM.payload(), SIGNATURE)


@pytest.mark.parametrize(
    "altered",
    [
        Claim(1_700_000_000_000_000_001, ALICE, BOB, UUID, HASHES["hi",]),
        Claim(1_700_000_000_000_000_000, ALICE, ALICE, UUID, HASHES["hi",]),
        Claim(1_700_000_000_000_000_000, ALICE, BOB, UUID.replace("4", "5"), HASHES["hi",]),
        Claim(1_700_000_000_000_000_000, ALICE, BOB, UUID, HASHES["",]),
    ],
)
def test_a_signature_is_for_one_claim_alone(altered: Claim) -> None:
    """Whatever of a claim is altered, its signature does not hold."""
    assert not Keypair(ss58_address=ALICE).verify(altered.payload(), SIGNATURE)


def test_a_signature_is_of_its_sender_alone() -> None:
    """Nobody else can have made it."""
    assert not Keypair(ss58_address=BOB).verify(CLAIM.payload(), SIGNATURE)
