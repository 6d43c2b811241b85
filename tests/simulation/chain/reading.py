"""What a client reads of the chain, by the same functions as the real one; only the record is a shorter one.

Neurons change with epochs and registrations alone, and are kept until then.
"""

from typing import Any

import attrs

from adapters.chain.convert import read_metagraph
from adapters.chain.terms import terms_of
from adapters.localnet.chain import storage
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import AxonInfo
from core.submission import Terms
from core.types import Block, Hotkey, Metagraph, Neuron
from core.version import VERSION_KEY
from tests.simulation.chain.disguise import Disguise
from tests.simulation.chain.people import axon


class Reader:
    """A client of one hotkey."""

    def __init__(self, own: Hotkey, disguise: Disguise) -> None:
        self._own, self._disguise = own, disguise
        self._seen: tuple[object, ...] = ()
        self._neurons: tuple[Neuron, ...] = ()
        self._hotkeys: tuple[Hotkey, ...] = ()

    def metagraph(self, state: StateView) -> Metagraph:
        self._look(state)
        return Metagraph(
            block=state.block,
            neurons=self._neurons,
            last_epoch=Block(state.hyper(storage.LAST_STEP_BLOCK)),
            tempo_blocks=state.hyper(storage.TEMPO),
            weights_rate_limit_blocks=state.hyper(storage.WEIGHTS_SET_RATE_LIMIT),
            last_update=last_update(state, self._own),
            version_key=state.hyper(storage.WEIGHTS_VERSION_KEY),
        )

    def terms(self, state: StateView) -> Terms:
        self._look(state)
        uid = state.uid_of(self._own)
        record = {
            **_subnet(state),
            "min_allowed_weights": state.hyper(storage.MIN_ALLOWED_WEIGHTS),
            "max_weights_limit": state.hyper(storage.MAX_WEIGHTS_LIMIT),
            "commit_reveal_weights_enabled": state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
            "owner_hotkey": state.hyper(storage.SUBNET_OWNER_HOTKEY),
            "hotkeys": self._hotkeys,
            "validator_permit": state.hyper(storage.VALIDATOR_PERMIT),
            "total_stake": {uid: state.stake_rao(self._own)},
            "last_update": state.hyper(storage.LAST_UPDATE),
        }
        return terms_of(
            record,
            self._own,
            at_s=state.get(storage.NOW) / 1_000,
            threshold_rao=state.get(storage.STAKE_THRESHOLD),
            reveal_version=state.get(storage.COMMIT_REVEAL_WEIGHTS_VERSION),
            pending_epoch_at=state.hyper(storage.PENDING_EPOCH_AT),
        )

    def _look(self, state: StateView) -> None:
        """Read all neurons anew, if anything about them has changed: then one of these is another object."""
        now = (
            state.hyper(storage.INCENTIVE),
            state.hyper(storage.VALIDATOR_PERMIT),
            state.get(storage.AXONS, state.netuid, self._own),
            self._disguise.token,
        )
        if len(now) == len(self._seen) and all(new is old for new, old in zip(now, self._seen, strict=True)):
            return
        columns = self._columns(state)
        self._disguise.put_on(columns)
        reading = read_metagraph({**_subnet(state), **columns}, self._own)
        self._neurons = self._disguise.shown(reading.metagraph.neurons)
        self._hotkeys = tuple(columns["hotkeys"])
        self._seen = now

    def _columns(self, state: StateView) -> dict[str, list[Any]]:
        hotkeys = state.hotkeys()
        return {
            "hotkeys": list(hotkeys),
            "axons": [self._axon(state, hotkey) for hotkey in hotkeys],
            "total_stake": [state.stake_rao(hotkey) for hotkey in hotkeys],
            "validator_permit": [*state.hyper(storage.VALIDATOR_PERMIT)],
            "incentives": [*state.hyper(storage.INCENTIVE)],
            "dividends": [*state.hyper(storage.DIVIDENDS)],
            "last_update": [*state.hyper(storage.LAST_UPDATE)],
        }

    def _axon(self, state: StateView, hotkey: Hotkey) -> Any:
        """Ours is where we have published it, a miner's where it always is."""
        if hotkey != self._own:
            return axon(hotkey)
        return attrs.asdict(state.get(storage.AXONS, state.netuid, hotkey) or AxonInfo())


def last_update(state: StateView, own: Hotkey) -> Block:
    """Block of our last weights, 0 for never."""
    uid = state.uid_of(own)
    return Block(0 if uid is None else state.hyper(storage.LAST_UPDATE)[uid])


@attrs.frozen
class Standing:
    """How our hotkey stands at one block.

    Attributes:
        uid: None where it is not registered.
        is_eligible: the chain takes weights of ours at all, by registration, stake, permit and version.
        may_set: and the block after this one does, by the rate limit, too.
        taken: uids in all.
    """

    uid: int | None
    has_permit: bool
    is_eligible: bool
    may_set: bool
    last_update: Block
    taken: int


def standing(state: StateView, own: Hotkey) -> Standing:
    """By the chain's own rules."""
    uid, last = state.uid_of(own), last_update(state, own)
    has_permit = uid is not None and state.hyper(storage.VALIDATOR_PERMIT)[uid]
    is_eligible = (
        has_permit
        and state.stake_rao(own) >= state.get(storage.STAKE_THRESHOLD)
        and state.hyper(storage.WEIGHTS_VERSION_KEY) <= VERSION_KEY
    )
    is_long_ago = last == 0 or state.block + 1 - last >= state.hyper(storage.WEIGHTS_SET_RATE_LIMIT)
    taken = state.hyper(storage.SUBNETWORK_N)
    return Standing(uid, has_permit, is_eligible, is_eligible and is_long_ago, last, taken)


def _subnet(state: StateView) -> dict[str, Any]:
    return {
        "block": state.block,
        "last_step": state.hyper(storage.LAST_STEP_BLOCK),
        "tempo": state.hyper(storage.TEMPO),
        "weights_rate_limit": state.hyper(storage.WEIGHTS_SET_RATE_LIMIT),
        "weights_version": state.hyper(storage.WEIGHTS_VERSION_KEY),
    }
