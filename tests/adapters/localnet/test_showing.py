"""What the local subnet says after an epoch."""

from io import StringIO

from rich.console import Console

from adapters.localnet.behaviours import Behaviour
from adapters.localnet.facts import SubnetFacts
from adapters.localnet.showing import Board
from core.types import Block, Hotkey, Metagraph, Neuron, Uid

FACTS = SubnetFacts(
    endpoint="ws://127.0.0.1:9944",
    netuid=1,
    wallet_path="/wallets",
    wallet_names=("validator", "validator2"),
    wallet_hotkey="default",
    spare_wallet="miner",
    spare_hotkey=Hotkey("d"),
    behaviours={Hotkey("a"): Behaviour.GOOD, Hotkey("b"): Behaviour.ECHO, Hotkey("c"): Behaviour.FAIR},
)


def said(*incentives: float, terminal: bool = False) -> str:
    """What is shown of an epoch in which miners a, b, c.. earned these shares."""
    neurons = tuple(
        Neuron(Uid(uid), Hotkey(name), incentive=incentive)
        for uid, (name, incentive) in enumerate(zip("abcdefghijkl", incentives, strict=False))
    )
    console = Console(file=StringIO(), force_terminal=terminal, width=100)
    Board(console, FACTS).epoch(Metagraph(Block(21), neurons, last_epoch=Block(20)))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_an_epoch_is_one_line_outside_of_terminals() -> None:
    """Who earned must stand on one line, best first, those who earned nothing left out."""
    assert said(0.25, 0.0, 0.75) == "epoch at block 20: fair uid 2 0.750, good uid 0 0.250\n"


def test_an_epoch_is_a_table_on_terminals() -> None:
    """A terminal must get a row for each miner that earned."""
    shown = said(0.25, 0.0, 0.75, terminal=True)
    assert shown.count("\n") > 3
    assert shown.index("fair") < shown.index("good")
    assert "echo" not in shown


def test_only_the_best_are_shown() -> None:
    """Of many earners just the first eight must be shown."""
    assert said(*[0.1] * 10).count("uid") == 8


def test_an_epoch_without_weights_says_so() -> None:
    """Where nobody earned, the reason must be told."""
    assert said(0.0, 0.0) == "epoch at block 20: nobody earned, since no validator has set weights\n"


def test_a_miner_of_ones_own_is_told_from_the_others() -> None:
    """Its earnings must stand under a name that no validator and no miner of the subnet has."""
    assert (
        said(0.0, 0.0, 0.0, 1.0, 0.5) == "epoch at block 20: your miner uid 3 1.000, validator uid 4 0.500\n"
    )
