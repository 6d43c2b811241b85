"""How long an epoch of Yuma Consensus takes: `python -m tests.bench.yuma`.

Rules:
- Every validator weighs every uid, each a different weight: the densest matrix there is.
- Bonds are those that an epoch before left, so that liquid alpha has bonds to buy and to sell.
- Told is the median of the runs; each run has weights of its own.
"""

import argparse
import platform
import random
import statistics
import time
from collections.abc import Iterator, Sequence

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from adapters.localnet.chain.fixed import U16_MAX
from adapters.localnet.chain.yuma import YumaInput, YumaParams, run_epoch
from tests.bench.processor import processor

SIZES = ((64, 16), (256, 64), (256, 128), (1024, 128))
RULES = {
    "classic": YumaParams(),
    "Yuma3": YumaParams(yuma3=True),
    "liquid alpha": YumaParams(yuma3=True, liquid_alpha=True, bonds_penalty=0),
}
TEMPO_BLOCKS = 360


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.yuma", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of which the median is told")
    parser.add_argument("--sizes", type=int, nargs="*", help="only subnets of so many uids")
    options = parser.parse_args(argv)
    table = Table(box=SIMPLE_HEAD, title=f"ms an epoch, {processor()}, Python {platform.python_version()}")
    for name in ("uids", "validators", *RULES):
        table.add_column(name, justify="right")
    for uids, validators in SIZES:
        if options.sizes is None or uids in options.sizes:
            told = (
                f"{1_000 * _median_s(uids, validators, rule, options.runs):.0f}" for rule in RULES.values()
            )
            table.add_row(str(uids), str(validators), *told)
    Console(width=100).print(table)


def _median_s(uids: int, validators: int, rule: YumaParams, runs: int) -> float:
    return statistics.median(_runs_s(uids, validators, rule, runs))


def _runs_s(uids: int, validators: int, rule: YumaParams, runs: int) -> Iterator[float]:
    for seed in range(runs):
        rng = random.Random(seed)
        first = _subnet(uids, validators, rng)
        bonds = run_epoch(first, rule).bonds
        second = attrs.evolve(
            first, weights=_weights(uids, validators, rng), bonds=bonds, last_step_block=first.block
        )
        started = time.perf_counter()
        run_epoch(second, rule)
        yield time.perf_counter() - started


def _subnet(uids: int, validators: int, rng: random.Random) -> YumaInput:
    nothing: dict[int, int] = {}
    return YumaInput(
        block=TEMPO_BLOCKS,
        emission_rao=TEMPO_BLOCKS * 10**9,
        stake_rao=tuple(rng.randrange(10**12, 10**14) if uid < validators else 0 for uid in range(uids)),
        weights=_weights(uids, validators, rng),
        bonds=(nothing,) * uids,
        permits=tuple(uid < validators for uid in range(uids)),
        last_update=(TEMPO_BLOCKS,) * uids,
        registered=(0,) * uids,
    )


def _weights(uids: int, validators: int, rng: random.Random) -> tuple[dict[int, int], ...]:
    return tuple(
        {uid: rng.randint(1, U16_MAX) for uid in range(uids)} if validator < validators else {}
        for validator in range(uids)
    )


if __name__ == "__main__":
    main()
