"""Proof on the v10 wire: headers are signed, and hold the hash of the messages in the body.

Rules:
- The signature is verified before a byte of the body is read; the body must then have the hash that was signed.
- A request is as old as its nonce says, whatever release it says to be of: at most 4 s and its own timeout, which is not signed and
  so has a limit of ours; and at most 2 s ahead.
- Nonces need not increase: the wire's own clients race themselves. Each is taken once.
"""

import math
import re
from http import HTTPStatus

import attrs

from adapters.axon.door import REPLAYED, unproven
from adapters.axon.head import Head
from adapters.axon.nonces import MAX_AHEAD_NS, Nonce, Nonces
from adapters.axon.refusal import Refused
from adapters.wire import v10
from core.types import Hotkey, Prompting, Wire

MAX_AGE_S = 4
SECOND_NS = 1_000_000_000
# What such an axon puts in the place of a uuid that is not sent.
NO_UUID = "None"

_NONCE = re.compile(r"[0-9]{1,20}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{128}")
_HASH = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class Promise:
    """What headers prove: who sent this, and what its body must be."""

    nonce: Nonce
    body_hash: str

    def check(self, synapse: Prompting) -> None:
        """Raises Refused (401) unless these messages are those that were signed."""
        if v10.body_hash(synapse.messages) != self.body_hash:
            raise unproven("the messages are not those that were signed")


@attrs.frozen
class V10Proof:
    """Verifies what is sent to the hotkey `receiver`."""

    receiver: str
    nonces: Nonces
    max_timeout_s: float

    def promised(self, head: Head, now_ns: int) -> Promise:
        """What the headers prove.

        Raises:
            Refused: 401; 400 where the timeout is no number.
        """
        claim = self._claim(head)
        timeout_s = min(max(timeout_of(head) or 0.0, 0.0), self.max_timeout_s)
        _check_age(now_ns - claim.nonce, timeout_s)
        nonce = self._nonce(claim)
        if self.nonces.has_seen(nonce):
            raise unproven(REPLAYED)
        _check_signature(claim, head.headers.get(v10.SIGNATURE, ""))
        return Promise(nonce, claim.body_hash)

    def _claim(self, head: Head) -> v10.Claim:
        nonce = head.headers.get(v10.NONCE, "")
        body_hash = head.headers.get(v10.BODY_HASH, "")
        if not _NONCE.fullmatch(nonce):
            raise unproven(f"{v10.NONCE} is missing or no time in nanoseconds")
        if not _HASH.fullmatch(body_hash):
            raise unproven(f"{v10.BODY_HASH} is missing or no hash")
        return v10.Claim(
            nonce=int(nonce),
            sender=head.headers.get(v10.HOTKEY, ""),
            receiver=self.receiver,
            uuid=head.headers.get(v10.UUID, NO_UUID),
            body_hash=body_hash,
        )

    def _nonce(self, claim: v10.Claim) -> Nonce:
        # The timeout is not signed, so whoever sends this again may claim the longest.
        until_ns = claim.nonce + int((MAX_AGE_S + self.max_timeout_s) * SECOND_NS)
        return Nonce(Hotkey(claim.sender), Wire.V10, claim.uuid, claim.nonce, until_ns)


def timeout_of(head: Head) -> float | None:
    """How long the caller says to wait, None where it does not say.

    Raises:
        Refused: 400, it says what is no number.
    """
    text = head.headers.get(v10.TIMEOUT)
    if text is None:
        return None
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = math.nan
    if not math.isfinite(timeout_s):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{v10.TIMEOUT} is no number of seconds")
    return timeout_s


def _check_age(age_ns: int, timeout_s: float) -> None:
    if age_ns > (MAX_AGE_S + timeout_s) * SECOND_NS:
        raise unproven(f"{v10.NONCE} is older than {MAX_AGE_S} s and the timeout")
    if age_ns < -MAX_AHEAD_NS:
        raise unproven(f"{v10.NONCE} is more than {MAX_AHEAD_NS // SECOND_NS} s ahead")


def _check_signature(claim: v10.Claim, signature: str) -> None:
    # Late: the SDK takes a while to import.
    from bittensor import sp_core

    if not _SIGNATURE.fullmatch(signature):
        raise unproven(f"{v10.SIGNATURE} is missing or no signature")
    try:
        # A signature over the payload between <Bytes> and </Bytes> passes as well.
        is_valid = sp_core.verify(
            claim.payload(), bytes.fromhex(signature[2:]), claim.sender, sp_core.CRYPTO_SR25519
        )
    except ValueError:
        raise unproven(f"{v10.HOTKEY} is missing or no hotkey") from None
    if not is_valid:
        raise unproven("the signature does not verify against the claimed hotkey")
