"""A state machine for Hypothesis: whatever the world does to the core, in whatever order, the laws hold after each event.

Rules of Hypothesis choose what happens; `tests/core/world.py` says what the world's answers look like, by a seed of its own. Beside the
machine a journal is kept: the events so far, and now and then a snapshot as JSON. Both must lead to the state that the machine is in.
"""

import random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.journal.codec import from_json, to_json
from core.effects import Effect, ReadMetagraph
from core.events import (
    AxonServed,
    BlockSeen,
    Completion,
    ContextDrawn,
    EffectFailed,
    Event,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    Started,
    StopRequested,
    WeightsSubmitted,
)
from core.machine import TRANSITIONS, addressee, step
from core.state import Booting, Draining, Recovered, Resting, Running, State, Stopped
from core.step import Step
from core.types import Block, EffectId, Metagraph, WeightsAccepted
from tests.core.builders import CONTEXT, metagraph, silent
from tests.core.checks import CheckedMachine, waited_for
from tests.core.walk import initial
from tests.core.world import World

MINERS = 12
UIDS = st.integers(1, 2 * MINERS)
# Of whatever there is to choose from, counted round.
PICK = st.integers(0, 40)
NEVER_GIVEN = EffectId(10**6)


class Sequences(RuleBasedStateMachine):
    """One validator, its world and its journal."""

    def __init__(self) -> None:
        super().__init__()
        self.hotkeys = {uid: f"hk{uid}" for uid in range(1, MINERS + 1)}
        self.is_registered = True
        self.updated = 0
        self.newcomers = 0
        self.at_s = 1_700_000_000.0
        self.events: list[Event] = []
        self.given: list[Completion] = []
        self.lost: list[Effect] = []
        self._set_up(0)

    def _set_up(self, seed: int) -> None:
        rng = random.Random(seed)
        self.first = initial(rng)
        self.machine = CheckedMachine(self.first)
        self.world = World(rng)
        self.snapshot = (0, to_json(self.first))

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self._set_up(seed)
        self._take(Started(self.at_s))
        self.complete(0)

    # --- the program -------------------------------------------------------------------------------------------------
    @rule(through_json=st.booleans())
    def restart(self, through_json: bool) -> None:
        """Whoever starts again has nothing but the journal: the newest snapshot and what came after it, or all of it."""
        self.machine.state = self._from_snapshot() if through_json else self._folded(self.first, 0)
        self._take(Started(self.at_s))

    @precondition(lambda self: not isinstance(self.machine.state.lifecycle, Stopped))
    @rule()
    def stop(self) -> None:
        self._take(StopRequested(self.at_s, "operator"))

    @rule()
    def write_snapshot(self) -> None:
        self.snapshot = (len(self.events), to_json(self.machine.state))

    # --- blocks ------------------------------------------------------------------------------------------------------
    @rule(blocks=st.sampled_from([-50, -1, 0, 1, 3, 12, 60, 400]))
    def see_block(self, blocks: int) -> None:
        """Forward, the same again, or backwards."""
        block = max(1, self.world.head + blocks)
        self.world.head = max(self.world.head, block)
        self._take(BlockSeen(self.at_s, Block(block)))

    # --- what is under way -------------------------------------------------------------------------------------------
    @precondition(lambda self: self.machine.under_way)
    @rule(pick=PICK)
    def complete(self, pick: int) -> None:
        self._take(self._result(self._under_way(pick)))

    @precondition(
        lambda self: self.machine.under_way and not isinstance(self.machine.state.lifecycle, Stopped)
    )
    @rule(count=st.integers(2, 40))
    def go_on(self, count: int) -> None:
        """Complete what is under way, oldest first, so that forwards come to their end, too."""
        for _ in range(count):
            if self.machine.under_way:
                self._take(self._result(self._under_way(0)))

    @precondition(lambda self: self.machine.under_way)
    @rule(pick=PICK, timed_out=st.booleans())
    def fail(self, pick: int, timed_out: bool) -> None:
        self._take(EffectFailed(self.at_s, self._under_way(pick).effect_id, "broken", timed_out))

    @precondition(lambda self: self.lost)
    @rule(pick=PICK)
    def complete_late(self, pick: int) -> None:
        """What was under way before a stop or a restart."""
        self._take(self._result(self.lost[pick % len(self.lost)]))

    @precondition(lambda self: self.given)
    @rule(pick=PICK)
    def complete_twice(self, pick: int) -> None:
        self._take(self.given[pick % len(self.given)])

    @rule(pick=PICK, never=st.booleans())
    def complete_with_another_kind(self, pick: int, never: bool) -> None:
        """A completion of any kind, for an effect that has another, or that never was."""
        under_way = list(self.machine.under_way)
        effect_id = NEVER_GIVEN if never or not under_way else under_way[pick % len(under_way)]
        kinds: tuple[Completion, ...] = (
            Slept(self.at_s, effect_id),
            AxonServed(self.at_s, effect_id),
            ContextDrawn(self.at_s, effect_id, CONTEXT),
            MinersAnswered(self.at_s, effect_id, (silent(),)),
            LastUpdateRead(self.at_s, effect_id, Block(1)),
            WeightsSubmitted(self.at_s, effect_id, WeightsAccepted(Block(1))),
        )
        event = kinds[pick % len(kinds)]
        phase = addressee(self.machine.state, event)
        if (type(phase), type(event)) not in TRANSITIONS:
            self._take(event)

    # --- who is registered -------------------------------------------------------------------------------------------
    @rule(uid=UIDS)
    def register(self, uid: int) -> None:
        """A newcomer takes the uid: a free one, or one that somebody had."""
        self.newcomers += 1
        self.hotkeys[uid] = f"new{self.newcomers}"

    @rule(uid=UIDS)
    def leave(self, uid: int) -> None:
        self.hotkeys.pop(uid, None)

    @rule(uid=UIDS)
    def come_back(self, uid: int) -> None:
        """The first owner has its uid again."""
        self.hotkeys[uid] = f"hk{uid}"

    @rule(left=st.integers(0, 2))
    def shrink(self, left: int) -> None:
        """Nearly everybody leaves, or everybody."""
        self.hotkeys = dict(list(self.hotkeys.items())[:left])

    @rule(is_registered=st.booleans())
    def register_own(self, is_registered: bool) -> None:
        self.is_registered = is_registered

    # --- what must hold, beside the laws of `CheckedMachine` ---------------------------------------------------------
    @invariant()
    def scores_belong_to_the_registered(self) -> None:
        state = self.machine.state
        assert state.scores.keys() <= {neuron.hotkey for neuron in state.metagraph.neurons}
        assert all(0 <= score <= 1 for score in state.scores.values())

    @invariant()
    def something_is_under_way(self) -> None:
        """No deadlock: whoever has not ended waits for something that will come."""
        state = self.machine.state
        waiting = set(waited_for(state))
        match state.lifecycle:
            case Stopped():
                assert all(isinstance(phase, Resting) for phase in state.forwards.values()), "all have ended"
            case Running():
                assert not any(isinstance(phase, Recovered) for phase in state.forwards.values())
                assert self._has_its_forwards(state)
                assert waiting
            case Booting():
                assert waiting, "the metagraph is being read, or will be"
            case Draining():
                assert waiting or state.config.neuron.await_epoch, "blocks come by themselves"
        assert isinstance(state.lifecycle, Stopped) or waiting <= self.machine.under_way.keys()

    def teardown(self) -> None:
        """The journal leads to where the machine is, from its beginning and from the snapshot."""
        assert self._folded(self.first, 0) == self.machine.state
        assert self._from_snapshot() == self.machine.state

    def _has_its_forwards(self, state: State) -> bool:
        neuron, begun = state.config.neuron, state.next_forward - state.first_forward
        has_room = len(state.forwards) < neuron.num_concurrent_forwards
        return not has_room or 0 < neuron.max_forwards <= begun

    def _take(self, event: Event) -> Step:
        self.at_s += 1.0
        self.events.append(event)
        if isinstance(event, Started | StopRequested):
            self.lost += self.machine.under_way.values()
        waiting = waited_for(self.machine.state)
        taken = self.machine.step(event)
        if isinstance(event, Completion):
            self.given.append(event)
            if event.effect_id not in waiting:
                self.machine.forget(event)
        return taken

    def _under_way(self, pick: int) -> Effect:
        effects = list(self.machine.under_way.values())
        return effects[pick % len(effects)]

    def _result(self, effect: Effect) -> Completion:
        if isinstance(effect, ReadMetagraph):
            return MetagraphRead(self.at_s, effect.effect_id, self._metagraph())
        found = self.world.completion(effect, self.at_s)
        if isinstance(found, WeightsSubmitted) and isinstance(found.result, WeightsAccepted):
            self.updated = found.result.block
        return found

    def _metagraph(self) -> Metagraph:
        return metagraph(
            self.hotkeys,
            block=self.world.head,
            hotkeys=self.hotkeys,
            registered=self.is_registered,
            last_epoch=self.world.head // 20 * 20,
            last_update=self.updated,
        )

    def _folded(self, state: State, after: int) -> State:
        for event in self.events[after:]:
            state = step(state, event).state
        return state

    def _from_snapshot(self) -> State:
        after, body = self.snapshot
        return self._folded(from_json(body, State), after)
