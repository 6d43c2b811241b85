"""A call as its signer makes it, and the rules that it must keep.

Rules stand in the order in which the chain asks them; the first one broken names the error. A rule may rely
on those above it.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from adapters.localnet.chain.calls import (
    BurnedRegister,
    CommitTimelockedMechanismWeights,
    DispatchError,
    ServeAxon,
    SetMechanismWeights,
)
from adapters.localnet.chain.state import StateView
from core.types import Block, Hotkey, Uid

C = TypeVar("C", SetMechanismWeights, ServeAxon, CommitTimelockedMechanismWeights, BurnedRegister)


@attrs.frozen
class Attempt(Generic[C]):
    """A call on the state it meets; `block` is the one it is to be part of."""

    block: Block
    state: StateView
    signer: Hotkey
    call: C

    @property
    def uid(self) -> Uid | None:
        """That of the signer, None for a stranger."""
        return self.state.uid_of(self.signer)


Rule = tuple[DispatchError, Callable[[Attempt[C]], bool]]


def first_broken(attempt: Attempt[C], rules: tuple[Rule[C], ...]) -> DispatchError | None:
    return next((error for error, kept in rules if not kept(attempt)), None)


def subnet_exists(attempt: Attempt[C]) -> bool:
    return attempt.call.netuid == attempt.state.netuid


def registered(attempt: Attempt[C]) -> bool:
    return attempt.uid is not None
