"""Who is let in: the signature first, the blacklist after it, nothing else before."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request

from adapters.axon.refusal import refusal
from core.types import Hotkey

if TYPE_CHECKING:
    from bittensor.signing import Signer

Blacklist = Callable[[Hotkey], str | None]


class Door:
    """Verifies requests by btauth/1, each nonce once, and asks the blacklist about whoever signed."""

    def __init__(self, keypair: "Signer", blacklist: Blacklist | None) -> None:
        from bittensor import http_auth

        self._hotkey = keypair.ss58_address
        self._http_auth = http_auth
        # One store an axon: several share a process in the local subnet, and one's requests are not another's replays.
        self._seen = http_auth.InMemoryNonceStore(
            retention=http_auth.DEFAULT_MAX_AGE + http_auth.DEFAULT_ALLOWED_SKEW + 1
        )
        self._blacklist = blacklist

    def enter(self, request: Request, body: bytes) -> Hotkey:
        """The hotkey that signed; raises refusals 401 (not proven) and 403 (not wanted)."""
        hotkey = self._verified(request, body)
        reason = self._blacklist(hotkey) if self._blacklist else None
        if reason is not None:
            raise refusal(HTTPStatus.FORBIDDEN, reason)
        return hotkey

    def _verified(self, request: Request, body: bytes) -> Hotkey:
        try:
            caller = self._http_auth.verify(
                request.headers,
                body,
                method=request.method,
                path=_target(request),
                self_hotkey_ss58=self._hotkey,
                nonce_store=self._seen,
            )
        except self._http_auth.AuthError as error:
            raise refusal(HTTPStatus.UNAUTHORIZED, str(error)) from None
        return Hotkey(caller.hotkey_ss58)


def _target(request: Request) -> str:
    """Path and query as sent, which is what the signature covers."""
    path, query = request.scope["raw_path"], request.scope["query_string"]
    target: bytes = path + b"?" + query if query else path
    return target.decode("ascii")
