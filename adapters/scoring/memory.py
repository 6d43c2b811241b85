"""What components remember of the completions they judged, and the files that keep it over a restart."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import attrs
from torch import Tensor


@attrs.frozen(eq=False)
class Memory:
    """What a component has learned from completions, ready to be written to a file.

    Attributes:
        arrays: by name, on the CPU; a number is an array of one value.
        facts: by name; what the arrays belong to, which must be the same again to go on with them.
    """

    arrays: Mapping[str, Tensor]
    facts: Mapping[str, str]


@runtime_checkable
class Remembering(Protocol):
    """A component whose verdicts depend on what it judged before."""

    name: str

    def memory(self) -> Memory: ...

    def recall(self, memory: Memory) -> bool:
        """Go on from there; False, and nothing changed, where it belongs to something else."""
        ...
