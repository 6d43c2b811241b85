"""What honest callers of an axon feel of a flood: `python -m tests.bench.axon [--seconds 20] [--json FILE]`.

For each kind of attack an axon in a process of its own, a load generator pinned to one core (in C where a compiler is there), and an
honest caller in this process that asks twenty times a second at most.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.adapters.axon.attacks import Attack, attacks
from tests.adapters.axon.flooding import HONEST, Honest, ask_for, flood, native_loader, python_loader
from tests.bench.processor import processor

KIB_PER_MIB = 1024
OK = 200
TARGET_P99_S = 1.0
COLUMNS = ("honest", "failed", "p50 ms", "p99 ms", "flood per s", "grown MiB", "let through")


@attrs.frozen
class Row:
    """One kind of attack.

    Attributes:
        honest, failed: honest requests, and those that were not answered 200.
        flood_per_s: times that the attack's bytes were sent.
        grown_mib: memory of the axon's process, after against before.
        let_through: what came to the forward that should not have.
    """

    name: str
    honest: int
    failed: int
    p50_ms: float
    p99_ms: float
    flood_per_s: float
    grown_mib: float
    let_through: int


class Served:
    """An axon's process."""

    def __init__(self, process: Process, port: int, output: BufferedByteReceiveStream) -> None:
        self.port = port
        self._process, self._output = process, output

    def memory_mib(self) -> float:
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self._process.pid)], capture_output=True, check=True
        )
        return int(told.stdout) / KIB_PER_MIB

    async def asked(self) -> dict[str, int]:
        """Ends it; how often its forward was asked what."""
        assert self._process.stdin is not None
        await self._process.stdin.aclose()
        asked: dict[str, int] = json.loads(await self._output.receive_until(b"\n", 1_000_000))
        return asked


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    command = [sys.executable, "-m", "tests.bench.axon_server", str(folder / "nonces.sqlite")]
    async with await anyio.open_process(command, stderr=None) as process:
        assert process.stdout is not None
        output = BufferedByteReceiveStream(process.stdout)
        yield Served(process, int(await output.receive_until(b"\n", 100)), output)


async def measured(attack: Attack | None, seconds: float, loader: list[str], folder: Path) -> Row:
    """Honest requests during an attack; None is peace."""
    async with serving(folder) as served:
        address = f"127.0.0.1:{served.port}"
        await ask_for(address, 0.5)
        before_mib = served.memory_mib()
        sent = 0
        if attack is None:
            honest = await ask_for(address, seconds)
        else:
            async with flood(loader, attack, served.port, seconds, folder) as running:
                honest = await ask_for(address, seconds)
            sent = running.sent
        grown_mib = served.memory_mib() - before_mib
        asked = await served.asked()
    return row(attack, honest, sent / seconds, grown_mib, asked)


def row(attack: Attack | None, honest: Honest, per_s: float, grown_mib: float, asked: dict[str, int]) -> Row:
    others = sum(asked.values()) - asked.get(HONEST.messages[-1], 0)
    return Row(
        name=attack.name if attack else "peace",
        honest=len(honest.seconds),
        failed=len(honest.seconds) - honest.codes[OK],
        p50_ms=1000 * honest.quantile_s(0.5),
        p99_ms=1000 * honest.quantile_s(0.99),
        flood_per_s=per_s,
        grown_mib=grown_mib,
        let_through=max(0, others - (attack.taken if attack else 0)),
    )


def show(rows: Sequence[Row], loader: str, console: Console) -> None:
    table = Table(box=SIMPLE_HEAD, title=f"{processor()}; load from {loader}")
    table.add_column("attack")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for one in rows:
        style = "red" if one.failed or one.let_through or one.p99_ms > 1000 * TARGET_P99_S else ""
        table.add_row(one.name, *_cells(one), style=style)
    console.print(table)


def _cells(one: Row) -> tuple[str, ...]:
    return (
        str(one.honest),
        str(one.failed),
        f"{one.p50_ms:.0f}",
        f"{one.p99_ms:.0f}",
        f"{one.flood_per_s:.0f}",
        f"{one.grown_mib:.1f}",
        str(one.let_through),
    )


async def bench(seconds: float, only: str | None, console: Console) -> tuple[str, list[Row]]:
    """How the load was made, and a row for peace and for each attack whose name holds `only`."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        native = native_loader(folder)
        for attack in (None, *attacks()):
            if attack is None or only is None or only in attack.name:
                # Prepared just before: signatures are good for a minute.
                fresh = None if attack is None else next(one for one in attacks() if one.name == attack.name)
                rows.append(await measured(fresh, seconds, native or python_loader(), folder))
                console.print(f"{rows[-1].name}: p99 {rows[-1].p99_ms:.0f} ms", highlight=False)
    return "C" if native else "Python", rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="for each kind of attack")
    parser.add_argument("--only", help="attacks whose name holds this")
    parser.add_argument("--json", type=Path, help="write the figures there")
    flags = parser.parse_args()
    console = Console(width=120)
    loader, rows = anyio.run(bench, flags.seconds, flags.only, console)
    show(rows, loader, console)
    if flags.json is not None:
        told: dict[str, Any] = {
            "loader": loader,
            "seconds": flags.seconds,
            "rows": [attrs.asdict(one) for one in rows],
        }
        flags.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
