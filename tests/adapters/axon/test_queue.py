"""The line before the forward."""

from collections.abc import Callable

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.axon.limits import AxonLimits
from adapters.axon.queue import Line, Priority, by_waiting_time
from adapters.axon.refusal import Refused
from core.types import Hotkey


class Requests:
    """Requests that hold their place until they are told to go; `ran` is the order in which they got one."""

    def __init__(self, limits: AxonLimits, priority: Priority = by_waiting_time) -> None:
        self.line = Line(limits, priority)
        self.ran: list[str] = []
        self.refused: list[str] = []
        self.running = 0
        self.most_running = 0
        self.go = anyio.Event()

    async def ask(self, name: str) -> None:
        try:
            async with self.line.place(Hotkey(name)):
                self.ran.append(name)
                self.running += 1
                self.most_running = max(self.running, self.most_running)
                try:
                    await self.go.wait()
                finally:
                    self.running -= 1
        except Refused:
            self.refused.append(name)


async def come(group: anyio.abc.TaskGroup, requests: Requests, names: str) -> None:
    """One request after the other, each as far as it gets."""
    for name in names:
        group.start_soon(requests.ask, name)
        await anyio.wait_all_tasks_blocked()


async def test_first_come_first_served() -> None:
    """Without a priority the order is that of arrival, and no more run at once than may."""
    requests = Requests(AxonLimits(max_forwards=2, max_waiting=10))
    async with anyio.create_task_group() as group:
        await come(group, requests, "abcdef")
        assert requests.ran == ["a", "b"]
        requests.go.set()
    assert "".join(requests.ran) == "abcdef"
    assert requests.most_running == 2


async def test_highest_priority_goes_next() -> None:
    """Of all that wait when a place frees, the one with most priority gets it; of equals the earlier."""
    stakes = {"b": 1.0, "c": 5.0, "d": 3.0, "e": 5.0}
    requests = Requests(AxonLimits(max_forwards=1), lambda hotkey, _waited_s: stakes.get(hotkey, 0.0))
    async with anyio.create_task_group() as group:
        await come(group, requests, "abcde")
        requests.go.set()
    assert "".join(requests.ran) == "acedb"


async def test_a_full_line_is_no_wall() -> None:
    """Whoever has more priority than the least that waits takes its place; of equals the latest is told to come again."""
    stakes = {"d": 1.0, "e": 2.0, "f": 0.0}
    requests = Requests(AxonLimits(max_forwards=1, max_waiting=2), lambda hotkey, _s: stakes.get(hotkey, 0.5))
    async with anyio.create_task_group() as group:
        await come(group, requests, "abcdef")
        assert requests.refused == ["c", "b", "f"]
        requests.go.set()
    assert requests.ran == ["a", "e", "d"]


async def test_priority_hears_how_long_a_request_waits() -> None:
    """It is asked with the seconds since the request came."""
    heard: list[float] = []

    def priority(_hotkey: Hotkey, waited_s: float) -> float:
        heard.append(waited_s)
        return waited_s

    requests = Requests(AxonLimits(max_forwards=1), priority)
    async with anyio.create_task_group() as group:
        await come(group, requests, "ab")
        await anyio.sleep(0.05)
        requests.go.set()
    assert len(heard) == 1
    assert heard[0] >= 0.05


async def test_a_line_that_is_full_refuses() -> None:
    """Beyond those that may wait, the newcomer is refused at once; the others keep their places."""
    requests = Requests(AxonLimits(max_forwards=1, max_waiting=2))
    async with anyio.create_task_group() as group:
        await come(group, requests, "abcd")
        assert requests.refused == ["d"]
        requests.go.set()
    assert "".join(requests.ran) == "abc"


async def test_who_waits_too_long_is_refused() -> None:
    """After its time a request leaves the line, and takes no place with it."""
    requests = Requests(AxonLimits(max_forwards=1, max_wait_s=0.02))
    async with anyio.create_task_group() as group:
        await come(group, requests, "ab")
        await anyio.sleep(0.05)
        requests.go.set()
        await anyio.wait_all_tasks_blocked()
        await come(group, requests, "c")
    assert (requests.ran, requests.refused) == (["a", "c"], ["b"])


async def test_refusal_is_503() -> None:
    """It says "busy"."""
    line = Line(AxonLimits(max_forwards=0, max_waiting=0))
    with pytest.raises(Refused) as caught:
        async with line.place(Hotkey("a")):
            pass
    assert (caught.value.refusal.status, caught.value.refusal.message) == (503, "busy")


@settings(max_examples=60, deadline=None)
@given(
    forwards=st.integers(1, 3),
    waiting=st.integers(0, 4),
    cancelled=st.sets(st.integers(0, 9)),
    turns=st.lists(st.integers(0, 9), max_size=10),
)
async def test_no_place_is_lost_or_made(
    forwards: int, waiting: int, cancelled: set[int], turns: list[int]
) -> None:
    """Whoever comes, goes or is cancelled in any order: never too many run, and at the end all places are free."""
    requests = Requests(AxonLimits(max_forwards=forwards, max_waiting=waiting))
    scopes: dict[int, anyio.CancelScope] = {}

    async def ask(index: int) -> None:
        with anyio.CancelScope() as scopes[index]:
            await requests.ask(str(index))

    async with anyio.create_task_group() as group:
        for index in range(10):
            group.start_soon(ask, index)
            if index in turns:
                await anyio.wait_all_tasks_blocked()
        await anyio.wait_all_tasks_blocked()
        # In the same moment places free and waiting requests are cancelled.
        requests.go.set()
        for index in cancelled:
            scopes[index].cancel()
    assert requests.most_running <= forwards
    requests.go = anyio.Event()
    before = len(requests.ran)
    async with anyio.create_task_group() as group:
        await come(group, requests, "x" * forwards)
        assert len(requests.ran) == before + forwards
        requests.go.set()


def test_waiting_time_alone_is_the_default() -> None:
    """The longer a request waits, the higher it stands, whoever sent it."""
    order: Callable[[float], float] = lambda waited_s: by_waiting_time(Hotkey("a"), waited_s)  # noqa: E731
    assert sorted([3.0, 1.0, 2.0], key=order) == [1.0, 2.0, 3.0]
