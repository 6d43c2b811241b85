"""Proof on the wire btauth/1: the whole request, body included, is signed (`bittensor.http_auth`)."""

from collections.abc import Callable

import attrs

from adapters.axon.door import unproven
from adapters.axon.head import Head
from adapters.axon.nonces import Nonce, Nonces
from adapters.wire.prompting import METHOD
from core.types import Hotkey, Wire

SECOND_NS = 1_000_000_000


@attrs.frozen
class _Unwritten:
    """The memory of nonces as http_auth asks it, which must not write to it yet."""

    nonces: Nonces
    made: Callable[[str, int], Nonce]

    def check_and_store(self, hotkey_ss58: str, nonce_ns: int) -> bool:
        return not self.nonces.has_seen(self.made(hotkey_ss58, nonce_ns))


@attrs.frozen
class BtauthProof:
    """Verifies what is sent to the hotkey `receiver`."""

    receiver: str
    nonces: Nonces

    def proven(self, head: Head, body: bytes) -> Nonce:
        """Who sent this, to be remembered.

        Raises:
            Refused: 401.
        """
        # Late: the SDK takes a while to import.
        from bittensor import http_auth

        try:
            caller = http_auth.verify(
                head.headers,
                body,
                method=METHOD,
                path=head.target,
                self_hotkey_ss58=self.receiver,
                nonce_store=_Unwritten(self.nonces, _nonce),
            )
        except http_auth.AuthError as error:
            raise unproven(str(error)) from None
        return _nonce(caller.hotkey_ss58, caller.nonce_ns)


def _nonce(hotkey: str, nonce_ns: int) -> Nonce:
    from bittensor import http_auth

    until_ns = nonce_ns + int(http_auth.DEFAULT_MAX_AGE) * SECOND_NS
    return Nonce(Hotkey(hotkey), Wire.BTAUTH, "", nonce_ns, until_ns)
