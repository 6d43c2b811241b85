"""`python -m cmd.localnet`: run a local subnet, a chain and 27 miners, for validators to join; or measure who earns what on one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from adapters.localnet.config import LocalnetSettings
from adapters.program import invoke, main, parse

NAME = "cmd.localnet"
HELP = """\
Run a local subnet on loopback: a chain node that the Bittensor SDK and btcli connect to, and 27 miners, good, fair, poor and bad.

It prints how a validator joins it, and after each epoch who earns most. Its wallets hold development keys that anybody can make.

With --epochs N it is an incentive run instead: several validators of ours, a weight copier and a colluder among them, and as many miners as you like, for N epochs; at the end it reports, as a table, as JSON and as a picture, what each kind of validator and miner earned.

`python -m cmd.localnet yuma SCENARIO.json` runs no subnet: it computes epochs of Yuma Consensus on a scenario file (docs/yuma.md).
"""


yuma_app = App(
    name=f"python -m {NAME} yuma",
    version_flags=(),
    default_parameter=Parameter(name_transform=str, negative=()),
)


@yuma_app.default
def yuma(
    scenario: Path, /, *, json: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None
) -> int:
    """Run epochs of Yuma Consensus on a scenario file, to the last rao as the chain would, and print a table for each.

    Args:
        scenario: a JSON file: hyperparameters, and per epoch what changed in stakes, weights, ... (docs/yuma.md).
        json: write all numbers to this file, too; - prints them instead of the tables.
    """
    from adapters.localnet.scenario.command import tell

    return tell(scenario, json)


def localnet(argv: Sequence[str]) -> int:
    if argv[:1] == ["yuma"]:
        return invoke(yuma_app, argv[1:]) or 0
    settings = parse(LocalnetSettings, argv, name=NAME, help_text=HELP)
    if settings is None:
        return 0
    from adapters.localnet.session import run

    return run(settings)


if __name__ == "__main__":
    main(localnet)
