"""What the watch looks at: one step of the machine, and of the chain just what it must know."""

from collections.abc import Collection, Sequence
from typing import Protocol

import attrs

from core.events import Event
from core.state import Phase, State
from core.step import Step
from core.submission import Terms
from core.types import Block, Hotkey, Row, Uid

# The state before, the event, and the step that was taken on it.
Taken = tuple[State, Event, Step]


@attrs.frozen
class Seen:
    """A step that has become durable.

    Attributes:
        phase: the one that the event was for; None where it was dropped.
    """

    before: State
    event: Event
    step: Step
    phase: Phase | None

    @property
    def after(self) -> State:
        return self.step.state


class SentWeights(Protocol):
    """A submission as the chain's side saw it; `row` and `terms` are None where no row was made."""

    @property
    def weights(self) -> Sequence[tuple[Uid, float]]: ...
    @property
    def owners(self) -> Sequence[Hotkey]: ...
    @property
    def row(self) -> Row | None: ...
    @property
    def terms(self) -> Terms | None: ...


class WatchedChain(Protocol):
    """The chain, as it really is.

    Attributes:
        landed: blocks in which weights of our program stand, as the chain is now.
        doubled: what was sent while another submission was in flight.
        elsewhere: blocks in which weights stand that another program set with our key.
        trouble_until: the last block up to which something was wrong with the chain or the way to it.
    """

    @property
    def head(self) -> Block: ...
    @property
    def submissions(self) -> Sequence[SentWeights]: ...
    @property
    def doubled(self) -> Sequence[SentWeights]: ...
    @property
    def elsewhere(self) -> Collection[Block]: ...
    @property
    def landed(self) -> Collection[Block]: ...
    @property
    def trouble_until(self) -> Block: ...

    def may_set(self, at: Block) -> bool:
        """Whether the chain would take weights of ours in this block."""
        ...

    def owner_of(self, uid: Uid) -> Hotkey | None: ...
