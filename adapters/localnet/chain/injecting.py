"""Lets faults happen to a running chain and its fronts, and keeps account of them.

Rules:
- A fault that lasts is taken back in the end: the gate heals, a hyperparameter gets the value that it had.
- What the chain refuses (a reorganisation before there are blocks to give up, nobody left to replace) is left out and said so.
- The account holds when each began and ended, by the clock and by the chain, for whoever judges a run afterwards.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import assert_never

import anyio
import attrs
import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs

from adapters.localnet.chain import storage
from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.faults import (
    OUTAGES,
    ChainFault,
    Delay,
    Drop,
    GateFault,
    HalfOpen,
    HyperparameterChange,
    LateClock,
    OnChainFault,
    Planned,
    Refuse,
    Reorg,
    ReplaceHotkey,
    SpecChange,
    StaleHead,
)
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.genesis import GenesisNeuron
from core.types import Block, Hotkey, Uid

_ITEMS = {item.name: item for item in storage.HYPERPARAMETERS}
Undo = Callable[[], None]


@attrs.frozen
class Injected:
    """A fault that happened. Times are Unix seconds, blocks those of the chain's head.

    Attributes:
        ended_s, ended_block: None while it lasts.
        refused: why the chain did not let it happen; None where it did.
    """

    fault: ChainFault
    began_s: float
    began_block: Block
    ended_s: float | None = None
    ended_block: Block | None = None
    refused: str | None = None

    @property
    def is_over(self) -> bool:
        return self.ended_s is not None or self.refused is not None

    @property
    def is_outage(self) -> bool:
        """Whether clients could not reach the chain meanwhile, or saw an old one."""
        return self.refused is None and isinstance(self.fault, OUTAGES)

    def __str__(self) -> str:
        if self.refused is not None:
            return f"{self.fault} at block {self.began_block} left out: {self.refused}"
        if self.ended_s is None:
            return f"{self.fault} from block {self.began_block}"
        if self.ended_s == self.began_s:
            return f"{self.fault} at block {self.began_block}"
        lasted_s = self.ended_s - self.began_s
        return f"{self.fault} from block {self.began_block} to {self.ended_block}, {lasted_s:.1f} s"


class Injector:
    """Makes faults happen to one chain. `injected` are those that are over, in order."""

    def __init__(
        self, chain: LocalChain, gate: Gate, tell: Callable[[Injected], None] = lambda _injected: None
    ) -> None:
        """`tell` hears of each fault that lasts as it begins, and of every one as it ends."""
        self._chain = chain
        self._gate = gate
        self._tell = tell
        self.injected: list[Injected] = []

    async def run(self, schedule: Iterable[Planned]) -> None:
        """Inject all of a schedule, each at its time from now on."""
        began = anyio.current_time()
        for planned in schedule:
            await anyio.sleep_until(began + planned.at_s)
            await self.inject(planned.fault, planned.lasts_s)

    async def inject(self, fault: ChainFault, lasts_s: float = 0.0) -> None:
        """Let a fault happen, and end it after `lasts_s`, also where the caller is cancelled before."""
        begun = Injected(fault, time.time(), self._chain.head)
        try:
            undo = apply(fault, self._chain, self._gate)
        except ValueError as refusal:
            self._over(attrs.evolve(begun, refused=str(refusal)))
            return
        if not lasts_s:
            undo()
            self._over(attrs.evolve(begun, ended_s=begun.began_s, ended_block=self._chain.head))
            return
        self._tell(begun)
        try:
            await anyio.sleep(lasts_s)
        finally:
            undo()
            self._over(attrs.evolve(begun, ended_s=time.time(), ended_block=self._chain.head))

    def _over(self, injected: Injected) -> None:
        self.injected.append(injected)
        self._tell(injected)


def apply(fault: ChainFault, chain: LocalChain, gate: Gate) -> Undo:
    """Let a fault happen now; returns what ends it.

    Raises:
        ValueError: the chain, as it stands, does not let it happen; says why.
    """
    return _at_gate(fault, gate) if isinstance(fault, GateFault) else _on_chain(fault, chain)


def _at_gate(fault: GateFault, gate: Gate) -> Undo:
    match fault:
        case Drop():
            gate.drop()
            return _nothing
        case Refuse():
            gate.refuse()
        case HalfOpen():
            gate.half_open()
        case Delay(delay_s):
            gate.delay(delay_s)
        case StaleHead():
            gate.halt()
        case LateClock(behind_s):
            gate.fall_behind(behind_s)
        case _:
            assert_never(fault)
    return gate.heal


def _on_chain(fault: OnChainFault, chain: LocalChain) -> Undo:
    match fault:
        case Reorg(depth):
            chain.reorg(depth)
        case SpecChange():
            chain.upgrade_runtime()
        case HyperparameterChange(name, value):
            before = chain.at().subnet(_ITEMS[name])
            chain.set_hyperparameter(_ITEMS[name], value)
            return partial(chain.set_hyperparameter, _ITEMS[name], before)
        case ReplaceHotkey(draw):
            _replace(chain, draw)
        case _:
            assert_never(fault)
    return _nothing


def _replace(chain: LocalChain, draw: int) -> None:
    """Give a miner's uid to the key of a public development path. The owner's and validators' uids are left alone."""
    state = chain.at()
    permits = state.hyper(storage.VALIDATOR_PERMIT)
    miners = [uid for uid, permit in enumerate(permits) if not permit]
    if not miners:
        raise ValueError("all neurons are validators; there is nobody to replace")
    path = f"//replacement//{draw}//{chain.head}"
    hotkey, coldkey = (
        Hotkey(core.Keypair.create_from_uri(uri).ss58_address) for uri in (path, f"{path}//cold")
    )
    chain.replace(Uid(miners[draw % len(miners)]), GenesisNeuron(hotkey, coldkey))


def _nothing() -> None:
    """What is over at once needs no end."""
