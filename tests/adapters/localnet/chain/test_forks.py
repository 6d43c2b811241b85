"""Reorganisations: what is not final is given up, and another fork takes its place."""

from contextlib import suppress

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import Call
from adapters.localnet.chain.chain import FINALITY_LAG, BuiltBlock
from adapters.localnet.chain.forks import Forks
from adapters.localnet.chain.hashes import BlockHashes, BlockId
from adapters.localnet.chain.pool import PoolError
from core.types import Block, Uid
from tests.adapters.localnet.chain.sending import (
    commit,
    everything,
    extrinsic,
    produce,
    send,
    stored,
    weights,
)
from tests.adapters.localnet.chain.world import (
    MINER,
    OTHER_MINER,
    SECOND_VALIDATOR,
    VALIDATOR,
    genesis,
    hotkey,
    neuron,
)

ROW = ((MINER, 65_535),)
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 65_535)), max_size=3).map(tuple)


def test_blocks_are_final_two_blocks_later() -> None:
    """The final head stays two behind, from block 0 on."""
    chain = LocalChain(genesis())
    seen = [chain.finalized, *(chain.produce_block().finalized for _ in range(4))]

    assert seen == [0, 0, 0, 1, 2]
    assert chain.finalized == 2


def test_a_reorganisation_is_one_block_ahead_of_what_it_replaces() -> None:
    """Two blocks are given up and three built, at the same heights and times, on a fork of their own."""
    chain = LocalChain(genesis())
    times = [chain.produce_block(now_ms=1_700_000_100_000 + 777 * block).number for block in range(4)]
    before = [chain.at(number).get(storage.NOW) for number in times]
    old = [chain.block(number) for number in times]

    built = chain.reorg()

    assert [block.id for block in built] == [BlockId(Block(3), 1), BlockId(Block(4), 1), BlockId(Block(5), 1)]
    assert [block.retracted for block in built] == [tuple(old[2:]), (), ()]
    assert [block.is_best for block in built] == [False, False, True]
    assert [chain.at(number).get(storage.NOW) for number in times] == before
    assert chain.at().get(storage.NOW) == before[-1] + 1_000
    assert (chain.head, chain.finalized) == (5, 3)
    assert [chain.id_of(Block(number)).fork for number in range(6)] == [0, 0, 0, 1, 1, 1]


def test_extrinsics_of_blocks_that_are_given_up_wait_and_run_again() -> None:
    """They are retracted, and part of the new fork's first block, before what waited already."""
    chain = LocalChain(genesis(weights_rate_limit_blocks=0))
    produce(chain, 2)
    first = send(chain, hotkey(VALIDATOR), weights(ROW))
    produce(chain, 1)
    second = send(chain, hotkey(SECOND_VALIDATOR), weights(ROW))
    produce(chain, 1)
    late = extrinsic(hotkey(MINER), 0, weights(((MINER, 1),)))
    chain.submit(late)

    built = chain.reorg()

    assert [block.extrinsics for block in built[0].retracted] == [(first,), (second,)]
    assert [block.extrinsics for block in built] == [(first, second, late), (), ()]
    assert chain.at(Block(2)).hyper(storage.LAST_UPDATE) == (0, 0, 0, 0)
    assert chain.at().hyper(storage.LAST_UPDATE) == (3, 3, 3, 0)


def test_an_extrinsic_bound_to_a_block_that_is_gone_is_dropped() -> None:
    """Whoever signed for a block of the old fork signed for nothing, as a node would find."""
    chain = LocalChain(genesis())
    produce(chain, 3)
    bound = attrs.evolve(extrinsic(hotkey(VALIDATOR), 0, weights(ROW)), born=chain.id_of(Block(3)))
    chain.submit(bound)
    kept = send(chain, hotkey(SECOND_VALIDATOR), weights(ROW))
    produce(chain, 1)
    assert stored(chain, VALIDATOR) == ROW

    built = chain.reorg()

    assert (built[0].extrinsics, built[0].dropped) == ((kept,), (bound.hash,))
    assert (stored(chain, VALIDATOR), stored(chain, SECOND_VALIDATOR)) == ((), ROW)


def test_what_was_asked_without_an_extrinsic_is_done_again_at_its_height() -> None:
    """Registrations, replacements and hyperparameters survive a reorganisation, each at its block."""
    chain = LocalChain(genesis())
    produce(chain, 2)
    chain.register(neuron("late"))
    chain.set_hyperparameter(storage.TEMPO, 9)
    produce(chain, 1)
    chain.replace(Uid(OTHER_MINER), neuron("other"))
    produce(chain, 1)
    chain.reorg()

    state = chain.at()
    assert state.get(storage.BLOCK_AT_REGISTRATION, 1, 4) == 3
    assert state.get(storage.BLOCK_AT_REGISTRATION, 1, OTHER_MINER) == 4
    assert (state.hyper(storage.TEMPO), chain.at(Block(2)).hyper(storage.TEMPO)) == (9, 20)
    assert state.hotkeys()[OTHER_MINER] == neuron("other").hotkey


def test_without_change_the_new_fork_comes_to_the_same_state() -> None:
    """Given up and built again with what it held, a chain reads like one that went straight on, epochs included."""
    straight, forked = (LocalChain(genesis(tempo=3, weights_rate_limit_blocks=0)) for _ in range(2))
    for chain in (straight, forked):
        produce(chain, 4)
        send(chain, hotkey(VALIDATOR), weights(ROW))
        chain.register(neuron("late"))
        produce(chain, 2)
    forked.reorg()
    produce(straight, 1)

    for block in range(8):
        assert everything(forked, block) == everything(straight, block)


CALLS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 3), ROWS.map(weights)),
        st.integers(0, 3).flatmap(
            lambda uid: st.tuples(st.just(uid), ROWS.map(lambda row: commit(row, uid)))
        ),
    ),
    max_size=5,
)


@given(early=CALLS, late=CALLS, blocks=st.integers(0, 7), sealed=st.booleans(), replaced=st.integers(0, 3))
def test_any_block_that_is_built_again_leaves_the_same(
    early: list[tuple[int, Call]], late: list[tuple[int, Call]], blocks: int, sealed: bool, replaced: int
) -> None:
    """Whatever two blocks held, given up and built again they lead to the state of a chain that kept them."""
    straight, forked = (
        LocalChain(genesis(tempo=3, weights_rate_limit_blocks=2, commit_reveal=sealed)) for _ in range(2)
    )
    for chain in (straight, forked):
        send_what_is_taken(chain, early)
        produce(chain, blocks)
        send_what_is_taken(chain, late)
        chain.replace(Uid(replaced), neuron("late"))
        produce(chain, 2)
    forked.reorg()
    produce(straight, 1)

    assert everything(forked, forked.head) == everything(straight, straight.head)


def send_what_is_taken(chain: LocalChain, calls: list[tuple[int, Call]]) -> None:
    for uid, call in calls:
        with suppress(PoolError):
            send(chain, hotkey(uid), call)


@pytest.mark.parametrize(("blocks", "depth"), [(0, 1), (1, 2), (5, 3), (5, 0), (5, -1)])
def test_what_is_final_is_not_given_up(blocks: int, depth: int) -> None:
    """A reorganisation reaches no final block, and nothing has changed where it is refused."""
    chain = LocalChain(genesis())
    produce(chain, blocks)

    with pytest.raises(ValueError, match="depth"):
        chain.reorg(depth)
    assert chain.head == blocks


def test_a_short_history_bounds_the_depth() -> None:
    """State that is no longer kept cannot be gone back to."""
    chain = LocalChain(genesis(history_blocks=1))
    produce(chain, 5)

    with pytest.raises(ValueError, match="depth"):
        chain.reorg(2)
    chain.reorg(1)
    assert chain.head == 6


def test_finality_never_goes_back() -> None:
    """Through reorganisations one after the other, no listener sees an earlier final block, nor a fork twice."""
    chain = LocalChain(genesis())
    heard: list[BuiltBlock] = []
    chain.on_block(heard.append)
    produce(chain, 3)
    for _ in range(5):
        chain.reorg(FINALITY_LAG)

    final = [block.finalized for block in heard]
    assert final == sorted(final)
    assert len({block.id for block in heard}) == len(heard)
    assert [block.fork for block in heard[-3:]] == [5, 5, 5]


def test_forks_know_the_block_of_each_height() -> None:
    """A fork that begins below another one takes its place."""
    forks = Forks()
    forks.branch(Block(5))
    forks.branch(Block(8))
    forks.branch(Block(7))

    assert [forks.at(Block(number)).fork for number in range(4, 10)] == [0, 1, 1, 3, 3, 3]


def test_a_hash_names_height_and_fork() -> None:
    """Blocks of one height on two forks have two hashes, each of which leads back to its block."""
    hashes = BlockHashes(b"metadata", b"genesis")
    one, other = BlockId(Block(7), 0), BlockId(Block(7), 1)

    assert hashes.of(one) != hashes.of(other)
    assert [hashes.block(hashes.of(block)) for block in (one, other)] == [one, other]
    assert hashes.block(BlockHashes(b"metadata", b"other").of(one)) is None
