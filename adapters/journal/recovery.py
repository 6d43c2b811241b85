"""From a journal to the state that a start goes on from: the last good snapshot, and the events after it."""

import attrs

from adapters.errors import OperatorError
from adapters.journal.reader import JournalReader
from adapters.journal.schema import possible
from core.config import CoreConfig
from core.state import State
from effects.replay import replay


def recovered(journal: JournalReader, config: CoreConfig) -> State:
    """The state that the journal holds, under `config` from now on; a fresh one for a fresh journal.

    Raises:
        OperatorError: today's code decides otherwise than what is recorded after the snapshot.
    """
    if journal.last_seq == 0:
        return State(config)
    start = journal.start()
    with possible(journal.path):
        found = replay(journal.entries(start), start.state, journal.configs())
    if found.difference is not None:
        raise OperatorError(
            f"the journal {journal.path} was recorded by other rules (first at event {found.difference.entry.seq}): go back "
            "to the version that wrote it, or choose another --neuron.name to start anew"
        )
    return attrs.evolve(found.state, config=config)
