"""Whatever happens to the chain in whatever order, what must always hold does."""

from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import BurnedRegister, Call
from adapters.localnet.chain.chain import BuiltBlock
from adapters.localnet.chain.pool import PoolError
from adapters.localnet.chain.storage import Item
from adapters.localnet.chain.store import Params
from core.types import Block, Hotkey, Uid
from tests.adapters.localnet.chain.sending import commit, everything, send, weights
from tests.adapters.localnet.chain.world import genesis, hotkey, neuron

UIDS = st.integers(0, 5)
NEWCOMERS = st.sampled_from(["a", "b", "c", "d"])
ROWS = st.lists(st.tuples(UIDS, st.integers(0, 65_535)), max_size=4).map(tuple)
HYPERPARAMETERS = st.one_of(
    st.tuples(st.just(storage.TEMPO), st.integers(0, 6)),
    st.tuples(st.just(storage.COMMIT_REVEAL_WEIGHTS_ENABLED), st.booleans()),
    st.tuples(st.just(storage.REVEAL_PERIOD_EPOCHS), st.integers(1, 3)),
    st.tuples(st.just(storage.IMMUNITY_PERIOD), st.integers(0, 5)),
    st.tuples(st.just(storage.MAX_ALLOWED_VALIDATORS), st.integers(1, 6)),
    st.tuples(st.just(storage.STAKE_THRESHOLD), st.sampled_from([0, 1, 10**13])),
    st.tuples(st.just(storage.MIN_NON_IMMUNE_UIDS), st.integers(0, 6)),
    st.tuples(st.just(storage.NETWORK_REGISTRATION_ALLOWED), st.booleans()),
    st.tuples(st.just(storage.YUMA3_ON), st.booleans()),
    st.tuples(st.just(storage.LIQUID_ALPHA_ON), st.booleans()),
    st.tuples(st.just(storage.KAPPA), st.integers(0, 65_535)),
)
EMISSION_RAO = 10**9


class Chain(RuleBasedStateMachine):
    """Submissions, blocks, reorganisations, replacements, changes of hyperparameters, new runtimes."""

    @initialize()
    def start(self) -> None:
        self.chain = LocalChain(
            genesis(
                max_uids=6, tempo=4, weights_rate_limit_blocks=2, immunity_period_blocks=3, history_blocks=8
            )
        )
        self.staked_rao = self.stake_rao()
        self.final: dict[Block, Any] = {}
        self.included: dict[Hotkey, int] = {}
        self.chain.on_block(self.hear)

    def hear(self, built: BuiltBlock) -> None:
        for gone in built.retracted:
            self.count(gone, -1)
        self.count(built, 1)

    def count(self, built: BuiltBlock, by: int) -> None:
        for extrinsic in built.extrinsics:
            self.included[extrinsic.signer] = self.included.get(extrinsic.signer, 0) + by

    def submit(self, signer: Hotkey, call: Call) -> None:
        try:
            send(self.chain, signer, call)
        except PoolError:
            return

    @rule(uid=UIDS, row=ROWS)
    def set_weights(self, uid: int, row: tuple[tuple[int, int], ...]) -> None:
        self.submit(hotkey(uid), weights(row))

    @rule(uid=UIDS, sealed_by=UIDS, row=ROWS)
    def commit_weights(self, uid: int, sealed_by: int, row: tuple[tuple[int, int], ...]) -> None:
        self.submit(hotkey(uid), commit(row, sealed_by))

    @rule(uid=UIDS)
    def commit_for_drand(self, uid: int) -> None:
        sealed = attrs.evolve(
            commit((), uid), commit=b"\x8f" * 9, reveal_round=1 << 40, commit_reveal_version=4
        )
        self.submit(hotkey(uid), sealed)

    @rule(name=NEWCOMERS)
    def register(self, name: str) -> None:
        self.submit(neuron(name).coldkey, BurnedRegister(1, neuron(name).hotkey))

    @rule(uid=UIDS, name=NEWCOMERS)
    def replace(self, uid: int, name: str) -> None:
        try:
            self.chain.replace(Uid(uid), neuron(name))
        except ValueError:
            return

    @rule(change=HYPERPARAMETERS)
    def change(self, change: tuple[Item[object], object]) -> None:
        self.chain.set_hyperparameter(*change)

    @rule()
    def upgrade(self) -> None:
        self.chain.upgrade_runtime()

    @rule(now_ms=st.none() | st.integers(0, 1 << 42))
    def produce(self, now_ms: int | None) -> None:
        before_ms = self.chain.at().get(storage.NOW)
        self.chain.produce_block(now_ms)
        assert self.chain.at().get(storage.NOW) >= before_ms
        self.look_at_what_is_final()

    @rule(depth=st.integers(1, 2))
    def reorganise(self, depth: int) -> None:
        height = self.chain.head
        if depth > height - self.chain.finalized:
            return
        self.chain.reorg(depth)
        assert self.chain.head == height + 1
        self.look_at_what_is_final()

    def look_at_what_is_final(self) -> None:
        """What was once read of a final block is read of it again, for as long as it is kept."""
        oldest = max(0, self.chain.head - 8)
        for block, was in list(self.final.items()):
            if block >= oldest:
                assert everything(self.chain, block) == was
            else:
                del self.final[block]
        self.final.setdefault(self.chain.finalized, everything(self.chain, self.chain.finalized))

    def stakes_rao(self, block: Block) -> dict[Params, int]:
        state = self.chain.at(block)
        return {
            key: state.get(storage.TOTAL_HOTKEY_ALPHA, *key) for key in state.keys(storage.TOTAL_HOTKEY_ALPHA)
        }

    def stake_rao(self) -> int:
        return sum(self.stakes_rao(self.chain.head).values())

    @invariant()
    def every_uid_is_one_hotkeys(self) -> None:
        state = self.chain.at()
        hotkeys = state.hotkeys()
        assert len(set(hotkeys)) == len(hotkeys) == state.hyper(storage.SUBNETWORK_N) <= 6
        assert set(state.keys(storage.UIDS)) == {(1, each) for each in hotkeys}
        assert [state.uid_of(each) for each in hotkeys] == list(range(len(hotkeys)))
        vectors: tuple[Item[Any], ...] = (storage.LAST_UPDATE, storage.EMISSION, storage.VALIDATOR_PERMIT)
        for vector in (*vectors, storage.ACTIVE):
            assert len(state.hyper(vector)) == len(hotkeys)

    @invariant()
    def a_nonce_is_the_number_of_included_extrinsics(self) -> None:
        state = self.chain.at()
        nonces = {key[0]: state.get(storage.ACCOUNT, *key).nonce for key in state.keys(storage.ACCOUNT)}
        assert {who: n for who, n in nonces.items() if n} == {who: n for who, n in self.included.items() if n}

    @invariant()
    def stake_grows_only_by_emission(self) -> None:
        """An epoch pays no more than was emitted, and takes nothing from anybody."""
        blocks = self.chain.head - self.chain.at().hyper(storage.BLOCKS_SINCE_LAST_STEP)
        assert 0 <= self.stake_rao() - self.staked_rao <= blocks * EMISSION_RAO
        if self.chain.head > 0:
            before, now = self.stakes_rao(Block(self.chain.head - 1)), self.stakes_rao(self.chain.head)
            assert all(now[hotkey] >= stake for hotkey, stake in before.items())

    @invariant()
    def times_never_run_backwards(self) -> None:
        chain = self.chain
        times = [chain.at(Block(b)).get(storage.NOW) for b in range(max(0, chain.head - 8), chain.head + 1)]
        assert times == sorted(times)


Chain.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestChain = Chain.TestCase
