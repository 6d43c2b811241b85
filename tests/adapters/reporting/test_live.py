"""The live view."""

import io
import sys
from typing import get_args

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len
from rich.console import Console

from adapters.reporting.live import LiveView
from adapters.reporting.score_table import Row, fitting
from core import state as phases
from core.config import NeuronConfig
from core.records import MetagraphChanged, Notice, StepRecord, WeightsRecord
from core.state import State
from core.types import Block, EffectId, Hotkey, Metagraph
from tests.adapters.reporting.episode import START_S, SetClock, Told, initial, neurons
from tests.adapters.reporting.hostile import TEXTS, is_safe, poisoned

SIZES = [(80, 24), (40, 20), (131, 40), (132, 24)]
# Every other moment of a run: enough to see all phases.
EVERY = 2
BEHAVIOURS = {Hotkey("hk1"): "good", Hotkey("hk2"): "silent"}


def _view(
    width: int, height: int, network: str = "local", behaviours: dict[Hotkey, str] | None = None
) -> tuple[LiveView, Console, SetClock]:
    clock = SetClock()
    console = Console(file=io.StringIO(), width=width, height=height)
    return (
        LiveView(console, clock, network=network, netuid=1, behaviours=behaviours or BEHAVIOURS),
        console,
        clock,
    )


def _drawn(view: LiveView, console: Console) -> list[str]:
    with console.capture() as capture:
        console.print(view.render())
    return capture.get().splitlines()


def _shown(told: Told, width: int = 80, height: int = 24, after_s: float = 0.0) -> str:
    view, console, clock = _view(width, height)
    for state, records in told:
        view.observe(state, records)
    clock.at_s += after_s
    return "\n".join(_drawn(view, console))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_moment_of_a_run_fits_every_terminal(
    told: Told, told_of_failures: Told, told_over_a_restart: Told, width: int, height: int
) -> None:
    """All through a good run, a bad one and one over a restart, the view leaves the last row free and passes no margin."""
    for run in (told[::EVERY], told_of_failures[::EVERY], told_over_a_restart[::EVERY]):
        view, console, clock = _view(width, height)
        for state, records in run:
            view.observe(state, records)
            clock.at_s += 0.5
            lines = _drawn(view, console)
            assert len(lines) < height
            assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (20, 8)])
def test_a_tiny_terminal_gets_what_it_can_hold(told: Told, size: tuple[int, int]) -> None:
    """However small the terminal, drawing does not fail."""
    assert _shown(told[:50], *size)


def test_the_runs_pass_through_every_phase_of_a_forward(
    told: Told, told_of_failures: Told, told_over_a_restart: Told
) -> None:
    """The moments that are drawn above cover all phases of forwards."""
    runs = (told, told_of_failures, told_over_a_restart)
    seen = {type(p) for run in runs for state, _ in run[::EVERY] for p in state.forwards.values()}

    assert seen == set(get_args(phases.ForwardPhase))


_SUBMISSION = phases.Submission((), Block(0), Block(0), 1)
_ID = EffectId(1)
_STATE = initial()
_STATES = [
    (attrs.evolve(_STATE, weights=phases.WeightsSubmitting(_ID, _SUBMISSION)), "being submitted"),
    (attrs.evolve(_STATE, weights=phases.WeightsUnresolved(_ID, _SUBMISSION)), "asking whether they landed"),
    (attrs.evolve(_STATE, weights=phases.WeightsResolving(_ID, _SUBMISSION)), "asking whether they landed"),
    (attrs.evolve(_STATE, weights=phases.WeightsBackingOff(_ID, 1)), "waiting to try again"),
    (attrs.evolve(_STATE, weights=phases.WeightsIdle(Block(10**6))), "waiting for block 1000000"),
    (attrs.evolve(_STATE, lifecycle=phases.Booting()), "reading the metagraph"),
    (attrs.evolve(_STATE, lifecycle=phases.Draining(Block(1), Block(77))), "until block 77 at most"),
    (attrs.evolve(_STATE, lifecycle=phases.Stopped("done")), "stopped"),
]


@pytest.mark.parametrize(("state", "words"), _STATES)
def test_what_the_program_waits_for_is_said(state: State, words: str) -> None:
    """Each phase of weights and lifecycle that an operator may wonder about has words."""
    assert words in _shown([(state, ())])


def test_before_the_first_event_it_says_so() -> None:
    """The view can be drawn before anything happened."""
    view, console, _ = _view(80, 24)

    assert _drawn(view, console) == ["local · netuid 1 · starting"]


def test_a_step_in_progress_shows_its_cells_and_time_left(told: Told) -> None:
    """A forward that asks miners shows nine cells, whom it asks for how long still, and what it scores."""
    moment, plan = next(
        (i, phase.plan)
        for i, (state, _) in enumerate(told)
        for phase in state.forwards.values()
        if isinstance(phase, phases.Querying) and phase.plan.index == 2
    )
    shown = _shown(told[: moment + 1], after_s=plan.started_at_s - START_S + 4)

    assert "●●▸······" in shown
    assert f"asking {len(plan.targets)} miners, 6 s left" in shown


def test_scores_weights_forwards_and_notices_are_shown(told: Told) -> None:
    """The last picture of a run names its counts, the best miner, the weights and what was to be noticed."""
    shown = _shown(told, 160, 50, after_s=61)
    state = told[-1][0]
    best = max(state.metagraph.neurons, key=lambda neuron: state.scores.get(neuron.hotkey, 0.0))

    verdicts = [r.accepted for _, records in told for r in records if isinstance(r, WeightsRecord)]

    assert "forwards 6/6" in shown
    assert "1:01" in shown
    assert f"{state.scores[best.hotkey]:.4f}" in shown
    assert f"{best.incentive * 100:.1f} %" in shown
    assert f"{sum(verdicts)} accepted, {len(verdicts) - sum(verdicts)} not" in shown
    assert "changed hands" in shown
    assert "500×" in shown


def test_a_large_subnet_shows_the_best_and_the_worst() -> None:
    """Of 256 miners the top and the bottom are shown, and how many stand between."""
    state = attrs.evolve(
        initial(),
        metagraph=attrs.evolve(initial().metagraph, neurons=neurons(256)),
        scores={Hotkey(f"hk{uid}"): uid / 256 for uid in range(1, 257)},
    )
    shown = _shown([(state, ())])

    assert "scores of 256 miners" in shown
    assert "1.0000" in shown
    assert "0.0039" in shown
    assert " more" in shown


def test_rows_that_fit_are_the_top_and_the_bottom() -> None:
    """Two thirds of the room go to the top, one row says how many are left out, the rest goes to the bottom."""
    rows = [Row(neuron, "", 0.0, None, 0.0) for neuron in neurons(99)]

    assert fitting(rows, 100) == (rows, 0, ())
    assert fitting(rows, 10) == (rows[:6], 91, rows[-3:])
    assert fitting(rows, 1) == ([], 100, [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=TEXTS)
def test_hostile_text_never_reaches_the_terminal_raw(told: Told, text: str) -> None:
    """Whatever miners, the chain or names say: every drawn character stands where it is put, and nothing is styled by it."""
    behaviours = {Hotkey(f"hk{uid}"): text for uid in range(1, 21)}
    for width, height in ((80, 24), (160, 50)):
        view, console, _ = _view(width, height, text, behaviours)
        for state, records in poisoned(told[-60:-20], text):
            view.observe(state, (*records, Notice(text)))
        lines = _drawn(view, console)
        assert is_safe("\n".join(lines))
        assert len(lines) < height
        assert max(map(cell_len, lines)) <= width


def test_miners_that_left_are_forgotten(told: Told) -> None:
    """A hotkey that is no longer registered is not kept."""
    state = told[-1][0]
    view, _, _ = _view(80, 24)
    for call in told:
        view.observe(*call)
    gone = attrs.evolve(state.metagraph, neurons=())
    view.observe(state, (MetagraphChanged(gone, ()),))

    assert view._board.snapshot().tallies == {}
    assert view._board.snapshot().forwards == {}


def test_the_terminal_is_left_as_it_was(told: Told) -> None:
    """Between entry and exit the view draws; afterwards the cursor is back, and so are the program's own streams."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, height=24)
    streams = sys.stdout, sys.stderr
    with LiveView(console, SetClock(), network="local", netuid=1) as view:
        for call in told:
            view.observe(*call)
    written = stream.getvalue()

    assert (sys.stdout, sys.stderr) == streams
    assert "scores of 20 miners" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_no_limit_of_forwards_means_no_time_left() -> None:
    """A validator that runs for ever shows no end."""
    state = initial(forwards=0)

    assert state.config.neuron.max_forwards == NeuronConfig().max_forwards
    assert "left" not in _shown([(state, ())])


def test_epochs_are_counted_and_the_next_one_is_foretold() -> None:
    """From two metagraphs: how many epochs paid between them, whom the last one paid, and when the next is due."""
    view, console, _ = _view(80, 24)
    state = initial()
    for block, last_epoch in ((100, 80), (150, 140)):
        metagraph = Metagraph(Block(block), neurons(20), last_epoch=Block(last_epoch), tempo_blocks=20)
        state = attrs.evolve(state, head=Block(block), metagraph=metagraph, lifecycle=phases.Running())
        view.observe(state, (MetagraphChanged(metagraph, ()),))
    text = "\n".join(_drawn(view, console))

    assert "3 paid, last at block 140 to 20 miners; next about 160, in 10 blocks" in text
    assert "next about 160, by now" in _shown([(attrs.evolve(state, head=Block(161)), ())])


def test_a_reward_that_is_missing_is_no_zero(told: Told) -> None:
    """A response that could not be scored is shown as unscored."""
    state, records = next(call for call in told if any(isinstance(r, StepRecord) for r in call[1]))
    unscored = tuple(
        attrs.evolve(r, responses=tuple(attrs.evolve(x, reward=None) for x in r.responses))
        for r in records
        if isinstance(r, StepRecord)
    )

    assert "unscored" in _shown([(state, unscored)], 80, 60)
