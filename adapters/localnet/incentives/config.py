"""What can be set of an incentive run. Light to import: `--help` is made of this."""

from pathlib import Path
from typing import Literal

import attrs

from adapters.errors import OperatorError

# As many uids as a subnet of the public chain has.
MOST_NEURONS = 256
# Besides those who do something special: one good, one fair and one poor miner.
LEAST_STEADY = 3


# Whether weights are committed first and shown later; `both` is the first half without and the second half with it.
CommitReveal = Literal["off", "on", "both"]


@attrs.frozen
class RunConfig:
    """An incentive run; its flags count only where `--epochs` is given.

    Attributes:
        epochs: end after so many epochs, and report what each kind of validator and miner earned; without it the subnet runs for people
            to join.
        validators: of ours that work honestly.
        miners: in all, in the proportions of the zoo.
        copiers: validators that prompt nobody and set what they see of others' weights.
        colluders: validators that give all their weight to a miner of their own, which answers poorly.
        sybils: poor miners that come back under a new hotkey whenever they earn too little.
        changing: miners that are good and poor by turns, and turn after a quarter and after three quarters of the run; unset, a tenth of
            the miners.
        commit_reveal: off, on, or both: the first half of the epochs without, the second half with it.
        json: file for the report; report.json in the run's folder if not given.
        plot: file for the picture, a PNG; report.png in the run's folder if not given.
    """

    epochs: int | None = None
    validators: int = 3
    miners: int = 64
    copiers: int = 1
    colluders: int = 1
    sybils: int = 1
    changing: int | None = None
    commit_reveal: CommitReveal = "both"
    json: Path | None = None
    plot: Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.epochs is None:
            self._require_nothing_else()
            return
        _require(self.epochs >= 1, f"--epochs {self.epochs}: give 1 or more")
        _require(self.validators >= 1, f"--validators {self.validators}: give 1 or more")
        for name in ("copiers", "colluders", "sybils", "changers"):
            flag = name.replace("changers", "changing")
            _require(getattr(self, name) >= 0, f"--{flag} {getattr(self, name)}: give 0 or more")
        self._require_room()

    @property
    def changers(self) -> int:
        """Miners that change."""
        return self.miners // 10 if self.changing is None else self.changing

    @property
    def steady(self) -> int:
        """Miners that do what the zoo does, and nothing special."""
        return self.miners - self.colluders - self.sybils - self.changers

    @property
    def all_validators(self) -> int:
        return self.validators + self.copiers + self.colluders

    def _require_nothing_else(self) -> None:
        for field in attrs.fields(RunConfig):
            value = getattr(self, field.name)
            _require(
                value == field.default,
                f"--{field.name} {value} is for an incentive run: give --epochs as well, or leave it out",
            )

    def _require_room(self) -> None:
        special = self.miners - self.steady
        _require(
            self.steady >= LEAST_STEADY,
            f"--miners {self.miners}: {special} of them do something special (--colluders, --sybils, --changing), and {LEAST_STEADY} "
            f"others are needed to compare them with: give {special + LEAST_STEADY} or more",
        )
        neurons = self.all_validators + self.miners
        _require(
            neurons <= MOST_NEURONS,
            f"--validators {self.validators} --miners {self.miners}: {neurons} uids in all, and a subnet has {MOST_NEURONS}: give fewer",
        )


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise OperatorError(message)
