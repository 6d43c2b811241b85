"""The local chain: a transaction pool, blocks, and the state that they lead to. Pure: no clock, no I/O.

Rules:
- Time comes from the caller, and never runs backwards.
- A block first opens what was committed, runs its epoch, and does what was asked of it without an extrinsic (`acts`);
  then come its extrinsics, by nonce and arrival.
- What the pool let in is asked again as its turn in a block comes; what no longer fits is dropped, unrun.
- A block is final when `FINALITY_LAG` others stand on it. What is not final can be given up by a reorganisation:
  its state is forgotten, its extrinsics wait again, and other blocks take its heights.
- State, blocks and their extrinsics stay readable for `Genesis.history_blocks`; the pool is bounded.
"""

from collections.abc import Callable
from typing import Any

import attrs

from adapters.localnet.chain import acts, epoch, registration, storage
from adapters.localnet.chain.acts import Act
from adapters.localnet.chain.blocks import BlockListener, BuiltBlock
from adapters.localnet.chain.calls import DispatchError, Event, EventRecord, ExtrinsicFailed, ExtrinsicSuccess
from adapters.localnet.chain.extrinsics import dispatch, pool_refusal
from adapters.localnet.chain.forks import Forks
from adapters.localnet.chain.genesis import Genesis, GenesisNeuron
from adapters.localnet.chain.hashes import BlockId
from adapters.localnet.chain.pool import Extrinsic, Pool, invalid_transaction
from adapters.localnet.chain.reveals import reveal
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.storage import Item
from adapters.localnet.chain.store import HistoryError, VersionedStore
from core.types import Block, Hotkey, Uid

__all__ = ["FINALITY_LAG", "BlockListener", "BuiltBlock", "LocalChain"]

FINALITY_LAG = 2


class LocalChain:
    """One subnet on a chain of its own.

    Not for use from several threads. `produce_block` and `reorg` are the only doors through which time passes.
    """

    def __init__(self, genesis: Genesis) -> None:
        self.genesis = genesis
        self._store = VersionedStore(genesis.history_blocks)
        self._state = State(self._store, genesis.netuid, 0)
        self._pool = Pool()
        self._forks = Forks()
        self._finalized = self._highest = Block(0)
        # By the block that does them, until it is final: a reorganisation does them again at the same height.
        self._acts: dict[Block, list[Act]] = {}
        self._blocks: dict[Block, BuiltBlock] = {Block(0): BuiltBlock(Block(0))}
        self._listeners: list[BlockListener] = []
        registration.write_genesis(self._state, genesis)

    @property
    def head(self) -> Block:
        return Block(self._store.head)

    @property
    def finalized(self) -> Block:
        """The last block that no reorganisation gives up."""
        return self._finalized

    def id_of(self, number: Block) -> BlockId:
        """The block at a height of the chain as it stands, kept or not."""
        return self._forks.at(number)

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
        """Register a hotkey with the next block; a full subnet replaces a neuron for it, if one may be replaced.

        Raises:
            ValueError: the hotkey is registered already, or queued.
        """
        self._do(acts.Register(neuron))

    def replace(self, uid: Uid, neuron: GenesisNeuron) -> None:
        """Give a uid to another hotkey with the next block, as a registration on a full subnet would.

        Raises:
            ValueError: the hotkey is registered already, or queued; there is no such uid, or it is the owner's.
        """
        self._do(acts.Replace(uid, neuron))

    def set_hyperparameter(self, item: Item[Any], value: object) -> None:
        """Set a hyperparameter with the next block.

        Raises:
            ValueError: the item is none of `storage.HYPERPARAMETERS`, or the value not one of it; `MaxAllowedUids` would
                be below the number of neurons, as nobody is removed here.
        """
        self._do(acts.SetHyperparameter(item, value))

    def trigger_epoch(self, fires_at: Block) -> None:
        """Let an epoch fire at that block, if none does before, as the subnet's owner may.

        Raises:
            ValueError: the block is not later than the next one, an epoch is triggered already, or commit-reveal is on.
        """
        self._do(acts.TriggerEpoch(fires_at))

    def upgrade_runtime(self) -> None:
        """Give the runtime its next version with the next block; extrinsics signed for the one before are then refused."""
        self._do(acts.UpgradeRuntime())

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

    def produce_block(self, now_ms: int | None = None) -> BuiltBlock:
        """Build the next block from what is due and what waits, and tell the listeners.

        Args:
            now_ms: the block's time in Unix milliseconds, that of the block before where it is earlier; one block time
                after that where None.
        """
        return self._build(now_ms, ())

    def reorg(self, depth: int = 2) -> tuple[BuiltBlock, ...]:
        """Give up the last blocks, and build another fork at once: the same heights at the same times, and one block more.

        Raises:
            ValueError: depth is below 1, or reaches a final block or one outside of the history.
        """
        fixed = max(self._finalized, self._store.oldest)
        if not 1 <= depth <= self.head - fixed:
            raise ValueError(
                f"depth {depth} is not in 1..{self.head - fixed}: block {fixed} cannot be given up"
            )
        below = Block(self.head - depth)
        heights = [Block(number) for number in range(below + 1, self.head + 1)]
        times = [self.at(number).get(storage.NOW) for number in heights]
        given_up = tuple(self._blocks.pop(number) for number in heights)
        self._store.rewind(below)
        self._forks.branch(Block(below + 1))
        self._pool.put_back(extrinsic for block in given_up for extrinsic in block.extrinsics)
        first = self._build(times[0], given_up)
        return (first, *(self._build(now_ms, ()) for now_ms in (*times[1:], None)))

    def _build(self, now_ms: int | None, retracted: tuple[BuiltBlock, ...]) -> BuiltBlock:
        before_ms = self._state.get(storage.NOW)
        number = Block(self._store.advance())
        records = [EventRecord(None, event) for event in self._begin()]
        included, dropped = self._run_extrinsics(number, records)
        self._state.put(storage.EVENTS, tuple(records))
        now_ms = before_ms + self.genesis.block_time_ms if now_ms is None else now_ms
        self._state.put(storage.NOW, max(before_ms, now_ms))
        self._finalized = max(self._finalized, Block(number - FINALITY_LAG))
        built = BuiltBlock(
            number,
            tuple(included),
            tuple(dropped),
            fork=self.id_of(number).fork,
            finalized=self._finalized,
            is_best=number > self._highest,
            retracted=retracted,
        )
        self._highest = max(self._highest, number)
        self._remember(built)
        for listener in tuple(self._listeners):
            listener(built)
        return built

    def _begin(self) -> list[Event]:
        """What a block does before its extrinsics."""
        events = reveal(self._state)
        epoch.step(self._state, self.genesis.emission_per_block_rao)
        for act in self._acts.get(self.head, ()):
            events += acts.apply(self._state, act)
        return events

    def _do(self, act: Act) -> None:
        queued = self._acts.setdefault(Block(self.head + 1), [])
        acts.check(self._state, act, queued)
        queued.append(act)

    def _nonce(self, account: Hotkey) -> int:
        return self._state.get(storage.ACCOUNT, account).nonce

    def _refusal(self, extrinsic: Extrinsic, block: Block) -> str | None:
        """Why an extrinsic cannot be part of a block, in the words of a node."""
        if not self._signature_holds(extrinsic):
            return "Transaction has a bad signature"
        dead = extrinsic.dies_at is not None and block >= extrinsic.dies_at
        if dead or extrinsic.nonce < self._nonce(extrinsic.signer):
            return "Transaction is outdated"
        code = pool_refusal(self._state, block, extrinsic.signer, extrinsic.call)
        return None if code is None else f"Custom error: {code}"

    def _signature_holds(self, extrinsic: Extrinsic) -> bool:
        """Runtime and birth block are still those that were signed for."""
        born, version = extrinsic.born, extrinsic.spec_version
        return (born is None or born == self.id_of(born.number)) and version in (
            None,
            self._state.spec_version(),
        )

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

    def _apply(self, extrinsic: Extrinsic) -> list[Event]:
        account = self._state.get(storage.ACCOUNT, extrinsic.signer)
        self._state.put(storage.ACCOUNT, attrs.evolve(account, nonce=account.nonce + 1), extrinsic.signer)
        outcome = dispatch(self._state, extrinsic.signer, extrinsic.call)
        if isinstance(outcome, DispatchError):
            return [ExtrinsicFailed(outcome)]
        return [outcome, ExtrinsicSuccess()]

    def _remember(self, built: BuiltBlock) -> None:
        self._blocks[built.number] = built
        self._blocks.pop(Block(self._store.oldest - 1), None)
        for number in [number for number in self._acts if number <= built.finalized]:
            del self._acts[number]
