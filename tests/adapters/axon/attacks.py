"""What floods are made of: bytes that are prepared beforehand, and how they are sent."""

import time
from pathlib import Path

import attrs
from bittensor.keyfiles import Keypair

from adapters.wire import v10
from adapters.wire.prompting import encode_request
from core.types import Prompting
from tests.adapters.dendrite.peers import MINER, VALIDATOR

STRANGER = Keypair.create_from_uri("//stranger")
WORDS = Prompting(("user",), ("nobody signed this",))
BODY = encode_request(WORDS)
CONNECTIONS = 1000
HOUR_NS = 3600 * 10**9
CLAIM = b"x-bittensor-version: 1\r\n"


@attrs.frozen
class Attack:
    """One kind of flood.

    Attributes:
        mode: see `flood.c`.
        taken: requests of it that an axon rightly takes.
    """

    name: str
    mode: str
    data: bytes
    connections: int = CONNECTIONS
    taken: int = 0

    def write(self, folder: Path) -> Path:
        """The file that a load generator sends."""
        path = folder / f"{self.name.replace(' ', '_')}.bytes"
        path.write_bytes(self.data)
        return path


def attacks() -> tuple[Attack, ...]:
    """All kinds, fresh for a minute."""
    replayed = signed_v10(VALIDATOR, time.time_ns())
    chunks = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    return (
        Attack("unsigned", "keep", request(b"")),
        Attack("unsigned, reconnecting", "close", request(b"")),
        Attack("unsigned, pipelined", "pour", request(b"") * 50),
        Attack("no request at all", "keep", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
        Attack(
            "forged signatures",
            "keep",
            request(signed_v10(STRANGER, time.time_ns(), hotkey=VALIDATOR.ss58_address)),
        ),
        Attack("replays", "keep", request(replayed), taken=1),
        Attack("nonces of the future", "keep", request(signed_v10(VALIDATOR, time.time_ns() + HOUR_NS))),
        Attack("slow bodies", "hold", head(CLAIM, 60_000)),
        Attack("half-open connections", "hold", b"POST /Prompting HTTP/1.1\r\nHost: "),
        Attack("endless headers", "pour", b"POST /Prompting HTTP/1.1\r\n" + b"x: y\r\n" * 5000, 100),
        Attack("bodies of 50 MB", "pour", head(CLAIM, 50_000_000) + b"x" * 65_536, 100),
        Attack("endless chunks", "pour", head(CLAIM, None) + chunks * 4, 100),
    )


def head(lines: bytes, length: int | None) -> bytes:
    """A head with these further lines; None announces chunks."""
    size = b"transfer-encoding: chunked" if length is None else b"content-length: %d" % length
    return b"POST /Prompting HTTP/1.1\r\nHost: x\r\n" + lines + size + b"\r\n\r\n"


def request(lines: bytes) -> bytes:
    return head(lines, len(BODY)) + BODY


def signed_v10(key: Keypair, nonce_ns: int, hotkey: str | None = None) -> bytes:
    """Header lines of the v10 wire for WORDS to MINER, good for a minute, signed by `key` in the name of `hotkey`."""
    hotkey = hotkey or key.ss58_address
    claim = v10.Claim(nonce_ns, hotkey, MINER.ss58_address, "a-uuid", v10.body_hash(WORDS.messages))
    lines = {
        v10.HOTKEY: hotkey,
        v10.NONCE: str(nonce_ns),
        v10.UUID: claim.uuid,
        v10.BODY_HASH: claim.body_hash,
        v10.TIMEOUT: "60",
        v10.SIGNATURE: "0x" + bytes(key.sign(claim.payload())).hex(),
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
