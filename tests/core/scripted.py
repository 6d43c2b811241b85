"""Validators brought to a certain point, each by the events that lead there."""

from collections.abc import Iterable
from typing import Any, TypeVar

from core.config import NeuronConfig, RewardConfig
from core.effects import DrawContext, Effect, QueryMiners, ScoreCompletions
from core.events import Completion, CompletionsScored, ContextDrawn, MetagraphRead, MinersAnswered, Started
from core.state import Querying, Recovered, Resting, Scoring, State
from core.step import Step
from core.types import EffectId, ForwardId, Metagraph, RawMask, RawReward, Target
from tests.core.builders import CONTEXT, answered, completion, config, metagraph
from tests.core.checks import CheckedMachine
from tests.core.world import MASKS, task_type_of

T = TypeVar("T")
R = TypeVar("R")


def running(
    graph: Metagraph | None = None, *, reward: RewardConfig | None = None, **neuron: Any
) -> CheckedMachine:
    """A validator that has read its metagraph (9 miners unless given) and begun its forwards."""
    machine = CheckedMachine(State(config(NeuronConfig(axon_off=True, **neuron), reward)))
    machine.step(Started(0.0))
    machine.step(MetagraphRead(0.0, EffectId(1), graph or metagraph(range(1, 10))))
    return machine


def well(effect: Effect, at_s: float = 1.0) -> Completion:
    """What comes back for an effect of a forward when all goes well; the reward falls with the uid."""
    match effect:
        case DrawContext(effect_id=effect_id):
            return ContextDrawn(at_s, effect_id, CONTEXT)
        case QueryMiners(effect_id=effect_id, targets=targets, synapse=synapse):
            task_type = task_type_of(synapse.messages[0])
            return MinersAnswered(
                at_s, effect_id, tuple(answered(completion(task_type, t.uid)) for t in targets)
            )
        case ScoreCompletions(effect_id=effect_id, completions=completions):
            return scored(effect_id, [-float(i) for i in range(len(completions))], at_s)
        case _:
            raise AssertionError(effect)


def scored(effect_id: EffectId, raws: list[float], at_s: float = 1.0) -> CompletionsScored:
    """Verdicts: every reward function says `raws`, every mask keeps all."""
    count = len(raws)
    rewards = tuple(RawReward(name, tuple(raws), (True,) * count) for name in ("dpo", "reciprocate"))
    masks = tuple(RawMask(name, (1,) * count, ("",) * count) for name in MASKS)
    return CompletionsScored(at_s, effect_id, rewards, masks)


def advance(machine: CheckedMachine, events: int = 1) -> None:
    """Let the effects that forward 0 waits for go well, one after the other."""
    for _ in range(events):
        effect = waiting_effect(machine)
        assert effect is not None
        machine.step(well(effect))


def play(machine: CheckedMachine, forward_id: int = 0) -> list[Step]:
    """Let one forward go well until it is over; its steps."""
    steps = []
    while effect := waiting_effect(machine, forward_id):
        steps.append(machine.step(well(effect)))
    return steps


def waiting_effect(machine: CheckedMachine, forward_id: int = 0) -> Effect | None:
    """The effect that a forward waits for; None where it is over or rests."""
    phase = machine.state.forwards.get(ForwardId(forward_id))
    return (
        None
        if phase is None or isinstance(phase, Resting | Recovered)
        else machine.under_way[phase.effect_id]
    )


def targets(machine: CheckedMachine) -> tuple[Target, ...]:
    """The miners of the step at which forward 0 is."""
    phase = machine.state.forwards[ForwardId(0)]
    assert isinstance(phase, Querying | Scoring)
    return (phase.plan if isinstance(phase, Querying) else phase.answered.plan).targets


def expect(effect: Effect | None, kind: type[T]) -> T:
    """The effect, which must be of this kind."""
    assert isinstance(effect, kind)
    return effect


def records(steps: Iterable[Step], kind: type[R]) -> list[R]:
    """The records of one kind that the steps told, in order."""
    return [record for taken in steps for record in taken.records if isinstance(record, kind)]
