"""What can be set of the local subnet. `flags` gives the words that `python -m cmd.localnet` makes the same of."""

from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter

from adapters.errors import OperatorError
from adapters.localnet.incentives.config import RunConfig

DEFAULT_PORT = 9944
HIGHEST_PORT = 65_535


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise OperatorError(message)


@attrs.frozen
class SubnetConfig:
    """One local subnet.

    Attributes:
        netuid: of the subnet.
        port: of the chain node on loopback; 0 takes a free one.
        block_time: seconds from one block to the next.
        tempo: blocks from one epoch to the next.
        seed: decides which uid does what, and what it says.
        folder: where wallets, caches and logs go.
        faults: let the chain fail at random, as this seed plans it: lost, refused, half-open and late connections, a stale
            head, a late clock, reorganisations, other runtimes, other hyperparameters, replaced miners. Each is told in a line.
    """

    netuid: int = 1
    port: int = DEFAULT_PORT
    block_time: float = 1.0
    tempo: int = 10
    seed: int = 0
    folder: Path = Path("runs/localnet")
    faults: int | None = None

    def __attrs_post_init__(self) -> None:
        _require(1 <= self.netuid <= HIGHEST_PORT, f"--netuid {self.netuid}: give 1 to {HIGHEST_PORT}")
        _require(
            0 <= self.port <= HIGHEST_PORT, f"--port {self.port}: give 0 (any free one) to {HIGHEST_PORT}"
        )
        _require(
            0.1 <= self.block_time <= 60,
            f"--block_time {self.block_time:g}: give 0.1 to 60 seconds",
        )
        _require(self.tempo >= 1, f"--tempo {self.tempo}: give 1 block or more")

    @property
    def wallets(self) -> Path:
        return self.folder / "wallets"

    def flags(self) -> list[str]:
        values = attrs.asdict(self)
        values["folder"] = self.folder.resolve()
        given = {name: value for name, value in values.items() if value is not None}
        return [word for name, value in given.items() for word in (f"--{name}", str(value))]


@attrs.frozen
class LocalnetSettings:
    """The flags of `python -m cmd.localnet`.

    Attributes:
        child: speak to the program that started this one, over standard output, and end when standard input closes.
    """

    subnet: Annotated[SubnetConfig, Parameter(name="*")] = SubnetConfig()
    run: Annotated[RunConfig, Parameter(name="*")] = RunConfig()
    child: bool = False

    def __attrs_post_init__(self) -> None:
        _require(
            not self.child or self.run.epochs is None,
            "--child runs a subnet for another program, --epochs an incentive run: leave one of them out",
        )
        _require(
            self.subnet.faults is None or self.run.epochs is None,
            "--faults lets the chain fail and its owner change his mind, which an incentive run (--epochs) cannot be measured by: leave "
            "one of them out",
        )
