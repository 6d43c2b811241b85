"""What alpha is worth, and what a transaction costs. There is no pool: one alpha is one TAO, and fees are nothing."""

from typing import Any

from adapters.localnet.chain.genesis import RAO_PER_TAO
from adapters.localnet.chain.state import StateView

_FEE = {"weight": {"ref_time": 1, "proof_size": 1}, "class": "Normal", "partial_fee": 0}


def of_subnet(state: StateView, netuid: int) -> int:
    """Rao of TAO for one alpha of the subnet; nothing where there is no such subnet."""
    return RAO_PER_TAO if netuid == state.netuid else 0


def of_all(state: StateView) -> list[dict[str, Any]]:
    """The same for each subnet, of which there is one."""
    return [{"netuid": state.netuid, "price": RAO_PER_TAO}]


def fee(_state: StateView, _extrinsic: object, _length: int) -> dict[str, Any]:
    """What an extrinsic costs."""
    return _FEE
