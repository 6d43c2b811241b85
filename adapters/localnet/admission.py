"""Whom the miners of the local subnet answer: hotkeys that the chain shows with a validator permit.

Rules:
- The chain is read through the SDK, as a miner elsewhere would; one reading serves all miners of the process.
- It is read again when an epoch is due, since only an epoch gives and takes permits.
- While the chain does not answer, the last reading holds.
"""

import logging
from collections.abc import Callable

from adapters.chain.client import SubtensorChain
from core.types import Block, Hotkey, Metagraph, Prompting
from effects.ports import Fault

_log = logging.getLogger(__name__)

EpochListener = Callable[[Metagraph], None]


class Admission:
    """The latest reading of who is a validator."""

    def __init__(self, metagraph: Metagraph) -> None:
        self._metagraph = metagraph
        self._admitted = _validators(metagraph)

    def refusal(self, hotkey: Hotkey, _synapse: Prompting) -> str | None:
        """Why an axon refuses this hotkey, whatever it sends; None for one that it answers."""
        return None if hotkey in self._admitted else "no hotkey with a validator permit on this subnet"

    async def follow(self, chain: SubtensorChain, on_epoch: EpochListener) -> None:
        """Read the metagraph after each epoch and hand it on; ends only by being cancelled."""
        async for block in chain.blocks():
            if block >= self._metagraph.last_epoch + self._metagraph.tempo_blocks:
                await self._read(chain, block, on_epoch)

    async def _read(self, chain: SubtensorChain, block: Block, on_epoch: EpochListener) -> None:
        try:
            metagraph = await chain.metagraph()
        except Fault as fault:
            _log.warning("the metagraph of block %d stays unread: %s", block, fault)
            return
        is_new = metagraph.last_epoch > self._metagraph.last_epoch
        self._metagraph, self._admitted = metagraph, _validators(metagraph)
        if is_new:
            on_epoch(metagraph)


def _validators(metagraph: Metagraph) -> frozenset[Hotkey]:
    return frozenset(neuron.hotkey for neuron in metagraph.neurons if neuron.validator_permit)
