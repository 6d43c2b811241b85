"""The report of a run as JSON: `FORMAT` says which keys there are, and changes with them. docs/incentives.md tells of each."""

import attrs
import msgspec

from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.incentives.figures import Figures

FORMAT = 1


@attrs.frozen
class Settings:
    """What was asked for."""

    epochs: int
    validators: int
    miners: int
    copiers: int
    colluders: int
    sybils: int
    changing: int
    commit_reveal: str
    seed: int
    tempo: int
    block_time_s: float


@attrs.frozen
class Report:
    """A run: what was asked for, how long it took, what came of it."""

    settings: Settings
    figures: Figures
    duration_s: float


def settings_of(config: SubnetConfig, run: RunConfig) -> Settings:
    return Settings(
        epochs=run.epochs or 0,
        validators=run.validators,
        miners=run.miners,
        copiers=run.copiers,
        colluders=run.colluders,
        sybils=run.sybils,
        changing=run.changers,
        commit_reveal=run.commit_reveal,
        seed=config.seed,
        tempo=config.tempo,
        block_time_s=config.block_time,
    )


def encode(report: Report) -> bytes:
    """One JSON object, indented."""
    figures = {field.name: getattr(report.figures, field.name) for field in attrs.fields(Figures)}
    document = {
        "format": FORMAT,
        "settings": report.settings,
        "duration_s": round(report.duration_s, 3),
        **figures,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
