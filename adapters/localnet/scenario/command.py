"""`python -m cmd.localnet yuma`: from a scenario's file to tables and JSON."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console

from adapters.localnet.scenario.reading import read
from adapters.localnet.scenario.running import Epoch, run
from adapters.localnet.scenario.showing import show
from adapters.localnet.scenario.writing import encoded
from adapters.replay.table import console
from adapters.reporting.files import write

STANDARD_OUTPUT = "-"


def tell(path: Path, out: str | None) -> int:
    """Run the scenario; tables to standard output and JSON to `out`, or JSON alone to standard output where that is "-".

    Raises:
        OperatorError: the file holds no scenario, or the JSON cannot be written.
    """
    epochs = run(read(path))
    if out == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(encoded(epochs))
    elif out is None:
        deque(_shown(console(), epochs), maxlen=0)
    else:
        write("--json", Path(out), b"".join(encoded(_shown(console(), epochs))))
    return 0


def _shown(to: Console, epochs: Iterable[Epoch]) -> Iterator[Epoch]:
    """The epochs, each shown as it passes."""
    for index, epoch in enumerate(epochs):
        show(to, index, epoch)
        yield epoch
