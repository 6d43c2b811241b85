"""`python -m cmd.replay`: look into the journal of a run, without models, wallet or network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from adapters.program import invoke, main

app = App(
    name="python -m cmd.replay",
    help=(
        "Look into the journal that a validator wrote (journal.sqlite in its run's folder). Needs no model, wallet or network; a "
        "validator may be writing to it meanwhile. Exit codes: 0, 1 where decisions differ, 2 for an error of yours."
    ),
    version_flags=(),
    default_parameter=Parameter(name_transform=str, negative=()),
)


@app.command
def verify(journal: Path, /) -> int:
    """Fold every event again, and compare each decision with the one taken then; exits with 1 where they differ."""
    from adapters.replay.verify import verify as verify_journal

    return verify_journal(journal)


@app.command
def show(
    journal: Path,
    /,
    *,
    forward: int | None = None,
    uid: int | None = None,
    hotkey: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> int:
    """List the forwards; with --forward its steps; with --uid or --hotkey what a miner answered and got.

    Args:
        journal: the run's journal.sqlite, or its folder.
        forward: show the steps of this one.
        uid: show this miner's responses.
        hotkey: show the responses of the miner whose hotkey begins like this.
        since: leave out what was before: a time like 2026-11-25T09:00 (UTC), or Unix seconds.
        until: leave out what was after.
    """
    from adapters.replay.show import Filters
    from adapters.replay.show import show as show_journal
    from adapters.replay.table import seconds_of

    since_s, until_s = seconds_of("--since", since, 0.0), seconds_of("--until", until, float("inf"))
    return show_journal(journal, Filters(forward, uid, hotkey, since_s, until_s))


@app.command
def explain(journal: Path, /, *, forward: int, step: int, uid: int, json: bool = False) -> int:
    """Show why a miner got its reward: every number from raw output to moving average.

    Args:
        journal: the run's journal.sqlite, or its folder.
        forward: the forward's id, as `show` lists it.
        step: 0 is the summary, 1 the first question, 2 its answer, ...
        uid: the miner.
        json: as one JSON object instead of tables.
    """
    from adapters.replay.explain import explain_reward

    return explain_reward(journal, forward=forward, step=step, uid=uid, as_json=json)


@app.command
def whatif(
    journal: Path,
    /,
    *,
    settings: Annotated[tuple[str, ...], Parameter(name="--set")] = (),
    json: bool = False,
) -> int:
    """Re-score the recorded answers under other settings: per miner average, rank and weight, recorded and as they would be.

    Args:
        journal: the run's journal.sqlite, or its folder.
        settings: reward.dpo_weight=0.3, neuron.relevance_off=true, neuron.moving_average_alpha=0.1, ...; may be given several times.
        json: as one JSON object instead of a table.
    """
    from adapters.replay.whatif import compare

    return compare(journal, settings=settings, as_json=json)


@app.command
def export(journal: Path, /, out: str = "-", *, receipts: bool = False, since: str | None = None) -> int:
    """Write step events to a file whose name ends in .jsonl or .parquet; as JSON lines to standard output if none is named.

    Args:
        journal: the run's journal.sqlite, or its folder.
        out: the file; - for standard output.
        receipts: write receipts instead: per step and miner what it takes to recompute the reward (docs/receipts.md).
        since: leave out what was before: a time like 2026-11-25T09:00 (UTC), or Unix seconds.
    """
    from adapters.replay.export import export as export_journal
    from adapters.replay.table import seconds_of

    return export_journal(journal, out, as_receipts=receipts, since_s=seconds_of("--since", since, 0.0))


@app.command
def step(journal: Path, /, *, at: int | None = None, count: int | None = None) -> int:
    """Walk event by event, forward and back, with what each changed in the state.

    Args:
        journal: the run's journal.sqlite, or its folder.
        at: the event to begin with; the first one if left out.
        count: print so many events and end, instead of asking for commands.
    """
    from adapters.replay.walk import step_through

    return step_through(journal, at=at, count=count)


def replay(argv: Sequence[str]) -> int:
    return invoke(app, _command_first(argv)) or 0


def _command_first(argv: Sequence[str]) -> Sequence[str]:
    """The journal may be named before the command, too."""
    if len(argv) > 1 and argv[1] in app and argv[0] not in app:
        return [argv[1], argv[0], *argv[2:]]
    return argv


if __name__ == "__main__":
    main(replay)
