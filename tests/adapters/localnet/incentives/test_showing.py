"""What people see of a run: tables, progress, a line an epoch."""

import io

import pytest
from rich.console import Console

from adapters.localnet.incentives.course import Pace
from adapters.localnet.incentives.figures import Figures
from adapters.localnet.incentives.screen import WIDTH, Screen
from adapters.localnet.incentives.table import epoch_line, progress, tables
from tests.adapters.localnet.incentives.runs import FOUR, figures_of


def shown(figures: Figures) -> str:
    out = io.StringIO()
    Console(file=out, width=WIDTH).print(tables(figures))
    return out.getvalue()


def test_tables_name_everybody() -> None:
    """Each kind of miner, each validator, each phase and what the special ones earned must be there, uncut."""
    text = shown(figures_of(*FOUR))
    for word in (
        "good",
        "poor (accomplice)",
        "silent",
        "validator4",
        "colluder",
        "1 to 2",
        "3 to 4",
        "0.5000",
    ):
        assert word in text
    assert "accomplice 1 earned" in text
    assert "sybil 1 earned" in text
    assert "…" not in text


def test_tables_hold_before_anything_was_paid() -> None:
    """Where nothing was paid there must be tables all the same, with nothing to compare."""
    text = shown(figures_of(FOUR[0]))
    assert "over 0 epochs" in text
    assert "no steady miner of its behaviour earned anything" in text


@pytest.mark.parametrize(
    ("left_s", "words"),
    [(0.4, "about 0 s left"), (59.0, "about 59 s left"), (125.0, "about 2 min 05 s left")],
)
def test_progress_tells_the_time_left(left_s: float, words: str) -> None:
    """How many epochs have been, of how many, and how long the others take."""
    assert progress(3, 50, left_s) == f"epoch 3 of 50, {words}"


def test_a_line_tells_who_earned_most() -> None:
    """Elsewhere than on a terminal each epoch must be a line with the kinds that earned most in it."""
    assert epoch_line(figures_of(*FOUR), "words").startswith(
        "words; a miner's incentive: good 0.5000, fair 0.3000"
    )
    assert epoch_line(figures_of(FOUR[0]), "words").endswith("nobody earned yet")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_screen_shows_each_epoch(is_terminal: bool) -> None:
    """On a terminal tables must be drawn, elsewhere a line; stages in both."""
    out = io.StringIO()
    with Screen(Console(file=out, width=WIDTH, force_terminal=is_terminal)) as screen:
        screen.stage("loading")
        screen.epoch(figures_of(*FOUR), 50, 60.0)
    assert "loading" in out.getvalue()
    assert "epoch 4 of 50" in out.getvalue()
    assert ("Miners by behaviour" in out.getvalue()) is is_terminal


def test_the_pace_is_measured() -> None:
    """An epoch takes what the settings say until a second one ends, then the mean of what they took."""
    pace = Pace(10.0)
    assert [pace.epoch_s(now_s) for now_s in (100.0, 112.0, 130.0)] == [10.0, 12.0, 15.0]
