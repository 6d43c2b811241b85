"""Where the validator works, and how fast: its flags, its folder, and where the chain writes down what happens.

A block comes four times a second, so that half an hour holds some eighty windows for weights. The blocks from window to window are as
many as on the public chain (about a hundred), and so what the validator counts in blocks (an era, whether weights stayed) has its
true proportion. What it counts in seconds (pauses, deadlines) is as long as on the public chain, where a block takes 12 s: in
blocks it waits nearly fifty times as long here as there.
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from adapters.localnet.facts import SubnetFacts
from adapters.localnet.misfortune import ACCOUNT_NAME
from tests.crash.flags import flags_of, journal_of

BLOCKS_NAME, ARRIVALS_NAME, SUBNET_LOG_NAME = "blocks.jsonl", "arrivals.jsonl", "subnet.log"
BLOCK_TIME_S = 0.25
TEMPO_BLOCKS = 20
# The chain's limit is what counts; where a fault lowers it, the validator's own.
RATE_LIMIT_BLOCKS = 80
EPOCH_LENGTH_BLOCKS = 60
# No miner may earn itself a permit: it could not be replaced then.
MAX_VALIDATORS = 3


@attrs.frozen
class Place:
    """One validator on a local subnet, everything below `folder`."""

    folder: Path
    facts: SubnetFacts

    @property
    def argv(self) -> Sequence[str]:
        """Few and quick steps, so that a forward ends every other second: only then are weights thought of."""
        return flags_of(
            self.facts,
            self.folder,
            num_concurrent_forwards=2,
            epoch_length=EPOCH_LENGTH_BLOCKS,
            checkpoint_block_length=EPOCH_LENGTH_BLOCKS,
        )

    @property
    def journal(self) -> Path:
        return journal_of(self.facts, self.folder)

    @property
    def log(self) -> Path:
        return self.folder / "validator.log"

    @property
    def subnet_log(self) -> Path:
        return self.folder / SUBNET_LOG_NAME

    @property
    def blocks(self) -> Path:
        return self.folder / BLOCKS_NAME

    @property
    def arrivals(self) -> Path:
        return self.folder / ARRIVALS_NAME

    @property
    def account(self) -> Path:
        """Of the faults."""
        return self.folder / ACCOUNT_NAME
