"""The figures of a run as tables for people, while it runs and at its end."""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.localnet.incentives.figures import Compared, Figures, PhaseFigures


def tables(figures: Figures) -> RenderableType:
    """All of it."""
    parts: list[RenderableType] = [_behaviours(figures), _validators(figures)]
    if any(validator.phases for validator in figures.validators):
        parts.append(_phases(figures))
    parts += [Text(_sentence(other)) for other in (*figures.accomplices, *figures.sybils)]
    return Group(*parts)


def progress(epochs: int, wanted: int, left_s: float) -> str:
    """How far a run is."""
    minutes, seconds = divmod(round(left_s), 60)
    left = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
    return f"epoch {epochs} of {wanted}, about {left} left"


def epoch_line(figures: Figures, words: str) -> str:
    """One epoch where no table can be drawn anew: who earned most in it."""
    last = {label: series[-1] for label, series in figures.series.incentive.items() if series}
    best = sorted(last.items(), key=lambda item: -item[1])[:5]
    shares = ", ".join(f"{label} {share:.4f}" for label, share in best if share > 0)
    return f"{words}; a miner's incentive: {shares or 'nobody earned yet'}"


def _behaviours(figures: Figures) -> Table:
    table = _table(
        f"Miners by behaviour, over {figures.paid_epochs} epochs that paid",
        ("behaviour",),
        ("miners", "incentive", "at the end", "the kind", "emission", "rank", "pruned"),
    )
    for label, row in figures.behaviours.items():
        table.add_row(
            label,
            str(row.miners),
            f"{row.incentive:.4f}",
            f"{row.last_incentive:.4f}",
            _percent(row.incentive_total),
            _percent(row.share_of_emission),
            "-" if row.rank is None else f"{row.rank:.1f}",
            str(row.pruned),
        )
    return table


def _validators(figures: Figures) -> Table:
    table = _table(
        "Validators",
        ("validator", "kind"),
        ("stake", "dividends", "per stake", "vtrust", "landed", "earned"),
    )
    for row in figures.validators:
        table.add_row(
            row.name,
            row.kind.value,
            f"{row.stake_tao:.0f}",
            f"{row.dividends:.4f}",
            _relative(row.dividends_per_stake),
            f"{row.vtrust:.3f}",
            f"{row.weights_landed} of {row.epochs}",
            f"{row.earned_tao:.1f}",
        )
    return table


def _phases(figures: Figures) -> Table:
    table = _table(
        "Dividends per stake by phase; 1 is the mean of the honest",
        ("validator", "kind", "commit-reveal", "epochs"),
        ("per stake", "later half", "vtrust"),
    )
    for row in figures.validators:
        for phase in row.phases:
            table.add_row(row.name, row.kind.value, *_phase_cells(phase))
    return table


def _table(title: str, names: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in names:
        table.add_column(heading, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _phase_cells(phase: PhaseFigures) -> tuple[str, ...]:
    return (
        "on" if phase.commit_reveal else "off",
        f"{phase.first_epoch} to {phase.last_epoch}",
        _relative(phase.dividends_per_stake),
        _relative(phase.settled_dividends_per_stake),
        _relative(phase.vtrust),
    )


def _sentence(other: Compared) -> str:
    names = f"{other.name} ({other.hotkeys} hotkeys)" if other.hotkeys > 1 else other.name
    if other.steady_tao is None or other.relative is None:
        return f"{names} earned {other.earned_tao:.2f}; no steady miner of its behaviour earned anything"
    return (
        f"{names} earned {other.earned_tao:.2f}, {other.relative:.2f} of the {other.steady_tao:.2f} that a steady miner of its "
        "behaviour earned"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _relative(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
