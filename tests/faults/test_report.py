"""What makes a run a bad one."""

import attrs
import pytest

from adapters.localnet.chain.faults import ALL_KINDS
from tests.faults.following import Journal
from tests.faults.happenings import Happened
from tests.faults.report import LONGEST_GAP_S, Ending, Report, report
from tests.faults.sendings import Judged
from tests.faults.windows import Span, Window

RAN = Span(1_000.0, 1_600.0)
HAPPENED = [Happened(kind.__name__, 1_100.0, 7, is_outage=False, ended_s=1_100.0) for kind in ALL_KINDS]
LANDED = Window(100, 104, 104, Span(1_200.0, 1_201.0), 1.0, had_outage=False)
MISSED = Window(100, 180, None, Span(1_300.0, 1_320.0), 20.0, had_outage=False)
ALL_WELL = Judged((), (), (), (), arrived=1)
ENDED = Ending(0, 0.5, was_alive=True)


def _lively() -> Journal:
    return Journal(steps_s=[RAN.begin_s + second for second in range(600)])


def _report(
    windows: int = 100,
    missed: int = 0,
    judged: Judged = ALL_WELL,
    ending: Ending = ENDED,
    journal: Journal | None = None,
    happened: list[Happened] = HAPPENED,
) -> Report:
    return report(
        seed=1,
        ran=RAN,
        happened=happened,
        windows=[LANDED] * (windows - missed) + [MISSED] * missed,
        judged=judged,
        journal=_lively() if journal is None else journal,
        ending=ending,
    )


def test_a_run_in_which_all_held_is_good() -> None:
    """One window in a hundred may be missed."""
    assert _report().is_good
    found = _report(missed=1)
    assert found.is_good
    assert (found.epochs["landed_percent"], len(found.missed)) == (99.0, 1)


@pytest.mark.parametrize(
    "ending",
    [
        Ending(None, 20.0, was_alive=True),
        Ending(2, 0.5, was_alive=True),
        Ending(0, 0.0, was_alive=False),
        Ending(0, 0.5, was_alive=True, tracebacks=("subnet.log",)),
    ],
)
def test_a_validator_that_died_hung_or_stumbled_makes_it_bad(ending: Ending) -> None:
    """Killed, in error, gone before it was asked to, or with a traceback."""
    assert len(_report(ending=ending).problems) == 1


def test_standing_still_makes_it_bad() -> None:
    """Without an event, or without a judged step, for too long."""
    silent = _lively()
    silent.longest_gap = Span(0, LONGEST_GAP_S + 1)
    assert len(_report(journal=silent).problems) == 1
    idle = Journal(steps_s=[at_s for at_s in _lively().steps_s if not 1_300 < at_s < 1_301 + LONGEST_GAP_S])
    assert len(_report(journal=idle).problems) == 1


def test_too_many_missed_windows_make_it_bad_and_so_do_none() -> None:
    """Two in a hundred are too many; a run without a window shows nothing."""
    assert len(_report(missed=2).problems) == 1
    assert len(_report(windows=0).problems) == 1


@pytest.mark.parametrize(
    "judged",
    [
        attrs.evolve(ALL_WELL, in_flight=("so",)),
        attrs.evolve(ALL_WELL, misplaced=("so",)),
        attrs.evolve(ALL_WELL, wrongly_told=("so",)),
    ],
)
def test_a_wrong_submission_makes_it_bad(judged: Judged) -> None:
    """Each of them once; weights that crossed with a replacement do not."""
    assert len(_report(judged=judged).problems) == 1
    assert _report(judged=attrs.evolve(ALL_WELL, crossed=("so",))).is_good


def test_a_kind_of_fault_that_never_happened_makes_it_bad() -> None:
    """Left out by the chain is as good as not planned."""
    left_out = attrs.evolve(HAPPENED[0], refused="too early")
    assert len(_report(happened=[left_out, *HAPPENED[1:]]).problems) == 1
