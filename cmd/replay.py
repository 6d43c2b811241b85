"""`python -m cmd.replay`: look into the journal of a run, without models, wallet or network."""

from collections.abc import Sequence
from pathlib import Path

from cyclopts import App

from adapters.program import invoke, main

app = App(
    name="python -m cmd.replay",
    help="Look into the journal that a validator wrote. Needs no model, wallet or network.",
    version_flags=(),
)


@app.command
def verify(journal: Path, /) -> int:
    """Fold every event of a run's journal.sqlite again, and compare each decision with the one taken then; exits with 1 where they differ."""
    from adapters.replay.verify import verify as verify_journal

    return verify_journal(journal)


def replay(argv: Sequence[str]) -> int:
    return invoke(app, argv) or 0


if __name__ == "__main__":
    main(replay)
