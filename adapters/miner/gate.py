"""Whom this miner answers, and who goes first: the pure policies over what the chain showed last and what was asked before."""

import time
from collections.abc import Callable

from core import callers
from core.callers import Callers, CallersPolicy, CallersState, callers_of, prompt_digest
from core.priority import largest_stake_tao, priority_of
from core.types import Hotkey, Metagraph, Neuron, Prompting


class Gate:
    """Used on the event loop alone; until a metagraph is learned only the allow list passes.

    Args:
        refused: is told the reason of every refusal.
        now_s: a clock that only goes forward.
    """

    def __init__(
        self,
        policy: CallersPolicy,
        patience_s: float,
        refused: Callable[[str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy, self._patience_s = policy, patience_s
        self._refused, self._now_s = refused, now_s
        self._state = CallersState()
        self._callers: Callers | None = None
        self._largest_tao = 0.0

    def learn(self, metagraph: Metagraph) -> None:
        """From now on this is who is registered."""
        self._callers = callers_of(metagraph)
        self._largest_tao = largest_stake_tao(self._callers)

    def refusal(self, hotkey: Hotkey, synapse: Prompting) -> str | None:
        """Why an axon refuses this; None where it lets it in, which is remembered."""
        now_s = self._now_s()
        digest = prompt_digest(synapse)
        reason = callers.refusal(self._policy, self._state, self._callers, hotkey, digest, now_s)
        if reason is None:
            self._state = callers.admitted(self._policy, self._state, self._callers, hotkey, now_s)
        else:
            self._refused(reason)
        return reason

    def answered(self, synapse: Prompting) -> None:
        self._state = callers.answered(self._policy, self._state, prompt_digest(synapse), self._now_s())

    def priority(self, hotkey: Hotkey, waited_s: float) -> float:
        return priority_of(self._callers, self._largest_tao, hotkey, waited_s, self._patience_s)

    def neuron(self, hotkey: Hotkey) -> Neuron | None:
        """What the chain shows of a caller."""
        return self._callers.get(hotkey) if self._callers else None
