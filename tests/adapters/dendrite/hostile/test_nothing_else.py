"""Of an answer nothing counts but `completion`, our own timing, and the status that our own transport saw."""

import json
import time
from http import HTTPStatus

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import Outcome, Wire
from tests.adapters.dendrite.hostile.behaviour import MARK
from tests.adapters.dendrite.peers import SYNAPSE, answering, dendrite, http, server, target

REFUSED_JSON = "the answer is not {completion: text} as JSON"
FIELDS = ["completion", "messages", "roles", "hotkey", "timeout", "process_time", "code", "axon", "dendrite"]
HEADERS = [
    "bt_header_axon_status_code",
    "bt_header_axon_status_message",
    "bt_header_axon_process_time",
    "bt_header_axon_hotkey",
    "bt_header_dendrite_hotkey",
    "bt_header_dendrite_nonce",
    "BT_HEADER_AXON_STATUS_CODE",
    "computed_body_hash",
    "X-Bittensor-Hotkey",
    "name",
    "timeout",
    "Location",
    "Set-Cookie",
    "Content-Type",
    "Content-Language",
    "Connection",
    "Retry-After",
    "Server",
]
VALUES = [
    "200",
    "403",
    "500",
    "0",
    "-1",
    "NaN",
    "1e308",
    "close",
    "keep-alive",
    "text/html",
    "text/event-stream",
]
# These say how the body is framed and coded: they are the transport's own.
FRAMING = {"content-length", "transfer-encoding", "content-encoding"}

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)
any_answer = st.dictionaries(st.sampled_from(FIELDS) | st.text(), any_json, max_size=6)
said_answer = st.builds(lambda answer, text: {**answer, "completion": text}, any_answer, st.text())

tokens = st.text("!#$%&'*+-.^_`|~0123456789abcxyzABCXYZ", min_size=1).filter(
    lambda t: t.lower() not in FRAMING
)
latin = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
lawful_header = st.tuples(
    st.sampled_from(HEADERS) | tokens, (st.sampled_from(VALUES) | latin).map(lambda value: value.strip())
)
lawful_headers = st.lists(lawful_header, max_size=8).map(
    lambda pairs: "".join(f"{name}: {value}\r\n" for name, value in pairs)
)
any_bytes = st.binary(max_size=80).map(lambda data: data.decode("latin-1"))

BOTH_WIRES = pytest.mark.parametrize("wire", Wire)


async def outcome_of(data: bytes, wire: Wire) -> Outcome:
    """What comes of these bytes as an answer; its time lies within the query's own."""
    async with server(answering(data)) as address:
        started_s = time.perf_counter()
        asked = attrs.evolve(target(address), wires=(wire,))
        (outcome,) = await dendrite().query([asked], SYNAPSE, timeout_s=5)
        elapsed_s = time.perf_counter() - started_s
    assert 0 < outcome.process_time_s <= elapsed_s < 5
    return outcome


def told(outcome: Outcome) -> tuple[int, str, str]:
    return outcome.code, outcome.message, outcome.completion


@BOTH_WIRES
@settings(max_examples=50, deadline=None)
@given(answer=said_answer | any_answer | any_json, headers=lawful_headers)
async def test_of_a_200_only_the_completion_is_taken(wire: Wire, answer: object, headers: str) -> None:
    """Whatever JSON under whatever headers comes with a 200, it is its completion text or no answer, in our words."""
    said = answer.get("completion") if isinstance(answer, dict) else None
    outcome = await outcome_of(http(json.dumps(answer).encode(), headers=headers), wire)
    expected = (200, "", said) if isinstance(said, str) else (422, REFUSED_JSON, "")
    assert told(outcome) == expected


@BOTH_WIRES
@settings(max_examples=50, deadline=None)
@given(status=st.integers(400, 599), answer=said_answer, headers=lawful_headers)
async def test_of_a_failure_only_the_status_is_taken(
    wire: Wire, status: int, answer: object, headers: str
) -> None:
    """A miner's own 4xx or 5xx stands, whatever body and headers claim; the words are ours."""
    data = http(json.dumps(answer).encode(), status=f"{status} Well Done", headers=headers)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    assert told(await outcome_of(data, wire)) == (status, f"answered {status} {phrase}".rstrip(), "")


@BOTH_WIRES
@settings(max_examples=50, deadline=None)
@given(name=any_bytes | tokens, value=any_bytes)
async def test_any_bytes_for_a_header(wire: Wire, name: str, value: str) -> None:
    """A header of arbitrary bytes leaves the completion as it is, or costs the miner its answer; it is never told."""
    data = http(b'{"completion": "said"}', headers=f"{name}{MARK}: {MARK}{value}\r\n")
    outcome = await outcome_of(data, wire)
    if outcome.code == 200:
        assert told(outcome) == (200, "", "said")
    else:
        assert (outcome.code, outcome.completion) in {(422, ""), (413, "")}
        assert outcome.message.isprintable()
        assert MARK not in outcome.message
