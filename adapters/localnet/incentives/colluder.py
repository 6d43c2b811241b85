"""A colluding validator: prompts nobody, and gives all its weight to one miner, its accomplice."""

import logging
from contextlib import aclosing

from adapters.chain.client import SubtensorChain
from adapters.chain.connection import Connection
from adapters.localnet.incentives.cast import CastValidator
from adapters.localnet.incentives.timing import before_each_epoch
from core.types import Hotkey
from core.version import VERSION_KEY

_log = logging.getLogger(__name__)


async def collude(connection: Connection, colluder: CastValidator, accomplice: Hotkey) -> None:
    """Set the one weight before each epoch, for as long as the accomplice is registered; ends only by being cancelled."""
    chain = SubtensorChain(connection, colluder.keys.hotkey)
    async with aclosing(before_each_epoch(chain)) as moments:
        async for metagraph in moments:
            weights = [(neuron.uid, 1.0) for neuron in metagraph.neurons if neuron.hotkey == accomplice]
            if weights:
                result = await chain.set_weights(weights, VERSION_KEY)
                _log.info("%s at block %d: %s", colluder.name, metagraph.block, type(result).__name__)
