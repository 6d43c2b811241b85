"""The live view's score table: every miner's average, what it did last, and what the chain pays it."""

from collections.abc import Mapping, Sequence

import attrs
from rich import box
from rich.bar import Bar
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.reporting.board import Snapshot, Tally
from adapters.reporting.miners import miners
from adapters.reporting.text import visible
from core.state import State
from core.types import OK, Hotkey, Neuron

BAR_WIDTH = 10
MOST_NAME = 12
# Below this the bars, the shares and the weights are left out.
WIDE = 64
_TOP_SHARE = 2 / 3


@attrs.frozen
class Row:
    """One miner, as the table shows it; `weight` is its share of the weights that we submitted last."""

    neuron: Neuron
    behaviour: str
    score: float
    tally: Tally | None
    weight: float


def rows(snapshot: Snapshot, state: State, behaviours: Mapping[Hotkey, str]) -> list[Row]:
    """All miners, best score first, then by uid."""
    weights = dict(snapshot.weights.weights) if snapshot.weights else {}
    found = [
        Row(
            neuron,
            behaviours.get(neuron.hotkey, ""),
            state.scores.get(neuron.hotkey, 0.0),
            snapshot.tallies.get(neuron.hotkey),
            weights.get(neuron.uid, 0.0),
        )
        for neuron in miners(state)
    ]
    return sorted(found, key=lambda row: (-row.score, row.neuron.uid))


def fitting(found: Sequence[Row], most_rows: int) -> tuple[Sequence[Row], int, Sequence[Row]]:
    """The rows that fit: from the top, how many are left out, from the bottom."""
    if len(found) <= most_rows:
        return found, 0, ()
    room = max(0, most_rows - 1)
    top = round(room * _TOP_SHARE)
    return found[:top], len(found) - room, found[len(found) - (room - top) :]


def scores_panel(
    snapshot: Snapshot, state: State, behaviours: Mapping[Hotkey, str], *, width: int, most_rows: int
) -> Panel:
    """The table within `width` columns, with at most `most_rows` rows below its head."""
    found = rows(snapshot, state, behaviours)
    best = found[0].score if found else 0.0
    top, hidden, bottom = fitting(found, most_rows)
    table = _table(is_wide=width >= WIDE, has_behaviours=bool(behaviours))
    for row in top:
        table.add_row(*_cells(row, best, width >= WIDE, bool(behaviours)))
    if hidden:
        table.add_row("…", Text(f"{hidden} more", style="dim"))
    for row in bottom:
        table.add_row(*_cells(row, best, width >= WIDE, bool(behaviours)))
    return Panel(table, title=f"scores of {len(found)} miners", box=box.ROUNDED, padding=0)


def _table(*, is_wide: bool, has_behaviours: bool) -> Table:
    table = Table(box=None, padding=(0, 1), expand=True, header_style="dim")
    table.add_column("uid", justify="right", no_wrap=True, style="bold", min_width=3)
    table.add_column(
        "behaviour" if has_behaviours else "hotkey", no_wrap=True, max_width=MOST_NAME, overflow="ellipsis"
    )
    if is_wide:
        table.add_column("", no_wrap=True, width=BAR_WIDTH)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("last", justify="right", no_wrap=True)
    table.add_column("statuses", no_wrap=True, ratio=1, overflow="ellipsis")
    if is_wide:
        table.add_column("weight", justify="right", no_wrap=True)
    table.add_column("incentive", justify="right", no_wrap=True)
    return table


def _cells(row: Row, best: float, is_wide: bool, has_behaviours: bool) -> list[Text | Bar]:
    name = row.behaviour if has_behaviours else row.neuron.hotkey
    bar = Bar(best or 1.0, 0, row.score, width=BAR_WIDTH, color="green", bgcolor="grey23")
    cells: list[Text | Bar] = [Text(str(row.neuron.uid)), Text(visible(name, MOST_NAME)), bar]
    cells += [Text(f"{row.score:.4f}"), _last(row.tally), _statuses(row.tally)]
    cells += [_percent(row.weight), _percent(row.neuron.incentive)]
    return cells if is_wide else [cell for i, cell in enumerate(cells) if i not in {2, 6}]


def _last(tally: Tally | None) -> Text:
    if tally is None:
        return Text("")
    if tally.reward is None:
        return Text("unscored", style="yellow")
    return Text(f"{tally.reward:.2f}", style="green" if tally.reward > 0 else "red")


def _statuses(tally: Tally | None) -> Text:
    """Counts per status, the most frequent first."""
    shown = Text()
    for code, times in tally.codes if tally else ():
        shown.append(f"{code}×{times} ", "" if code == OK else "red")
    return shown


def _percent(share: float) -> Text:
    return Text(f"{share * 100:.1f} %") if share > 0 else Text("-", style="dim")
