"""`python -m cmd.localnet`: run a local subnet, a chain and 27 miners, for validators to join."""

from collections.abc import Sequence

from adapters.localnet.config import LocalnetSettings
from adapters.program import main, parse

NAME = "cmd.localnet"
HELP = """\
Run a local subnet on loopback: a chain node that the Bittensor SDK and btcli connect to, and 27 miners, good, fair, poor and bad.

It prints how a validator joins it, and after each epoch who earns most. Its wallets hold development keys that anybody can make.
"""


def localnet(argv: Sequence[str]) -> int:
    settings = parse(LocalnetSettings, argv, name=NAME, help_text=HELP)
    if settings is None:
        return 0
    from adapters.localnet.session import run

    return run(settings)


if __name__ == "__main__":
    main(localnet)
