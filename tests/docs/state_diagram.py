"""The page on the state machine, drawn from the transition table: one Mermaid diagram for each kind of part."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from core.config import CoreConfig
from core.machine import CONSEQUENCES, TRANSITIONS, Ended
from core.state import AxonPhase, ForwardPhase, Lifecycle, State, SyncPhase, WeightsPhase

PAGE = Path(__file__).parents[2] / "docs" / "state-machine.md"

INTRODUCTION = """\
# The state machine

Drawn from `TRANSITIONS` and `CONSEQUENCES` in `core/machine.py`; `pytest tests/docs --rewrite` draws it anew, and a test compares.

A validator's state has five kinds of part. Each is in one phase of a closed union (`core/state.py`), and a phase that waits holds the
id of the effect it waits for. An event of the program (`Started`, `BlockSeen`, `StopRequested`) goes to the lifecycle; a completion
goes to the part that waits for its effect, and is dropped and counted if there is none. Arrows carry the events that lead along them;
"elsewhere" marks where a part goes while the event is another part's. Pairs of phase and event without an arrow are ignored on purpose
(`IGNORED`); a test walks all pairs.
"""

PARTS = (
    ("A forward", ForwardPhase, "One forward from its context to its end; `num_concurrent_forwards` of them at once."),
    ("Weights", WeightsPhase, "At most one submission is on its way; one of unknown fate is asked for, never repeated blindly."),
    ("The metagraph's reading", SyncPhase, "Repeated with growing pauses until the chain answers."),
    ("The axon's publication", AxonPhase, "Tried at each start, and after a failure with each reading of the metagraph."),
    ("The program", Lifecycle, "After the last forward it drains: waits for weights on their way and, if asked to, for the epoch that pays."),
)  # fmt: skip


def page() -> str:
    """The whole page, as it should stand in `docs/`."""
    sections = [
        f"## {title}\n\n{about}\n\n```mermaid\n{diagram(union)}\n```\n" for title, union, about in PARTS
    ]
    return "\n".join((INTRODUCTION, *sections))


def diagram(union: object) -> str:
    """One part's phases and how they follow each other, in Mermaid's words."""
    phases = get_args(union)
    lines = [f"    [*] --> {first.__name__}" for first in _first(phases)]
    for phase in phases:
        lines += [f"    {phase.__name__} --> {_name(to)}: {label}" for to, label in _arrows(phase)]
    return "\n".join(("stateDiagram-v2", *lines))


def _first(phases: tuple[type, ...]) -> Iterator[type]:
    """The phase that a new state has this part in, or in which a new forward begins."""
    new = State(CoreConfig("own"))
    begun = {type(part) for part in (new.weights, new.sync, new.axon, new.lifecycle)} | {*CONSEQUENCES[Ended]}
    return (phase for phase in phases if phase in begun)


def _arrows(phase: type) -> Iterator[tuple[type, str]]:
    """Where this phase leads, and what leads there, one arrow for each place."""
    events: dict[type, list[str]] = {}
    for (at, event), row in TRANSITIONS.items():
        for to in row.targets if at is phase else ():
            events.setdefault(to, []).append(event.__name__)
    for to in CONSEQUENCES[phase]:
        events.setdefault(to, []).append("elsewhere")
    return ((to, ", ".join(names)) for to, names in events.items())


def _name(phase: type) -> str:
    return "[*]" if phase is Ended else phase.__name__
