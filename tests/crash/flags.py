"""The flags of a validator whose forwards are few and quick steps, so that much happens in little time, and where its journal is."""

from collections.abc import Sequence
from pathlib import Path

from adapters.journal.opening import JOURNAL_NAME
from adapters.localnet.facts import SubnetFacts

NAME = "validator"


def flags_of(facts: SubnetFacts, folder: Path, **neuron: int) -> Sequence[str]:
    """What to call `cmd.validator` with; `neuron` are flags of its own."""
    flags = {
        "netuid": facts.netuid,
        "subtensor.chain_endpoint": facts.endpoint,
        "wallet.path": facts.wallet_path,
        "wallet.name": facts.wallet_names[0],
        "wallet.hotkey": facts.wallet_hotkey,
        "logging.logging_dir": folder,
        "neuron.name": NAME,
        "neuron.max_forwards": 0,
        "neuron.num_followup_steps": 1,
        "neuron.followup_timeout": 0.5,
        "neuron.answer_timeout": 0.5,
        **{f"neuron.{name}": value for name, value in neuron.items()},
    }
    words = (word for name, value in flags.items() for word in (f"--{name}", str(value)))
    return ["--logging.plain", *words]


def journal_of(facts: SubnetFacts, folder: Path) -> Path:
    """The journal that such a validator writes."""
    return folder.joinpath(
        facts.wallet_names[0], facts.wallet_hotkey, f"netuid{facts.netuid}", NAME, JOURNAL_NAME
    )
