"""The `Chain` port over the SDK: one subnet, seen and acted on as one hotkey.

Rules:
- Reads and the axon raise `Fault`; a submission of weights returns what became of it, also when that is unknown.
- Nothing is asked twice: whether and when to try again is decided in the core.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.chain.blocks import follow
from adapters.chain.connection import ChainSettings, Connection, connected
from adapters.chain.convert import axon_address, own_uid, read_metagraph
from adapters.chain.errors import reason_of
from adapters.chain.submission import ERA_BLOCKS, prepare, send
from adapters.chain.wallet import Signer
from adapters.errors import OperatorError
from core.types import Block, Metagraph, Uid, WeightsRefused, WeightsResult
from effects.ports import Fault

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_chain(settings: ChainSettings, hotkey: Signer) -> AsyncIterator["SubtensorChain"]:
    """A connected chain, closed at the end of the block.

    Raises:
        OperatorError: no endpoint can be used; says why and which flags to look at.
    """
    async with connected(settings) as connection:
        yield SubtensorChain(connection, hotkey)


class SubtensorChain:
    """A `Chain`, connected; made by `open_chain`."""

    def __init__(self, connection: Connection, hotkey: Signer) -> None:
        self._connection = connection
        self._hotkey = hotkey
        self._skipped: tuple[str, ...] = ()

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
        with self._connection.guarded("reading the metagraph", self._connection.settings.read_timeout_s):
            reading = read_metagraph(record, self._hotkey.ss58_address)
        if reading.skipped != self._skipped:
            self._skipped = reading.skipped
            for line in reading.skipped:
                log.warning("%s", line)
        return reading.metagraph

    async def last_update(self) -> Block:
        record = await self._subnet()
        uid = own_uid(record, self._hotkey.ss58_address)
        return Block(0 if uid is None else int(record["last_update"][uid]))

    async def set_weights(self, weights: Sequence[tuple[Uid, float]], version_key: int) -> WeightsResult:
        prepared = await prepare(self._connection, self._hotkey, dict(weights), version_key)
        return prepared if isinstance(prepared, WeightsRefused) else await send(self._connection, prepared)

    async def serve_axon(self) -> None:
        axon = self._connection.settings.axon
        if axon is not None and await self._published_axon() != axon:
            await self._publish(axon)

    def blocks(self) -> AsyncGenerator[Block, None]:
        return follow(self._connection.client.blocks, self._connection.settings.pace)

    @property
    def _netuid(self) -> int:
        return self._connection.settings.netuid

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
        with self._connection.guarded(what, self._connection.settings.submit_timeout_s):
            result = await self._connection.client.execute(
                intent, self._hotkey, period=ERA_BLOCKS, wait_for_finalization=False
            )
        if not result.success:
            raise Fault(f"{what}: {reason_of(result.error) if result.error else result.message}")
