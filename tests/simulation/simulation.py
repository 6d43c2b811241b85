"""One seed, from the first start of the validator to the end of the last forward that was wanted.

The process is started again whenever it ended: after a while, now and then under other settings, registered again where it has to be.
"""

from collections import Counter
from collections.abc import Collection
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import attrs

from core.config import CoreConfig
from core.state import Stopped
from tests.simulation import mishaps
from tests.simulation.chain import OWN_AXON, SimulatedChain
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice, Strike
from tests.simulation.disk import Disk, File, Memory, Trouble
from tests.simulation.kinds import Kind
from tests.simulation.life import Life
from tests.simulation.loop import SeededLoop
from tests.simulation.peers import SimulatedContexts, SimulatedMiners, SimulatedScorer
from tests.simulation.swarm import Swarm, drawn, neuron
from tests.simulation.violation import Violation
from tests.simulation.watch import Watch
from tests.simulation.world import World

# Down for so many blocks, as a rule and at times.
DOWN_BLOCKS = (0.1, 5.0)
LONG_DOWN_BLOCKS = (5.0, 200.0)
LONG_DOWN = 0.1
OTHER_SETTINGS = 0.1
# All that was ever written is read again at the end of some runs; in each, a start reads what came after the last snapshot.
REREAD_EVERY_SEEDS = 5
# More virtual time than so much for a forward means that nothing goes on any more.
MOST_S_PER_FORWARD = 3600.0


@attrs.frozen
class Run:
    """What came of a seed.

    Attributes:
        violation: the law that was broken, None if none was.
        strikes: what went wrong, in order.
        moves, consequences: of the machine's parts; see `tests.core.checks.CheckedMachine`.
        seconds: of virtual time.
    """

    seed: int
    wanted: int
    forwards: int
    events: int
    lives: int
    seconds: float
    violation: str | None
    strikes: tuple[Strike, ...]
    moves: frozenset[tuple[type, type, type]]
    consequences: frozenset[tuple[type, type]]

    @property
    def faults(self) -> Counter[Kind]:
        """How often each kind of fault happened."""
        return Counter(strike.kind for strike in self.strikes)


class Simulation:
    """The world of a seed, and the validator's lives in it."""

    def __init__(self, swarm: Swarm, wanted: int, disk: Disk, dice: Dice) -> None:
        self.lives = 0
        self.swarm, self.dice = swarm, dice
        clock = SimulatedClock()
        chain = SimulatedChain(swarm, dice, clock)
        self.world = World(
            dice=dice,
            clock=clock,
            disk=disk,
            chain=chain,
            miners=SimulatedMiners(swarm, dice, chain.queried, own_hosts=(OWN_AXON.rpartition(":")[0],)),
            scorer=SimulatedScorer(swarm, dice),
            contexts=SimulatedContexts(swarm, dice),
            watch=Watch(swarm, chain, anyio.current_time),
            wanted=wanted,
            block_time_s=swarm.block_time_s,
        )

    async def run(self) -> float:
        """Until enough forwards have ended; the virtual time that it took."""
        with anyio.move_on_after(MOST_S_PER_FORWARD * (self.world.wanted + 10)) as limit:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.world.chain.run)
                tasks.start_soon(mishaps.happen, self.world)
                await self._live()
                tasks.cancel_scope.cancel()
        if limit.cancelled_caught:
            raise Violation(f"only {self.world.forwards} forwards ended in {anyio.current_time():.0f} s")
        return anyio.current_time()

    async def _live(self) -> None:
        config = self.swarm.config
        while not self.world.enough.is_set():
            self.world.watch.troubled()
            await self._one_life(config)
            await anyio.sleep(self._down_s())
            config = self._next(config)
        self.world.watch.ended(self.world.disk.recovered(config))
        if self.swarm.seed % REREAD_EVERY_SEEDS == 0:
            self.world.watch.ended(self.world.disk.folded())

    async def _one_life(self, config: CoreConfig) -> None:
        self.lives += 1
        life = Life(self.world, self.world.disk.recovered(config))
        last = await life.run()
        self.world.watch.died()
        if isinstance(last.lifecycle, Stopped) and last.lifecycle.failed:
            self.world.chain.register_again()

    def _down_s(self) -> float:
        is_long = self.dice.of("down").random() < LONG_DOWN
        blocks = self.dice.between("down", *(LONG_DOWN_BLOCKS if is_long else DOWN_BLOCKS))
        return blocks * self.swarm.block_time_s

    def _next(self, config: CoreConfig) -> CoreConfig:
        """Now and then an operator has other wishes."""
        chance = self.dice.of("settings")
        if chance.random() >= OTHER_SETTINGS:
            return config
        return attrs.evolve(config, neuron=neuron(chance))


def simulate(seed: int, wanted: int, only: Collection[Strike] | None = None) -> Run:
    """Run a seed until `wanted` forwards have ended; `only`: no other faults than these happen."""
    swarm = drawn(seed)
    dice = Dice(seed, swarm.rates, only)
    with TemporaryDirectory(prefix="simulation-") as folder:
        trouble = Trouble(dice)
        disk = File(trouble, Path(folder) / "journal.sqlite") if swarm.on_disk else Memory(trouble)
        simulation = Simulation(swarm, wanted, disk, dice)
        with closing(disk):
            seconds, violation = _outcome(simulation)
    world, watch = simulation.world, simulation.world.watch
    return Run(
        seed=seed,
        wanted=wanted,
        forwards=world.forwards,
        events=world.events,
        lives=simulation.lives,
        seconds=seconds,
        violation=violation,
        strikes=tuple(dice.strikes),
        moves=frozenset(watch.moves),
        consequences=frozenset(watch.consequences),
    )


def _outcome(simulation: Simulation) -> tuple[float, str | None]:
    """The virtual time that a simulation took, and what law it broke: an exception that nobody foresaw breaks one, too."""
    options = {"loop_factory": partial(SeededLoop, simulation.swarm.seed)}
    try:
        return anyio.run(simulation.run, backend="asyncio", backend_options=options), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return 0.0, told(error)


def told(error: BaseException) -> str:
    """The first cause, in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    words = str(error) or type(error).__name__
    return words if isinstance(error, Violation) else f"{type(error).__name__}: {words}"
