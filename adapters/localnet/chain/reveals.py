"""Commits come to light: just before the epoch that is `RevealPeriodEpochs` after theirs runs.

What holds a stand-in's seal is opened and set under the normal rules, except for the rate limit. Anything else cannot
be opened here, and is given up when its epoch is over, as the public chain does with commits whose round it never saw.
"""

from adapters.localnet.chain import storage
from adapters.localnet.chain.calls import (
    DispatchError,
    Event,
    SetMechanismWeights,
    TimelockedWeightsNotRevealed,
    TimelockedWeightsRevealed,
)
from adapters.localnet.chain.epoch import current_epoch
from adapters.localnet.chain.setting import put_weights
from adapters.localnet.chain.ss58 import public_key
from adapters.localnet.chain.state import State
from adapters.localnet.chain.storage import Commit
from adapters.timelock import Sealed, opened
from core.types import Hotkey

_NEVER_OPENED = "cannot be opened here: it is encrypted for drand, or broken"


def reveal(state: State) -> list[Event]:
    """What a block does first: give up expired commits, and set the rows of those whose epoch has come."""
    due = current_epoch(state) - state.hyper(storage.REVEAL_PERIOD_EPOCHS)
    events: list[Event] = []
    for epoch in state.commit_epochs():
        commits = state.get(storage.TIMELOCKED_WEIGHT_COMMITS, state.netuid, epoch)
        if epoch < due:
            events += [TimelockedWeightsNotRevealed(state.netuid, who, _NEVER_OPENED) for who, *_ in commits]
            state.delete(storage.TIMELOCKED_WEIGHT_COMMITS, state.netuid, epoch)
        elif epoch == due:
            events += _open(state, commits, epoch)
    return events


def _open(state: State, commits: tuple[Commit, ...], epoch: int) -> list[Event]:
    events: list[Event] = []
    kept: list[Commit] = []
    for commit in commits:
        sealed = opened(commit[2])
        if sealed is None:
            kept.append(commit)
        else:
            events += _apply(state, commit[0], sealed)
    if not kept:
        state.delete(storage.TIMELOCKED_WEIGHT_COMMITS, state.netuid, epoch)
    elif len(kept) < len(commits):
        state.put(storage.TIMELOCKED_WEIGHT_COMMITS, tuple(kept), state.netuid, epoch)
    return events


def _apply(state: State, signer: Hotkey, sealed: Sealed) -> list[Event]:
    index = state.netuid
    if sealed.hotkey_public_key != public_key(signer):
        return [TimelockedWeightsNotRevealed(index, signer, "was sealed for another hotkey")]
    dests, weights = tuple(uid for uid, _ in sealed.row), tuple(weight for _, weight in sealed.row)
    call = SetMechanismWeights(index, 0, dests, weights, sealed.version_key)
    outcome = put_weights(state, signer, call)
    if isinstance(outcome, DispatchError):
        return [TimelockedWeightsNotRevealed(index, signer, outcome)]
    return [outcome, TimelockedWeightsRevealed(index, signer)]
