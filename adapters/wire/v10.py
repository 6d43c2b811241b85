"""The v10 wire: names of its headers, the hash of a body, the message that is signed.

Rules:
- Header names are lower case on the wire: the SDK's own client knows no others in an answer.
- The hash covers the messages alone, as Python writes a list of texts. Roles and all else are not proven to come from the caller.
"""

import hashlib
from collections.abc import Mapping, Sequence

import attrs
import msgspec

from core.types import Prompting

HOTKEY = "bt_header_dendrite_hotkey"
NONCE = "bt_header_dendrite_nonce"
UUID = "bt_header_dendrite_uuid"
SIGNATURE = "bt_header_dendrite_signature"
VERSION = "bt_header_dendrite_version"
BODY_HASH = "computed_body_hash"
TIMEOUT = "timeout"
NAME = "name"
STATUS_CODE = "bt_header_axon_status_code"
STATUS_MESSAGE = "bt_header_axon_status_message"
PROCESS_TIME = "bt_header_axon_process_time"
# What a request shows itself by.
CALLER_PREFIX = "bt_header_dendrite_"
# The release that this wire is that of: 1000000 * major + 1000 * minor + patch.
PROTOCOL_VERSION = 10_005_000
# An axon builds an empty synapse before it reads the body, and wants a value for each required field: base64 of `[]`.
_EMPTY_FIELDS = {"bt_header_input_obj_roles": "W10=", "bt_header_input_obj_messages": "W10="}


@attrs.frozen
class Claim:
    """Who says to have sent what to whom; what a signature is made over.

    Attributes:
        nonce: Unix time in nanoseconds.
        sender, receiver: hotkeys.
        uuid: of the sender's choice; a v10 axon wants nonces of one uuid to increase.
        body_hash: see `body_hash`.
    """

    nonce: int
    sender: str
    receiver: str
    uuid: str
    body_hash: str

    def payload(self) -> bytes:
        """The bytes to sign, by sr25519."""
        return f"{self.nonce}.{self.sender}.{self.receiver}.{self.uuid}.{self.body_hash}".encode()


def body_hash(messages: Sequence[str]) -> str:
    """SHA3-256 over the hex of SHA3-256 over the messages as Python writes a list of texts; lower-case hex."""
    return _sha3(_sha3(repr(list(messages))))


def _sha3(text: str) -> str:
    return hashlib.sha3_256(text.encode()).hexdigest()


@attrs.frozen
class Caller:
    """Who sends a request, as it stands in headers and body alike: a v10 miner's forward sees the body's.

    Attributes:
        version: of the SDK; below 7002000 an axon would not check the nonce's age.
    """

    version: int
    nonce: int
    uuid: str
    hotkey: str
    signature: str


@attrs.frozen
class Receiver:
    """The axon that is meant."""

    ip: str
    port: int
    hotkey: str


def request_headers(
    name: str, timeout_s: float, caller: Caller, receiver: Receiver, signed_hash: str
) -> Mapping[str, str]:
    """The headers that a v10 axon makes its synapse of, but for those of HTTP itself. `name` is the synapse's."""
    return {
        NAME: name,
        TIMEOUT: str(float(timeout_s)),
        "bt_header_axon_ip": receiver.ip,
        "bt_header_axon_port": str(receiver.port),
        "bt_header_axon_hotkey": receiver.hotkey,
        HOTKEY: caller.hotkey,
        NONCE: str(caller.nonce),
        UUID: caller.uuid,
        SIGNATURE: caller.signature,
        VERSION: str(caller.version),
        BODY_HASH: signed_hash,
        **_EMPTY_FIELDS,
    }


class _Body(msgspec.Struct, frozen=True):
    name: str
    timeout: float
    dendrite: Caller
    axon: Receiver
    roles: tuple[str, ...]
    messages: tuple[str, ...]


def encode_request(
    name: str, timeout_s: float, caller: Caller, receiver: Receiver, synapse: Prompting
) -> bytes:
    """The synapse as JSON."""
    return msgspec.json.encode(
        _Body(name, float(timeout_s), caller, receiver, synapse.roles, synapse.messages)
    )
