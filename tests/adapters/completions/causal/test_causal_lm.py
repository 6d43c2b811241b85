"""The back end with a model: from the event loop, by many at once."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from adapters.completions import Completions, CompletionSettings, open_completions
from adapters.completions.causal.causal_lm import CausalLm
from adapters.completions.causal.request import Request
from adapters.scoring.settings import MODELS
from effects.ports import Fault
from tests.adapters.completions.asking import pieces_of, synapse

PROMPTS = ("The sea is deep", "Whales", "A bridge of stone", "", "x " * 4000)


def settings(model: Path, **more: Any) -> CompletionSettings:
    return CompletionSettings(backend="causal_lm", model=str(model), temperature=0, max_new_tokens=16, **more)


async def test_many_at_once_are_answered_as_one_alone() -> None:
    """Whatever batches they come into; long prompts are cut, empty ones answered."""
    alone, together = {}, {}
    async with open_completions(settings(MODELS / "dpo", max_batch=1), key=0) as completions:
        for prompt in PROMPTS:
            alone[prompt] = "".join(await pieces_of(completions, prompt))

    async def ask(completions: Completions, prompt: str) -> None:
        together[prompt] = "".join(await pieces_of(completions, prompt))

    async with (
        open_completions(settings(MODELS / "dpo", max_batch=3), key=0) as completions,
        anyio.create_task_group() as group,
    ):
        for prompt in PROMPTS:
            group.start_soon(ask, completions, prompt)
    assert together == alone
    assert all(alone.values())


async def test_a_model_that_cannot_be_loaded_is_a_fault() -> None:
    """Before anybody is answered, by its flag."""
    with pytest.raises(Fault, match=r"--completion\.model /no/such/model"):
        async with open_completions(settings(Path("/no/such/model")), key=0):
            pass


async def test_a_bug_in_loading_does_not_wait_for_ever() -> None:
    """Whoever waits for the model is told of it."""

    def load() -> Any:
        raise LookupError("no such layer")

    model = CausalLm(load, max_batch=1, batch_wait_s=0.0)
    with anyio.fail_after(10), pytest.raises(LookupError, match="no such layer"):
        await model.ready()
    model.close()


class Worker:
    """A model's stand-in at the seam where a batch is answered: says each prompt's words, and can be held."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go, self.begun = Event(), Event()
        self.steps = 0

    def load(self) -> Callable[[Sequence[Request], Callable[[], None]], None]:
        return self.answer

    def answer(self, requests: Sequence[Request], flush: Callable[[], None]) -> None:
        prompts = [request.synapse.messages[-1] for request in requests]
        self.batches.append(prompts)
        self.begun.set()
        self.go.wait(10)
        if "fail" in prompts:
            raise ValueError("broken")
        while self.steps < 10_000 and any(not request.is_given_up for request in requests):
            self.steps += 1
            for request in requests:
                request.pieces.append(f"{request.synapse.messages[-1]} ")
                request.is_done = request.is_done or request.synapse.messages[-1] != "endless"
            flush()
            if all(request.is_done for request in requests):
                return


@asynccontextmanager
async def model(worker: Worker, max_batch: int = 4, wait_s: float = 0.0) -> AsyncIterator[CausalLm]:
    running = CausalLm(worker.load, max_batch, wait_s)
    try:
        await running.ready()
        yield running
    finally:
        worker.go.set()
        await anyio.to_thread.run_sync(running.close)


async def begun(worker: Worker) -> None:
    assert await anyio.to_thread.run_sync(worker.begun.wait, 10)


async def test_those_who_come_while_it_is_busy_are_answered_together() -> None:
    """The first alone, then as many as a batch takes, in the order in which they came."""
    worker = Worker()
    async with model(worker) as running, anyio.create_task_group() as group:
        group.start_soon(pieces_of, running, "first")
        await begun(worker)
        for number in range(5):
            group.start_soon(pieces_of, running, str(number))
        await anyio.wait_all_tasks_blocked()
        worker.go.set()
    assert worker.batches == [["first"], ["0", "1", "2", "3"], ["4"]]


async def test_those_who_come_at_once_are_answered_together() -> None:
    """A batch waits a moment for more."""
    worker = Worker()
    worker.go.set()
    async with model(worker, max_batch=3, wait_s=5) as running, anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(pieces_of, running, str(number))
    assert worker.batches == [["0", "1", "2"]]


async def test_who_gave_up_waiting_is_not_answered() -> None:
    """A request that is cancelled before its turn never reaches the model."""
    worker = Worker()
    async with model(worker) as running, anyio.create_task_group() as group:
        group.start_soon(pieces_of, running, "first")
        await begun(worker)
        with anyio.move_on_after(0.05):
            await pieces_of(running, "impatient")
        group.start_soon(pieces_of, running, "patient")
        await anyio.wait_all_tasks_blocked()
        worker.go.set()
    assert worker.batches == [["first"], ["patient"]]


async def test_who_goes_away_stops_the_work() -> None:
    """The model learns of it while it runs, and the next one is answered."""
    worker = Worker()
    worker.go.set()
    async with model(worker) as running:
        async with aclosing(running.complete(synapse("endless"))) as pieces:
            assert await anext(pieces) == "endless "
        assert await pieces_of(running, "next") == ["next "]
    assert worker.steps < 10_000


async def test_a_batch_that_fails_is_a_fault_to_those_in_it() -> None:
    """And to nobody after it."""
    worker = Worker()
    worker.go.set()
    async with model(worker) as running:
        with pytest.raises(Fault, match="the model failed: ValueError"):
            await pieces_of(running, "fail")
        assert await pieces_of(running, "next") == ["next "]


async def test_it_ends_while_it_answers() -> None:
    """Whoever is being answered then is given up; nothing hangs."""
    worker = Worker()
    worker.go.set()
    with anyio.fail_after(8):
        async with anyio.create_task_group() as group:
            async with model(worker) as running:
                group.start_soon(pieces_of, running, "endless")
                await begun(worker)
            group.cancel_scope.cancel()
    assert worker.steps < 10_000


async def test_the_event_loop_goes_on_while_the_model_works() -> None:
    """Nothing of a model's work may hold up the loop."""
    worker, ticks = Worker(), 0

    async def tick() -> None:
        nonlocal ticks
        while ticks < 50:
            await anyio.lowlevel.checkpoint()
            ticks += 1
        worker.go.set()

    async with model(worker) as running, anyio.create_task_group() as group:
        group.start_soon(tick)
        assert await pieces_of(running, "slow") == ["slow "]
    assert ticks == 50
