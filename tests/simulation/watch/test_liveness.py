"""Found: weights that never land though nothing is in the way; where something is, none are wanted."""

import functools
from typing import Any

import pytest

from core.effects import SetWeights
from core.events import BlockSeen
from core.state import Stopped
from core.types import Block, Hotkey, Uid
from tests.simulation.violation import Violation
from tests.simulation.watch.liveness import patience_blocks
from tests.simulation.watch.lives import AT_S, FAST, Lives


def quiet(lives: Lives, blocks: int, *, troubled: bool = False) -> None:
    """So many blocks pass by in which nothing is in the way, but no weights land."""
    for _ in range(blocks):
        lives.chain.head = Block(lives.chain.head + 1)
        lives._world.head = lives.chain.head
        if troubled:
            lives.watch.troubled()
        lives.now_s += 0.01
        lives.take(BlockSeen(AT_S + lives.now_s, lives.chain.head))
        for effect in [e for e in lives.under_way if not isinstance(e, SetWeights)]:
            lives.complete(effect)


def earning(seed: int) -> Lives:
    """Lives in which somebody has a score, and weights are on; every uid is in the hands in which the metagraph has it."""
    lives = Lives(seed, await_epoch=False, axon_off=True, **FAST)
    lives.begin()
    while not any(score > 0 for score in lives.state.scores.values()):
        lives.now_s += 0.01
        lives.complete(lives.under_way[0])
        if isinstance(lives.state.lifecycle, Stopped):
            lives.begin()
    return lives


class Mirror(dict[Uid, Hotkey]):
    """Owners just as the metagraph of the lives has them."""

    def __init__(self, lives: Lives) -> None:
        super().__init__()
        self._lives = lives

    def get(self, uid: Uid, default: Any = None) -> Any:
        return next((n.hotkey for n in self._lives.state.metagraph.neurons if n.uid == uid), default)


def neglected(seed: int, *, troubled: bool = False, opens_at: int = 0) -> Lives:
    """A validator whose weights never land, for twice as long as anybody would wait."""
    lives = earning(seed)
    lives.chain.hotkeys, lives.chain.opens_at = Mirror(lives), Block(opens_at)
    blocks = 2 * patience_blocks(lives.config, 10, 12.0)
    for _ in range(blocks):
        if isinstance(lives.state.lifecycle, Stopped):
            lives.begin()
        quiet(lives, 1, troubled=troubled)
    return lives


@functools.cache
def seed_that_lives_on() -> int:
    """A seed whose validator is not stopped while it is neglected."""
    for seed in range(50):
        try:
            neglected(seed)
        except Violation:
            return seed
    raise LookupError("no seed lives for long enough")


def test_weights_land_in_their_window() -> None:
    """Weights that never land, though nothing was in the way for long, are found."""
    with pytest.raises(Violation, match=r"nothing was in the way for .* no weights landed"):
        neglected(seed_that_lives_on())


def test_trouble_excuses() -> None:
    """Where something is in the way, or the chain would not take them, no weights are wanted."""
    neglected(seed_that_lives_on(), troubled=True)
    neglected(seed_that_lives_on(), opens_at=10**6)
