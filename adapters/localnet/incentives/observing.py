"""Every epoch of the local chain, written down at the block in which it happens: none is missed, however busy this program is."""

from collections.abc import Callable

import attrs

from adapters.localnet.chain import storage
from adapters.localnet.chain.chain import BuiltBlock, LocalChain
from adapters.localnet.chain.state import StateView
from core.types import Block, Hotkey

FULL_SHARE = 65_535
RAO = 10**9


@attrs.frozen
class NeuronSeen:
    """A neuron in one epoch.

    Attributes:
        stake_tao: before the epoch paid.
        incentive, dividends: shares of all, each summing to 1 over the subnet.
        vtrust: validator trust, 0 to 1.
        emission_tao: what the epoch paid it.
        last_update: block of the last weights that it set or committed before the epoch.
    """

    uid: int
    hotkey: Hotkey
    stake_tao: float
    incentive: float
    dividends: float
    vtrust: float
    emission_tao: float
    last_update: Block


@attrs.frozen
class EpochSeen:
    """One epoch: who was registered when it paid, and what it paid; `commit_reveal` is whether weights had to be committed first."""

    block: Block
    commit_reveal: bool
    neurons: tuple[NeuronSeen, ...]

    @property
    def paid(self) -> bool:
        """Whether any miner earned."""
        return any(neuron.incentive > 0 for neuron in self.neurons)


EpochSeenListener = Callable[[EpochSeen], None]


def observe(chain: LocalChain, on_epoch: EpochSeenListener) -> Callable[[], None]:
    """Call `on_epoch` for each epoch from now on; returns what ends that."""

    def look(built: BuiltBlock) -> None:
        if chain.at(built.number).hyper(storage.LAST_EPOCH_BLOCK) == built.number:
            on_epoch(epoch_at(chain, built.number))

    return chain.on_block(look)


def epoch_at(chain: LocalChain, block: Block) -> EpochSeen:
    """The epoch of this block. A block registers newcomers after its epoch: who was replaced by one is left out."""
    before, after = chain.at(Block(block - 1)), chain.at(block)
    was, now = before.hotkeys(), after.hotkeys()
    uids = [uid for uid, (hotkey, other) in enumerate(zip(was, now, strict=False)) if hotkey == other]
    return EpochSeen(
        block,
        before.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
        tuple(_seen(uid, was[uid], before, after) for uid in uids),
    )


def _seen(uid: int, hotkey: Hotkey, before: StateView, after: StateView) -> NeuronSeen:
    return NeuronSeen(
        uid=uid,
        hotkey=hotkey,
        stake_tao=before.stake_rao(hotkey) / RAO,
        incentive=after.hyper(storage.INCENTIVE)[uid] / FULL_SHARE,
        dividends=after.hyper(storage.DIVIDENDS)[uid] / FULL_SHARE,
        vtrust=after.hyper(storage.VALIDATOR_TRUST)[uid] / FULL_SHARE,
        emission_tao=after.hyper(storage.EMISSION)[uid] / RAO,
        last_update=Block(before.hyper(storage.LAST_UPDATE)[uid]),
    )
