"""The `Chain` port over the SDK: one subnet, seen and acted on as one hotkey.

Rules:
- Reads and the axon raise `Fault`; a submission of weights returns what became of it, also when that is unknown.
- Nothing is asked twice: whether and when to try again is decided in the core.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from adapters.chain.blocks import follow
from adapters.chain.connection import ChainSettings, Connection, connected
from adapters.chain.convert import axon_address, own_uid, read_metagraph
from adapters.chain.errors import described, reason_of
from adapters.chain.submission import ERA_BLOCKS, Request, prepare, renew_if_outdated, send
from adapters.chain.wallet import Signer
from adapters.errors import OperatorError
from core.types import Block, Hotkey, Metagraph, Uid, WeightsRefused, WeightsResult
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor import BlockHeader, Substrate

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
        if record is None:
            raise OperatorError(
                f"--netuid {netuid}: no such subnet on {where}; `btcli subnet list` shows which there are"
            )
        if own_uid(record, hotkey) is None:
            raise OperatorError(
                f"hotkey {hotkey} is not registered on netuid {netuid} of {where}: register it with "
                f"`btcli subnet register --netuid {netuid}`, or choose another by --wallet.name and --wallet.hotkey"
            )

    async def metagraph(self) -> Metagraph:
        record = await self._subnet()
        try:
            reading = read_metagraph(record, self._hotkey.ss58_address)
        except (LookupError, TypeError, ValueError) as error:
            raise Fault(f"reading the metagraph: {described(error)}") from error
        if reading.skipped != self._skipped:
            self._skipped = reading.skipped
            for line in reading.skipped:
                log.warning("%s", line)
        return reading.metagraph

    async def last_update(self) -> Block:
        record = await self._subnet()
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
        return follow(self._heads, self._connection.head, self._connection.settings.pace)

    @property
    def _netuid(self) -> int:
        return self._connection.settings.netuid

    async def _heads(self) -> AsyncGenerator["BlockHeader", None]:
        async with self._connection.leased(None) as client:
            async for header in client.blocks():
                yield header

    async def _subnet(self) -> Mapping[str, Any]:
        record = await self._connection.record()
        if record is None:
            raise Fault(f"subnet {self._netuid} is not on {self._connection.where} any more")
        return record

    async def _published_axon(self) -> str | None:
        record = await self._subnet()
        uid = own_uid(record, self._hotkey.ss58_address)
        try:
            return None if uid is None else axon_address(record["axons"][uid])
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
            renew_if_outdated(self._connection, result)
        if not result.success:
            raise Fault(f"{what}: {reason_of(result.error) if result.error else result.message}")
