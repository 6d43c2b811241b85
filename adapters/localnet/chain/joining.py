"""Registration by extrinsic: a coldkey pays for a hotkey's uid.

Simpler than the public chain: the price stays what `Burn` says, nothing of it is locked as collateral, and what is
paid is gone.
"""

import attrs

from adapters.localnet.chain import registration, storage
from adapters.localnet.chain.attempt import Attempt, Rule, first_broken, subnet_exists
from adapters.localnet.chain.calls import BurnedRegister, DispatchError, Event, NeuronRegistered
from adapters.localnet.chain.genesis import GenesisNeuron
from adapters.localnet.chain.state import State
from core.types import Hotkey

_Register = Attempt[BurnedRegister]


def burned_register(state: State, signer: Hotkey, call: BurnedRegister) -> Event | DispatchError:
    """Give the hotkey a uid, and take the price from the coldkey that signs."""
    broken = first_broken(Attempt(state.block, state, signer, call), BURNED_REGISTER_RULES)
    if broken is not None:
        return broken
    uid = registration.register(state, GenesisNeuron(call.hotkey, signer))
    if uid is None:
        return DispatchError.NO_NEURON_ID_AVAILABLE
    _pay(state, signer, state.hyper(storage.BURN))
    return NeuronRegistered(state.netuid, uid, call.hotkey)


def _pay(state: State, coldkey: Hotkey, price_rao: int) -> None:
    account = state.get(storage.ACCOUNT, coldkey)
    data = attrs.evolve(account.data, free=account.data.free - price_rao)
    state.put(storage.ACCOUNT, attrs.evolve(account, data=data), coldkey)


def _can_pay(attempt: _Register) -> bool:
    free_rao = attempt.state.get(storage.ACCOUNT, attempt.signer).data.free
    return free_rao >= attempt.state.hyper(storage.BURN)


def _owns_hotkey(attempt: _Register) -> bool:
    return attempt.state.present(storage.OWNER, attempt.call.hotkey) in (None, attempt.signer)


BURNED_REGISTER_RULES: tuple[Rule[BurnedRegister], ...] = (
    (
        DispatchError.REGISTRATION_NOT_PERMITTED_ON_ROOT_SUBNET,
        lambda attempt: attempt.call.netuid != 0,
    ),
    (DispatchError.SUBNET_NOT_EXISTS, subnet_exists),
    (
        DispatchError.SUBNET_REGISTRATION_DISABLED,
        lambda attempt: attempt.state.hyper(storage.NETWORK_REGISTRATION_ALLOWED),
    ),
    (
        DispatchError.HOTKEY_ALREADY_REGISTERED_IN_SUBNET,
        lambda attempt: attempt.state.uid_of(attempt.call.hotkey) is None,
    ),
    (DispatchError.NOT_ENOUGH_BALANCE_TO_STAKE, _can_pay),
    (DispatchError.NON_ASSOCIATED_COLDKEY, _owns_hotkey),
    (
        DispatchError.NO_NEURON_ID_AVAILABLE,
        lambda attempt: registration.has_room(attempt.state),
    ),
)
