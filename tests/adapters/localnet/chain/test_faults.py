"""Faults as values: the plan of a seed, what each does to a running chain, and the account of it."""

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.faults import (
    ALL_KINDS,
    HYPERPARAMETERS,
    ChainFault,
    Delay,
    Drop,
    FaultPlan,
    HalfOpen,
    HyperparameterChange,
    LateClock,
    Planned,
    Refuse,
    Reorg,
    ReplaceHotkey,
    SpecChange,
    StaleHead,
)
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.injecting import Injected, Injector, apply
from core.types import Block
from tests.adapters.localnet.chain.fronts import Front, client_of
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, genesis, hotkey

SEEDS = st.integers(0, 2**40)


def chain_at(block: int) -> LocalChain:
    chain = LocalChain(genesis())
    for _ in range(block):
        chain.produce_block()
    return chain


@given(SEEDS, st.sets(st.sampled_from(ALL_KINDS), min_size=1), st.floats(0.01, 1e4))
def test_the_plan_is_a_function_of_the_seed(seed: int, kinds: set[Any], pause_s: float) -> None:
    """The same seed plans the same faults at the same times, of the kinds that were asked for, one after the other."""
    plan = FaultPlan(seed, tuple(sorted(kinds, key=str)), mean_pause_s=pause_s)
    first, second = (list(islice(plan.schedule(), 12)) for _ in range(2))
    assert first == second
    assert {type(each.fault) for each in first} <= kinds
    ends = [0.0, *(each.at_s + each.lasts_s for each in first)]
    assert all(each.at_s > end for each, end in zip(first, ends[:-1], strict=True))


@given(SEEDS)
def test_every_kind_comes_about_as_often(seed: int) -> None:
    """In 400 faults each of the ten kinds comes, and pauses have the mean that was asked for, roughly."""
    plan = list(islice(FaultPlan(seed, mean_pause_s=20.0).schedule(), 400))
    counts = [sum(isinstance(each.fault, kind) for each in plan) for kind in ALL_KINDS]
    assert min(counts) >= 10
    pauses_s = plan[-1].at_s - sum(each.lasts_s for each in plan[:-1])
    assert 14 < pauses_s / len(plan) < 26


def test_seeds_differ() -> None:
    """Another seed is another plan."""
    plans = {tuple(islice(FaultPlan(seed).schedule(), 3)) for seed in range(50)}
    assert len(plans) == 50


@given(SEEDS)
def test_every_planned_hyperparameter_can_be_set(seed: int) -> None:
    """The chain takes each value that a plan may hold."""
    chain = LocalChain(genesis())
    for planned in islice(FaultPlan(seed, (HyperparameterChange,)).schedule(), 5):
        apply(planned.fault, chain, Gate())
        chain.produce_block()


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_hyperparameter_changes_and_changes_back(name: str) -> None:
    """The next block has the new value, the one after the end has the old one."""
    chain, item = chain_at(1), next(each for each in storage.HYPERPARAMETERS if each.name == name)
    before = chain.at().subnet(item)
    value = next(each for each in HYPERPARAMETERS[name] if each != before)
    undo = apply(HyperparameterChange(name, value), chain, Gate())
    chain.produce_block()
    assert chain.at().subnet(item) == value
    undo()
    chain.produce_block()
    assert chain.at().subnet(item) == before


@given(st.integers(0, 2**31))
def test_a_replaced_hotkey_is_a_miners(draw: int) -> None:
    """A validator keeps its uid; a miner's goes to a hotkey that was not there before."""
    chain = chain_at(1)
    apply(ReplaceHotkey(draw), chain, Gate())
    chain.produce_block()
    changed = [uid for uid, now in enumerate(chain.at().hotkeys()) if now != hotkey(uid)]
    assert len(changed) == 1
    assert changed[0] in {MINER, OTHER_MINER}


async def test_a_reorganisation_and_a_new_runtime_are_seen_by_a_client() -> None:
    """Another block stands at the height, and the SDK works on under the new version."""
    chain, gate = chain_at(5), Gate()
    async with client_of(Front.NODE, chain, gate) as client:
        before, spec = chain.id_of(Block(5)), chain.at().spec_version()
        apply(Reorg(2), chain, gate)
        assert chain.id_of(Block(5)) != before
        apply(SpecChange(), chain, gate)
        chain.produce_block()
        assert chain.at().spec_version() == spec + 1
        metagraph = await client.subnets.metagraph(1)
    assert metagraph is not None
    assert metagraph.block == chain.head


@pytest.mark.parametrize(
    ("fault", "bites"),
    [
        (Refuse(), lambda gate: gate.refusing),
        (HalfOpen(), lambda gate: gate.silent),
        (Delay(3.0), lambda gate: gate.delay_s == 3.0),
        (StaleHead(), lambda gate: gate.halted),
        (LateClock(700.0), lambda gate: gate.behind_ms() == 700_000),
    ],
)
async def test_an_outage_lasts_and_ends(fault: ChainFault, bites: Callable[[Gate], bool]) -> None:
    """It bites from its beginning to its end, is told at both, and stands in the account with its blocks."""
    chain, gate, told = chain_at(3), Gate(), list[Injected]()
    injector = Injector(chain, gate, told.append)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(injector.inject, fault, 0.05)
        await anyio.sleep(0.01)
        assert bites(gate)
        chain.produce_block()
    assert not bites(gate)
    (injected,) = injector.injected
    assert told == [Injected(fault, injected.began_s, Block(3)), injected]
    assert (injected.is_outage, injected.began_block, injected.ended_block) == (True, 3, 4)
    assert injected.ended_s is not None
    assert time.time() - 10 < injected.began_s < injected.ended_s <= time.time()


async def test_a_run_that_is_cancelled_leaves_the_chain_whole() -> None:
    """The fault that lasted then is taken back and stands in the account with its end."""
    chain, gate = chain_at(1), Gate()
    injector = Injector(chain, gate)
    with anyio.move_on_after(0.05):
        await injector.run([Planned(0.0, Drop(), 0.0), Planned(0.01, Refuse(), 3_600.0)])
    assert not gate.refusing
    assert [type(each.fault) for each in injector.injected] == [Drop, Refuse]
    assert injector.injected[-1].ended_s is not None


async def test_what_the_chain_does_not_let_happen_is_left_out() -> None:
    """A reorganisation without blocks to give up, and a replacement without miners, are told as refused."""
    told = list[Injected]()
    injector = Injector(LocalChain(genesis(count=2)), Gate(), told.append)
    await injector.inject(Reorg(2))
    await injector.inject(ReplaceHotkey(5))
    assert [each.is_outage for each in told] == [False, False]
    assert "cannot be given up" in str(told[0])
    assert "nobody to replace" in str(told[1])


@pytest.mark.parametrize(
    ("ended", "line"),
    [
        ({}, "Delay(delay_s=0.5) from block 3"),
        ({"ended_s": 10.0, "ended_block": Block(3)}, "Delay(delay_s=0.5) at block 3"),
        ({"ended_s": 12.5, "ended_block": Block(5)}, "Delay(delay_s=0.5) from block 3 to 5, 2.5 s"),
        ({"refused": "no"}, "Delay(delay_s=0.5) at block 3 left out: no"),
    ],
)
def test_an_account_is_a_line_to_read(ended: dict[str, Any], line: str) -> None:
    """What, from which block, to which."""
    assert str(attrs.evolve(Injected(Delay(0.5), 10.0, Block(3)), **ended)) == line
