"""Many seeds, on all cores."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from functools import partial
from itertools import islice

from tests.simulation.simulation import Run, simulate

# Seeds that wait for a process, per process: not so many that results pile up.
AHEAD = 4


def runs(seeds: Sequence[int], forwards: int, jobs: int) -> Iterator[Run]:
    """A run of each seed, in the order in which they come to their end."""
    if jobs == 1:
        yield from map(partial(simulate, wanted=forwards), seeds)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting = iter(seeds)
        under_way = {pool.submit(simulate, seed, forwards) for seed in islice(waiting, jobs * AHEAD)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            under_way |= {pool.submit(simulate, seed, forwards) for seed in islice(waiting, len(done))}
            yield from (future.result() for future in done)
