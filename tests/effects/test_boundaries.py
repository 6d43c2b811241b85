"""A run that dies at every single boundary between persist, act and complete, and starts again: nothing lost, nothing done twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import anyio
import attrs
import pytest
from trio.testing import MockClock

from adapters.fakes import FakeChain, MemoryJournal
from adapters.reporting.recount import Recount
from core.effects import SetWeights
from core.events import WeightsSubmitted
from core.records import ForwardEnded, ForwardRecovered
from core.state import State, Stopped
from core.types import WeightsRefused
from effects.ports import Entry
from effects.replay import Folded, fold, replay
from tests.effects.harness import SlowChain, World, checked, neurons, settings

CONFIG = settings(
    max_forwards=3,
    num_concurrent_forwards=2,
    num_followup_steps=1,
    epoch_length=4,
    checkpoint_block_length=2,
    await_epoch=True,
)
CALLS = {"query", "metagraph", "set_weights", "last_update", "serve_axon", "score", "draw", "sleep"}
PORTS = ("dendrite", "scorer", "contexts", "clock")
DOWN_S = 7.0


class Died(Exception):
    """The process ends here."""


# A boundary is a name, and the how manyth of that name: of two effects that start at once either may be the first.
Boundary = tuple[str, int]


@attrs.define
class Boundaries:
    """Counts the boundaries that a run crosses, and lets it die at one of them."""

    deadly: Boundary | None = None
    crossed: Counter[str] = attrs.field(factory=Counter)

    def cross(self, name: str) -> None:
        self.crossed[name] += 1
        if (name, self.crossed[name]) == self.deadly:
            raise Died(name)

    def all(self) -> list[Boundary]:
        return [(name, number) for name, count in self.crossed.items() for number in range(1, count + 1)]


class Watched:
    """A port whose calls are boundaries: before it is called, and after it has done its work but before anybody hears of it."""

    def __init__(self, port: Any, boundaries: Boundaries) -> None:
        self._port, self._boundaries = port, boundaries

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return partial(self._call, name, found) if name in CALLS else found

    async def _call(self, name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._boundaries.cross(f"before {name}")
        result = await call(*args, **options)
        self._boundaries.cross(f"after {name}")
        return result


class WatchedJournal(MemoryJournal):
    """A journal with a boundary on either side of the write."""

    def __init__(self, boundaries: Boundaries) -> None:
        super().__init__()
        self._boundaries = boundaries

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        self._boundaries.cross("before persist")
        await super().append(entries, state)
        self._boundaries.cross("after persist")


def watched_world(boundaries: Boundaries) -> World:
    timing = {"block_time_s": 3.0, "tempo_blocks": 5, "weights_rate_limit_blocks": 4}
    # Nobody hears of the first submission: its fate must be asked for.
    world = World(chain=SlowChain(neurons(27), verdicts=[FakeChain.land_unseen], **cast("Any", timing)))
    ports = {name: Watched(getattr(world, name), boundaries) for name in PORTS}
    chain = cast("SlowChain", Watched(world.chain, boundaries))
    return attrs.evolve(world, **cast("Any", ports), chain=chain, journal=WatchedJournal(boundaries))


async def live_and_die(deadly: Boundary | None) -> tuple[World, Boundaries, bool]:
    """One run that dies at a boundary (or at none), and what is started over its journal; whether it died."""
    boundaries, died = Boundaries(deadly), False
    world = watched_world(boundaries)
    try:
        await world.runner(CONFIG).run()
    except* Died:
        died = True
        await anyio.sleep(DOWN_S)
        state = replay(world.journal.written, State(CONFIG), {1: CONFIG}).state
        await world.runner(CONFIG, state).run()
    return world, boundaries, died


def run(deadly: Boundary | None) -> tuple[World, Boundaries, bool]:
    clock = MockClock(autojump_threshold=0)
    return anyio.run(live_and_die, deadly, backend="trio", backend_options={"clock": clock})


def folded(world: World) -> list[Folded]:
    return list(fold(world.journal.written, State(CONFIG), {1: CONFIG}))


def check(world: World, name: str) -> list[Folded]:
    """What must hold of a run, however often it died."""
    steps = folded(world)
    last, recount = checked(world.journal.written, CONFIG), Recount(State(CONFIG))
    for step in steps:
        recount.observe(step.taken.state, step.taken.records)
    assert last.lifecycle == Stopped("done"), name
    assert recount.result().differences == (), name
    assert max(step.distance for step in steps) == 0, name
    decided = [effect for step in steps for effect in step.taken.effects if isinstance(effect, SetWeights)]
    sent = world.chain.sent
    assert [weights for _, weights in sent] == [
        e.weights for e in decided if any(w == e.weights for _, w in sent)
    ]
    refused = [
        step
        for step in steps
        if isinstance(step.entry.event, WeightsSubmitted)
        and isinstance(step.entry.event.result, WeightsRefused)
    ]
    assert not refused, f"{name}: two submissions for one window"
    begun = {forward_id for step in steps for forward_id in step.taken.state.forwards}
    ended = [r.forward_id for step in steps for r in step.taken.records if isinstance(r, ForwardEnded)]
    assert sorted(ended) == sorted(begun), f"{name}: every forward ends once"
    return steps


@pytest.mark.timeout(120)
def test_every_boundary_once() -> None:
    """Died at it and started again, a run ends as it should, with everything done once."""
    world, boundaries, _ = run(None)
    check(world, "no crash")
    assert {name.split()[1] for name in boundaries.crossed} == CALLS | {"persist"}
    recovered = 0
    for boundary in boundaries.all():
        world, _, died = run(boundary)
        assert died, boundary
        steps = check(world, f"died at {boundary}")
        recovered += any(isinstance(r, ForwardRecovered) for step in steps for r in step.taken.records)
    assert recovered > len(boundaries.all()) / 10
