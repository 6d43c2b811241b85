"""A run as it goes: its epochs, first those that do not count yet, and what happens between them."""

import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import attrs
from anyio.streams.memory import MemoryObjectReceiveStream

from adapters.localnet.chain import storage
from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.state import StateView
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.cast import Cast, ValidatorKind
from adapters.localnet.incentives.changing import turns_after
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.incentives.figures import Figures
from adapters.localnet.incentives.observing import EpochSeen, observe
from adapters.localnet.incentives.reckoning import reckon
from adapters.localnet.incentives.scene import KAPPA, Scene
from adapters.localnet.incentives.screen import Screen
from adapters.localnet.incentives.sybil import Sybil
from core.types import Hotkey

# Then it begins without: a validator that never manages to set weights is for the report to show.
MOST_WARM_UP_EPOCHS = 20


@attrs.define
class Course:
    """A run as it goes: its epochs so far, and the hotkeys of each sybil."""

    cast: Cast
    run: RunConfig
    scene: Scene
    seen: list[EpochSeen] = attrs.Factory(list)
    sybils: list[Sybil] = attrs.Factory(list)

    def figures(self) -> Figures:
        identities: Sequence[Sequence[Hotkey]] = [sybil.identities for sybil in self.sybils]
        return reckon(self.cast, self.seen, identities)


async def watch_epochs(config: SubnetConfig, course: Course, chain: LocalChain, screen: Screen) -> None:
    """Take epoch after epoch down until there are as many as were asked for, and let happen what happens between them."""
    wanted, pace = course.run.epochs or 0, Pace(config.tempo * config.block_time)
    async with _epochs_of(chain) as epochs:
        while len(course.seen) < wanted:
            course.seen.append(await epochs.receive())
            _between_epochs(course, chain)
            left = wanted - len(course.seen)
            screen.epoch(course.figures(), wanted, left * pace.epoch_s(time.monotonic()))


@asynccontextmanager
async def _epochs_of(chain: LocalChain) -> AsyncIterator[MemoryObjectReceiveStream[EpochSeen]]:
    """The epochs from now on."""
    send, receive = anyio.create_memory_object_stream[EpochSeen](math.inf)
    end_observing = observe(chain, send.send_nowait)
    try:
        async with send, receive:
            yield receive
    finally:
        end_observing()


async def warm_up(course: Course, chain: LocalChain, screen: Screen) -> None:
    """Let epochs pass until all honest validators have weights on chain; then let what most of them say count.

    Until then only what all validators say counts, which is nothing: whoever came first would have all bonds for itself.
    """
    screen.stage("waiting for the first weights of all honest validators")
    honest = [validator.keys.hotkey_ss58 for validator in course.cast.of(ValidatorKind.HONEST)]
    async with _epochs_of(chain) as epochs:
        for _ in range(MOST_WARM_UP_EPOCHS):
            await epochs.receive()
            if all(_has_weights(chain.at(), hotkey) for hotkey in honest):
                break
    chain.set_hyperparameter(storage.KAPPA, KAPPA)


def _has_weights(state: StateView, hotkey: Hotkey) -> bool:
    uid = state.uid_of(hotkey)
    return uid is not None and bool(state.get(storage.WEIGHTS, state.netuid, uid))


def _between_epochs(course: Course, chain: LocalChain) -> None:
    """Miners turn, and the subnet's owner turns commit-reveal on, each at its time."""
    number, wanted = len(course.seen), course.run.epochs or 0
    if number in turns_after(wanted):
        for miner in course.scene.changing:
            miner.turn()
    if course.run.commit_reveal == "both" and number == wanted // 2:
        chain.set_hyperparameter(storage.COMMIT_REVEAL_WEIGHTS_ENABLED, True)


class Pace:
    """How long an epoch takes: as the chain's settings say until two have been, then as they did."""

    def __init__(self, expected_s: float) -> None:
        self._expected_s = expected_s
        self._times_s: list[float] = []

    def epoch_s(self, now_s: float) -> float:
        """Seconds an epoch, told at the end of each."""
        self._times_s.append(now_s)
        told = len(self._times_s)
        return (now_s - self._times_s[0]) / (told - 1) if told > 1 else self._expected_s
