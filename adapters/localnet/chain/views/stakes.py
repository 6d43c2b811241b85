"""Who holds which stake. All stake on a hotkey is its owner's; nothing is locked and nobody nominates."""

from typing import Any

from adapters.localnet.chain import storage
from adapters.localnet.chain.state import StateView
from core.types import Hotkey


def of_coldkey(state: StateView, coldkey: Hotkey) -> list[dict[str, Any]]:
    """A record for each hotkey of the coldkey that has stake, in order of the hotkeys' first registration."""
    owned = (Hotkey(hotkey) for hotkey in state.get(storage.OWNED_HOTKEYS, coldkey))
    return [_record(state, hotkey, coldkey) for hotkey in owned if state.stake_rao(hotkey)]


def of_coldkeys(state: StateView, coldkeys: list[Hotkey]) -> list[tuple[Hotkey, list[dict[str, Any]]]]:
    """The same for several coldkeys, in the order given."""
    return [(coldkey, of_coldkey(state, coldkey)) for coldkey in coldkeys]


def position(state: StateView, hotkey: Hotkey, coldkey: Hotkey, netuid: int) -> dict[str, Any] | None:
    """The record of one hotkey, with no stake if it is not the coldkey's; None where there is no such subnet."""
    return _record(state, hotkey, coldkey) if netuid == state.netuid else None


def availability(
    state: StateView, coldkeys: list[Hotkey], netuids: list[int] | None
) -> dict[Hotkey, dict[int, dict[str, int]]]:
    """Total and available stake of each coldkey on each subnet asked about, of all where none is named."""
    known = netuids is None or state.netuid in netuids
    return {coldkey: {state.netuid: _available(state, coldkey)} if known else {} for coldkey in coldkeys}


def _available(state: StateView, coldkey: Hotkey) -> dict[str, int]:
    total = sum(record["stake"] for record in of_coldkey(state, coldkey))
    return {"total": total, "locked": 0, "available": total}


def _record(state: StateView, hotkey: Hotkey, coldkey: Hotkey) -> dict[str, Any]:
    """`emission` is what the hotkey's uid earned in the last epoch, in rao of alpha."""
    uid = state.uid_of(hotkey)
    owned = state.present(storage.OWNER, hotkey) == coldkey
    return {
        "hotkey": hotkey,
        "coldkey": coldkey,
        "netuid": state.netuid,
        "stake": state.stake_rao(hotkey) if owned else 0,
        "locked": 0,
        "emission": 0 if uid is None or not owned else state.hyper(storage.EMISSION)[uid],
        "tao_emission": 0,
        "drain": 0,
        "is_registered": uid is not None,
    }
