"""Who is let in: the signature first, then the memory of nonces, then the blacklist; nothing reads a body's meaning before.

Order: signed by whom it says and for us, fresh, not seen before, not blacklisted, remembered. Only what all others have let pass is
remembered: anybody can make hotkeys and sign with them.
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
            Refused: 403 not wanted, 401 taken before, 503 no room to remember it.
        """
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


def unproven(message: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, message)
