"""The live view of a terminal: forwards, scores, weights, epochs and notices, redrawn a few times a second.

Rules:
- `observe` only notes what happened; drawing is done by rich's own thread, from a snapshot, and never waits on the event loop.
- Everything fits the terminal as it is at that moment: of what does not, a part is shown, and how much is left out.
- Time comes from the given clock, the same that stamps the events.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.reporting.board import Board, Snapshot
from adapters.reporting.chain_lines import chain_lines
from adapters.reporting.forward_rows import forwards_panel
from adapters.reporting.score_table import scores_panel
from adapters.reporting.text import visible
from adapters.reporting.words import duration
from core.records import Record
from core.state import State
from core.types import Hotkey
from effects.ports import Clock

REFRESH_PER_S = 4.0
# From this width on, scores stand beside the rest; below, under it.
TWO_COLUMNS = 132
FRAME_ROWS = 2
TABLE_HEAD_ROWS = 1
CHAIN_ROWS = 2
MOST_FORWARD_ROWS = 12


class LiveView:
    """A reporter that draws on `console` between `__enter__` and `__exit__`; the terminal is left as it was found.

    Args:
        network, netuid: what the header names.
        behaviours: what is known of miners by hotkey (on the local subnet), to be shown beside their scores.
    """

    def __init__(
        self,
        console: Console,
        clock: Clock,
        *,
        network: str,
        netuid: int,
        behaviours: Mapping[Hotkey, str] | None = None,
    ) -> None:
        self._console, self._clock = console, clock
        self._name = f"{visible(network, 30)} · netuid {netuid}"
        self._behaviours = behaviours or {}
        self._board = Board(clock)
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=REFRESH_PER_S,
            transient=True,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def observe(self, state: State, records: Sequence[Record]) -> None:
        self._board.observe(state, records)

    def render(self) -> RenderableType:
        """The view as it stands, made for the console's present size."""
        snapshot, now_s = self._board.snapshot(), self._clock.now_s()
        if snapshot.state is None:
            return Text(f"{self._name} · starting")
        head = _head(self._name, snapshot, snapshot.state, now_s)
        width, height = self._console.size
        # The last row stays free: a full one would scroll the terminal at each redraw.
        rows = height - 1 - len(head)
        if width >= TWO_COLUMNS:
            return Group(*head, self._side_by_side(snapshot, snapshot.state, now_s, width, rows))
        return Group(*head, *self._stacked(snapshot, snapshot.state, now_s, width, rows))

    def _side_by_side(
        self, snapshot: Snapshot, state: State, now_s: float, width: int, rows: int
    ) -> RenderableType:
        half = width // 2
        forwards = max(1, min(len(state.forwards), MOST_FORWARD_ROWS, rows // 2 - FRAME_ROWS))
        notices = rows - forwards - CHAIN_ROWS - 3 * FRAME_ROWS
        left = Group(
            forwards_panel(snapshot, state, now_s, forwards),
            Panel(chain_lines(snapshot, state), title="chain", box=box.ROUNDED, padding=(0, 1)),
            Panel(_notices(snapshot, now_s, notices), title="notices", box=box.ROUNDED, padding=(0, 1)),
        )
        most_rows = max(1, rows - FRAME_ROWS - TABLE_HEAD_ROWS)
        right = scores_panel(snapshot, state, self._behaviours, width=half, most_rows=most_rows)
        columns = Table.grid(expand=True)
        columns.add_column(width=width - half)
        columns.add_column(width=half)
        columns.add_row(left, right)
        return columns

    def _stacked(
        self, snapshot: Snapshot, state: State, now_s: float, width: int, rows: int
    ) -> list[RenderableType]:
        notices = 1 if rows < 2 * MOST_FORWARD_ROWS else 3
        free = rows - CHAIN_ROWS - notices - 2 * FRAME_ROWS - TABLE_HEAD_ROWS
        forwards = max(1, min(len(state.forwards), MOST_FORWARD_ROWS, free // 2))
        most_rows = max(1, free - forwards)
        return [
            forwards_panel(snapshot, state, now_s, forwards),
            scores_panel(snapshot, state, self._behaviours, width=width, most_rows=most_rows),
            chain_lines(snapshot, state),
            _notices(snapshot, now_s, notices),
        ]


def _head(name: str, snapshot: Snapshot, state: State, now_s: float) -> list[Text]:
    """The header; below it a line for what is left out of scoring, where anything is."""
    failing = Text(snapshot.health.line(), style="bold red", no_wrap=True, overflow="ellipsis")
    return [_header(name, snapshot, state, now_s), *([failing] if failing else [])]


def _header(name: str, snapshot: Snapshot, state: State, now_s: float) -> Text:
    counts, limit = snapshot.counts, state.config.neuron.max_forwards
    done = counts.complete + counts.early
    running_s = now_s - snapshot.started_at_s
    header = Text(no_wrap=True, overflow="ellipsis")
    header.append(f" {name} ", "bold reverse")
    header.append(f" block {state.head} · forwards {done}{f'/{limit}' if limit else ''}")
    if counts.early:
        header.append(f" ({counts.early} early)", "yellow")
    header.append(f" · {duration(running_s)}{_time_left(done, limit, running_s)}")
    header.append(f" · steps {counts.steps} · answers {counts.answers}/{counts.responses}")
    return header


def _time_left(done: int, limit: int, running_s: float) -> str:
    """As long as the forwards so far took, for each that is still to come."""
    return f", about {duration(running_s / done * (limit - done))} left" if limit and done else ""


def _notices(snapshot: Snapshot, now_s: float, most_rows: int) -> Text:
    lines = Text(no_wrap=True, overflow="ellipsis")
    shown = snapshot.notices[-most_rows:] if most_rows > 0 else ()
    for i, notice in enumerate(reversed(shown)):
        lines.append("\n" if i else "")
        lines.append(f"{duration(now_s - notice.at_s):>5} ago  ", "dim")
        lines.append(notice.text, "yellow" if notice.is_warning else "")
    return lines if shown else Text("no notices", style="dim")
