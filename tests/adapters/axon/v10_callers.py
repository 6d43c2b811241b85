"""Callers of an axon by the v10 wire, made by hand."""

import json
import time
from typing import Any

import attrs

from adapters.wire import v10
from tests.adapters.dendrite.peers import MINER, SYNAPSE, VALIDATOR

BODY_V10 = json.dumps(
    {"name": "Prompting", "roles": ["user"], "messages": list(SYNAPSE.messages), "completion": ""}
).encode()


def headers_v10(*, wrapped: bool = False, **changes: Any) -> dict[str, str]:
    """Headers that MINER's axon takes for BODY_V10; `changes` are to what is signed."""
    claim = attrs.evolve(
        v10.Claim(
            time.time_ns(),
            VALIDATOR.ss58_address,
            MINER.ss58_address,
            "0f0d0b4a-0000-1000-8000-000000000000",
            v10.body_hash(SYNAPSE.messages),
        ),
        **changes,
    )
    payload = b"<Bytes>" + claim.payload() + b"</Bytes>" if wrapped else claim.payload()
    return {
        v10.NAME: "Prompting",
        v10.TIMEOUT: "12.0",
        v10.HOTKEY: claim.sender,
        v10.NONCE: str(claim.nonce),
        v10.UUID: claim.uuid,
        v10.BODY_HASH: claim.body_hash,
        v10.VERSION: str(v10.PROTOCOL_VERSION),
        v10.SIGNATURE: "0x" + bytes(VALIDATOR.sign(payload)).hex(),
    }


def aged_v10(seconds: float, timeout: str | None = "12.0") -> dict[str, str]:
    """Signed so long ago, with that timeout or none."""
    headers = headers_v10(nonce=time.time_ns() - int(seconds * 1e9))
    del headers[v10.TIMEOUT]
    return headers if timeout is None else headers | {v10.TIMEOUT: timeout}
