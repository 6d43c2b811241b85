"""What must hold after every single event, whatever the events are.

`CheckedMachine` takes the place of `core.machine.step` in scenarios, walks and recorded journals: it steps, then compares the outcome
with the transition table and with the laws of the design. A step that was taken elsewhere is held to them by `check`.

Work that grows with the subnet is done where averages or the metagraph changed, or weights were decided on, and nowhere else.
"""

import math
from collections.abc import Mapping

from core.effects import Effect, QueryMiners, SetWeights
from core.events import Completion, EffectFailed, Event, LastUpdateRead, Started, WeightsSubmitted
from core.machine import CONSEQUENCES, TRANSITIONS, Ended, addressee, step
from core.records import StepRecord
from core.scores import average
from core.state import Phase, State, Stopped
from core.step import Step
from core.types import EffectId, ForwardId, Target, Uid, WeightsUnknown

_ENDED = Ended()


def parts(state: State) -> Mapping[str, Phase]:
    """Every part of the machine by name, in its phase."""
    running = {f"forward {forward_id}": phase for forward_id, phase in state.forwards.items()}
    return {
        **running,
        "weights": state.weights,
        "sync": state.sync,
        "axon": state.axon,
        "lifecycle": state.lifecycle,
    }


def waited_for(state: State) -> tuple[EffectId, ...]:
    """Ids of the effects that some part waits for."""
    return tuple(phase.effect_id for phase in parts(state).values() if hasattr(phase, "effect_id"))


class CheckedMachine:
    """Steps through events.

    Attributes:
        under_way: the effects that are not completed yet, by id.
        moves: every (phase, event, phase afterwards) that an event led its addressee through.
        consequences: every (phase, phase afterwards) of another part than the addressee.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.under_way: dict[EffectId, Effect] = {}
        self.moves: set[tuple[type, type, type]] = set()
        self.consequences: set[tuple[type, type]] = set()
        self._completed: set[EffectId] = set()
        self._prompted: dict[ForwardId, set[Uid]] = {}
        self._fate_unknown = False

    def step(self, event: Event) -> Step:
        """Take one event in; raises AssertionError where a law is broken."""
        before, taken = self.state, step(self.state, event)
        self.check(before, event, taken)
        return taken

    def check(self, before: State, event: Event, taken: Step) -> None:
        """Hold a step to the laws, wherever it was taken; raises AssertionError where one is broken."""
        self.state = taken.state
        phase = addressee(before, event)
        if phase is not None and (type(phase), type(event)) in TRANSITIONS:
            self._note_fate(event)
            self._close(event)
            self._check_phases(phase, before, event, taken.state)
            _check_scores(before, taken)
        else:
            _check_dropped(before, taken)
        self._check_effects(before, taken)
        self._check_waiting(taken)

    def forget(self, event: Completion) -> None:
        """An effect that nothing waits for is over, too; the machine has dropped its completion."""
        self.under_way.pop(event.effect_id, None)

    def _close(self, event: Event) -> None:
        if isinstance(event, Started):
            self.under_way.clear()
        if isinstance(event, Completion):
            assert event.effect_id not in self._completed, "an effect's completion counts once"
            assert event.effect_id in self.under_way, "what completes was under way"
            self._completed.add(event.effect_id)
            del self.under_way[event.effect_id]

    def _note_fate(self, event: Event) -> None:
        """A submission whose result nobody heard, until the chain has said what came of it."""
        match event:
            case Started():
                lost = any(isinstance(effect, SetWeights) for effect in self.under_way.values())
                self._fate_unknown = self._fate_unknown or lost
            case EffectFailed(effect_id=effect_id) if isinstance(self.under_way.get(effect_id), SetWeights):
                self._fate_unknown = True
            case WeightsSubmitted(result=WeightsUnknown()):
                self._fate_unknown = True
            case LastUpdateRead():
                self._fate_unknown = False
            case _:
                pass

    def _check_phases(self, phase: Phase, before: State, event: Event, after: State) -> None:
        was, now = parts(before), parts(after)
        for name, old in was.items():
            new = now.get(name, _ENDED)
            if old is phase:
                self._check_move(name, old, event, new)
            elif new is not old and new != old:
                assert type(new) in CONSEQUENCES[type(old)], _move(name, old, event, new)
                self.consequences.add((type(old), type(new)))
        for name in now.keys() - was.keys():
            assert type(now[name]) in CONSEQUENCES[Ended], f"{name} begins as {now[name]}"
            self.consequences.add((Ended, type(now[name])))
        # More than are wanted may go on after a restart under other settings; none may begin then.
        most = max(after.config.neuron.num_concurrent_forwards, len(before.forwards))
        assert len(after.forwards) <= most, f"{len(after.forwards)} forwards run, {most} may"
        assert after.dropped_completions == before.dropped_completions, "what is taken in is not dropped"

    def _check_move(self, name: str, old: Phase, event: Event, new: Phase | Ended) -> None:
        assert type(new) in TRANSITIONS[type(old), type(event)].targets, _move(name, old, event, new)
        self.moves.add((type(old), type(event), type(new)))

    def _check_effects(self, before: State, taken: Step) -> None:
        ids = [effect.effect_id for effect in taken.effects]
        assert ids == list(range(before.next_effect, taken.state.next_effect)), "ids are given out in order"
        for effect in taken.effects:
            assert effect.timeout_s > 0, f"{type(effect).__name__} has no time at all"
            if isinstance(effect, QueryMiners):
                self._check_query(effect, taken.state)
            if isinstance(effect, SetWeights):
                self._check_weights(effect, taken.state)
            self.under_way[effect.effect_id] = effect

    def _check_query(self, effect: QueryMiners, state: State) -> None:
        uids = [target.uid for target in effect.targets]
        prompted = self._prompted.setdefault(effect.forward_id, set())
        assert uids, "a step prompts somebody"
        assert uids == sorted(set(uids)), "targets are ordered by uid, each there once"
        assert not prompted & set(uids), "no uid is prompted twice in a forward"
        for target in effect.targets:
            assert _may_be_prompted(target, state), f"uid {target.uid} is prompted, and may not be"
        prompted.update(uids)

    def _check_weights(self, effect: SetWeights, state: State) -> None:
        on_their_way = [other for other in self.under_way.values() if isinstance(other, SetWeights)]
        uids, shares = zip(*effect.weights, strict=True)
        assert not on_their_way, "at most one submission is in flight"
        assert not self._fate_unknown, "the chain is asked before anything is sent again"
        assert list(uids) == sorted(set(uids)), "weights are ordered by uid"
        assert {neuron.uid for neuron in state.metagraph.neurons} >= set(uids), "weights go to who is there"
        assert min(shares) > 0, "weights are positive"
        assert math.isclose(math.fsum(shares), 1), "weights sum to 1"

    def _check_waiting(self, taken: Step) -> None:
        waiting = waited_for(taken.state)
        assert len(waiting) == len(set(waiting)), "two parts never wait for one effect"
        if not isinstance(taken.state.lifecycle, Stopped):
            assert set(waiting) <= self.under_way.keys(), "nothing waits for what cannot come any more"
            begun = {effect.effect_id for effect in taken.effects}
            assert begun <= set(waiting), "nothing is begun that nobody waits for"


def _may_be_prompted(target: Target, state: State) -> bool:
    """Whether it is who the metagraph shows, not ourselves, and no large validator."""
    neuron, limit = state.metagraph.by_uid[target.uid], state.config.neuron.vpermit_tao_limit
    is_large = neuron.validator_permit and neuron.stake_tao > limit
    return neuron.hotkey == target.hotkey != state.own_hotkey and not is_large


def _move(name: str, old: Phase, event: Event, new: Phase | Ended) -> str:
    return (
        f"{name}: {type(old).__name__} -> {type(new).__name__} on {type(event).__name__} is not in the table"
    )


def _check_dropped(before: State, taken: Step) -> None:
    after = taken.state
    assert after.dropped_completions == before.dropped_completions + 1, "what is dropped is counted"
    assert parts(after) == parts(before), "what is dropped moves nothing"
    assert (after.scores, after.head, after.metagraph) == (before.scores, before.head, before.metagraph)
    assert not taken.effects, "nothing follows from what is dropped"
    assert not taken.records, "nothing is told of what is dropped"


def _check_scores(before: State, taken: Step) -> None:
    after = taken.state
    has_judged = any(isinstance(record, StepRecord) for record in taken.records)
    if has_judged or after.scores is not before.scores or after.metagraph is not before.metagraph:
        _check_averages(before, taken)


def _check_averages(before: State, taken: Step) -> None:
    registered = {neuron.hotkey for neuron in taken.state.metagraph.neurons}
    expected = {hotkey: score for hotkey, score in before.scores.items() if hotkey in registered}
    alpha = taken.state.config.neuron.moving_average_alpha
    for record in taken.records:
        if isinstance(record, StepRecord):
            for response in record.responses:
                hotkey = response.target.hotkey
                assert response.before == expected.get(hotkey, 0.0), f"{hotkey} had another average"
                if response.counted:
                    assert response.reward is not None, f"{hotkey} is counted without a reward"
                    assert 0 <= response.reward <= 1, f"{hotkey} is rewarded with {response.reward}"
                    expected[hotkey] = average(response.before, response.reward, alpha)
                assert response.after == expected.get(hotkey, 0.0), f"{hotkey} gets another average"
    assert taken.state.scores == expected, "averages follow from the records, and from nothing else"
    wrong = {hotkey: score for hotkey, score in expected.items() if not 0 <= score <= 1}
    assert not wrong, f"averages are within 0 and 1, but {wrong}"
