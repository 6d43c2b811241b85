"""Signals that end a program."""

import signal

import anyio
import pytest

from adapters.ending import Ending

NUMBERS = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: str(number.name)
)


@NUMBERS
async def test_none_is_missed_once_the_watch_has_started(number: signal.Signals) -> None:
    """One that comes before anything else had its turn cancels what runs, and nothing is raised."""
    async with anyio.create_task_group() as tasks:
        await tasks.start(Ending(tasks.cancel_scope).watch)
        signal.raise_signal(number)
        await anyio.sleep_forever()
    assert tasks.cancel_scope.cancel_called


@NUMBERS
async def test_the_first_asks_and_the_second_insists(number: signal.Signals) -> None:
    """Where there is somebody to ask, the first is handed on by name and cancels nothing; the second cancels."""
    asked: list[str] = []

    async def stop(name: str) -> None:
        asked.append(name)
        signal.raise_signal(number)

    async with anyio.create_task_group() as tasks:
        ending = Ending(tasks.cancel_scope)
        await tasks.start(ending.watch)
        ending.on_stop(stop)
        signal.raise_signal(number)
        await anyio.sleep_forever()
    assert (asked, tasks.cancel_scope.cancel_called) == ([number.name], True)
