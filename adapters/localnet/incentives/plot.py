"""The figures of a run as a picture: incentive by kind over epochs, dividends per stake by validator over epochs, and the end.

Matplotlib draws it into memory, without a display; it is imported late, since it takes most of a second.
"""

import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.localnet.incentives.cast import ValidatorKind
from adapters.localnet.incentives.figures import Figures, ValidatorFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES = (11.0, 12.0)
DOTS_PER_INCH = 110
# Kinds that are drawn by themselves: the others of a zoo earn about nothing, and share one colour.
MOST_LINES = 9
OTHERS_COLOUR = "0.72"
# Of the honest validators' dividends per stake: below that a line is left off the scale.
LEAST_SHOWN = 0.5
STYLES: Mapping[ValidatorKind, str] = {
    ValidatorKind.HONEST: "-",
    ValidatorKind.COPIER: "--",
    ValidatorKind.COLLUDER: ":",
}


def png(figures: Figures) -> bytes:
    """The picture as a PNG file's content."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    over_time, dividends, at_the_end = figure.subplots(3, 1, height_ratios=(3, 3, 2.4))
    _incentives(over_time, figures)
    _dividends(dividends, figures)
    _last(at_the_end, figures)
    figure.suptitle(f"{figures.epochs} epochs, {figures.paid_epochs} of them paid")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _colours(figures: Figures) -> Mapping[str, str]:
    """A colour for each of the kinds that earn most; one for all others."""
    return {
        label: f"C{place}" if place < MOST_LINES else OTHERS_COLOUR
        for place, label in enumerate(figures.behaviours)
    }


def _incentives(axes: "Axes", figures: Figures) -> None:
    colours = _colours(figures)
    for place, label in enumerate(figures.behaviours):
        others = "all others" if place == MOST_LINES else None
        name = label if place < MOST_LINES else others
        axes.plot(_numbers(figures), figures.series.incentive[label], color=colours[label], label=name)
    axes.set_title("Mean incentive of a miner, by behaviour", loc="left")
    axes.set_ylim(bottom=0)
    _over_epochs(axes, figures)


def _dividends(axes: "Axes", figures: Figures) -> None:
    shown = [value for validator in _near_the_honest(figures) for value in _line(figures, validator)]
    for validator in figures.validators:
        name = f"{validator.name} ({validator.kind})"
        if validator not in _near_the_honest(figures):
            name = f"{name}, off the scale: {validator.dividends_per_stake or 0:.2f}"
        axes.plot(_numbers(figures), _line(figures, validator), STYLES[validator.kind], label=name)
    finite = [value for value in shown if not math.isnan(value)] or [1.0]
    room = max(0.01, 0.08 * (max(finite) - min(finite)))
    axes.set_ylim(min(1.0, *finite) - room, max(1.0, *finite) + room)
    axes.axhline(1, color="0.5", linewidth=0.8)
    axes.set_title("Dividends per stake of each validator; 1 is the mean of the honest", loc="left")
    axes.set_xlabel("epoch")
    _over_epochs(axes, figures)


def _line(figures: Figures, validator: ValidatorFigures) -> list[float]:
    values = figures.series.dividends_per_stake[validator.name]
    return [math.nan if value is None else value for value in values]


def _near_the_honest(figures: Figures) -> list[ValidatorFigures]:
    """Whose lines decide the scale: next to one that earns nothing, all others would be one line."""
    return [
        validator
        for validator in figures.validators
        if validator.kind is ValidatorKind.HONEST or (validator.dividends_per_stake or 0) > LEAST_SHOWN
    ]


def _last(axes: "Axes", figures: Figures) -> None:
    colours = _colours(figures)
    labels = list(figures.behaviours)
    heights = [figures.behaviours[label].last_incentive for label in labels]
    names = [f"{label} × {figures.behaviours[label].miners}" for label in labels]
    axes.bar(names, heights, color=[colours[label] for label in labels])
    axes.tick_params(axis="x", rotation=40)
    for tick in axes.get_xticklabels():
        tick.set_horizontalalignment("right")
    axes.set_title("Mean incentive of a miner in the last fifth of the epochs", loc="left")


def _numbers(figures: Figures) -> Sequence[int]:
    return range(1, figures.epochs + 1)


def _over_epochs(axes: "Axes", figures: Figures) -> None:
    """What both pictures over time have: the stretch with commit-reveal shaded, whole epochs, a legend beside."""
    from matplotlib.ticker import MaxNLocator

    for first, last in _stretches(figures.series.commit_reveal):
        axes.axvspan(first - 0.5, last + 0.5, color="tab:blue", alpha=0.08, label="commit-reveal on")
    axes.set_xlim(0.5, max(1, figures.epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small", frameon=False)


def _stretches(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last epoch of each run of True, counted from 1."""
    starts = [n for n, (was, is_on) in enumerate(zip((False, *flags), flags, strict=False), 1) if is_on > was]
    ends = [
        n for n, (is_on, then) in enumerate(zip(flags, (*flags[1:], False), strict=True), 1) if is_on > then
    ]
    return list(zip(starts, ends, strict=True))
