"""A weight copier: prompts nobody, and sets shortly before each epoch what it can see of the others' weights. The vector is pure.

It takes the stake-weighted median, which is what consensus comes to: nothing of it is clipped. With commit-reveal the chain shows
only what has been revealed, so what it copies is old.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing

import attrs

from adapters.chain.client import SubtensorChain
from adapters.chain.connection import Connection
from adapters.localnet.incentives.cast import CastValidator
from adapters.localnet.incentives.timing import before_each_epoch
from core.types import Hotkey, Metagraph, Uid
from core.version import VERSION_KEY
from effects.ports import Fault

_log = logging.getLogger(__name__)

MAJORITY = 0.5


@attrs.frozen
class Seen:
    """A validator as the chain shows it to anybody: its stake, and its weights, which sum to 1."""

    stake: float
    weights: Mapping[Uid, float]


def copied(others: Sequence[Seen]) -> dict[Uid, float]:
    """The weights to set: per uid the stake-weighted median of the others', their mean where the median is 0 everywhere.

    Empty where nobody shows any.
    """
    speaking = [other for other in others if other.stake > 0 and other.weights]
    uids = sorted({uid for other in speaking for uid in other.weights})
    median = {uid: _median(speaking, uid) for uid in uids}
    chosen = median if any(median.values()) else {uid: _mean(speaking, uid) for uid in uids}
    return {uid: weight for uid, weight in chosen.items() if weight > 0}


def _median(others: Sequence[Seen], uid: Uid) -> float:
    """The largest weight that more than half of the stake supports."""
    needed, support = MAJORITY * sum(other.stake for other in others), 0.0
    for other in sorted(others, key=lambda other: -other.weights.get(uid, 0.0)):
        support += other.stake
        if support > needed:
            return other.weights.get(uid, 0.0)
    return 0.0


def _mean(others: Sequence[Seen], uid: Uid) -> float:
    total = sum(other.stake for other in others)
    return sum(other.stake * other.weights.get(uid, 0.0) for other in others) / total


async def copy_weights(connection: Connection, copier: CastValidator) -> None:
    """Set before each epoch what the chain shows of the others; ends only by being cancelled."""
    chain = SubtensorChain(connection, copier.keys.hotkey)
    async with aclosing(before_each_epoch(chain)) as moments:
        async for metagraph in moments:
            try:
                weights = copied(await _others(connection, metagraph, copier.keys.hotkey_ss58))
            except Fault as fault:
                _log.warning("%s copies nothing: %s", copier.name, fault)
                continue
            if weights:
                result = await chain.set_weights(sorted(weights.items()), VERSION_KEY)
                _log.info("%s at block %d: %s", copier.name, metagraph.block, type(result).__name__)


async def _others(connection: Connection, metagraph: Metagraph, own: Hotkey) -> list[Seen]:
    """All other validators as anybody can read them."""
    async with connection.guarded("reading weights", connection.settings.read_timeout_s) as client:
        rows = await client.weights.weights(connection.settings.netuid)
    return [
        Seen(neuron.stake_tao, {Uid(uid): share for uid, share in rows.get(neuron.uid, {}).items()})
        for neuron in metagraph.neurons
        if neuron.validator_permit and neuron.hotkey != own
    ]
