"""The miners of a simulated subnet, behind the `Dendrite` port.

Rules:
- How good a miner is, how quick, how brief, and which wire it speaks, belongs to its hotkey and never changes.
- Who is dialled, the real policy decides (`adapters.dendrite.address`).
- All that happens in a query is drawn when it begins; a caller that goes away before it ends changes nothing.
"""

from collections.abc import Callable, Collection, Sequence

import anyio
import attrs

from adapters.dendrite.address import dial_address
from adapters.dendrite.verdict import Refused
from core.randomness import key_of
from core.types import OK, Hotkey, Outcome, Prompting, Target, TaskType, Wire
from effects.ports import Fault
from tests.core.world import task_type_of
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.peers import honest
from tests.simulation.peers.trouble import Answers, Trouble
from tests.simulation.swarm import Swarm

# Shares of the time that miners have: of the quickest and the slowest. Most are quick.
_QUICKEST, _SLOWEST = 0.01, 0.6
_NUMBERS = 2**32


@attrs.frozen
class Habit:
    """What stays the same of a miner.

    Attributes:
        grade: of its texts, 0 to 99.
        pace: share of the time that it has which it takes, on the average.
    """

    grade: int
    pace: float
    wire: Wire
    is_brief: bool


def habit_of(seed: int, hotkey: Hotkey) -> Habit:
    """The habit that follows from the hotkey."""
    key = key_of(seed, "miner", hotkey)
    slow = ((key >> 16) % 256 / 255) ** 3
    return Habit(
        grade=key % honest.GRADES,
        pace=_QUICKEST + (_SLOWEST - _QUICKEST) * slow,
        wire=tuple(Wire)[(key >> 8) % len(Wire)],
        is_brief=(key >> 32) % 4 == 0,
    )


class SimulatedMiners:
    """An `effects.ports.Dendrite`.

    Attributes:
        in_flight: queries that run now.
    """

    def __init__(
        self,
        swarm: Swarm,
        dice: Dice,
        queried: Callable[[Sequence[Target]], None],
        *,
        own_hosts: Collection[str] = (),
    ) -> None:
        """`queried` is told whom a query asks when it begins; `own_hosts` are the validator's own addresses, never dialled."""
        self.in_flight = 0
        self._seed, self._dice, self._queried = swarm.seed, dice, queried
        self._own_hosts = own_hosts
        self._lots, self._trouble = dice.of("miners: answers"), Trouble(dice)
        self._habits: dict[Hotkey, Habit] = {}
        self._unreachable: dict[str, Outcome | None] = {}

    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        """One outcome per target, in their order, as soon as the last of them is known.

        Raises:
            Fault: no sockets are left.
        """
        self.in_flight += 1
        try:
            self._queried(targets)
            if self._dice.strikes_now(Kind.NETWORK_HANGS):
                await anyio.sleep_forever()
            outcomes = self._outcomes(targets, synapse.messages[-1], timeout_s)
            await anyio.sleep(max((outcome.process_time_s for outcome in outcomes), default=0.0))
            return tuple(outcomes)
        finally:
            self.in_flight -= 1

    def grade_of(self, hotkey: Hotkey) -> int:
        """How good the hotkey's honest answers are, 0 to 99."""
        return self._habit(hotkey).grade

    def _outcomes(self, targets: Sequence[Target], prompt: str, timeout_s: float) -> list[Outcome]:
        refused = [self._refused(target.axon) for target in targets]
        if self._dice.strikes_now(Kind.NO_SOCKETS, possible=None in refused):
            raise Fault("no socket left (Too many open files): allow this program more open files")
        task_type = task_type_of(prompt)
        outcomes = [
            none or self._honest(target, task_type, timeout_s)
            for none, target in zip(refused, targets, strict=True)
        ]
        free = [place for place, none in enumerate(refused) if none is None]
        self._trouble.befall(Answers(outcomes, free, prompt, timeout_s))
        return outcomes

    def _honest(self, target: Target, task_type: TaskType, timeout_s: float) -> Outcome:
        habit, lot = self._habit(target.hotkey), self._lots.random()
        text = honest.write(task_type, habit.grade, int(lot * _NUMBERS), is_short=habit.is_brief)
        wire = habit.wire if habit.wire in target.wires else target.wires[0]
        return Outcome(OK, "", text, timeout_s * habit.pace * (0.5 + lot), wire)

    def _habit(self, hotkey: Hotkey) -> Habit:
        habit = self._habits.get(hotkey)
        if habit is None:
            habit = self._habits[hotkey] = habit_of(self._seed, hotkey)
        return habit

    def _refused(self, axon: str) -> Outcome | None:
        if axon not in self._unreachable:
            self._unreachable[axon] = self._dial(axon)
        return self._unreachable[axon]

    def _dial(self, axon: str) -> Outcome | None:
        """What comes of an address that may not be dialled; None for one that may."""
        try:
            dial_address(axon, allow_private=False, own_hosts=self._own_hosts)
        except Refused as refused:
            return Outcome(refused.code, refused.message, "", 0.0)
        return None
