"""What happens to the chain without an extrinsic, as root or a subnet's owner would have it.

An act takes effect at the beginning of the next block, after the epoch. What no longer fits by then (a hotkey that
got its uid in another way meanwhile) is left out.
"""

from collections.abc import Iterable
from typing import Any, assert_never

import attrs

from adapters.localnet.chain import registration, storage
from adapters.localnet.chain.calls import Event, NeuronRegistered
from adapters.localnet.chain.genesis import GenesisNeuron
from adapters.localnet.chain.scale_types import BOOL, I16, U16, U64, Tuple, Type
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.storage import Item
from core.types import Block, Uid

_RANGES = {U16: range(1 << 16), U64: range(1 << 64), I16: range(-(1 << 15), 1 << 15)}


@attrs.frozen
class Register:
    """A hotkey gets a uid."""

    neuron: GenesisNeuron


@attrs.frozen
class Replace:
    """A hotkey gets a uid that was another's."""

    uid: Uid
    neuron: GenesisNeuron


@attrs.frozen
class SetHyperparameter:
    item: Item[Any]
    value: object


@attrs.frozen
class TriggerEpoch:
    """An epoch fires at that block at the latest."""

    fires_at: Block


@attrs.frozen
class UpgradeRuntime:
    """The runtime gets the next version."""


Act = Register | Replace | SetHyperparameter | TriggerEpoch | UpgradeRuntime


def apply(state: State, act: Act) -> list[Event]:
    """Do it; the events that it leaves."""
    match act:
        case Register(neuron):
            return _register(state, neuron)
        case Replace(uid, neuron):
            return _replace(state, uid, neuron)
        case SetHyperparameter(item, value):
            state.set_subnet(item, value)
        case TriggerEpoch(fires_at):
            state.set_hyper(storage.PENDING_EPOCH_AT, int(fires_at))
        case UpgradeRuntime():
            runtime = storage.RuntimeUpgrade(spec_version=state.spec_version() + 1)
            state.put(storage.LAST_RUNTIME_UPGRADE, runtime)
        case _:
            assert_never(act)
    return []


def check(state: StateView, act: Act, queued: Iterable[Act]) -> None:
    """Refuse what could not be done in the block after the state's, beside what is queued for it already.

    Raises:
        ValueError: it could not.
    """
    match act:
        case Register(neuron):
            _check_newcomer(state, neuron, queued)
        case Replace(uid, neuron):
            _check_newcomer(state, neuron, queued)
            _check_mortal(state, uid)
        case SetHyperparameter(item, value):
            _check_value(state, item, value)
        case TriggerEpoch(fires_at):
            _check_trigger(state, fires_at, queued)
        case UpgradeRuntime():
            return
        case _:
            assert_never(act)


def _check_newcomer(state: StateView, neuron: GenesisNeuron, queued: Iterable[Act]) -> None:
    waits = any(isinstance(act, Register | Replace) and act.neuron.hotkey == neuron.hotkey for act in queued)
    if waits or state.uid_of(neuron.hotkey) is not None:
        raise ValueError(f"hotkey {neuron.hotkey} is registered already; register another one")


def _check_mortal(state: StateView, uid: Uid) -> None:
    if not 0 <= uid < state.hyper(storage.SUBNETWORK_N):
        raise ValueError(f"there is no uid {uid}; name one that is taken")
    if uid == state.owner_uid():
        raise ValueError(f"uid {uid} is the subnet owner's, which is never replaced; name another one")


def _check_value(state: StateView, item: Item[Any], value: object) -> None:
    if item not in storage.HYPERPARAMETERS:
        raise ValueError(f"{item.name} is no hyperparameter of the local chain; see storage.HYPERPARAMETERS")
    if not _fits(item.value, value):
        raise ValueError(f"{value!r} is no value of {item.name}")
    taken = state.hyper(storage.SUBNETWORK_N)
    if item == storage.MAX_ALLOWED_UIDS and isinstance(value, int) and value < taken:
        raise ValueError(f"MaxAllowedUids cannot be {value}: {taken} uids are taken, and nobody is removed")


def _check_trigger(state: StateView, fires_at: Block, queued: Iterable[Act]) -> None:
    if fires_at <= state.block + 1:
        raise ValueError(f"block {fires_at} is too early; name one after {state.block + 1}")
    if state.hyper(storage.PENDING_EPOCH_AT) or any(isinstance(act, TriggerEpoch) for act in queued):
        raise ValueError("an epoch is triggered already; wait for it")
    if state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED):
        raise ValueError("no epoch can be triggered while commit-reveal is on")


def _fits(of: Type, value: object) -> bool:
    if isinstance(of, Tuple):
        return isinstance(value, tuple) and len(value) == len(of.items) and all(map(_fits, of.items, value))
    if of == BOOL:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and value in _RANGES[of]  # type: ignore[index]  # the widths above


def _register(state: State, neuron: GenesisNeuron) -> list[Event]:
    if state.uid_of(neuron.hotkey) is not None:
        return []
    uid = registration.register(state, neuron)
    return [] if uid is None else [NeuronRegistered(state.netuid, uid, neuron.hotkey)]


def _replace(state: State, uid: Uid, neuron: GenesisNeuron) -> list[Event]:
    if state.uid_of(neuron.hotkey) is not None:
        return []
    registration.replace(state, uid, neuron)
    return [NeuronRegistered(state.netuid, uid, neuron.hotkey)]
