"""The event loop's lag."""

from collections.abc import Iterator

import anyio
import pytest

from adapters.reporting.loop_lag import INTERVAL_S, Lag, LoopLag


def _measured(late_s: list[float]) -> Lag:
    """What is measured when the sleeper is woken so late, time after time, and then no more."""

    def ticks() -> Iterator[float]:
        now_s = 1000.0
        for late in late_s:
            yield now_s
            now_s += INTERVAL_S + late
            yield now_s
        raise EOFError

    async def main() -> LoopLag:
        times = ticks()
        lag = LoopLag(lambda: next(times, None) or _end())
        with pytest.raises(EOFError):
            await lag.run()
        return lag

    return anyio.run(main).lag()


def _end() -> float:
    raise EOFError


def test_the_worst_and_the_99th_percentile_are_told() -> None:
    """Of 200 wakings one is very late and two are late: the maximum is the first, the percentile the second."""
    lag = _measured([0.0] * 60 + [0.120] + [0.020] * 2 + [0.0] * 60)

    assert lag.samples == 123
    assert lag.max_ms == pytest.approx(120)
    assert lag.p99_ms == pytest.approx(20, abs=0.11)


def test_a_punctual_loop_has_no_lag() -> None:
    """Waking in time, or a rounding error early, counts as no lag."""
    lag = _measured([0.0, -0.0001, 0.0])

    assert lag.max_ms == pytest.approx(0, abs=1e-6)
    assert lag.p99_ms <= 0.1


def test_nothing_measured_is_told_as_such() -> None:
    """Before the first waking there are no samples."""
    assert LoopLag().lag() == Lag(0.0, 0.0, 0)


async def test_a_real_loop_is_measured() -> None:
    """On a running loop samples come in about every interval."""
    lag = LoopLag()
    with anyio.move_on_after(0.3):
        await lag.run()

    assert 1 <= lag.lag().samples <= 0.3 / INTERVAL_S
