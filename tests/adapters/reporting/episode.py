"""A whole run of the real runner over the fakes, on a virtual clock, and everything that it told its reporter.

trio takes tasks that are ready in an order of its own, so that no two runs are quite alike: tests must hold for any of them.
"""

from collections.abc import Callable, Sequence

import anyio
import attrs
from trio.testing import MockClock

from adapters.fakes import FakeChain, FakeContexts, FakeDendrite, FakeScorer, LoopClock, MemoryJournal
from core.config import CoreConfig, NeuronConfig
from core.records import Record
from core.state import State
from core.types import Hotkey, Neuron, Prompting, Target, Uid
from effects.perform import Ports
from effects.runner import Runner

OWN = Hotkey("own")
START_S = 1_700_000_000.0
TEXT = " ".join(f"River number {i} carries its water slowly past the old mill town." for i in range(40))

Told = list[tuple[State, tuple[Record, ...]]]
Say = Callable[[Target], str | None]


@attrs.define
class SetClock:
    """A clock that a test sets."""

    at_s: float = START_S

    def now_s(self) -> float:
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


class Keeper:
    """A reporter that keeps every call."""

    def __init__(self) -> None:
        self.told: Told = []

    def observe(self, state: State, records: Sequence[Record]) -> None:
        self.told.append((state, tuple(records)))


def plainly(target: Target) -> str | None:
    """Every fifth miner fails, the others answer with a text of their own."""
    uid = target.uid
    return (
        None
        if uid % 5 == 0
        else f"What do the {uid} rivers carry past the mill? Water number {uid}. {'w ' * uid}"
    )


def neurons(miners: int, *, renamed: frozenset[int] = frozenset()) -> tuple[Neuron, ...]:
    """The validator at uid 0 and this many miners; the renamed ones are registered anew."""
    own = Neuron(Uid(0), OWN, "203.0.113.1:8091", stake_tao=9000.0, validator_permit=True)
    others = (
        Neuron(
            Uid(uid),
            Hotkey(f"new{uid}" if uid in renamed else f"hk{uid}"),
            f"198.51.{uid // 250}.{uid % 250 + 1}:8091",
            incentive=uid / 1000,
        )
        for uid in range(1, miners + 1)
    )
    return own, *others


def initial(*, forwards: int = 6, concurrent: int = 3) -> State:
    """A validator of small epochs that has not started yet."""
    neuron = NeuronConfig(
        num_concurrent_forwards=concurrent,
        max_forwards=forwards,
        epoch_length=5,
        checkpoint_block_length=1,
        moving_average_alpha=0.3,
    )
    return State(CoreConfig(OWN, neuron))


def episode(
    state: State,
    *,
    miners: int = 20,
    say: Say = plainly,
    renamed: frozenset[int] = frozenset(),
    texts: int = 1,
) -> Told:
    """Run from `state` until the machine stops; after a while the `renamed` uids change hands."""
    keeper = Keeper()

    def answer(target: Target, _: Prompting) -> tuple[float, str | None]:
        return 1.0 + target.uid % 5, say(target)

    async def change_hands(chain: FakeChain) -> None:
        await anyio.sleep(40)
        chain.neurons = neurons(miners, renamed=renamed)

    async def main() -> None:
        chain = FakeChain(neurons(miners), verdicts=(FakeChain.lose, FakeChain.judge))
        scorer = FakeScorer(lambda text: float(len(text)), seconds=2.0)
        ports = Ports(FakeDendrite(answer), chain, scorer, FakeContexts([TEXT]), LoopClock())
        runner = Runner(state, seq=0, ports=ports, journal=MemoryJournal(), reporter=keeper)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(change_hands, chain)
            await runner.run()
            tasks.cancel_scope.cancel()
        assert runner.reports_failed == 0

    anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    return keeper.told
