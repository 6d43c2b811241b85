"""The `Chain` port over the SDK: one subnet, seen and acted on as one hotkey.

Rules:
- Reads and the axon raise `Fault`; a submission of weights returns what became of it, also when that is unknown.
- Nothing is asked twice: whether and when to try again is decided in the core.
"""

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from adapters.chain.blocks import follow
from adapters.chain.connection import ChainSettings, Connection, connected
from adapters.chain.convert import axon_address, own_uid, read_metagraph
from adapters.chain.errors import described, reason_of
from adapters.chain.submission import ERA_BLOCKS, Request, prepare, renew_if_outdated, send
from adapters.chain.wallet import Signer
from adapters.errors import OperatorError
from core.submission import STALE_S
from core.types import Block, Hotkey, Metagraph, Uid, WeightsRefused, WeightsResult
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor import Substrate

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_chain(
    settings: ChainSettings, hotkey: Signer, substrate: "Callable[[], Substrate] | None" = None
) -> AsyncIterator["SubtensorChain"]:
    """A connected chain, closed at the end of the block. `substrate` makes the SDK's backend for a chain of this process.

    Raises:
        OperatorError: no endpoint can be used; says why and which flags to look at.
    """
    async with connected(settings, substrate) as connection:
        yield SubtensorChain(connection, hotkey)


class SubtensorChain:
    """A `Chain`, connected; made by `open_chain`. `axon` is what it publishes, instead of what the connection's settings say."""

    def __init__(self, connection: Connection, hotkey: Signer, axon: str | None = None) -> None:
        self._connection = connection
        self._hotkey = hotkey
        self._axon = axon or connection.settings.axon
        self._skipped: tuple[str, ...] = ()

    @property
    def genesis(self) -> str:
        """Hash of the chain's first block: which chain it is."""
        return self._connection.genesis or ""

    async def check_registered(self) -> None:
        """Make sure that the subnet exists and that our hotkey is registered on it.

        Raises:
            OperatorError: it is not so; says what to do.
            Fault: the chain could not be read.
        """
        netuid, hotkey, where = self._netuid, self._hotkey.ss58_address, self._connection.where
        record = await self._connection.record()
        with _reading("who is registered"):
            uid = None if record is None else own_uid(record, hotkey)
        if uid is None:
            await self._require_present()
        if record is None:
            raise OperatorError(
                f"--netuid {netuid}: no such subnet on {where}; `btcli subnet list` shows which there are"
            )
        if uid is None:
            raise OperatorError(
                f"hotkey {hotkey} is not registered on netuid {netuid} of {where}: register it with "
                f"`btcli subnet register --netuid {netuid}`, or choose another by --wallet.name and --wallet.hotkey"
            )

    async def metagraph(self) -> Metagraph:
        record = await self._subnet()
        with _reading("the metagraph"):
            reading = read_metagraph(record, self._hotkey.ss58_address)
            uid = own_uid(record, self._hotkey.ss58_address)
        if uid is None:
            await self._require_present()
        if reading.skipped != self._skipped:
            self._skipped = reading.skipped
            for line in reading.skipped:
                log.warning("%s", line)
        return reading.metagraph

    async def last_update(self) -> Block:
        record = await self._subnet()
        with _reading("the last update"):
            uid = own_uid(record, self._hotkey.ss58_address)
            return Block(0 if uid is None else int(record["last_update"][uid]))

    async def set_weights(
        self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
    ) -> WeightsResult:
        prepared = await prepare(self._connection, self._hotkey, Request(weights, owners, version_key))
        return prepared if isinstance(prepared, WeightsRefused) else await send(self._connection, prepared)

    async def serve_axon(self) -> None:
        if self._axon is not None and await self._published_axon() != self._axon:
            await self._publish(self._axon)

    def blocks(self) -> AsyncGenerator[Block, None]:
        return follow(self._connection, self._connection.settings.pace)

    @property
    def _netuid(self) -> int:
        return self._connection.settings.netuid

    async def _subnet(self) -> Mapping[str, Any]:
        record = await self._connection.record()
        if record is None:
            raise Fault(f"subnet {self._netuid} is not on {self._connection.where} any more")
        return record

    async def _require_present(self) -> None:
        """Make sure that a node that does not know us stands in the chain's present: one that lags may not know us yet.

        Raises:
            Fault: it does not.
        """
        connection = self._connection
        async with connection.guarded("reading the time", connection.settings.read_timeout_s) as client:
            age_s = time.time() - (await client.timestamp()).timestamp()
            if age_s > STALE_S:
                connection.renew(client)
                raise Fault(
                    f"{connection.where} is {age_s / 60:.0f} minutes behind, and does not know our hotkey"
                )

    async def _published_axon(self) -> str | None:
        record = await self._subnet()
        with _reading("the axon"):
            uid = own_uid(record, self._hotkey.ss58_address)
            axon = None if uid is None else record["axons"][uid]
            try:
                return axon_address(axon)
            except ValueError:
                return None  # what stands there is no address: to be replaced

    async def _publish(self, axon: str) -> None:
        from bittensor import ServeAxon

        ip, _, port = axon.rpartition(":")
        intent = ServeAxon(netuid=self._netuid, ip=ip.strip("[]"), port=int(port))
        what = f"publishing the axon {axon}"
        async with self._connection.guarded(what, self._connection.settings.submit_timeout_s) as client:
            result = await client.execute(
                intent, self._hotkey, period=ERA_BLOCKS, wait_for_finalization=False
            )
            renew_if_outdated(self._connection, client, result)
        if not result.success:
            raise Fault(f"{what}: {reason_of(result.error) if result.error else result.message}")


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """A record that is not as the runtime declares it is the node's fault."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Fault(f"reading {what}: {described(error)}") from error
