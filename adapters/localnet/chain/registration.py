"""Who holds which uid: the first block's neurons, later registrations, and who makes room for them.

A full subnet replaces the uid with the lowest emission outside its immunity period; if too few of those would be
left, the lowest of the immune ones. Ties go to the earliest registration, then to the lower uid. The owner's uid is
never replaced (chain: `get_neuron_to_prune`). Stake stays with the hotkey that leaves.
"""

from typing import Any

import attrs

from adapters.localnet.chain import storage, yuma
from adapters.localnet.chain.genesis import Genesis, GenesisNeuron
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.yuma.stakes import with_owner
from core.types import Hotkey, Uid

_CLEARED = (
    storage.CONSENSUS,
    storage.INCENTIVE,
    storage.DIVIDENDS,
    storage.VALIDATOR_TRUST,
    storage.EMISSION,
)


def write_genesis(state: State, genesis: Genesis) -> None:
    """The subnet, its hyperparameters and its first neurons, with their permits already in force."""
    _write_hyperparameters(state, genesis)
    for neuron in genesis.neurons:
        register(state, neuron)
        _fund(state, neuron)
    _write_owner(state, genesis)
    stake = [state.stake_rao(hotkey) for hotkey in state.hotkeys()]
    owner = state.owner_uid()
    shares = yuma.stake_shares(stake, genesis.stake_threshold_rao, owner)
    permits = with_owner(yuma.validator_permits(shares, genesis.max_validators), owner)
    state.set_hyper(storage.VALIDATOR_PERMIT, permits)
    state.put(storage.NOW, genesis.started_ms)


def register(state: State, neuron: GenesisNeuron) -> Uid | None:
    """Give a hotkey the next free uid, or that of the neuron it replaces; None where no neuron can go."""
    taken = state.hyper(storage.SUBNETWORK_N)
    if taken < state.hyper(storage.MAX_ALLOWED_UIDS):
        state.set_hyper(storage.SUBNETWORK_N, taken + 1)
        _insert(state, Uid(taken), neuron)
        return Uid(taken)
    uid = uid_to_prune(state)
    if uid is not None:
        replace(state, uid, neuron)
    return uid


def has_room(state: StateView) -> bool:
    """Whether a newcomer would get a uid."""
    free = state.hyper(storage.SUBNETWORK_N) < state.hyper(storage.MAX_ALLOWED_UIDS)
    return free or uid_to_prune(state) is not None


def replace(state: State, uid: Uid, neuron: GenesisNeuron) -> None:
    """Give a taken uid to another hotkey, and leave nothing of the old one under it."""
    _remove(state, uid)
    _insert(state, uid, neuron)


def uid_to_prune(state: StateView) -> Uid | None:
    """The uid that a newcomer on a full subnet takes over, None where there is none."""
    immortal = _immortal_uid(state)
    mortal = [uid for uid in range(state.hyper(storage.SUBNETWORK_N)) if uid != immortal]
    immune = [uid for uid in mortal if _is_immune(state, uid)]
    free = [uid for uid in mortal if not _is_immune(state, uid)]
    candidates = free if len(free) > state.hyper(storage.MIN_NON_IMMUNE_UIDS) else immune
    emission = state.hyper(storage.EMISSION)

    def rank(uid: int) -> tuple[int, int, int]:
        return emission[uid], _registered(state, uid), uid

    return Uid(min(candidates, key=rank)) if candidates else None


def _registered(state: StateView, uid: int) -> int:
    return state.get(storage.BLOCK_AT_REGISTRATION, state.netuid, uid)


def _is_immune(state: StateView, uid: int) -> bool:
    return state.block - _registered(state, uid) < state.hyper(storage.IMMUNITY_PERIOD)


def _immortal_uid(state: StateView) -> int | None:
    """The owner's uid; else the earliest one of a hotkey of the owner's coldkey."""
    owner = state.owner_uid()
    coldkey = state.hyper(storage.SUBNET_OWNER)
    if owner is not None or coldkey == storage.ZERO_ACCOUNT:
        return owner
    own = (uid for uid, hotkey in enumerate(state.hotkeys()) if state.get(storage.OWNER, hotkey) == coldkey)
    return min(own, key=lambda uid: (_registered(state, uid), uid), default=None)


def _insert(state: State, uid: Uid, neuron: GenesisNeuron) -> None:
    netuid, hotkey = state.netuid, neuron.hotkey
    state.put(storage.KEYS, hotkey, netuid, uid)
    state.put(storage.UIDS, uid, netuid, hotkey)
    _own(state, neuron.coldkey, hotkey)
    state.put(storage.IS_NETWORK_MEMBER, True, hotkey, netuid)
    state.put(storage.BLOCK_AT_REGISTRATION, state.block, netuid, uid)
    state.add_stake(hotkey, neuron.stake_rao)
    state.set_for_uid(storage.ACTIVE, uid, True)
    state.set_for_uid(storage.VALIDATOR_PERMIT, uid, False)
    state.set_for_uid(storage.LAST_UPDATE, uid, int(state.block))
    for vector in _CLEARED:
        state.set_for_uid(vector, uid, 0)


def _fund(state: State, neuron: GenesisNeuron) -> None:
    """A coldkey of several neurons has the sum."""
    account = state.get(storage.ACCOUNT, neuron.coldkey)
    data = attrs.evolve(account.data, free=account.data.free + neuron.balance_rao)
    state.put(storage.ACCOUNT, attrs.evolve(account, data=data), neuron.coldkey)


def _own(state: State, coldkey: Hotkey, hotkey: Hotkey) -> None:
    state.put(storage.OWNER, coldkey, hotkey)
    owned = state.get(storage.OWNED_HOTKEYS, coldkey)
    if hotkey not in owned:
        state.put(storage.OWNED_HOTKEYS, (*owned, hotkey), coldkey)


def _remove(state: State, uid: Uid) -> None:
    """Bonds in it stay as they are: the epoch leaves out those older than its registration."""
    netuid = state.netuid
    hotkey = state.get(storage.KEYS, netuid, uid)
    state.delete(storage.UIDS, netuid, hotkey)
    state.delete(storage.IS_NETWORK_MEMBER, hotkey, netuid)
    state.delete(storage.AXONS, netuid, hotkey)
    state.delete(storage.WEIGHTS, netuid, uid)
    state.delete(storage.BONDS, netuid, uid)
    for other in range(state.hyper(storage.SUBNETWORK_N)):
        row = state.get(storage.WEIGHTS, netuid, other)
        if any(target == uid for target, _ in row):
            cleared = tuple((target, 0 if target == uid else weight) for target, weight in row)
            state.put(storage.WEIGHTS, cleared, netuid, other)


def _write_owner(state: State, genesis: Genesis) -> None:
    if genesis.owner_hotkey is not None:
        state.set_hyper(storage.SUBNET_OWNER_HOTKEY, genesis.owner_hotkey)
        state.set_hyper(storage.SUBNET_OWNER, state.get(storage.OWNER, genesis.owner_hotkey))


def _write_hyperparameters(state: State, genesis: Genesis) -> None:
    state.set_hyper(storage.NETWORKS_ADDED, True)
    state.set_hyper(storage.SUBNET_ALPHA_OUT_EMISSION, genesis.emission_per_block_rao)
    state.set_hyper(storage.TOKEN_SYMBOL, "α".encode())
    state.set_hyper(storage.SUBNETWORK_N, 0)
    state.set_hyper(storage.SUBNET_EPOCH_CONSENSUS, "Yuma")
    for item, value in _hyperparameters(genesis):
        state.set_subnet(item, value)


def _hyperparameters(genesis: Genesis) -> tuple[tuple[storage.Item[Any], object], ...]:
    return (
        (storage.TEMPO, genesis.tempo),
        (storage.KAPPA, genesis.kappa),
        (storage.IMMUNITY_PERIOD, genesis.immunity_period_blocks),
        (storage.MIN_ALLOWED_WEIGHTS, genesis.min_allowed_weights),
        (storage.MAX_WEIGHTS_LIMIT, genesis.max_weights_limit),
        (storage.MAX_ALLOWED_VALIDATORS, genesis.max_validators),
        (storage.MAX_ALLOWED_UIDS, genesis.max_uids),
        (storage.WEIGHTS_VERSION_KEY, genesis.weights_version_key),
        (storage.WEIGHTS_SET_RATE_LIMIT, genesis.weights_rate_limit_blocks),
        (storage.SERVING_RATE_LIMIT, genesis.serving_rate_limit_blocks),
        (storage.BONDS_MOVING_AVERAGE, genesis.bonds_moving_average),
        (storage.BONDS_PENALTY, genesis.bonds_penalty),
        (storage.ACTIVITY_CUTOFF_FACTOR_MILLI, genesis.activity_cutoff_factor_milli),
        (storage.STAKE_THRESHOLD, genesis.stake_threshold_rao),
        (storage.COMMIT_REVEAL_WEIGHTS_ENABLED, genesis.commit_reveal),
        (storage.REVEAL_PERIOD_EPOCHS, genesis.reveal_period_epochs),
        (storage.COMMIT_REVEAL_WEIGHTS_VERSION, genesis.reveal_version),
        (storage.YUMA3_ON, genesis.yuma3),
        (storage.LIQUID_ALPHA_ON, genesis.liquid_alpha),
        (storage.ALPHA_VALUES, genesis.alpha_values),
        (storage.ALPHA_SIGMOID_STEEPNESS, genesis.alpha_sigmoid_steepness),
        (storage.NETWORK_REGISTRATION_ALLOWED, genesis.registration_allowed),
        (storage.BURN, genesis.burn_rao),
        (storage.MIN_NON_IMMUNE_UIDS, genesis.min_non_immune_uids),
    )
