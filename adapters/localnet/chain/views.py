"""The chain's composed answers: metagraph, neurons and hyperparameters, in the shapes of its runtime APIs."""

from typing import Any

import attrs

from adapters.localnet.chain import epoch, storage
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import AxonInfo, Item

NAME = "local"
_POOL_RAO = 10**15
_MOVING_PRICE_BITS = 1 << 32


def metagraph(state: StateView, netuid: int) -> dict[str, Any] | None:
    """The subnet at one block; None where there is no such subnet. One alpha is worth one TAO here."""
    if netuid != state.netuid:
        return None
    return {**_subnet(state), **_hyperparameters(state), **_neurons(state)}


def neurons_lite(state: StateView, netuid: int) -> list[dict[str, Any]]:
    """One record per uid, with `validator_trust`, which the metagraph lacks."""
    if netuid != state.netuid:
        return []
    columns = {**_neurons(state), "validator_trust": state.hyper(storage.VALIDATOR_TRUST)}
    return [_neuron(state, columns, uid) for uid in range(len(columns["hotkeys"]))]


def next_epoch_start(state: StateView, netuid: int) -> int | None:
    """First block at which the subnet's next epoch can fire."""
    return epoch.next_epoch_start(state) if netuid == state.netuid else None


def hyperparameters(state: StateView, netuid: int) -> list[dict[str, Any]] | None:
    """Named, tagged values; None where there is no such subnet."""
    if netuid != state.netuid:
        return None
    values: dict[str, tuple[str, Item[Any]]] = {
        "kappa": ("U16", storage.KAPPA),
        "immunity_period": ("U16", storage.IMMUNITY_PERIOD),
        "min_allowed_weights": ("U16", storage.MIN_ALLOWED_WEIGHTS),
        "max_weights_limit": ("U16", storage.MAX_WEIGHTS_LIMIT),
        "tempo": ("U16", storage.TEMPO),
        "weights_version": ("U64", storage.WEIGHTS_VERSION_KEY),
        "weights_rate_limit": ("U64", storage.WEIGHTS_SET_RATE_LIMIT),
        "activity_cutoff_factor": ("U64", storage.ACTIVITY_CUTOFF_FACTOR_MILLI),
        "bonds_moving_avg": ("U64", storage.BONDS_MOVING_AVERAGE),
        "serving_rate_limit": ("U64", storage.SERVING_RATE_LIMIT),
        "max_validators": ("U16", storage.MAX_ALLOWED_VALIDATORS),
        "commit_reveal_period": ("U64", storage.REVEAL_PERIOD_EPOCHS),
        "commit_reveal_weights_enabled": ("Bool", storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
        "bonds_penalty": ("U16", storage.BONDS_PENALTY),
        "max_allowed_uids": ("U16", storage.MAX_ALLOWED_UIDS),
    }
    return [
        {"name": name.encode(), "value": {tag: state.hyper(item)}} for name, (tag, item) in values.items()
    ]


def _subnet(state: StateView) -> dict[str, Any]:
    symbol = state.hyper(storage.TOKEN_SYMBOL)
    return {
        "netuid": state.netuid,
        "name": list(NAME.encode()),
        "symbol": list(symbol),
        "identity": None,
        "network_registered_at": 0,
        "owner_hotkey": storage.ZERO_ACCOUNT,
        "owner_coldkey": storage.ZERO_ACCOUNT,
        "block": state.block,
        "last_step": state.hyper(storage.LAST_STEP_BLOCK),
        "blocks_since_last_step": state.hyper(storage.BLOCKS_SINCE_LAST_STEP),
        "alpha_in": _POOL_RAO,
        "tao_in": _POOL_RAO,
        "moving_price": {"bits": _MOVING_PRICE_BITS},
        "num_uids": state.hyper(storage.SUBNETWORK_N),
        "max_uids": state.hyper(storage.MAX_ALLOWED_UIDS),
    }


def _hyperparameters(state: StateView) -> dict[str, Any]:
    return {
        "tempo": state.hyper(storage.TEMPO),
        "immunity_period": state.hyper(storage.IMMUNITY_PERIOD),
        "min_allowed_weights": state.hyper(storage.MIN_ALLOWED_WEIGHTS),
        "max_weights_limit": state.hyper(storage.MAX_WEIGHTS_LIMIT),
        "weights_version": state.hyper(storage.WEIGHTS_VERSION_KEY),
        "weights_rate_limit": state.hyper(storage.WEIGHTS_SET_RATE_LIMIT),
        "activity_cutoff": epoch.activity_cutoff_blocks(state),
        "max_validators": state.hyper(storage.MAX_ALLOWED_VALIDATORS),
        "commit_reveal_weights_enabled": state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
    }


def _neurons(state: StateView) -> dict[str, Any]:
    """Columns by uid. Rank, trust and pruning scores are empty, as they are on the public chain."""
    netuid, hotkeys = state.netuid, state.hotkeys()
    stake = [state.stake_rao(hotkey) for hotkey in hotkeys]
    uids = range(len(hotkeys))
    return {
        "hotkeys": hotkeys,
        "coldkeys": [state.get(storage.OWNER, hotkey) for hotkey in hotkeys],
        "identities": [None] * len(hotkeys),
        "axons": [_axon(state, hotkey) for hotkey in hotkeys],
        "active": state.hyper(storage.ACTIVE),
        "validator_permit": state.hyper(storage.VALIDATOR_PERMIT),
        "last_update": state.hyper(storage.LAST_UPDATE),
        "emission": state.hyper(storage.EMISSION),
        "dividends": state.hyper(storage.DIVIDENDS),
        "incentives": state.hyper(storage.INCENTIVE),
        "consensus": state.hyper(storage.CONSENSUS),
        "pruning_score": [],
        "trust": [],
        "rank": [],
        "block_at_registration": [state.get(storage.BLOCK_AT_REGISTRATION, netuid, uid) for uid in uids],
        "alpha_stake": stake,
        "tao_stake": [0] * len(hotkeys),
        "total_stake": stake,
    }


def _axon(state: StateView, hotkey: str) -> dict[str, Any]:
    return attrs.asdict(state.get(storage.AXONS, state.netuid, hotkey) or AxonInfo())


def _neuron(state: StateView, columns: dict[str, Any], uid: int) -> dict[str, Any]:
    coldkey = columns["coldkeys"][uid]
    renamed = {"hotkey": "hotkeys", "axon_info": "axons", "incentive": "incentives"}
    plain = (
        "active",
        "emission",
        "consensus",
        "validator_trust",
        "dividends",
        "last_update",
        "validator_permit",
    )
    return {
        "uid": uid,
        "netuid": state.netuid,
        "coldkey": coldkey,
        "stake": [(coldkey, columns["total_stake"][uid])],
        **{name: columns[column][uid] for name, column in renamed.items()},
        **{name: columns[name][uid] for name in plain},
        **dict.fromkeys(("rank", "trust", "pruning_score"), 0),
    }
