"""The port of a miner's back ends."""

from collections.abc import AsyncGenerator
from typing import Protocol

from core.types import Prompting


class Completions(Protocol):
    def complete(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        """The pieces of the completion. To be closed by whoever does not take all of them.

        Raises:
            Fault: there is none, or no more of it; says why.
        """
        ...
