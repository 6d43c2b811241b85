"""What a query takes of its process: time, the event loop, memory, descriptors, and whom it connects to.

Rules:
- The loop is blocked as long as a task that sleeps 2 ms is woken too late AND this thread was computing meanwhile. Time in which
  the machine ran other processes instead is no fault of ours.
- A limit of computing time holds for a machine of a certain speed; a slower one may take longer in proportion.
- Memory is the resident set (Linux), looked at with every waking.
"""

import gc
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
import attrs

T = TypeVar("T")

_TICK_S = 0.002
# What `_worked_s` is on one core of an EPYC of 2024.
_WORK_S = 0.03
_MIB = 2**20
_STATM = Path("/proc/self/statm")
_DESCRIPTORS = Path("/dev/fd")

_connected: list[str] | None = None


@attrs.define
class Cost:
    """What a query took.

    Attributes:
        seconds: of wall time, without `starved_s`: that much a timer of ours may have come late.
        starved_s: longest that the machine ran other processes while a task was due.
        blocked_ms: longest that the loop was kept from a task that was due.
        peak_mib, grown_mib: of resident memory above the start: the most, and after a garbage collection.
        leaked: descriptors more than at the start, after at most a second.
        connected: "ip:port" of all that was connected to.
    """

    seconds: float = 0.0
    starved_s: float = 0.0
    blocked_ms: float = 0.0
    peak_mib: float = 0.0
    grown_mib: float = 0.0
    leaked: int = 0
    connected: tuple[str, ...] = attrs.field(default=(), repr=False)


async def measured(call: Callable[[], Awaitable[T]]) -> tuple[T, Cost]:
    """The call's result, and what it took."""
    cost = Cost()
    gc.collect()
    before_mib, descriptors = _resident_mib(), _count_descriptors()
    with _connections() as connected:
        async with anyio.create_task_group() as group:
            group.start_soon(_tick, cost, before_mib)
            await anyio.sleep(2 * _TICK_S)
            started_s = time.perf_counter()
            result = await call()
            elapsed_s = time.perf_counter() - started_s
            await anyio.sleep(2 * _TICK_S)
            group.cancel_scope.cancel()
    cost.seconds = elapsed_s - cost.starved_s
    cost.connected = tuple(connected)
    cost.leaked = await _descriptors_left(descriptors)
    gc.collect()
    cost.grown_mib = _resident_mib() - before_mib
    return result, cost


@contextmanager
def settled() -> Iterator[None]:
    """What exists now is not looked at by the garbage collector within: the tests' own objects are no load of the client's."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _tick(cost: Cost, before_mib: float) -> None:
    """Wakes again and again; notes how late, why, and how much memory there is."""
    while True:
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        await anyio.sleep(_TICK_S)
        late_s = time.perf_counter() - wall_s - _TICK_S
        blocked_s = min(late_s, time.thread_time() - cpu_s)
        cost.blocked_ms = max(cost.blocked_ms, blocked_s * 1000)
        cost.starved_s = max(cost.starved_s, late_s - blocked_s)
        cost.peak_mib = max(cost.peak_mib, _resident_mib() - before_mib)


def slowness() -> float:
    """How many times longer this machine takes for a fixed piece of work than the one that limits are meant for; 1 at least."""
    return max(1.0, min(_worked_s() for _ in range(3)) / _WORK_S)


def _worked_s() -> float:
    cpu_s = time.thread_time()
    words = [str(number) for number in range(100_000)]
    assert len({word[::-1] for word in words}) == 100_000
    return time.thread_time() - cpu_s


def _resident_mib() -> float:
    return int(_STATM.read_text().split()[1]) * resource.getpagesize() / _MIB


def _count_descriptors() -> int:
    return len(list(_DESCRIPTORS.iterdir()))


async def _descriptors_left(before: int) -> int:
    """How many more there are than before; the loop gets a second to close what is closing."""
    with anyio.move_on_after(1):
        while _count_descriptors() > before:  # noqa: ASYNC110 - nobody tells when a descriptor is closed
            await anyio.sleep(_TICK_S)
    return _count_descriptors() - before


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _connected is not None:
        host, port, *_ = arguments[1]
        _connected.append(f"{host}:{port}")


sys.addaudithook(_audit)


@contextmanager
def _connections() -> Iterator[list[str]]:
    """Every address that a socket of this process is connected to meanwhile."""
    global _connected  # noqa: PLW0603 - an audit hook stays for good, so what it writes to must change
    _connected = []
    try:
        yield _connected
    finally:
        _connected = None
