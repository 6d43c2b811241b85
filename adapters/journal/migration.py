"""Journals of an older schema, made anew in today's.

Version 1 had neither snapshots nor compressed bodies; a row's digest covered the effects alone. Its events are folded again by the
logic that they were recorded under, the digests compared, and written under today's schema.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

from adapters.errors import OperatorError
from adapters.journal.codec import KINDS, Malformed, decode, from_json
from adapters.journal.header import Header
from adapters.journal.rows import NO_HASH
from adapters.journal.schema import connect_to_read, possible, readable
from adapters.journal.settings import Retention
from adapters.journal.sqlite import SqliteJournal, make_journal
from core.config import CoreConfig
from core.effects import SetWeights
from core.events import Event, WeightsSubmitted
from core.state import State
from core.step import Step
from effects.ports import Entry
from effects.replay import take

# Events that are written together.
GROUP = 500


@attrs.frozen
class _Old:
    """A row of version 1, its hash checked. `header` is what begins with it."""

    seq: int
    event: Event
    digest: str
    header: Header | None


def convert(source: Path, target: Path) -> int:
    """Write the journal `source`, of version 1, as the new file `target`; the last row's number.

    Raises:
        OperatorError: it is damaged, or decides otherwise when it is folded again.
    """
    with possible(source), closing(make_journal(target, Retention())) as journal:
        state, waiting = None, list[Entry]()
        for old in _rows(source):
            if old.header is not None:
                _write(journal, waiting, state)
                journal.begin_under(old.header)
                state = attrs.evolve(state or State(old.header.config), config=old.header.config)
            entry, state = _taken(source, old, state)
            waiting.append(entry)
            if len(waiting) == GROUP:
                _write(journal, waiting, state)
        _write(journal, waiting, state)
        return journal.last_seq


def _taken(source: Path, old: _Old, state: State | None) -> tuple[Entry, State]:
    if state is None:
        raise _damaged(source, "its first header is lost")
    entry, taken = take(old.seq, state, old.event)
    if _is_comparable(taken) and _digest(taken) != old.digest:
        raise _damaged(source, f"event {old.seq} led to something else when it was recorded")
    return entry, taken.state


def _is_comparable(taken: Step) -> bool:
    """Whether the digest holds on every platform: that of weights covered their last digits."""
    return not any(isinstance(effect, SetWeights) for effect in taken.effects)


def _digest(taken: Step) -> str:
    return hashlib.sha256(repr(taken.effects).encode()).hexdigest()[:16]


def _write(journal: SqliteJournal, waiting: list[Entry], state: State | None) -> None:
    if state is not None:
        journal.write(tuple(waiting), state)
    waiting.clear()


def _rows(source: Path) -> Iterator[_Old]:
    with readable(source), closing(connect_to_read(source)) as connection:
        headers = dict(connection.execute("SELECT first_seq, body FROM header"))
        before = NO_HASH
        select = "SELECT seq, at_s, kind, body, digest, hash FROM entry ORDER BY seq"
        for number, (seq, at_s, kind, body, digest, stored) in enumerate(connection.execute(select), start=1):
            header = headers.get(number, "")
            try:
                fields = [before.hex(), header, number, at_s, kind, body, digest]
                before = hashlib.sha256(json.dumps(fields).encode()).digest()
                if (seq, stored) != (number, before):
                    raise _damaged(source, f"row {number} is not what was written")
                yield _Old(number, _event(kind, body), digest, _header(header) if header else None)
            except (Malformed, ValueError, LookupError, TypeError) as error:
                raise _damaged(source, f"row {number} cannot be read: {error}") from None


def _event(kind: str, body: str) -> Event:
    if KINDS.get(kind) is not WeightsSubmitted:
        return decode(kind, body.encode())
    fields: dict[str, Any] = json.loads(body)
    fields["result"]["kind"] = fields.pop("result_kind")
    return decode(kind, json.dumps(fields).encode())


def _header(body: str) -> Header:
    fields: dict[str, Any] = json.loads(body)
    config = from_json(fields["configuration"].encode(), CoreConfig)
    config = attrs.evolve(config, logic_version=fields["logic_version"])
    return Header(fields["netuid"], config, tuple(map(tuple, fields["models"])), "0.1.0")


def _damaged(source: Path, what: str) -> OperatorError:
    """The refusal of a damaged file: what is whole of this version is not picked out."""
    return OperatorError(
        f"the journal {source}, of version 1, is damaged ({what}): restore it from a copy, or move it away to start anew"
    )
