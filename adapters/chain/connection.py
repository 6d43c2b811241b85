"""One connection of the SDK to one subnet's chain, and readings on it under a deadline."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import attrs

from adapters.chain.blocks import Pace
from adapters.chain.endpoints import shown
from adapters.chain.errors import described
from adapters.chain.probe import no_chain, order_by_answer
from adapters.chain.sdk import load_sdk, tend_sessions
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor import Client

CLOSE_TIMEOUT_S = 2.0
PALLET = "SubtensorModule"
METAGRAPH = ("SubnetInfoRuntimeApi", "get_metagraph")


@attrs.frozen
class ChainSettings:
    """Which subnet, where, and how long to wait.

    Attributes:
        endpoints: websocket addresses of one network, the preferred one first.
        cache_dir: where the SDK keeps its files.
        axon: "ip:port" (v6 "[ip]:port") to publish; None to publish nothing.
        connect_timeout_s: for all endpoints together.
        read_timeout_s: for one reading.
        submit_timeout_s: for a submission to be included in a block.
    """

    endpoints: tuple[str, ...]
    netuid: int
    cache_dir: Path
    axon: str | None = None
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    submit_timeout_s: float = 60.0
    pace: Pace = Pace()


@attrs.frozen
class Connection:
    """The SDK's client with what it is used for."""

    client: "Client"
    settings: ChainSettings

    @property
    def where(self) -> str:
        """The endpoint, as it may be shown."""
        return shown(self.client.endpoint)

    @contextmanager
    def guarded(self, what: str, timeout_s: float) -> Iterator[None]:
        """Run calls of the SDK: whatever they raise, and running out of time, becomes a `Fault` that says `what`."""
        try:
            with anyio.fail_after(timeout_s):
                yield
        except TimeoutError:
            raise Fault(f"{what}: {self.where} did not answer within {timeout_s:g} s") from None
        except Exception as error:
            raise Fault(f"{what}: {described(error)}") from error
        finally:
            tend_sessions()

    async def record(self) -> Mapping[str, Any] | None:
        """The runtime's metagraph record at the head, None where the subnet does not exist."""
        with self.guarded("reading the metagraph", self.settings.read_timeout_s):
            record = await self.client.runtime(METAGRAPH, [self.settings.netuid])
        return record if isinstance(record, Mapping) else None

    async def number(self, item: str) -> int:
        """A number that the chain stores for the subnet."""
        with self.guarded(f"reading {item}", self.settings.read_timeout_s):
            return int(await self.client.query((PALLET, item), [self.settings.netuid]) or 0)


@asynccontextmanager
async def connected(settings: ChainSettings) -> AsyncIterator[Connection]:
    """A connection, closed at the end of the block.

    Raises:
        OperatorError: no endpoint can be used; says why and which flags to look at.
    """
    await anyio.to_thread.run_sync(load_sdk, settings.cache_dir)
    client = await _dial(settings)
    try:
        yield Connection(client, settings)
    finally:
        with anyio.move_on_after(CLOSE_TIMEOUT_S, shield=True):
            await client.close()


async def _dial(settings: ChainSettings) -> "Client":
    from bittensor import Client

    deadline = anyio.current_time() + settings.connect_timeout_s
    first, *others = await order_by_answer(settings.endpoints, settings.connect_timeout_s)
    client = Client(first, fallback_endpoints=others, archive_endpoints=[])
    try:
        with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
            await client.connect()
    except TimeoutError:
        raise no_chain(f"{shown(first)} did not answer in time") from None
    except Exception as error:
        raise no_chain(f"{shown(first)} failed ({described(error)})") from error
    tend_sessions()
    return client
