"""The bytes that a request on the wire btauth/1 is signed over, which other implementations must make alike."""

from bittensor import http_auth

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
LINES = (
    "btauth/1",
    "sr25519",
    "POST",
    "/Prompting?x=1",
    "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862",
    "1700000000000000000",
    ALICE,
    "-",
)


def test_payload() -> None:
    """The installed SDK signs the lines that were agreed on, the body as its SHA-256, without a line feed at the end."""
    payload = http_auth.build_payload(
        scheme="sr25519",
        method="post",
        path="/Prompting?x=1",
        body=b'{"a":1}',
        nonce_ns=1_700_000_000_000_000_000,
        sender_ss58=ALICE,
        receiver_ss58=None,
    )
    assert payload == "\n".join(LINES).encode()
