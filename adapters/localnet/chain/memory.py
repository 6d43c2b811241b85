"""The front without a socket: a chain of this process, for `bittensor.Client(substrate=…)`.

It is the SDK's own RPC backend with its websocket taken out: frames go straight into a line to the chain. So both
fronts give the same answers by the same code, encoding and signatures included, and clients meet the SDK as it
is in production. It needs asyncio, as the SDK does.
"""

from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import checkpoint

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.line import Cut, Line
from adapters.localnet.chain.rpc import Rpc

if TYPE_CHECKING:
    from bittensor import RpcSubstrate

# What a client is to call the network: the SDK keeps files by this name.
MEMORY_ENDPOINT = "ws://memory"
# A stream of heads that was left unsubscribes when it is collected, some turns of the loop later, and connects again for
# that if it must. The SDK loses sight of a connection that is made while another one ends.
_TURNS_TO_UNSUBSCRIBE = 16


def memory_substrate(chain: LocalChain, gate: Gate | None = None) -> "RpcSubstrate":
    """One client's way to `chain`. It connects and closes as any other; blocks come from elsewhere.

    `gate` makes it fail on demand; None for a way that does not. A refused connection is a `ConnectionRefusedError`
    inside the SDK, one that is cut a `ConnectionResetError`.
    """
    from bittensor import RpcSubstrate
    from bittensor._transport import SubstrateConnection

    door, lines = Gate() if gate is None else gate, list[Line]()
    rpc = Rpc(chain, door.behind_ms)

    class MemorySubstrate(RpcSubstrate):
        is_closed = False

        # Private, but the one place where the SDK makes its connections; they take another way of dialling.
        def _interface(self, endpoint: str, fallbacks: list[str]) -> SubstrateConnection:
            self._made = SubstrateConnection(endpoint, fallback_urls=fallbacks, connect_factory=dial)
            return self._made

        async def connect(self) -> None:
            self.is_closed = False
            try:
                await super().connect()
            except BaseException:
                # The SDK forgets a connection whose first answer somebody stopped waiting for.
                with anyio.CancelScope(shield=True):
                    hang_up()
                    await self._made.close()
                raise

        async def close(self) -> None:
            with anyio.CancelScope(shield=True):
                for _ in range(_TURNS_TO_UNSUBSCRIBE):
                    await checkpoint()
            hang_up()
            await super().close()

    async def dial(_endpoint: str) -> _Socket:
        if door.refusing or substrate.is_closed:
            raise ConnectionRefusedError("the chain takes no connections")
        line = Line(rpc, door)
        lines[:] = [line]  # the SDK closes one before it dials another
        return _Socket(line)

    def hang_up() -> None:
        # Before the SDK ends its tasks: one may miss that it is cancelled while a frame comes in, and wait for another.
        substrate.is_closed = True
        while lines:
            lines.pop().close()

    substrate = MemorySubstrate(MEMORY_ENDPOINT)
    return substrate


class _Socket:
    """As much of a websocket as the SDK uses."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def send(self, message: str) -> None:
        if not self._line.is_open:
            raise ConnectionResetError("the connection was cut")
        self._line.receive(message)

    async def recv(self) -> str:
        try:
            return await self._line.next()
        except Cut:
            raise ConnectionResetError("the connection was cut") from None

    async def close(self) -> None:
        self._line.close()
