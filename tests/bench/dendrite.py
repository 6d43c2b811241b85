"""`python -m tests.bench.dendrite`: what a call costs the one who asks, on both wires, beside the v10 SDK's own dendrite.

Miners are bare servers in another process, each on a port of its own, which answer at once: what is left is the client.
Clients take turns, round by round, since a machine's speed changes; the first round of each is not counted. The servers never
close an idle connection, as a v10 axon does after five seconds, to the loss of a client that keeps them.

Nothing here fails for being slow.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import ceil
from pathlib import Path

import anyio

from core.types import Wire
from tests.bench.dendrite_clients import V10, Client, Ours, Round
from tests.bench.dendrite_report import Figures, as_json, figures, show
from tests.interop.peer import PYTHON, ROOT, Peer

Clients = dict[Wire | None, Client]


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    with ExitStack() as stack:
        ports = stack.enter_context(_axons(max(options.targets)))
        clients: Clients = {wire: Ours(wire) for wire in Wire}
        if PYTHON.exists():
            clients[None] = V10(stack.enter_context(Peer("dendrite")))
        else:
            _tell("the v10 SDK is not there to compare with: make .venv-v10/installed")
        found = anyio.run(_measured, clients, ports, options.targets, options.calls)
    show(found)
    if options.json:
        options.json.write_text(json.dumps(as_json(found), indent=2) + "\n", encoding="utf-8")


async def _measured(
    clients: Clients, ports: Sequence[int], targets: Sequence[int], calls: int
) -> list[Figures]:
    found: list[Figures] = []
    for count in targets:
        _tell(f"{count} targets")
        rounds = await _rounds(clients, ports[:count], ceil(calls / count))
        found += [figures(count, wire, done) for wire, done in rounds.items()]
    return found


async def _rounds(clients: Clients, ports: Sequence[int], rounds: int) -> dict[Wire | None, list[Round]]:
    done: dict[Wire | None, list[Round]] = {wire: [] for wire in clients}
    for number in range(rounds + 1):
        for wire, client in clients.items():
            one = await client.round(ports)
            if number > 0:
                done[wire].append(one)
    return done


@contextmanager
def _axons(count: int) -> Iterator[list[int]]:
    """The ports of so many axons."""
    command = [sys.executable, "-m", "tests.bench.dendrite_servers", str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as servers:
        assert servers.stdout is not None
        ports: list[int] = json.loads(servers.stdout.readline())
        # Leaving the block closes their input, which ends them.
        yield ports


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.dendrite", description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=1024, help="of each client for each number of targets, in whole rounds"
    )
    parser.add_argument("--targets", type=int, nargs="+", default=[50, 256], help="axons prompted at once")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
