"""The request to one miner on each wire: where it goes, its headers, its body, and how its answer is read.

Rules:
- Made once the connection stands, so that a slow connect does not age the nonce.
- What is signed is what is sent: a body is encoded once.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

import attrs

from adapters.dendrite.address import Address
from adapters.dendrite.sinks import EventSink, Sink, TextSink, WholeSink
from adapters.wire import v10
from adapters.wire.prompting import CONTENT_TYPE, METHOD, STREAM_PATH, WHOLE_PATH, encode_request
from adapters.wire.unicode13 import portable
from core.types import Hotkey, Prompting, Wire

if TYPE_CHECKING:
    from bittensor.signing import Signer


@attrs.frozen
class Prompt:
    """What is asked of everybody.

    Attributes:
        streaming: ask for `StreamPrompting`, whose answer comes in pieces.
        timeout_s: how long each miner has; on the v10 wire it is told.
        body: on btauth/1.
        portable, portable_hash: what goes over the v10 wire, which hashes messages as the axon's Python writes them.
    """

    streaming: bool
    timeout_s: float
    body: bytes
    portable: Prompting
    portable_hash: str

    @property
    def path(self) -> str:
        return STREAM_PATH if self.streaming else WHOLE_PATH


def make_prompt(synapse: Prompting, *, streaming: bool, timeout_s: float) -> Prompt:
    """What of all requests is the same."""
    messages = tuple(map(portable, synapse.messages))
    return Prompt(
        streaming,
        timeout_s,
        encode_request(synapse),
        Prompting(synapse.roles, messages),
        v10.body_hash(messages),
    )


@attrs.frozen
class Stamp:
    """What makes a request unique: a nonce, and on the v10 wire the sender's uuid that it belongs to."""

    nonce: int
    uuid: str


class Requests:
    """Makes signed requests of one hotkey."""

    def __init__(self, keypair: "Signer") -> None:
        # The SDK takes most of a second to import, so it waits until someone needs it.
        from bittensor import http_auth

        self._keypair = keypair
        self._hotkey = keypair.ss58_address
        self._http_auth = http_auth

    def make(self, wire: Wire, address: Address, receiver: Hotkey, prompt: Prompt, stamp: Stamp) -> bytes:
        """The request as it goes over the wire."""
        match wire:
            case Wire.BTAUTH:
                headers, body = self._btauth(receiver, prompt, stamp), prompt.body
            case Wire.V10:
                headers, body = self._v10(address, receiver, prompt, stamp)
            case other:
                assert_never(other)
        return _request(prompt.path, address, headers, body)

    def _btauth(self, receiver: Hotkey, prompt: Prompt, stamp: Stamp) -> Mapping[str, str]:
        return self._http_auth.sign(
            self._keypair,
            method=METHOD,
            path=prompt.path,
            body=prompt.body,
            receiver_ss58=receiver,
            nonce_ns=stamp.nonce,
        )

    def _v10(
        self, address: Address, receiver: Hotkey, prompt: Prompt, stamp: Stamp
    ) -> tuple[Mapping[str, str], bytes]:
        claim = v10.Claim(stamp.nonce, self._hotkey, receiver, stamp.uuid, prompt.portable_hash)
        signature = "0x" + bytes(self._keypair.sign(claim.payload())).hex()
        caller = v10.Caller(v10.PROTOCOL_VERSION, stamp.nonce, stamp.uuid, self._hotkey, signature)
        axon = v10.Receiver(address.host, address.port, receiver)
        name = prompt.path.removeprefix("/")
        headers = v10.request_headers(name, prompt.timeout_s, caller, axon, prompt.portable_hash)
        return headers, v10.encode_request(name, prompt.timeout_s, caller, axon, prompt.portable)


def make_sink(wire: Wire, *, streaming: bool) -> Sink:
    """What reads the answer's body on this wire."""
    if not streaming:
        return WholeSink()
    match wire:
        case Wire.BTAUTH:
            return EventSink()
        case Wire.V10:
            return TextSink()
        case other:
            assert_never(other)


def _request(path: str, address: Address, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    head = (
        f"{METHOD} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
        f"Accept-Encoding: identity\r\nConnection: close\r\n{''.join(lines)}\r\n"
    )
    return head.encode("ascii") + body
