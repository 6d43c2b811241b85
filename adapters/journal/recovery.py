"""From a journal to the state it holds: what a start goes on from, and what a replay proves."""

import msgspec

from adapters.journal.sqlite import SqliteJournal
from core.config import CoreConfig
from effects.replay import Replay, replay


def encode_config(config: CoreConfig) -> str:
    """The configuration as a journal's header keeps it."""
    return msgspec.json.encode(config).decode()


def replayed(journal: SqliteJournal) -> Replay:
    """Fold the whole journal, each stretch under the configuration that it was recorded under."""
    configs = {
        seq: msgspec.json.decode(header.configuration, type=CoreConfig) for seq, header in journal.headers()
    }
    return replay(journal.entries(), configs)
