"""Who holds which uid: the first block's neurons, later registrations, and who makes room for them.

A full subnet replaces the uid with the lowest emission outside its immunity period; if all are immune, the
lowest of those. Ties go to the earliest registration, then to the lower uid (chain: `get_neuron_to_prune`).
"""

from adapters.localnet.chain import storage, yuma
from adapters.localnet.chain.genesis import Genesis, GenesisNeuron
from adapters.localnet.chain.state import State, StateView
from core.types import Uid


def write_genesis(state: State, genesis: Genesis) -> None:
    """The subnet, its hyperparameters and its first neurons, with their permits already in force."""
    _write_hyperparameters(state, genesis)
    for neuron in genesis.neurons:
        register(state, neuron)
    stake = [state.stake_rao(hotkey) for hotkey in state.hotkeys()]
    shares = yuma.stake_shares(stake, genesis.stake_threshold_rao)
    state.set_hyper(storage.VALIDATOR_PERMIT, yuma.validator_permits(shares, genesis.max_validators))
    state.put(storage.NOW, genesis.started_ms)


def register(state: State, neuron: GenesisNeuron) -> Uid:
    """Give a hotkey the next free uid, or that of the neuron it replaces."""
    taken = state.hyper(storage.SUBNETWORK_N)
    if taken < state.hyper(storage.MAX_ALLOWED_UIDS):
        uid = Uid(taken)
        state.set_hyper(storage.SUBNETWORK_N, taken + 1)
    else:
        uid = uid_to_prune(state)
        _remove(state, uid)
    _insert(state, uid, neuron)
    return uid


def uid_to_prune(state: StateView) -> Uid:
    """The uid that a newcomer on a full subnet takes over."""
    immunity = state.hyper(storage.IMMUNITY_PERIOD)
    emission = state.hyper(storage.EMISSION)

    def rank(uid: int) -> tuple[bool, int, int, int]:
        registered = state.get(storage.BLOCK_AT_REGISTRATION, state.netuid, uid)
        return state.block - registered < immunity, emission[uid], registered, uid

    return Uid(min(range(len(emission)), key=rank))


def _insert(state: State, uid: Uid, neuron: GenesisNeuron) -> None:
    netuid, hotkey = state.netuid, neuron.hotkey
    state.put(storage.KEYS, hotkey, netuid, uid)
    state.put(storage.UIDS, uid, netuid, hotkey)
    state.put(storage.OWNER, neuron.coldkey, hotkey)
    state.put(storage.IS_NETWORK_MEMBER, True, hotkey, netuid)
    state.put(storage.BLOCK_AT_REGISTRATION, state.block, netuid, uid)
    state.put(storage.TOTAL_HOTKEY_ALPHA, neuron.stake_rao, hotkey, netuid)
    state.set_for_uid(storage.ACTIVE, uid, True)
    state.set_for_uid(storage.VALIDATOR_PERMIT, uid, False)
    state.set_for_uid(storage.LAST_UPDATE, uid, int(state.block))
    for vector in (
        storage.CONSENSUS,
        storage.INCENTIVE,
        storage.DIVIDENDS,
        storage.VALIDATOR_TRUST,
        storage.EMISSION,
    ):
        state.set_for_uid(vector, uid, 0)


def _remove(state: State, uid: Uid) -> None:
    netuid = state.netuid
    hotkey = state.get(storage.KEYS, netuid, uid)
    state.delete(storage.UIDS, netuid, hotkey)
    state.delete(storage.IS_NETWORK_MEMBER, hotkey, netuid)
    state.delete(storage.AXONS, netuid, hotkey)
    state.delete(storage.TOTAL_HOTKEY_ALPHA, hotkey, netuid)
    state.delete(storage.WEIGHTS, netuid, uid)
    state.delete(storage.BONDS, netuid, uid)


def _write_hyperparameters(state: State, genesis: Genesis) -> None:
    state.set_hyper(storage.NETWORKS_ADDED, True)
    state.set_hyper(storage.TOKEN_SYMBOL, "α".encode())
    state.set_hyper(storage.SUBNETWORK_N, 0)
    state.set_hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED, False)
    state.set_hyper(storage.SUBNET_EPOCH_CONSENSUS, "Yuma")
    state.put(storage.STAKE_THRESHOLD, genesis.stake_threshold_rao)
    for item, value in (
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
    ):
        state.set_hyper(item, value)
