"""`python -m cmd.miner`: run a miner; with no flags, on the local subnet that `python -m cmd.localnet` runs."""

from collections.abc import Sequence

from adapters.miner.settings import MinerSettings, presets
from adapters.program import main, parse

NAME = "cmd.miner"
HELP = """\
Answer the prompts of a text-prompting subnet's validators, on the wires of Bittensor 11 and 10, whole and streamed.

With no flags it joins the local subnet that python -m cmd.localnet runs on this machine, and writes without a model. Nothing is \
downloaded unless --completion.model names a model that is not here, and nothing is signed for a public network unless \
--subtensor.network or --subtensor.chain_endpoint names one.
"""


def mine(argv: Sequence[str]) -> int:
    settings = parse(MinerSettings, argv, name=NAME, help_text=HELP, presets=presets)
    if settings is None:
        return 0
    from adapters.miner.session import run

    return run(settings)


if __name__ == "__main__":
    main(mine)
