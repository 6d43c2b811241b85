"""The neurons of the subnet: as columns by uid, and as one record each."""

from typing import Any

import attrs

from adapters.localnet.chain import storage
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import AxonInfo
from core.types import Hotkey

_RECORD_FROM_COLUMN = {
    "hotkey": "hotkeys",
    "coldkey": "coldkeys",
    "axon_info": "axons",
    "incentive": "incentives",
    "active": "active",
    "emission": "emission",
    "consensus": "consensus",
    "validator_trust": "validator_trust",
    "dividends": "dividends",
    "last_update": "last_update",
    "validator_permit": "validator_permit",
}


def columns(state: StateView) -> dict[str, Any]:
    """Vectors by uid. Rank, trust and pruning scores are empty, as they are on the public chain."""
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
        **dict.fromkeys(("pruning_score", "trust", "rank"), ()),
        "block_at_registration": [state.get(storage.BLOCK_AT_REGISTRATION, netuid, uid) for uid in uids],
        "alpha_stake": stake,
        "tao_stake": [0] * len(hotkeys),
        "total_stake": stake,
    }


def neurons_lite(state: StateView, netuid: int) -> list[dict[str, Any]]:
    """One record per uid, with `validator_trust`, which the metagraph lacks."""
    if netuid != state.netuid:
        return []
    by_uid = {**columns(state), "validator_trust": state.hyper(storage.VALIDATOR_TRUST)}
    return [_record(state, by_uid, uid) for uid in range(len(by_uid["hotkeys"]))]


def neurons(state: StateView, netuid: int) -> list[dict[str, Any]]:
    """The same with each uid's rows of weights and bonds: pairs of uid and u16."""
    return [
        {
            **record,
            "weights": state.get(storage.WEIGHTS, netuid, record["uid"]),
            "bonds": state.get(storage.BONDS, netuid, record["uid"]),
        }
        for record in neurons_lite(state, netuid)
    ]


def _axon(state: StateView, hotkey: Hotkey) -> dict[str, Any]:
    return attrs.asdict(state.get(storage.AXONS, state.netuid, hotkey) or AxonInfo())


def _record(state: StateView, by_uid: dict[str, Any], uid: int) -> dict[str, Any]:
    return {
        "uid": uid,
        "netuid": state.netuid,
        "stake": [(by_uid["coldkeys"][uid], by_uid["total_stake"][uid])],
        **{name: by_uid[column][uid] for name, column in _RECORD_FROM_COLUMN.items()},
        **dict.fromkeys(("rank", "trust", "pruning_score"), 0),
    }
