"""Of an answer nothing but `completion` counts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.dendrite.answer import AnswerReader
from adapters.dendrite.sinks import WholeSink
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


BODY = b'{"completion": "said"}'
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY)
CHUNKS = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
HONEST = {
    "after early hints with a length": b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    + BODY,
    "after 100 Continue": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" + LENGTH + BODY,
    "as HTTP/1.0, kept": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH + BODY,
    "as HTTP/1.0 until it closes": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "in capitals": b"HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n" + CHUNKS + b"\r\n",
    "with a trailer about coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + CHUNKS
    + b"Content-Encoding: gzip\r\n\r\n",
    "without a reason": b"HTTP/1.1 200\r\n" + LENGTH + BODY,
    "with tabs": b"HTTP/1.1 200 OK\r\nContent-Encoding:\t identity \t\r\n" + LENGTH + BODY,
}


@pytest.mark.parametrize("way", HONEST)
@pytest.mark.parametrize("at_once_bytes", [1, 2048])
def test_lawful_spellings_of_an_answer(way: str, at_once_bytes: int) -> None:
    """What HTTP allows an honest server is understood, however the network cuts it."""
    sink = WholeSink()
    reader = AnswerReader(sink, 1000)
    data = HONEST[way]
    for start in range(0, len(data), at_once_bytes):
        reader.feed(memoryview(data)[start : start + at_once_bytes])
    if not reader.over:
        reader.close()
    assert sink.completion() == "said"
