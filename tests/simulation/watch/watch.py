"""The watch: all that must hold of a simulation, looked at after every event.

Rules:
- It is told what has become durable, what is done, and what was in the way; it asks nobody but the chain as it really is.
- It outlives every process: what it expects of a life begins with what the last one made durable.
- What does not hold is a `Violation`, in a sentence that says what and where.
"""

from collections.abc import Callable, Sequence

import attrs

from core.events import Completion, Started
from core.machine import addressee
from core.records import ForwardEnded, ForwardRecovered, ForwardStarted
from core.state import State, Stopped, WeightsSubmitting
from core.types import Block
from effects.runner import MAILBOX_EVENTS
from tests.core.checks import CheckedMachine
from tests.simulation.swarm import Swarm
from tests.simulation.violation import Violation
from tests.simulation.watch.averages import Averages
from tests.simulation.watch.deadlines import Deadlines, forward_s
from tests.simulation.watch.deciding import check_weights
from tests.simulation.watch.handing import Handing
from tests.simulation.watch.liveness import Liveness
from tests.simulation.watch.performing import Call, Performing, told
from tests.simulation.watch.rows import check_row
from tests.simulation.watch.seen import Seen, SentWeights, Taken, WatchedChain

# Beside one effect for each forward: weights, metagraph, axon; and pauses of a failed reading that a hint of our deregistration has
# cut short, which comes once a block at most while such a pause of a minute lasts.
OTHER_EFFECTS = 3 + 6


class Watch:
    """Holds one simulation to the laws; every method raises `Violation` where one is broken.

    Attributes:
        moves, consequences: see `tests.core.checks.CheckedMachine`.
        events: that became durable.
    """

    def __init__(self, swarm: Swarm, chain: WatchedChain, seconds: Callable[[], float]) -> None:
        """`seconds`: the loop's monotonic time."""
        self.events = 0
        self._chain = chain
        self._state: State | None = None
        self._machine = CheckedMachine(State(swarm.config))
        self._performing = Performing()
        self._deadlines = Deadlines(seconds)
        self._averages = Averages()
        self._handing = Handing()
        self._liveness = Liveness(swarm, chain)
        self._rows_checked = 0
        self._is_starting = False
        # Of weights that were performed: the block of our last ones as it was known then.
        self._knew: dict[tuple[object, object], Block] = {}
        self._doubled_checked = 0

    @property
    def moves(self) -> set[tuple[type, type, type]]:
        return self._machine.moves

    @property
    def consequences(self) -> set[tuple[type, type]]:
        return self._machine.consequences

    @property
    def longest_wait(self) -> float:
        """How much of anybody's patience weights ever took to land, nothing being in the way; overdue above 1."""
        return self._liveness.longest

    def begins(self, state: State) -> None:
        """A process begins from this state: the last durable one, or an empty one; its settings may be others."""
        self.died()
        self._check_same(state)
        self._state, self._machine.state, self._is_starting = state, state, True

    def durable(self, steps: Sequence[Taken]) -> None:
        """These events are durable now, in this order, each with the state before and the step taken; before that, nothing of them is."""
        self._deadlines.judge()
        for before, event, step in steps:
            self._take(Seen(before, event, step, addressee(before, event)))
        self._deadlines.look()
        if self._state is not None:
            ended = any(isinstance(r, ForwardEnded) for _, _, step in steps for r in step.records)
            self._liveness.look(self._state, self._averages, has_ended=ended)
        self._check_chain()

    def performs(self, call: Call) -> None:
        """A port is being called; the names of calls and what they hold: `performing.call_of`."""
        self._performing.performs(call)
        if call[0] == "set_weights" and self._state is not None:
            weights = self._state.weights
            known = weights.submission.last_update if isinstance(weights, WeightsSubmitting) else Block(0)
            self._knew.setdefault((call[1], call[3]), known)

    def held_up(self, seconds: float) -> None:
        """So long nothing could be taken in: deadlines are that much later. Told after it was, before anything more becomes durable."""
        self._deadlines.held_up(seconds)

    def troubled(self) -> None:
        """Something else than the chain is in the way of weights just now: the process, its disk, its clock, the miners."""
        self._liveness.troubled()

    def queued(self, length: int) -> None:
        """So many events wait in the mailbox."""
        if length > MAILBOX_EVENTS:
            raise Violation(f"{length} events wait, {MAILBOX_EVENTS} may")

    def died(self) -> None:
        """The process is gone, for whatever reason, and all effects that it was performing."""
        self._performing.ends()
        self._deadlines.ends()
        self._liveness.troubled()

    def ended(self, state: State) -> None:
        """The simulation is over; `state` is what a start would go on from."""
        self._check_same(state)
        self._averages.compare(state)
        self._deadlines.judge()
        self._check_chain()

    def _check_same(self, state: State) -> None:
        last = State(state.config) if self._state is None else attrs.evolve(self._state, config=state.config)
        if state != last:
            differing = [
                name for name in attrs.fields_dict(State) if getattr(state, name) != getattr(last, name)
            ]
            raise Violation(f"a start goes on from other {', '.join(differing)} than became durable last")

    def _take(self, seen: Seen) -> None:
        self.events += 1
        self._check_order(seen)
        self._complete(seen)
        # The recount names who and what; the laws then find what agrees with it and is still wrong.
        record = self._averages.take(seen)
        self._hold_to_laws(seen)
        self._handing.take(record, seen.step)
        check_weights(seen, self._averages)
        self._begin(seen)
        self._state = seen.after

    def _check_order(self, seen: Seen) -> None:
        if seen.before is not self._state and seen.before != self._state:
            raise Violation(
                f"{type(seen.event).__name__} meets another state than the one that became durable last"
            )
        if isinstance(seen.event, Started) != self._is_starting:
            raise Violation(f"{type(seen.event).__name__}: a process begins with Started, and just then")
        self._is_starting = False

    def _hold_to_laws(self, seen: Seen) -> None:
        try:
            self._machine.check(seen.before, seen.event, seen.step)
        except AssertionError as broken:
            raise Violation(f"{type(seen.event).__name__}: {broken}") from broken
        if isinstance(seen.event, Completion):
            self._machine.forget(seen.event)

    def _complete(self, seen: Seen) -> None:
        if isinstance(seen.event, Completion):
            name = type(seen.event).__name__
            self._deadlines.effect_ends(self._performing.completes(seen.event.effect_id, name))

    def _begin(self, seen: Seen) -> None:
        for effect in seen.step.effects:
            self._performing.begins(effect)
            self._deadlines.effect_begins(effect)
        for record in seen.step.records:
            match record:
                case ForwardStarted(forward_id=forward_id):
                    self._deadlines.forward_begins(forward_id, forward_s(seen.after.config))
                case ForwardRecovered(forward_id=forward_id, index=index):
                    within_s = forward_s(seen.after.config, scored_step=index)
                    self._deadlines.forward_begins(forward_id, within_s)
                case ForwardEnded(forward_id=forward_id):
                    self._deadlines.forward_ends(forward_id)
                case _:
                    pass
        self._check_bounds(seen.after)

    def _check_bounds(self, state: State) -> None:
        wanted = max(state.config.neuron.num_concurrent_forwards, len(state.forwards))
        under_way = len(self._performing.under_way)
        if under_way > wanted + OTHER_EFFECTS and not isinstance(state.lifecycle, Stopped):
            raise Violation(f"{under_way} effects are under way, {wanted + OTHER_EFFECTS} may")

    def _check_chain(self) -> None:
        for doubled in self._chain.doubled[self._doubled_checked :]:
            self._check_doubled(doubled)
        self._doubled_checked = len(self._chain.doubled)
        for sent in self._chain.submissions[self._rows_checked :]:
            self._check_sent(sent)
            check_row(sent)
        self._rows_checked = len(self._chain.submissions)

    def _check_doubled(self, doubled: SentWeights) -> None:
        """Who uses our key elsewhere can make us take his weights for the ones that we look for: that is all that excuses a second sending."""
        place = next(i for i, sent in enumerate(self._chain.submissions) if sent is doubled)
        first = self._chain.submissions[place - 1]
        known = self._knew.get((tuple(first.weights), tuple(first.owners)), Block(0))
        if not any(block > known for block in self._chain.elsewhere):
            raise Violation(f"two submissions were in flight at once: {doubled}")

    def _check_sent(self, sent: SentWeights) -> None:
        weights, owners = tuple(sent.weights), tuple(sent.owners)
        if (weights, owners) not in self._knew:
            raise Violation(f"{told(('set_weights', weights))} reached the chain, but was never performed")
