"""What the local subnet says to people: how to join it, and after each epoch who earns most."""

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from adapters.localnet.facts import SubnetFacts
from core.types import Metagraph, Neuron

TOP = 8


class Board:
    """Writes to a console: tables on a terminal, a line each elsewhere."""

    def __init__(self, console: Console, facts: SubnetFacts) -> None:
        self._console = console
        self._facts = facts

    def invitation(self) -> None:
        """The commands that join and look at the subnet; the spare wallets are for a second and a third validator."""
        names = self._facts.wallet_names
        self._console.print(
            f"Local subnet {self._facts.netuid} with {len(self._facts.behaviours)} miners at {self._facts.endpoint}",
            "",
            "Join as its validator:",
            f"  {validator_command(self._facts)}",
            f"or as one more, with --wallet.name {' or '.join(names[1:])}.",
            "",
            "Join with a miner of your own:",
            f"  {miner_command(self._facts)}",
            "",
            "Look at it:",
            f"  {metagraph_command(self._facts)}",
            "",
            "Ctrl-C ends it.",
            sep="\n",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )

    def epoch(self, metagraph: Metagraph) -> None:
        """Who earned most in the epoch that just ended."""
        best = sorted(metagraph.neurons, key=lambda neuron: (-neuron.incentive, neuron.uid))[:TOP]
        earning = [neuron for neuron in best if neuron.incentive > 0]
        title = f"epoch at block {metagraph.last_epoch}"
        if not earning:
            self._line(f"{title}: nobody earned, since no validator has set weights")
        elif self._console.is_terminal:
            self._console.print(self._table(title, earning))
        else:
            shares = ", ".join(f"{self._name(n)} uid {n.uid} {n.incentive:.3f}" for n in earning)
            self._line(f"{title}: {shares}")

    def _table(self, title: str, neurons: Sequence[Neuron]) -> Table:
        table = Table("uid", "miner", "incentive", title=title, title_justify="left")
        for neuron in neurons:
            table.add_row(str(neuron.uid), self._name(neuron), f"{neuron.incentive:.3f}")
        return table

    def _name(self, neuron: Neuron) -> str:
        if neuron.hotkey == self._facts.spare_hotkey:
            return "your miner"
        return self._facts.behaviours.get(neuron.hotkey, "validator")

    def _line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)


def validator_command(facts: SubnetFacts) -> str:
    return shlex.join(
        [
            *("python", "-m", "cmd.validator"),
            *("--netuid", str(facts.netuid)),
            *("--subtensor.chain_endpoint", facts.endpoint),
            *("--wallet.path", facts.wallet_path),
            *("--wallet.name", facts.wallet_names[0]),
            *("--wallet.hotkey", facts.wallet_hotkey),
        ]
    )


def miner_command(facts: SubnetFacts) -> str:
    return shlex.join(
        [
            *("python", "-m", "cmd.miner"),
            *("--netuid", str(facts.netuid)),
            *("--subtensor.chain_endpoint", facts.endpoint),
            *("--wallet.path", facts.wallet_path),
            *("--wallet.name", facts.spare_wallet),
            *("--wallet.hotkey", facts.wallet_hotkey),
        ]
    )


def metagraph_command(facts: SubnetFacts) -> str:
    """Who is on the subnet."""
    return shlex.join(["btcli", "subnets", "metagraph", str(facts.netuid), "--network", facts.endpoint])
