"""`verify`: fold a recorded journal again, and see that today's code decides what was decided then."""

from contextlib import closing
from pathlib import Path

from rich.console import Console

from adapters.errors import OperatorError
from adapters.journal.recovery import replayed
from adapters.journal.sqlite import SqliteJournal
from adapters.reporting.text import visible
from effects.replay import Difference

EXIT_DIFFERS = 1
MOST_SHOWN = 2000


def verify(path: Path) -> int:
    """Replay the journal at `path` and print what came of it; 0 if every decision is equal, else 1.

    Raises:
        OperatorError: there is no journal, nothing in it, or it is damaged.
    """
    console = Console(highlight=False, markup=False)
    with closing(SqliteJournal.read(path)) as journal:
        if journal.last_seq == 0:
            raise OperatorError(f"the journal {path} holds no event yet")
        with console.status(f"replaying {journal.last_seq} events"):
            found = replayed(journal)
    if found.difference is None:
        console.print(f"{found.entries} events replayed: every decision is equal")
        return 0
    console.print(_told(found.difference, journal.last_seq))
    return EXIT_DIFFERS


def _told(difference: Difference, last_seq: int) -> str:
    entry, taken = difference.entry, difference.taken
    effects = "\n".join(f"  {visible(repr(effect), MOST_SHOWN)}" for effect in taken.effects) or "  nothing"
    return (
        f"event {entry.seq} of {last_seq} is decided otherwise now:\n"
        f"  {visible(repr(entry.event), MOST_SHOWN)}\n"
        f"recorded digest {entry.digest}; what today's code would do:\n{effects}"
    )
