"""The subnet as a whole: its metagraph, its hyperparameters, its next epoch."""

from typing import Any

from adapters.localnet.chain import epoch, storage
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import Item
from adapters.localnet.chain.views import neurons

NAME = "local"
_PRICE_BITS = 1 << 32
_HYPERPARAMETERS: dict[str, tuple[str, Item[Any]]] = {
    "kappa": ("U16", storage.KAPPA),
    "immunity_period": ("U16", storage.IMMUNITY_PERIOD),
    "min_allowed_weights": ("U16", storage.MIN_ALLOWED_WEIGHTS),
    "max_weights_limit": ("U16", storage.MAX_WEIGHTS_LIMIT),
    "tempo": ("U16", storage.TEMPO),
    "weights_version": ("U64", storage.WEIGHTS_VERSION_KEY),
    "weights_rate_limit": ("U64", storage.WEIGHTS_SET_RATE_LIMIT),
    "activity_cutoff_factor": ("U64", storage.ACTIVITY_CUTOFF_FACTOR_MILLI),
    "registration_allowed": ("Bool", storage.NETWORK_REGISTRATION_ALLOWED),
    "bonds_moving_avg": ("U64", storage.BONDS_MOVING_AVERAGE),
    "serving_rate_limit": ("U64", storage.SERVING_RATE_LIMIT),
    "max_validators": ("U16", storage.MAX_ALLOWED_VALIDATORS),
    "commit_reveal_period": ("U64", storage.REVEAL_PERIOD_EPOCHS),
    "commit_reveal_weights_enabled": ("Bool", storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
    "liquid_alpha_enabled": ("Bool", storage.LIQUID_ALPHA_ON),
    "yuma3_enabled": ("Bool", storage.YUMA3_ON),
    "bonds_penalty": ("U16", storage.BONDS_PENALTY),
    "max_allowed_uids": ("U16", storage.MAX_ALLOWED_UIDS),
}
_NO_POOL = (
    "subnet_emission",
    "alpha_in",
    "tao_in",
    "alpha_in_emission",
    "tao_in_emission",
    "pending_root_emission",
    "subnet_volume",
)
_NO_WORK_AND_A_FIXED_PRICE = (
    "rho",
    "difficulty",
    "min_difficulty",
    "max_difficulty",
    "adjustment_alpha",
    "adjustment_interval",
    "target_regs_per_interval",
    "max_regs_per_block",
)


def metagraph(state: StateView, netuid: int) -> dict[str, Any] | None:
    """The subnet at one block; None where there is no such subnet."""
    if netuid != state.netuid:
        return None
    return {
        **_identity(state),
        **_emission(state),
        **_hyperparameters(state),
        **_registration(state),
        **neurons.columns(state),
        **dict.fromkeys(("tao_dividends_per_hotkey", "alpha_dividends_per_hotkey"), ()),
    }


def next_epoch_start(state: StateView, netuid: int) -> int | None:
    """First block at which the subnet's next epoch can fire."""
    return epoch.next_epoch_start(state) if netuid == state.netuid else None


def hyperparameters(state: StateView, netuid: int) -> list[dict[str, Any]] | None:
    """Named, tagged values: those that mean something here. None where there is no such subnet."""
    if netuid != state.netuid:
        return None
    low, high = state.hyper(storage.ALPHA_VALUES)
    values = {
        **{name: {tag: state.subnet(item)} for name, (tag, item) in _HYPERPARAMETERS.items()},
        "activity_cutoff": {"U64": epoch.activity_cutoff_blocks(state)},
        "alpha_low": {"U16": low},
        "alpha_high": {"U16": high},
    }
    return [{"name": name.encode(), "value": value} for name, value in values.items()]


def _identity(state: StateView) -> dict[str, Any]:
    symbol = state.hyper(storage.TOKEN_SYMBOL)
    return {
        "netuid": state.netuid,
        "name": list(NAME.encode()),
        "symbol": list(symbol),
        "identity": None,
        "network_registered_at": state.hyper(storage.NETWORK_REGISTERED_AT),
        "owner_hotkey": state.hyper(storage.SUBNET_OWNER_HOTKEY),
        "owner_coldkey": state.hyper(storage.SUBNET_OWNER),
        "block": state.block,
        "last_step": state.hyper(storage.LAST_STEP_BLOCK),
        "blocks_since_last_step": state.hyper(storage.BLOCKS_SINCE_LAST_STEP),
        "num_uids": state.hyper(storage.SUBNETWORK_N),
    }


def _emission(state: StateView) -> dict[str, Any]:
    """All alpha is stake, as there is no pool; what has been emitted since the last epoch is pending."""
    per_block_rao = state.hyper(storage.SUBNET_ALPHA_OUT_EMISSION)
    return {
        **dict.fromkeys(_NO_POOL, 0),
        "alpha_out": _all_alpha(state),
        "alpha_out_emission": per_block_rao,
        "pending_alpha_emission": state.hyper(storage.BLOCKS_SINCE_LAST_STEP) * per_block_rao,
        "moving_price": {"bits": _PRICE_BITS},
    }


def _all_alpha(state: StateView) -> int:
    keys = tuple(state.keys(storage.TOTAL_HOTKEY_ALPHA))
    return sum(state.get(storage.TOTAL_HOTKEY_ALPHA, *key) for key in keys)


def _hyperparameters(state: StateView) -> dict[str, Any]:
    low, high = state.hyper(storage.ALPHA_VALUES)
    return {
        "tempo": state.hyper(storage.TEMPO),
        "kappa": state.hyper(storage.KAPPA),
        "min_allowed_weights": state.hyper(storage.MIN_ALLOWED_WEIGHTS),
        "max_weights_limit": state.hyper(storage.MAX_WEIGHTS_LIMIT),
        "weights_version": state.hyper(storage.WEIGHTS_VERSION_KEY),
        "weights_rate_limit": state.hyper(storage.WEIGHTS_SET_RATE_LIMIT),
        "serving_rate_limit": state.hyper(storage.SERVING_RATE_LIMIT),
        "activity_cutoff": epoch.activity_cutoff_blocks(state),
        "max_validators": state.hyper(storage.MAX_ALLOWED_VALIDATORS),
        "commit_reveal_weights_enabled": state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED),
        "commit_reveal_period": state.hyper(storage.REVEAL_PERIOD_EPOCHS),
        "liquid_alpha_enabled": state.hyper(storage.LIQUID_ALPHA_ON),
        "alpha_high": high,
        "alpha_low": low,
        "bonds_moving_avg": state.hyper(storage.BONDS_MOVING_AVERAGE),
    }


def _registration(state: StateView) -> dict[str, Any]:
    """Registrations cost `Burn`, which stays as it is: least and most are the same, and nothing adjusts them."""
    return {
        **dict.fromkeys(_NO_WORK_AND_A_FIXED_PRICE, 0),
        **dict.fromkeys(("burn", "min_burn", "max_burn"), state.hyper(storage.BURN)),
        "registration_allowed": state.hyper(storage.NETWORK_REGISTRATION_ALLOWED),
        "pow_registration_allowed": False,
        "immunity_period": state.hyper(storage.IMMUNITY_PERIOD),
        "max_uids": state.hyper(storage.MAX_ALLOWED_UIDS),
    }
