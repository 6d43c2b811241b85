"""Miners that are good and poor by turns: without them nothing would change once averages have settled, and what a copier saw
yesterday would be as good as what is true today.
"""

from collections.abc import AsyncIterator

import attrs

from adapters.localnet.behaviours import Behaviour, Miner
from core.types import Hotkey, Prompting


class ChangingMiner:
    """A miner that is `miner` until it turns, then of the other of the two qualities, and so on."""

    def __init__(self, miner: Miner) -> None:
        self._miner = miner

    def turn(self) -> None:
        """From the next prompt on it works otherwise."""
        other = Behaviour.POOR if self._miner.behaviour is Behaviour.GOOD else Behaviour.GOOD
        self._miner = attrs.evolve(self._miner, behaviour=other)

    def forward(self, synapse: Prompting, caller: Hotkey, /) -> AsyncIterator[str]:
        return self._miner.forward(synapse, caller)


def turns_after(epochs: int) -> frozenset[int]:
    """After which epochs they turn: after a quarter and after three quarters of all, in the middle of each half."""
    return frozenset({max(1, epochs // 4), max(1, epochs * 3 // 4)})
