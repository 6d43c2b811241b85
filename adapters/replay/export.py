"""`export`: step events or receipts as a file that other tools read."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from adapters.errors import OperatorError
from adapters.journal.opening import reading
from adapters.journal.reader import JournalReader
from adapters.replay.events import step_event
from adapters.replay.receipts import receipts
from adapters.replay.steps import judged_steps

Rows = Iterable[Mapping[str, Any]]
STANDARD_OUTPUT = "-"


def export(path: Path, out: str, *, as_receipts: bool, since_s: float) -> int:
    """Write what the journal at `path` holds to `out`: .jsonl, .parquet, or "-" for JSON lines on standard output.

    Raises:
        OperatorError: there is no journal, `out` has another ending, cannot be written, or needs what is not installed.
    """
    write = _writer(out, as_receipts=as_receipts)
    with reading(path) as journal, _finished(out, journal.path) as target:
        rows = (
            _receipts(journal, since_s)
            if as_receipts
            else map(step_event, judged_steps(journal, since_s=since_s))
        )
        count = write(target, rows)
    what = "receipts" if as_receipts else "step events"
    place = "standard output" if out == STANDARD_OUTPUT else out
    Console(stderr=True, highlight=False, markup=False).print(f"{count} {what} written to {place}")
    return 0


def _receipts(journal: JournalReader, since_s: float) -> Rows:
    for judged in judged_steps(journal, since_s=since_s):
        yield from receipts(judged, journal.hash_of(judged.folded.entry.seq))


def _writer(out: str, *, as_receipts: bool) -> Callable[[str, Rows], int]:
    if out == STANDARD_OUTPUT or out.endswith(".jsonl"):
        return _write_lines
    if out.endswith(".parquet") and as_receipts:
        raise OperatorError(f"{out}: receipts are JSON lines: give a name that ends in .jsonl")
    if out.endswith(".parquet"):
        return _parquet_writer()
    raise OperatorError(f"{out}: give a name that ends in .jsonl or .parquet, or - for standard output")


def _write_lines(out: str, rows: Rows) -> int:
    count = 0
    with _opened(out) as file:
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last one is the result
            file.write(json.dumps(row, allow_nan=False) + "\n")
    return count


@contextmanager
def _finished(out: str, journal: Path) -> Iterator[str]:
    """Where to write what is to become `out`: a file beside it that takes its place when it is whole."""
    target = Path(out)
    if out == STANDARD_OUTPUT or (target.exists() and not target.is_file()):
        yield out
        return
    if target.exists() and target.samefile(journal):
        raise OperatorError(f"{out} is the journal itself: name another file")
    part = target.with_name(f"{target.name}.part")
    try:
        yield str(part)
        part.replace(target)
    except OSError as error:
        raise OperatorError(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _opened(out: str) -> Iterator[IO[str]]:
    if out == STANDARD_OUTPUT:
        yield sys.stdout
        return
    with Path(out).open("w", encoding="ascii") as file:
        yield file


def _parquet_writer() -> Callable[[str, Rows], int]:
    try:
        from adapters.replay.parquet import write_parquet
    except ImportError:
        raise OperatorError("Parquet needs pyarrow: pip install '.[parquet]', or export to .jsonl") from None
    return write_parquet
