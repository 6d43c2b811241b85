"""The local chain: a transaction pool, blocks, and the state that they lead to. Pure: no clock, no I/O.

Rules:
- A block is final as soon as it is built; there are no forks.
- A block first does its own work (epoch, queued registrations), then its extrinsics, by nonce and arrival.
- What the pool let in is asked again as its turn in a block comes; what no longer fits is dropped, unrun.
- State, blocks and their extrinsics stay readable for `Genesis.history_blocks`; the pool is bounded.
"""

from collections import deque
from collections.abc import Callable

import attrs

from adapters.localnet.chain import epoch, registration, storage
from adapters.localnet.chain.calls import (
    DispatchError,
    Event,
    EventRecord,
    ExtrinsicFailed,
    ExtrinsicSuccess,
    NeuronRegistered,
)
from adapters.localnet.chain.extrinsics import dispatch, pool_refusal
from adapters.localnet.chain.genesis import Genesis, GenesisNeuron
from adapters.localnet.chain.pool import Extrinsic, Pool, invalid_transaction
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.storage import AccountInfo
from adapters.localnet.chain.store import HistoryError, VersionedStore
from core.types import Block, Hotkey


@attrs.frozen
class BuiltBlock:
    """A block's number, its extrinsics in order, and the hashes of those that were dropped beside it."""

    number: Block
    extrinsics: tuple[Extrinsic, ...] = ()
    dropped: tuple[str, ...] = ()


BlockListener = Callable[[BuiltBlock], None]


class LocalChain:
    """One subnet on a chain of its own.

    Not for use from several threads. `produce_block` is the only door through which time passes.
    """

    def __init__(self, genesis: Genesis) -> None:
        self.genesis = genesis
        self._store = VersionedStore(genesis.history_blocks)
        self._state = State(self._store, genesis.netuid, 0)
        self._pool = Pool()
        self._newcomers: deque[GenesisNeuron] = deque()
        self._blocks: dict[Block, BuiltBlock] = {Block(0): BuiltBlock(Block(0))}
        self._listeners: list[BlockListener] = []
        registration.write_genesis(self._state, genesis)

    @property
    def head(self) -> Block:
        return Block(self._store.head)

    def at(self, block: Block | None = None) -> StateView:
        """The state at the end of a block, of the head where none is named.

        Raises:
            HistoryError: there is no such block, or it is older than the history.
        """
        block = self.head if block is None else block
        if not self._store.oldest <= block <= self.head:
            raise HistoryError(
                f"block {block} is outside of the kept history {self._store.oldest}..{self.head}"
            )
        return StateView(self._store, self.genesis.netuid, block)

    def block(self, number: Block) -> BuiltBlock | None:
        """A block of the kept history."""
        return self._blocks.get(number)

    def on_block(self, listener: BlockListener) -> Callable[[], None]:
        """Call `listener` after each block; returns what ends that. A listener must not block or raise."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def next_nonce(self, account: Hotkey) -> int:
        """The nonce for the account's next extrinsic, those in the pool counted."""
        waiting = self._pool.nonces(account)
        nonce = self._nonce(account)
        while nonce in waiting:
            nonce += 1
        return nonce

    def register(self, neuron: GenesisNeuron) -> None:
        """Register a hotkey with the next block; a full subnet replaces a neuron for it.

        Raises:
            ValueError: the hotkey is registered already, or queued.
        """
        queued = any(other.hotkey == neuron.hotkey for other in self._newcomers)
        if queued or self._state.uid_of(neuron.hotkey) is not None:
            raise ValueError(f"hotkey {neuron.hotkey} is registered already; register another one")
        self._newcomers.append(neuron)

    def submit(self, extrinsic: Extrinsic) -> None:
        """Take an extrinsic into the pool.

        Raises:
            PoolError: it is refused, with the node's own code and words.
        """
        self._pool.check_room(extrinsic)
        refusal = self._refusal(extrinsic, Block(self.head + 1))
        if refusal is not None:
            raise invalid_transaction(refusal)
        self._pool.add(extrinsic)

    def produce_block(self) -> BuiltBlock:
        """Build the next block from what is due and what waits, and tell the listeners."""
        number = Block(self._store.advance())
        epoch.step(self._state, self.genesis.emission_per_block_rao)
        records = [EventRecord(None, event) for event in self._register_newcomers()]
        included, dropped = self._run_extrinsics(number, records)
        self._state.put(storage.EVENTS, tuple(records))
        self._state.put(storage.NOW, self.genesis.started_ms + number * self.genesis.block_time_ms)
        built = BuiltBlock(number, tuple(included), tuple(dropped))
        self._remember(built)
        for listener in tuple(self._listeners):
            listener(built)
        return built

    def _nonce(self, account: Hotkey) -> int:
        return self._state.get(storage.ACCOUNT, account).nonce

    def _refusal(self, extrinsic: Extrinsic, block: Block) -> str | None:
        """Why an extrinsic cannot be part of a block, in the words of a node."""
        dead = extrinsic.dies_at is not None and block >= extrinsic.dies_at
        if dead or extrinsic.nonce < self._nonce(extrinsic.signer):
            return "Transaction is outdated"
        code = pool_refusal(self._state, block, extrinsic.signer, extrinsic.call)
        return None if code is None else f"Custom error: {code}"

    def _run_extrinsics(self, number: Block, records: list[EventRecord]) -> tuple[list[Extrinsic], list[str]]:
        """Run what can run, with its events into `records`; what comes too early stays in the pool."""
        included: list[Extrinsic] = []
        dropped: list[str] = []
        for extrinsic in self._pool:
            if self._refusal(extrinsic, number) is not None:
                dropped.append(extrinsic.hash)
            elif extrinsic.nonce == self._nonce(extrinsic.signer):
                records += [EventRecord(len(included), event) for event in self._apply(extrinsic)]
                included.append(extrinsic)
            else:
                continue
            self._pool.remove(extrinsic)
        return included, dropped

    def _register_newcomers(self) -> list[Event]:
        events: list[Event] = []
        while self._newcomers:
            neuron = self._newcomers.popleft()
            uid = registration.register(self._state, neuron)
            events.append(NeuronRegistered(self.genesis.netuid, uid, neuron.hotkey))
        return events

    def _apply(self, extrinsic: Extrinsic) -> list[Event]:
        account = self._state.get(storage.ACCOUNT, extrinsic.signer)
        self._state.put(storage.ACCOUNT, AccountInfo(nonce=account.nonce + 1), extrinsic.signer)
        outcome = dispatch(self._state, extrinsic.signer, extrinsic.call)
        if isinstance(outcome, DispatchError):
            return [ExtrinsicFailed(outcome)]
        return [outcome, ExtrinsicSuccess()]

    def _remember(self, built: BuiltBlock) -> None:
        self._blocks[built.number] = built
        self._blocks.pop(Block(self._store.oldest - 1), None)
