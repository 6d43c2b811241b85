"""The way to one subnet's chain: whichever of its endpoints answers, and calls on it under a deadline.

Rules:
- A client of the SDK that failed, or let a deadline pass, is not used again: the next call dials anew, the other endpoints first.
- Whatever is dialled is the chain that we began with: its genesis is compared.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
import attrs

from adapters.chain.blocks import Pace
from adapters.chain.dialling import Wanted, dial, dial_in_memory
from adapters.chain.endpoints import shown
from adapters.chain.errors import described, is_lost
from adapters.chain.sdk import load_sdk, tend_sessions
from adapters.chain.shared_client import SharedClient
from adapters.errors import OperatorError
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor import BlockHeader, Client, Substrate

T = TypeVar("T")
METAGRAPH = ("SubnetInfoRuntimeApi", "get_metagraph")


@attrs.frozen
class ChainSettings:
    """Which subnet, where, and how long to wait.

    Attributes:
        endpoints: websocket addresses of one network, the preferred one first.
        cache_dir: where the SDK keeps its files.
        axon: "ip:port" (v6 "[ip]:port") to publish; None to publish nothing.
        genesis: hash of the first block that the chain must have; None to take the chain that answers first.
        is_local: it is a chain of this machine: public ones are refused, and weights may be committed in the plain where it asks for that.
        connect_timeout_s: for all endpoints together.
        read_timeout_s: for one reading.
        submit_timeout_s: for a submission to be included in a block.
    """

    endpoints: tuple[str, ...]
    netuid: int
    cache_dir: Path
    axon: str | None = None
    genesis: str | None = None
    is_local: bool = False
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    submit_timeout_s: float = 60.0
    pace: Pace = Pace()


class Connection:
    """Leads to the chain for as long as it is open; made by `connected`."""

    def __init__(self, settings: ChainSettings, substrate: "Callable[[], Substrate] | None") -> None:
        self.settings = settings
        self.genesis = settings.genesis
        self._substrate = substrate
        self._lock = anyio.Lock()
        self._is_closed = False
        self._shared: SharedClient | None = None
        self._last = settings.endpoints[0]
        self._resting: dict[str, float] = {}
        self._watched: set[anyio.CancelScope] = set()

    @property
    def where(self) -> str:
        """The endpoint that is used, or was last, as it may be shown."""
        return shown(self._last)

    async def open(self) -> None:
        """Find the chain.

        Raises:
            OperatorError: no endpoint can be used; says why and which flags to look at.
        """
        if self._substrate is not None:
            endpoint = self.settings.endpoints[0]
            self._shared = await dial_in_memory(self._substrate, endpoint, self.settings.connect_timeout_s)
        else:
            wanted = Wanted(self.genesis, self.settings.is_local, self.settings.connect_timeout_s)
            self._shared = await dial(self._in_turn(), wanted, self._resting)
        self._last, self.genesis = self._shared.endpoint, self._shared.genesis

    async def close(self) -> None:
        """Let nobody make calls any more; who is making one comes to an end by its deadline."""
        self._is_closed = True
        if self._shared is not None:
            await self._shared.retire()

    @asynccontextmanager
    async def leased(self, timeout_s: float | None) -> AsyncIterator["Client"]:
        """A client for as long as the block lasts, and no longer than `timeout_s`.

        What calls raise passes; what says that the client is lost is heeded.

        Raises:
            Fault: no endpoint can be used.
            TimeoutError: time ran out.
        """
        shared: SharedClient | None = None
        try:
            # A stream has no end, and no scope may be left open while it waits for its reader.
            with nullcontext() if timeout_s is None else anyio.fail_after(timeout_s):
                shared = await self._taken()
                yield shared.client
        except Exception as error:
            if shared is not None and is_lost(error):
                self._fail(shared)
            raise
        finally:
            if shared is not None:
                await shared.leave()
            tend_sessions()

    @asynccontextmanager
    async def guarded(self, what: str, timeout_s: float) -> AsyncIterator["Client"]:
        """The same, with whatever goes wrong told as a `Fault` that says `what`."""
        try:
            async with self.leased(timeout_s) as client:
                yield client
        except TimeoutError:
            raise Fault(f"{what}: {self.where} did not answer within {timeout_s:g} s") from None
        except Exception as error:
            raise Fault(f"{what}: {described(error)}") from error

    def renew(self, client: "Client | None" = None) -> None:
        """Dial anew for the next call, the other endpoints first; where a client is given, only if it is that one still."""
        shared = self._shared
        if shared is not None and client in {None, shared.client}:
            self._fail(shared)

    async def heads(self) -> AsyncGenerator["BlockHeader", None]:
        """New heads, until the subscription is lost."""
        async with self.leased(None) as client:
            async for header in client.blocks():
                yield header

    @contextmanager
    def cutting(self, scope: anyio.CancelScope) -> Iterator[None]:
        """Cancel the scope when the client in use is given up: who waits for the next head would wait in vain."""
        self._watched.add(scope)
        try:
            yield
        finally:
            self._watched.discard(scope)

    async def record(self) -> Mapping[str, Any] | None:
        """The runtime's metagraph record at the head, None where the subnet does not exist."""
        async with self.guarded("reading the metagraph", self.settings.read_timeout_s) as client:
            record = await _readable(client.runtime(METAGRAPH, [self.settings.netuid]))
        return record if isinstance(record, Mapping) else None

    async def head(self) -> int:
        """Number of the newest block."""
        async with self.guarded("reading the head", self.settings.read_timeout_s) as client:
            return await _readable(client.block())

    def _fail(self, shared: SharedClient) -> None:
        shared.fail()
        for scope in self._watched:
            scope.cancel()

    async def _taken(self) -> SharedClient:
        async with self._lock:
            if self._is_closed:
                raise Fault("the connection to the chain is closed")
            if self._shared is None or self._shared.has_failed:
                await self._redial()
            assert self._shared is not None  # noqa: S101  # dialled above
            self._shared.take()
            return self._shared

    async def _redial(self) -> None:
        try:
            if self._shared is not None:
                await self._shared.retire()
            await self.open()
        except OperatorError as error:
            # It was there, so nobody has mistyped anything.
            raise Fault(str(error)) from None

    def _in_turn(self) -> tuple[str, ...]:
        """The endpoints as they are to be tried: the one that was used last after all others, if there was one."""
        endpoints = self.settings.endpoints
        if self._shared is None:
            return endpoints
        place = endpoints.index(self._shared.endpoint) + 1
        return (*endpoints[place:], *endpoints[:place])


async def _readable(answer: Awaitable[T]) -> T:
    """The answer to a question that is always the same: if it makes no sense, another endpoint may do better."""
    try:
        return await answer
    except (LookupError, TypeError, ValueError) as error:
        raise ConnectionError(f"the answer cannot be read ({described(error)})") from error


@asynccontextmanager
async def connected(
    settings: ChainSettings, substrate: "Callable[[], Substrate] | None" = None
) -> AsyncIterator[Connection]:
    """A connection, closed at the end of the block. `substrate` makes the SDK's backend for a chain of this process.

    Raises:
        OperatorError: no endpoint can be used; says why and which flags to look at.
    """
    await anyio.to_thread.run_sync(load_sdk, settings.cache_dir)
    connection = Connection(settings, substrate)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()
