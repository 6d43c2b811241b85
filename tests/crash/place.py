"""Where the validator works: its flags, its folder, and where the chain writes down what reaches it."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from adapters.journal.opening import JOURNAL_NAME
from adapters.localnet.facts import SubnetFacts
from tests.crash.network import ARRIVALS_NAME

NAME = "validator"


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
        facts = self.facts
        flags = {
            "netuid": facts.netuid,
            "subtensor.chain_endpoint": facts.endpoint,
            "wallet.path": facts.wallet_path,
            "wallet.name": facts.wallet_names[0],
            "wallet.hotkey": facts.wallet_hotkey,
            "logging.logging_dir": self.folder,
            "neuron.name": NAME,
            "neuron.num_concurrent_forwards": 4,
            "neuron.max_forwards": 0,
            "neuron.num_followup_steps": 1,
            "neuron.followup_timeout": 0.5,
            "neuron.answer_timeout": 0.5,
            "neuron.epoch_length": 10,
        }
        return [
            "--logging.plain",
            *(word for name, value in flags.items() for word in (f"--{name}", str(value))),
        ]

    @property
    def journal(self) -> Path:
        facts = self.facts
        return self.folder.joinpath(
            facts.wallet_names[0], facts.wallet_hotkey, f"netuid{facts.netuid}", NAME, JOURNAL_NAME
        )

    @property
    def arrivals(self) -> Path:
        return self.subnet / ARRIVALS_NAME

    def log(self, run: int) -> Path:
        """Where a run's words go."""
        return self.folder / f"run{run}.log"
