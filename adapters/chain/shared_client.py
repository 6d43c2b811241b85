"""One client of the SDK and who is using it, so that it is closed when it has failed and its last user is through."""

from typing import TYPE_CHECKING

import anyio
import attrs

from adapters.chain.sdk import tend_sessions

if TYPE_CHECKING:
    from bittensor import Client

CLOSE_TIMEOUT_S = 2.0


@attrs.define
class SharedClient:
    """A connected client.

    Attributes:
        endpoint: where it leads.
        genesis: hash of the chain's first block.
        has_failed: nobody takes it up any more.
    """

    client: "Client"
    endpoint: str
    genesis: str
    has_failed: bool = False
    _users: int = 0

    def take(self) -> None:
        self._users += 1

    async def leave(self) -> None:
        self._users -= 1
        if self.has_failed:
            await self._close_if_unused()

    def fail(self) -> None:
        """Let nobody take it up any more; who uses it comes to an end by a deadline of its own."""
        self.has_failed = True

    async def retire(self) -> None:
        """The same, without a user at hand who would close it."""
        self.fail()
        await self._close_if_unused()

    async def _close_if_unused(self) -> None:
        if self._users == 0:
            with anyio.move_on_after(CLOSE_TIMEOUT_S, shield=True):
                await self.client.close()
            tend_sessions()
