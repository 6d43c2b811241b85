"""What a call must keep, and what it changes.

Rules stand in the order in which the chain asks them; the first one broken names the error. A rule may rely
on those above it. One deviation: loopback addresses may be served, which the public chain refuses
(`InvalidIpAddress`), because everything here runs on one machine.
"""

import ipaddress
from collections.abc import Callable
from typing import Generic, TypeVar, assert_never

import attrs

from adapters.localnet.chain import storage
from adapters.localnet.chain.calls import (
    BAD_REQUEST_CODE,
    POOL_CODES,
    AxonServed,
    Call,
    DispatchError,
    Event,
    ServeAxon,
    SetMechanismWeights,
    WeightsSet,
)
from adapters.localnet.chain.fixed import ONE, U16_MAX, upscale_to_u16
from adapters.localnet.chain.state import State, StateView
from core.types import Block, Hotkey, Uid

C = TypeVar("C", SetMechanismWeights, ServeAxon)
_MECHANISMS = 1


@attrs.frozen
class Attempt(Generic[C]):
    """A call as its signer makes it, on the state it meets; `block` is the one it is to be part of."""

    block: Block
    state: StateView
    signer: Hotkey
    call: C

    @property
    def uid(self) -> Uid | None:
        return self.state.uid_of(self.signer)


Rule = tuple[DispatchError, Callable[[Attempt[C]], bool]]
_Weights = Attempt[SetMechanismWeights]
_Axon = Attempt[ServeAxon]


def pool_refusal(state: StateView, block: Block, signer: Hotkey, call: Call) -> int | None:
    """The code with which the transaction pool refuses a call, None if it takes it.

    The pool asks only what is cheap: for weights the stake and the rate limit, for axons everything. It
    judges for `block`, the one that is to hold the call.
    """
    match call:
        case SetMechanismWeights():
            error = _first_broken(Attempt(block, state, signer, call), _WEIGHTS_POOL_RULES)
        case ServeAxon():
            error = _first_broken(Attempt(block, state, signer, call), SERVE_AXON_RULES)
        case _:
            assert_never(call)
    return None if error is None else POOL_CODES.get(error, BAD_REQUEST_CODE)


def dispatch(state: State, signer: Hotkey, call: Call) -> Event | DispatchError:
    """Apply a call: the event it leaves, or the error that stopped it (then nothing has changed)."""
    match call:
        case SetMechanismWeights():
            broken = _first_broken(Attempt(state.block, state, signer, call), SET_WEIGHTS_RULES)
            return broken or _set_weights(state, signer, call)
        case ServeAxon():
            broken = _first_broken(Attempt(state.block, state, signer, call), SERVE_AXON_RULES)
            return broken or _serve_axon(state, signer, call)
        case _:
            assert_never(call)


def _first_broken(attempt: Attempt[C], rules: tuple[Rule[C], ...]) -> DispatchError | None:
    return next((error for error, kept in rules if not kept(attempt)), None)


def _subnet_exists(attempt: Attempt[C]) -> bool:
    return attempt.call.netuid == attempt.state.netuid


def _registered(attempt: Attempt[C]) -> bool:
    return attempt.uid is not None


def _enough_stake(attempt: _Weights) -> bool:
    return attempt.state.stake_rao(attempt.signer) >= attempt.state.get(storage.STAKE_THRESHOLD)


def _mechanism_exists(attempt: _Weights) -> bool:
    return _subnet_exists(attempt) and attempt.call.mecid < _MECHANISMS


def _not_too_long(attempt: _Weights) -> bool:
    return len(attempt.call.dests) <= attempt.state.hyper(storage.SUBNETWORK_N)


def _version_key_accepted(attempt: _Weights) -> bool:
    return attempt.call.version_key >= attempt.state.hyper(storage.WEIGHTS_VERSION_KEY)


def _not_too_fast(attempt: _Weights) -> bool:
    if attempt.uid is None or not _mechanism_exists(attempt):
        return True
    last = attempt.state.hyper(storage.LAST_UPDATE)[attempt.uid]
    limit = attempt.state.hyper(storage.WEIGHTS_SET_RATE_LIMIT)
    return last == 0 or attempt.block - last >= limit


def _self_weight(attempt: _Weights) -> bool:
    return attempt.call.dests == (attempt.uid,)


def _permitted(attempt: _Weights) -> bool:
    permits = attempt.state.hyper(storage.VALIDATOR_PERMIT)
    return _self_weight(attempt) or (attempt.uid is not None and permits[attempt.uid])


def _long_enough(attempt: _Weights) -> bool:
    least = min(attempt.state.hyper(storage.SUBNETWORK_N), attempt.state.hyper(storage.MIN_ALLOWED_WEIGHTS))
    return _self_weight(attempt) or len(attempt.call.dests) >= least


def _within_weight_limit(attempt: _Weights) -> bool:
    limit = attempt.state.hyper(storage.MAX_WEIGHTS_LIMIT)
    row = _stored_row(attempt.call)
    return limit == U16_MAX or _self_weight(attempt) or max(row, default=0) * U16_MAX <= limit * sum(row)


def _may_serve_again(attempt: _Axon) -> bool:
    served = attempt.state.get(storage.AXONS, attempt.state.netuid, attempt.signer)
    if served is None or served.block == 0:
        return True
    return attempt.block - served.block >= attempt.state.hyper(storage.SERVING_RATE_LIMIT)


def _address_plausible(attempt: _Axon) -> bool:
    ip = attempt.call.ip
    broadcast = ipaddress.IPV4LENGTH if attempt.call.ip_type == 4 else ipaddress.IPV6LENGTH
    return 0 <= ip < (1 << broadcast) - 1


_WEIGHTS_POOL_RULES: tuple[Rule[SetMechanismWeights], ...] = (
    (DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS, _enough_stake),
    (DispatchError.SETTING_WEIGHTS_TOO_FAST, _not_too_fast),
)
SET_WEIGHTS_RULES: tuple[Rule[SetMechanismWeights], ...] = (
    (DispatchError.CAN_NOT_SET_ROOT_NETWORK_WEIGHTS, lambda attempt: attempt.call.netuid != 0),
    (
        DispatchError.WEIGHT_VEC_NOT_EQUAL_SIZE,
        lambda attempt: len(attempt.call.dests) == len(attempt.call.weights),
    ),
    (DispatchError.MECHANISM_DOES_NOT_EXIST, _mechanism_exists),
    (DispatchError.UIDS_LENGTH_EXCEED_UIDS_IN_SUBNET, _not_too_long),
    (DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET, _registered),
    (DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS, _enough_stake),
    (DispatchError.INCORRECT_WEIGHT_VERSION_KEY, _version_key_accepted),
    (DispatchError.SETTING_WEIGHTS_TOO_FAST, _not_too_fast),
    (DispatchError.NEURON_NO_VALIDATOR_PERMIT, _permitted),
    (
        DispatchError.DUPLICATE_UIDS,
        lambda attempt: len(set(attempt.call.dests)) == len(attempt.call.dests),
    ),
    (
        DispatchError.UID_VEC_CONTAIN_INVALID_ONE,
        lambda attempt: all(uid < attempt.state.hyper(storage.SUBNETWORK_N) for uid in attempt.call.dests),
    ),
    (DispatchError.WEIGHT_VEC_LENGTH_IS_LOW, _long_enough),
    (DispatchError.MAX_WEIGHT_EXCEEDED, _within_weight_limit),
)
SERVE_AXON_RULES: tuple[Rule[ServeAxon], ...] = (
    (DispatchError.SUBNET_NOT_EXISTS, _subnet_exists),
    (DispatchError.HOTKEY_NOT_REGISTERED_IN_NETWORK, _registered),
    (DispatchError.INVALID_IP_TYPE, lambda attempt: attempt.call.ip_type in (4, 6)),
    (DispatchError.INVALID_IP_ADDRESS, _address_plausible),
    (DispatchError.SERVING_RATE_LIMIT_EXCEEDED, _may_serve_again),
    (DispatchError.INVALID_PORT, lambda attempt: attempt.call.port != 0),
)


def _stored_row(call: SetMechanismWeights) -> tuple[int, ...]:
    return upscale_to_u16([weight * ONE for weight in call.weights])


def _set_weights(state: State, signer: Hotkey, call: SetMechanismWeights) -> Event:
    uid = state.uid_of(signer)
    assert uid is not None  # noqa: S101  # the rules above let no stranger through
    row = tuple(zip(call.dests, _stored_row(call), strict=True))
    state.put(storage.WEIGHTS, row, state.netuid, uid)
    state.set_for_uid(storage.LAST_UPDATE, uid, int(state.block))
    return WeightsSet(state.netuid, uid)


def _serve_axon(state: State, signer: Hotkey, call: ServeAxon) -> Event:
    axon = storage.AxonInfo(
        block=state.block,
        version=call.version,
        ip=call.ip,
        port=call.port,
        ip_type=call.ip_type,
        protocol=call.protocol,
        placeholder1=call.placeholder1,
        placeholder2=call.placeholder2,
    )
    state.put(storage.AXONS, axon, state.netuid, signer)
    return AxonServed(state.netuid, signer)
