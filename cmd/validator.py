"""`python -m cmd.validator`: run the validator; with no flags, together with a local subnet of its own."""

from collections.abc import Sequence

from adapters.program import main, parse
from adapters.validator.settings import ValidatorSettings, presets

NAME = "cmd.validator"
HELP = """\
Prompt the miners of a text-prompting subnet, score what they answer, set weights on chain.

With no flags everything runs on this machine: a local chain, 27 real miners, small models that come with the project. Nothing is \
downloaded, and nothing is signed for a public network unless --subtensor.network names one.
"""


def validate(argv: Sequence[str]) -> int:
    settings = parse(ValidatorSettings, argv, name=NAME, help_text=HELP, presets=presets)
    if settings is None:
        return 0
    from adapters.validator.session import run

    return run(settings)


if __name__ == "__main__":
    main(validate)
