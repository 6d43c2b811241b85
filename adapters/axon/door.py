"""Who is let in: the signature first, then the memory of nonces, then the blacklist; nothing reads a body's meaning before.

Order: signed by whom it says and for us, fresh, not seen before, spelled as on chain, not blacklisted, remembered. Only what all others
have let pass is remembered: anybody can make hotkeys and sign with them.
"""

from collections.abc import Callable
from http import HTTPStatus

from adapters.axon.nonces import Nonce, Nonces, NoRoom
from adapters.axon.refusal import Refused
from core.types import Hotkey, Prompting

Blacklist = Callable[[Hotkey, Prompting], str | None]
REPLAYED = "this request was taken already"


class Door:
    """Decides on requests that are proven, as to who sent them."""

    def __init__(self, nonces: Nonces, blacklist: Blacklist | None) -> None:
        self._nonces = nonces
        self._blacklist = blacklist

    def admit(self, nonce: Nonce, synapse: Prompting) -> Hotkey:
        """The hotkey that is let in, once.

        Raises:
            Refused: 403 not wanted, 401 taken before or a hotkey spelled otherwise, 503 no room to remember it.
        """
        _check_spelling(nonce.hotkey)
        reason = self._blacklist(nonce.hotkey, synapse) if self._blacklist else None
        if reason is not None:
            raise Refused(HTTPStatus.FORBIDDEN, reason)
        try:
            is_new = self._nonces.remember(nonce)
        except NoRoom:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "busy") from None
        if not is_new:
            raise unproven(REPLAYED)
        return nonce.hotkey


def _check_spelling(hotkey: Hotkey) -> None:
    """One key has an address for every network, and signs under each: to a blacklist these would be different callers."""
    # Late: the SDK takes a while to import.
    from bittensor import sp_core

    if sp_core.ss58_encode(sp_core.ss58_decode(hotkey)) != hotkey:
        raise unproven("the hotkey is not spelled as on this chain")


def unproven(message: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, message)
