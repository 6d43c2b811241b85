"""The ports as one process sees them: each call of an effect passes by the process, and so by the watch."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import attrs

from core.types import (
    Block,
    Context,
    Hotkey,
    Metagraph,
    Outcome,
    Prompting,
    Target,
    TaskType,
    Uid,
    WeightsResult,
)
from effects import ports
from effects.ports import Verdict

T = TypeVar("T")


class Call(Protocol):
    """How a process lets a port work: what it does, in a form that two calls can be compared by, and the work."""

    def __call__(self, what: tuple[Any, ...], work: Callable[[], Awaitable[T]]) -> Awaitable[T]: ...


@attrs.frozen
class Dendrite:
    call: Call
    port: ports.Dendrite

    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        what = ("query", tuple(targets), synapse, timeout_s)
        return await self.call(what, partial(self.port.query, targets, synapse, timeout_s=timeout_s))


@attrs.frozen
class Scorer:
    call: Call
    port: ports.Scorer

    async def score(
        self, *, task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]
    ) -> Verdict:
        work = partial(
            self.port.score, task_type=task_type, prompt=prompt, base_text=base_text, completions=completions
        )
        return await self.call(("score", task_type, prompt, base_text, tuple(completions)), work)


@attrs.frozen
class Contexts:
    call: Call
    port: ports.Contexts

    async def draw(self, key: int) -> Context:
        return await self.call(("draw", key), partial(self.port.draw, key))


@attrs.frozen
class Chain:
    call: Call
    port: ports.Chain

    async def metagraph(self) -> Metagraph:
        return await self.call(("metagraph",), self.port.metagraph)

    async def set_weights(
        self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
    ) -> WeightsResult:
        what = ("set_weights", tuple(weights), version_key, tuple(owners))
        return await self.call(what, partial(self.port.set_weights, weights, version_key, owners))

    async def last_update(self) -> Block:
        return await self.call(("last_update",), self.port.last_update)

    async def serve_axon(self) -> None:
        await self.call(("serve_axon",), self.port.serve_axon)

    def blocks(self) -> AsyncGenerator[Block, None]:
        """No effect: it goes by nobody."""
        return self.port.blocks()


@attrs.frozen
class Clock:
    call: Call
    port: ports.Clock

    def now_s(self) -> float:
        return self.port.now_s()

    async def sleep(self, seconds: float) -> None:
        await self.call(("sleep", seconds), partial(self.port.sleep, seconds))
