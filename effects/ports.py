"""The ports: all that the runner knows of the world. Each has at most five methods.

Rules:
- A port raises `Fault` for what the world does (a peer, the chain, a model, a disk); the runner makes it an event. Any other
  exception is a bug and ends the program.
- Deadlines are the caller's: the runner cancels, and a port must let itself be cancelled.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import attrs

from core.events import Event
from core.records import Record
from core.state import State
from core.types import (
    Block,
    Context,
    ForwardId,
    Hotkey,
    Metagraph,
    Outcome,
    Prompting,
    RawMask,
    RawReward,
    Target,
    TaskType,
    Uid,
    WeightsResult,
)
from effects.decision import Decision


class Fault(Exception):
    """The world failed, in words that an operator understands."""


class Dendrite(Protocol):
    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        """Prompt all targets at once; one outcome per target in their order. Never raises for what a miner does."""
        ...


class Chain(Protocol):
    async def metagraph(self) -> Metagraph: ...

    async def set_weights(
        self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
    ) -> WeightsResult:
        """Submit once and wait for inclusion. Who of `owners` has lost its uid gets nothing; without any, whoever has the uid does."""
        ...

    async def last_update(self) -> Block:
        """Block of our last weight set, 0 for never."""
        ...

    async def serve_axon(self) -> None:
        """Publish our axon's address unless the chain has it already."""
        ...

    def blocks(self) -> AsyncGenerator[Block, None]:
        """New heads as they come, never ending by itself; a lost connection is taken up again."""
        ...


@attrs.frozen
class Verdict:
    """What a scorer found: per reward function and mask one value per completion."""

    rewards: tuple[RawReward, ...]
    masks: tuple[RawMask, ...]
    unscored: tuple[tuple[str, str], ...] = ()


class Scorer(Protocol):
    async def score(
        self, *, task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]
    ) -> Verdict:
        """Judge the completions of one step. Never blocks the event loop."""
        ...


class Contexts(Protocol):
    async def draw(self, key: int) -> Context:
        """The text that `key` picks."""
        ...


class Clock(Protocol):
    def now_s(self) -> float:
        """Unix time in seconds."""
        ...

    async def sleep(self, seconds: float) -> None: ...


@attrs.frozen
class Entry:
    """One event as the journal keeps it.

    Attributes:
        seq: 1 for the first event of a journal, without gaps.
        decision: what the event led to, so that a replay can compare.
        forward_id: the forward that the event was for, if it was for one.
    """

    seq: int
    event: Event
    decision: Decision
    forward_id: ForwardId | None = None


class Journal(Protocol):
    async def append(self, entries: Sequence[Entry], state: State) -> None:
        """Write all of them at once; returns when they are durable. `state` is what they lead to, for a snapshot.

        Raises:
            Fault: nothing of it was kept.
        """
        ...


class Reporter(Protocol):
    def observe(self, state: State, records: Sequence[Record]) -> None:
        """Show what happened. Called after every event, on the event loop: be quick. What it raises is dropped."""
        ...
