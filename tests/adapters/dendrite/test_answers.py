"""Of an answer nothing but `completion` counts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.wire.prompting import Malformed, decode_answer, decode_request, encode_request
from core.types import Prompting
from tests.adapters.dendrite.peers import SYNAPSE, answering, dendrite, http, server, target

# Names that clients of this field were once made to believe.
FORGEABLE = [
    "completion",
    "messages",
    "roles",
    "hotkey",
    "timeout",
    "process_time",
    "code",
    "axon",
    "dendrite",
]
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)
any_answer = st.dictionaries(st.sampled_from(FORGEABLE) | st.text(), any_json, max_size=6)


@settings(max_examples=60, deadline=None)
@given(answer=any_answer | any_json)
async def test_only_completion_is_taken(answer: object) -> None:
    """Whatever JSON a miner sends, the outcome is its completion text or a refusal in our words, and nothing else."""
    data = json.dumps(answer).encode()
    async with server(answering(http(data))) as address:
        (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=5)
    said = answer.get("completion") if isinstance(answer, dict) else None
    expected = (200, "", said)
    if not isinstance(said, str):
        expected = (422, "the answer is not {completion: text} as JSON", "")
    assert (outcome.code, outcome.message, outcome.completion) == expected
    assert outcome.process_time_s < 5


@given(data=st.binary() | st.text().map(lambda text: f'{{"completion": "{text}"}}'.encode()))
def test_decoding_gives_text_or_malformed(data: bytes) -> None:
    """Any bytes are a text that can be written down again, or Malformed."""
    try:
        completion = decode_answer(data)
    except Malformed:
        return
    completion.encode()


@given(turns=st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_requests_round_trip(turns: list[tuple[str, str]]) -> None:
    """What is encoded is what is decoded."""
    roles, messages = zip(*turns, strict=True)
    synapse = Prompting(roles, messages)
    assert decode_request(encode_request(synapse)) == synapse


def test_surrogates_are_malformed() -> None:
    """An escaped lone surrogate is no text; a pair of them is one character."""
    assert decode_answer(b'{"completion": "\\ud83c\\udf75"}') == "\N{TEACUP WITHOUT HANDLE}"
    with pytest.raises(Malformed) as malformed:
        decode_answer(b'{"completion": "a\\udc00b"}')
    assert "udc00" not in str(malformed.value)
