"""Which rules a call must keep, in the pool and in a block, and what carries it out."""

from typing import assert_never

from adapters.localnet.chain.attempt import Attempt, first_broken
from adapters.localnet.chain.calls import (
    BAD_REQUEST_CODE,
    POOL_CODES,
    BurnedRegister,
    Call,
    CommitTimelockedMechanismWeights,
    DispatchError,
    Event,
    ServeAxon,
    SetMechanismWeights,
)
from adapters.localnet.chain.joining import burned_register
from adapters.localnet.chain.serving import SERVE_AXON_RULES, serve_axon
from adapters.localnet.chain.setting import (
    COMMIT_POOL_RULES,
    SET_WEIGHTS_POOL_RULES,
    commit_weights,
    set_weights,
)
from adapters.localnet.chain.state import State, StateView
from core.types import Block, Hotkey


def pool_refusal(state: StateView, block: Block, signer: Hotkey, call: Call) -> int | None:
    """The code with which the transaction pool refuses a call, None if it takes it.

    The pool asks only what is cheap: for weights the stake and the rate limit, for commits the stake and the round,
    for axons everything, for registrations nothing. It judges for `block`, the one that is to hold the call.
    """
    match call:
        case SetMechanismWeights():
            error = first_broken(Attempt(block, state, signer, call), SET_WEIGHTS_POOL_RULES)
        case CommitTimelockedMechanismWeights():
            error = first_broken(Attempt(block, state, signer, call), COMMIT_POOL_RULES)
        case ServeAxon():
            error = first_broken(Attempt(block, state, signer, call), SERVE_AXON_RULES)
        case BurnedRegister():
            error = None
        case _:
            assert_never(call)
    return None if error is None else POOL_CODES.get(error, BAD_REQUEST_CODE)


def dispatch(state: State, signer: Hotkey, call: Call) -> Event | DispatchError:
    """Apply a call: the event it leaves, or the error that stopped it (then nothing has changed)."""
    match call:
        case SetMechanismWeights():
            return set_weights(state, signer, call)
        case CommitTimelockedMechanismWeights():
            return commit_weights(state, signer, call)
        case ServeAxon():
            return serve_axon(state, signer, call)
        case BurnedRegister():
            return burned_register(state, signer, call)
        case _:
            assert_never(call)
