"""The loop's time is nobody's but its own."""

from functools import partial

import anyio
import pytest

from tests.simulation.loop import SeededLoop, Stalled


def run(seed: int, *names: str) -> list[str]:
    """In which order tasks that sleep equally long go on."""
    order: list[str] = []

    async def sleeper(name: str) -> None:
        await anyio.sleep(10)
        order.append(name)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for name in names:
                tasks.start_soon(sleeper, name)

    anyio.run(main, backend="asyncio", backend_options={"loop_factory": partial(SeededLoop, seed)})
    return order


def test_what_is_due_together_goes_on_in_an_order_out_of_the_seed() -> None:
    """The same seed gives the same order, and seeds differ."""
    assert run(3, *"abcdefgh") == run(3, *"abcdefgh")
    assert sorted(run(3, *"abcdefgh")) == list("abcdefgh")
    assert len({tuple(run(seed, *"abcdefgh")) for seed in range(5)}) == 5


def test_a_year_takes_no_time() -> None:
    """Time jumps to the next timer."""

    async def main() -> float:
        await anyio.sleep(365 * 86_400)
        return anyio.current_time()

    options = {"loop_factory": partial(SeededLoop, 1)}
    assert anyio.run(main, backend="asyncio", backend_options=options) == pytest.approx(365 * 86_400)


def test_a_loop_in_which_nothing_can_happen_says_so() -> None:
    """Instead of waiting for ever."""

    async def main() -> None:
        await anyio.Event().wait()

    with pytest.raises(Stalled):
        anyio.run(main, backend="asyncio", backend_options={"loop_factory": partial(SeededLoop, 1)})
