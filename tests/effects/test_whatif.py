"""Recorded answers judged anew under other settings."""

from pathlib import Path

import attrs
import pytest

from adapters.errors import OperatorError
from adapters.fakes import FakeScorer
from adapters.journal.opening import JOURNAL_NAME
from adapters.journal.sqlite import open_journal
from adapters.replay.whatif import compare
from core.config import CoreConfig
from core.state import State
from effects.replay import fold
from effects.whatif import WhatIf, whatif
from tests.adapters.journal.builders import HEADER
from tests.effects.harness import World, lower_is_better, settings

WITH, WITHOUT = settings(max_forwards=2), settings(max_forwards=2, relevance_off=True)
NO_MASKS = FakeScorer(lower_is_better, seconds=0.07, masks=("blacklist", "nsfw", "diversity"))


async def two_runs(first: CoreConfig, second: CoreConfig) -> tuple[World, dict[int, CoreConfig]]:
    """A run without the relevance mask, and one with it over the same journal."""
    world = World(scorer=NO_MASKS)
    state = await world.runner(first).run()
    begun = len(world.journal.written) + 1
    more = attrs.evolve(world, scorer=FakeScorer(lower_is_better, seconds=0.07))
    await more.runner(second, attrs.evolve(state, config=second)).run()
    return more, {1: first, begun: second}


def judged(world: World, configs: dict[int, CoreConfig], **neuron: bool) -> WhatIf:
    def change(config: CoreConfig) -> CoreConfig:
        return attrs.evolve(config, neuron=attrs.evolve(config.neuron, **neuron))

    start = State(configs[1])
    return whatif(fold(world.journal.written, start, configs), start, change)


async def test_what_was_recorded_for_some_steps_only_is_counted() -> None:
    """How many steps hold a mask's verdicts is told beside how many had answers."""
    world, configs = await two_runs(WITHOUT, WITH)
    found = judged(world, configs)
    assert (found.masks["relevance"], found.masks["nsfw"], found.answered) == (18, 36, 36)
    assert found.functions == {"dpo": 36, "reciprocate": 36}


async def test_a_mask_that_did_not_always_run_cannot_be_switched_on(tmp_path: Path) -> None:
    """Steps without its verdicts would be unscored, and every average too low: refused, with the count."""
    world, configs = await two_runs(WITHOUT, WITH)
    path, begun = tmp_path / JOURNAL_NAME, max(configs)
    for config, entries in (
        (WITHOUT, world.journal.written[: begun - 1]),
        (WITH, world.journal.written[begun - 1 :]),
    ):
        journal = open_journal(path, attrs.evolve(HEADER, config=config))
        journal.write(tuple(entries), State(config))
        journal.close()
    with pytest.raises(
        OperatorError, match="verdicts of relevance for 18 of 36 steps with answers: it was off"
    ):
        compare(path, settings=["neuron.relevance_off=false"], as_json=True)
    assert compare(path, settings=["neuron.relevance_off=true"], as_json=True) == 0


async def test_nothing_changed_is_nothing_changed() -> None:
    """Over two runs with different settings, each judged by its own."""
    world, configs = await two_runs(WITHOUT, WITH)
    found = judged(world, configs)
    assert found.other_best == 0
    assert all(miner.recorded == miner.otherwise for miner in found.miners)
