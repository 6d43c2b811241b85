"""Weights: what a row must keep to be set, what a commit must keep to be taken, and what they change.

The subnet owner's uid needs neither stake nor permit. While commit-reveal is on, rows come only out of commits; the
rate limit and `LastUpdate` are then the commit's.
"""

from hashlib import blake2b

from adapters.localnet.chain import storage
from adapters.localnet.chain.attempt import Attempt, C, Rule, first_broken, registered
from adapters.localnet.chain.calls import (
    CommitTimelockedMechanismWeights,
    DispatchError,
    Event,
    SetMechanismWeights,
    TimelockedWeightsCommitted,
    WeightsSet,
)
from adapters.localnet.chain.epoch import current_epoch
from adapters.localnet.chain.fixed import ONE, U16_MAX, div, upscale_to_u16
from adapters.localnet.chain.state import State
from adapters.timelock import COMMIT_LIMIT_BYTES, DRAND_VERSION
from core.types import Hotkey

UNREVEALED_LIMIT = 10
_MECHANISMS = 1
# drand's quicknet: Unix time of round 1, and seconds from round to round.
_DRAND_STARTED_S, _DRAND_PERIOD_S = 1_692_803_367, 3

_Row = Attempt[SetMechanismWeights]
_Commit = Attempt[CommitTimelockedMechanismWeights]


def set_weights(state: State, signer: Hotkey, call: SetMechanismWeights) -> Event | DispatchError:
    """The extrinsic: refused wholly while commit-reveal is on."""
    if state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED):
        return DispatchError.COMMIT_REVEAL_ENABLED
    return put_weights(state, signer, call)


def put_weights(state: State, signer: Hotkey, call: SetMechanismWeights) -> Event | DispatchError:
    """Store a row, given openly or out of a commit."""
    broken = first_broken(Attempt(state.block, state, signer, call), SET_WEIGHTS_RULES)
    uid = state.uid_of(signer)
    if broken is not None or uid is None:
        return broken or DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET
    row = tuple(zip(call.dests, _stored_row(call), strict=True))
    state.put(storage.WEIGHTS, row, state.netuid, uid)
    if not state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED):
        state.set_for_uid(storage.LAST_UPDATE, uid, int(state.block))
    return WeightsSet(state.netuid, uid)


def commit_weights(
    state: State, signer: Hotkey, call: CommitTimelockedMechanismWeights
) -> Event | DispatchError:
    """Keep a sealed row for the epoch that opens it."""
    broken = first_broken(Attempt(state.block, state, signer, call), COMMIT_RULES)
    uid = state.uid_of(signer)
    if broken is not None or uid is None:
        return broken or DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET
    key = (state.netuid, current_epoch(state))
    commit = (signer, int(state.block), call.commit, call.reveal_round)
    commits = state.get(storage.TIMELOCKED_WEIGHT_COMMITS, *key)
    state.put(storage.TIMELOCKED_WEIGHT_COMMITS, (*commits, commit), *key)
    state.set_for_uid(storage.LAST_UPDATE, uid, int(state.block))
    digest = blake2b(call.commit, digest_size=32).digest()
    return TimelockedWeightsCommitted(signer, state.netuid, digest, call.reveal_round)


def _owner(attempt: Attempt[C]) -> bool:
    return attempt.uid is not None and attempt.uid == attempt.state.owner_uid()


def _enough_stake(attempt: Attempt[C]) -> bool:
    stake = attempt.state.stake_rao(attempt.signer)
    return _owner(attempt) or stake >= attempt.state.get(storage.STAKE_THRESHOLD)


def _mechanism_exists(attempt: _Row | _Commit) -> bool:
    return attempt.call.netuid == attempt.state.netuid and attempt.call.mecid < _MECHANISMS


def _commits_sealed(attempt: Attempt[C]) -> bool:
    return attempt.state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED)


def _long_since(attempt: Attempt[C]) -> bool:
    """The last update is far enough back, or there has been none."""
    if attempt.uid is None:
        return True
    last = attempt.state.hyper(storage.LAST_UPDATE)[attempt.uid]
    limit = attempt.state.hyper(storage.WEIGHTS_SET_RATE_LIMIT)
    return last == 0 or attempt.block - last >= limit


def _row_not_too_fast(attempt: _Row) -> bool:
    return _commits_sealed(attempt) or not _mechanism_exists(attempt) or _long_since(attempt)


def _not_too_long(attempt: _Row) -> bool:
    return len(attempt.call.dests) <= attempt.state.hyper(storage.SUBNETWORK_N)


def _version_key_accepted(attempt: _Row) -> bool:
    return attempt.call.version_key >= attempt.state.hyper(storage.WEIGHTS_VERSION_KEY)


def _self_weight(attempt: _Row) -> bool:
    return attempt.call.dests == (attempt.uid,)


def _permitted(attempt: _Row) -> bool:
    permits = attempt.state.hyper(storage.VALIDATOR_PERMIT)
    permitted = attempt.uid is not None and permits[attempt.uid]
    return _self_weight(attempt) or _owner(attempt) or permitted


def _long_enough(attempt: _Row) -> bool:
    least = min(attempt.state.hyper(storage.SUBNETWORK_N), attempt.state.hyper(storage.MIN_ALLOWED_WEIGHTS))
    return _self_weight(attempt) or len(attempt.call.dests) >= least


def _within_weight_limit(attempt: _Row) -> bool:
    limit = attempt.state.hyper(storage.MAX_WEIGHTS_LIMIT)
    row = _stored_row(attempt.call)
    largest = div(max(row, default=0), sum(row))
    return limit == U16_MAX or _self_weight(attempt) or largest <= div(limit, U16_MAX)


def _version_taken(attempt: _Commit) -> bool:
    """The announced form, or drand's: the unmodified SDK commits in no other, whatever is announced."""
    announced = attempt.state.get(storage.COMMIT_REVEAL_WEIGHTS_VERSION)
    return attempt.call.commit_reveal_version in (announced, DRAND_VERSION)


def _few_unrevealed(attempt: _Commit) -> bool:
    state = attempt.state
    commits = state.get(storage.TIMELOCKED_WEIGHT_COMMITS, state.netuid, current_epoch(state))
    return sum(hotkey == attempt.signer for hotkey, *_ in commits) < UNREVEALED_LIMIT


def _round_to_come(attempt: _Commit) -> bool:
    """A commit for drand names no round that was over by the last block's time; a stand-in's round means nothing."""
    if attempt.call.commit_reveal_version != DRAND_VERSION:
        return True
    now_s = attempt.state.get(storage.NOW) // 1_000
    return attempt.call.reveal_round >= 1 + (now_s - _DRAND_STARTED_S) // _DRAND_PERIOD_S


def _stored_row(call: SetMechanismWeights) -> tuple[int, ...]:
    return upscale_to_u16([weight * ONE for weight in call.weights])


SET_WEIGHTS_POOL_RULES: tuple[Rule[SetMechanismWeights], ...] = (
    (DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS, _enough_stake),
    (DispatchError.SETTING_WEIGHTS_TOO_FAST, _row_not_too_fast),
)
SET_WEIGHTS_RULES: tuple[Rule[SetMechanismWeights], ...] = (
    (DispatchError.CAN_NOT_SET_ROOT_NETWORK_WEIGHTS, lambda attempt: attempt.call.netuid != 0),
    (
        DispatchError.WEIGHT_VEC_NOT_EQUAL_SIZE,
        lambda attempt: len(attempt.call.dests) == len(attempt.call.weights),
    ),
    (DispatchError.MECHANISM_DOES_NOT_EXIST, _mechanism_exists),
    (DispatchError.UIDS_LENGTH_EXCEED_UIDS_IN_SUBNET, _not_too_long),
    (DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET, registered),
    (DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS, _enough_stake),
    (DispatchError.INCORRECT_WEIGHT_VERSION_KEY, _version_key_accepted),
    (DispatchError.SETTING_WEIGHTS_TOO_FAST, _row_not_too_fast),
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
COMMIT_POOL_RULES: tuple[Rule[CommitTimelockedMechanismWeights], ...] = (
    (DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS, _enough_stake),
    (DispatchError.INVALID_REVEAL_ROUND, _round_to_come),
)
COMMIT_RULES: tuple[Rule[CommitTimelockedMechanismWeights], ...] = (
    (
        DispatchError.COMMIT_PAYLOAD_TOO_LARGE,
        lambda attempt: len(attempt.call.commit) <= COMMIT_LIMIT_BYTES,
    ),
    (DispatchError.MECHANISM_DOES_NOT_EXIST, _mechanism_exists),
    (DispatchError.COMMIT_REVEAL_DISABLED, _commits_sealed),
    (
        DispatchError.INCORRECT_COMMIT_REVEAL_VERSION,
        _version_taken,
    ),
    (DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET, registered),
    (DispatchError.COMMITTING_WEIGHTS_TOO_FAST, _long_since),
    (DispatchError.TOO_MANY_UNREVEALED_COMMITS, _few_unrevealed),
)
