"""One effect, one port call, one event: results, faults and deadlines of each."""

from collections.abc import Callable, Sequence
from typing import Any

import anyio
import pytest

from adapters.fakes import FakeDendrite, LoopClock
from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.events import (
    AxonServed,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    WeightsSubmitted,
)
from core.types import (
    Block,
    EffectId,
    ForwardId,
    Hotkey,
    Outcome,
    Prompting,
    Target,
    TaskType,
    Uid,
    WeightsAccepted,
)
from effects.perform import Ports, perform
from effects.ports import Fault
from tests.effects.harness import World, well_meaning

ID, FORWARD = EffectId(41), ForwardId(3)
TARGETS = (Target(Uid(4), Hotkey("hk4"), "1.2.3.4:1"), Target(Uid(9), Hotkey("hk9"), "1.2.3.9:1"))
SYNAPSE = Prompting(("user",), ("Summarize this.",))
EFFECTS: dict[Effect, type] = {
    DrawContext(ID, 50.0, FORWARD, 7): ContextDrawn,
    QueryMiners(ID, 50.0, FORWARD, TARGETS, SYNAPSE, 10.0): MinersAnswered,
    ScoreCompletions(
        ID, 50.0, FORWARD, TaskType.SUMMARY, "prompt", "base", ("Mill 4", "Mill 9")
    ): CompletionsScored,
    ReadMetagraph(ID, 50.0): MetagraphRead,
    ServeAxon(ID, 50.0): AxonServed,
    SetWeights(ID, 50.0, ((Uid(4), 1.0),), 3000): WeightsSubmitted,
    ReadLastUpdate(ID, 50.0): LastUpdateRead,
    Sleep(ID, 50.0, 20.0): Slept,
}
EACH = pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)


class Everything:
    """All ports in one, every call doing the same."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        self._deed = deed

    def now_s(self) -> float:
        return 123.0

    def __getattr__(self, _: str) -> Callable[..., Any]:
        async def call(*_: object, **__: object) -> object:
            return await self._deed()

        return call


def all_do(deed: Callable[[], Any]) -> Ports:
    every: Any = Everything(deed)
    return Ports(every, every, every, every, every)


def healthy() -> tuple[World, Ports]:
    world = World()
    return world, Ports(world.dendrite, world.chain, world.scorer, world.contexts, LoopClock())


@EACH
async def test_an_effect_completes_as_its_kind_of_event(effect: Effect) -> None:
    """With the effect's id, and the time at which it was done."""
    clock = LoopClock()
    before = clock.now_s()
    completion = await perform(effect, healthy()[1])
    assert type(completion) is EFFECTS[effect]
    assert completion.effect_id == ID
    assert before <= completion.at_s == clock.now_s()


@EACH
async def test_a_fault_completes_an_effect_as_failed(effect: Effect) -> None:
    """In the fault's own words."""

    async def fault() -> None:
        raise Fault("the line is dead")

    assert await perform(effect, all_do(fault)) == EffectFailed(123.0, ID, "the line is dead")


@EACH
async def test_an_effect_that_hangs_is_ended_at_its_time(effect: Effect) -> None:
    """To the moment, and told as a timeout; the port's call is cancelled."""
    ended = []

    async def hang() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(anyio.current_time())

    start = anyio.current_time()
    completion = await perform(effect, all_do(hang))
    assert completion == EffectFailed(123.0, ID, "not done within 50 s", timed_out=True)
    assert ended == [start + 50.0]


@EACH
async def test_a_bug_passes(effect: Effect) -> None:
    """An exception that is no fault of the world is not turned into an event."""

    async def bug() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await perform(effect, all_do(bug))


async def test_what_is_asked_for_is_what_the_port_hears() -> None:
    """Targets, synapse and the miners' own deadline go to the dendrite; weights to the chain; results come back whole."""
    heard: list[object] = []

    class Dendrite(FakeDendrite):
        async def query(
            self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
        ) -> tuple[Outcome, ...]:
            heard.extend((targets, synapse, timeout_s))
            return await super().query(targets, synapse, timeout_s=timeout_s)

    world = World(dendrite=Dendrite(well_meaning))
    ports = Ports(world.dendrite, world.chain, world.scorer, world.contexts, LoopClock())
    by_kind = {type(effect): effect for effect in EFFECTS}
    answered = await perform(by_kind[QueryMiners], ports)
    assert heard == [TARGETS, SYNAPSE, 10.0]
    assert isinstance(answered, MinersAnswered)
    assert [outcome.code for outcome in answered.outcomes] == [200, 200]
    scored = await perform(by_kind[ScoreCompletions], ports)
    assert isinstance(scored, CompletionsScored)
    assert [reward.values for reward in scored.rewards] == [(-4.0, -9.0)] * 2
    submitted = await perform(by_kind[SetWeights], ports)
    assert isinstance(submitted, WeightsSubmitted)
    assert submitted.result == WeightsAccepted(Block(1))
    assert world.chain.sent == [(1, ((4, 1.0),))]
