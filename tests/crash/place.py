"""Where the validator works: its flags, its folder, and where the chain writes down what reaches it."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from adapters.localnet.facts import SubnetFacts
from tests.crash.flags import flags_of, journal_of
from tests.crash.network import ARRIVALS_NAME


@attrs.frozen
class Place:
    """One validator on a local subnet, everything below `folder`."""

    folder: Path
    subnet: Path
    facts: SubnetFacts

    @property
    def argv(self) -> Sequence[str]:
        """Four forwards at once, of few and quick steps, and weights as often as the chain takes them: so that a random moment often
        meets something.
        """
        return flags_of(
            self.facts,
            self.folder,
            num_concurrent_forwards=4,
            epoch_length=10,
        )

    @property
    def journal(self) -> Path:
        return journal_of(self.facts, self.folder)

    @property
    def arrivals(self) -> Path:
        return self.subnet / ARRIVALS_NAME

    def log(self, run: int) -> Path:
        """Where a run's words go."""
        return self.folder / f"run{run}.log"
