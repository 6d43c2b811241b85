"""Texts that a hostile peer would send, put in every place of the records that a peer or the chain can fill."""

from unicodedata import bidirectional

import attrs
from hypothesis import strategies as st

from core.records import ForwardEnded, Notice, Record, StepRecord, WeightsRecord
from tests.adapters.reporting.episode import Told

_PIECES = (
    "\x1b[2J",
    "\x1b]0;owned\x07",
    "\r",
    "\n",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\u200b",
    "e\u0301\u0302\u0303\u0304",
    "\ufe0f",
    "\ud800",
    "\ue000",
    "[bold red]x[/]",
    "[/nothing]",
    ":smile:",
    "\\",
    "表",
    "plain ",
)
_BIDI_CONTROLS = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))

TEXTS = st.one_of(
    st.text(max_size=80), st.lists(st.sampled_from(_PIECES), min_size=1, max_size=30).map("".join)
)


def is_safe(text: str) -> bool:
    """Whether a terminal draws each character where it stands, line by line."""
    return all(
        character == "\n" or (character.isprintable() and bidirectional(character) not in _BIDI_CONTROLS)
        for character in text
    )


def poisoned(told: Told, text: str) -> Told:
    """The same run with `text` wherever a text of others stands."""
    return [(state, tuple(_poison(record, text) for record in records)) for state, records in told]


def _poison(record: Record, text: str) -> Record:
    match record:
        case StepRecord():
            responses = tuple(
                attrs.evolve(response, completion=text, scored=text, message=text)
                for response in record.responses
            )
            return attrs.evolve(record, responses=responses, prompt=text, base_text=text)
        case ForwardEnded():
            return attrs.evolve(record, complete=False, reason=text)
        case WeightsRecord():
            return attrs.evolve(record, accepted=False, error=text)
        case Notice():
            return attrs.evolve(record, text=text)
        case _:
            return record
