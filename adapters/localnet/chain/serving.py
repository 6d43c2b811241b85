"""Axons: what an address must keep to be published.

One deviation: loopback addresses may be served, which the public chain refuses (`InvalidIpAddress`), because
everything here runs on one machine.
"""

import ipaddress

from adapters.localnet.chain import storage
from adapters.localnet.chain.attempt import Attempt, Rule, first_broken, registered, subnet_exists
from adapters.localnet.chain.calls import AxonServed, DispatchError, Event, ServeAxon
from adapters.localnet.chain.state import State
from core.types import Hotkey

_Axon = Attempt[ServeAxon]


def serve_axon(state: State, signer: Hotkey, call: ServeAxon) -> Event | DispatchError:
    """Publish where a hotkey listens."""
    broken = first_broken(Attempt(state.block, state, signer, call), SERVE_AXON_RULES)
    if broken is not None:
        return broken
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


def _may_serve_again(attempt: _Axon) -> bool:
    served = attempt.state.get(storage.AXONS, attempt.state.netuid, attempt.signer)
    if served is None or served.block == 0:
        return True
    return attempt.block - served.block >= attempt.state.hyper(storage.SERVING_RATE_LIMIT)


def _address_plausible(attempt: _Axon) -> bool:
    ip = attempt.call.ip
    broadcast = ipaddress.IPV4LENGTH if attempt.call.ip_type == 4 else ipaddress.IPV6LENGTH
    return 0 <= ip < (1 << broadcast) - 1


SERVE_AXON_RULES: tuple[Rule[ServeAxon], ...] = (
    (DispatchError.SUBNET_NOT_EXISTS, subnet_exists),
    (DispatchError.HOTKEY_NOT_REGISTERED_IN_NETWORK, registered),
    (DispatchError.INVALID_IP_TYPE, lambda attempt: attempt.call.ip_type in (4, 6)),
    (DispatchError.INVALID_IP_ADDRESS, _address_plausible),
    (DispatchError.SERVING_RATE_LIMIT_EXCEEDED, _may_serve_again),
    (DispatchError.INVALID_PORT, lambda attempt: attempt.call.port != 0),
)
