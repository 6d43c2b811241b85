"""Which fork each height of the chain belongs to."""

from bisect import bisect_right

from adapters.localnet.chain.hashes import BlockId
from core.types import Block


class Forks:
    """Forks by the height at which they began; one more for each reorganisation."""

    def __init__(self) -> None:
        self._beginnings = [0]
        self._numbers = [0]
        self._newest = 0

    def at(self, number: Block) -> BlockId:
        """The block of that height on the chain as it stands."""
        return BlockId(number, self._numbers[bisect_right(self._beginnings, number) - 1])

    def branch(self, number: Block) -> None:
        """From that height on, blocks belong to a new fork."""
        self._newest += 1
        place = max(1, bisect_right(self._beginnings, number - 1))
        self._beginnings[place:] = [number]
        self._numbers[place:] = [self._newest]
