"""The back end without a model."""

import anyio

from adapters.completions import CompletionSettings, open_completions
from core.prompts import OPENINGS
from core.types import TaskType
from tests.adapters.completions.asking import pieces_of

PROMPT = (
    f"{OPENINGS[TaskType.SUMMARY]}\n\n<context>\nThe river is deep. It carries stones down to the sea. "
    "People built a mill beside it. The mill stood for a hundred years.\n</context>\n"
)


async def test_it_writes_from_the_prompt() -> None:
    """The last message is answered with words of its own, the same for the same key."""
    async with open_completions(CompletionSettings(), key=1) as completions:
        first = await pieces_of(completions, "ignored", PROMPT)
        again = await pieces_of(completions, PROMPT)
    assert first == again
    assert "river" in first[0] or "mill" in first[0]


async def test_nothing_to_write_from_is_an_empty_completion() -> None:
    """No piece comes, and no failure."""
    async with open_completions(CompletionSettings(), key=1) as completions:
        assert await pieces_of(completions, " ") == []


async def test_the_event_loop_goes_on_while_it_writes() -> None:
    """A prompt that takes a while must not hold up anybody else."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await anyio.sleep(0.001)
            ticks += 1

    long = " ".join(f"Stone {number} lies deep in river {number % 7}." for number in range(2000))
    async with (
        open_completions(CompletionSettings(), key=1) as completions,
        anyio.create_task_group() as group,
    ):
        group.start_soon(tick)
        assert await pieces_of(completions, long)
        group.cancel_scope.cancel()
    assert ticks > 3
