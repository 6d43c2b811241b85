"""A sybil: a poor miner that comes back under a new hotkey whenever it earns too little. The decision is pure.

Rules:
- It looks at what the chain shows after each epoch, as anybody could.
- An identity is given some epochs to be known before it is judged; the one that was left serves no more, and stays registered until
  the chain gives its uid away.
- It registers by a signed extrinsic. That costs nothing here (the public chain burns a fee for it): what a sybil loses is time alone.
"""

import logging
from collections.abc import Callable
from statistics import median

import attrs

from adapters.chain.connection import Connection
from adapters.localnet.behaviours import Miner
from adapters.localnet.incentives.cast import sybil_keys
from adapters.localnet.keys import NeuronKeys
from adapters.localnet.subnet import Member, OpenSubnet
from core.types import Hotkey, Metagraph
from effects.ports import Fault

_log = logging.getLogger(__name__)

PATIENCE_EPOCHS = 4


def earns_too_little(metagraph: Metagraph, hotkey: Hotkey, *, epochs_known: int) -> bool:
    """Whether to come back as somebody else: after some patience, for less than the median of all who earn anything.

    Who is no longer registered has nothing to be patient for. Where nobody earns, nobody earns too little.
    """
    own = [neuron.incentive for neuron in metagraph.neurons if neuron.hotkey == hotkey]
    if not own:
        return True
    earning = [neuron.incentive for neuron in metagraph.neurons if neuron.incentive > 0]
    return epochs_known >= PATIENCE_EPOCHS and bool(earning) and own[0] < median(earning)


class Sybil:
    """One of them, from its first identity to its last.

    Attributes:
        identities: the hotkeys it has had, the present one last.
    """

    def __init__(self, subnet: OpenSubnet, index: int, miner: Miner, leave: Callable[[], None]) -> None:
        """`miner` is its first identity, which is registered and serves until `leave` is called."""
        self.identities = [miner.hotkey]
        self._subnet, self._index, self._miner, self._leave = subnet, index, miner, leave
        self._epochs_known = 0

    async def on_epoch(self, metagraph: Metagraph) -> None:
        """Look at what the epoch paid, and come back as somebody else if that was too little."""
        self._epochs_known += 1
        if earns_too_little(metagraph, self._miner.hotkey, epochs_known=self._epochs_known):
            await self._come_back()

    async def _come_back(self) -> None:
        """Leave, and be somebody else; where that fails, stay away until the next epoch, and try again."""
        keys = sybil_keys(self._index, len(self.identities))
        self._leave()
        try:
            await register(self._subnet.connection, keys)
            self._miner = attrs.evolve(self._miner, hotkey=keys.hotkey_ss58)
            self.identities.append(keys.hotkey_ss58)
            self._epochs_known = 0
            self._leave = await self._subnet.join(Member(keys, self._miner))
        except Fault as fault:
            _log.warning("a sybil: %s", fault)


async def register(connection: Connection, keys: NeuronKeys) -> None:
    """Register the hotkey by an extrinsic that its coldkey signs, and wait for the block that holds it.

    As a raw call: the SDK would hide it from the other validators' eyes until it is in a block, and a local chain has no such thing.

    Raises:
        Fault: it was refused, or the chain did not answer.
    """
    from bittensor import calls

    call = calls.SubtensorModule.burned_register(netuid=connection.settings.netuid, hotkey=keys.hotkey_ss58)
    async with connection.guarded("registering a hotkey", connection.settings.submit_timeout_s) as client:
        result = await client.submit_call(call, keys.coldkey, wait_for_finalization=False)
    if not result.success:
        raise Fault(f"registering a hotkey: {result.message}")
