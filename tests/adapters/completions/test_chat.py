"""What is sent to an endpoint, and what is taken of its answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.completions.chat import Part, Unreadable, address, decode, decode_whole, encode
from core.types import Prompting

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["choices", "delta", "content", "message", "error", "finish_reason", "x"]), inner),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://host:8000", "http://host:8000/v1/chat/completions"),
        ("http://host:8000/", "http://host:8000/v1/chat/completions"),
        ("https://host/v1", "https://host/v1/chat/completions"),
        ("https://host/api/v1/", "https://host/api/v1/chat/completions"),
        ("https://host/v1/chat/completions", "https://host/v1/chat/completions"),
    ],
)
def test_the_address_may_be_given_in_each_usual_form(url: str, asked: str) -> None:
    """A server, its /v1, or all of it."""
    assert address(url) == asked


def test_a_request_holds_the_chat_and_how_to_answer() -> None:
    """Messages in their order; a role that the API does not know speaks as a user; streamed."""
    synapse = Prompting(("system", "user", "root"), ("be brief", "hi\n\u2603", "x"))
    body = json.loads(encode(synapse, model="m", max_tokens=7, temperature=0.5, top_p=0.9))
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "hi\n\u2603"},
            {"role": "user", "content": "x"},
        ],
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ('{"choices":[{"delta":{"content":"a"}}]}', Part("a", is_last=False)),
        ('{"choices":[{"delta":{"role":"assistant","content":null}}]}', Part("", is_last=False)),
        ('{"choices":[{"delta":{},"finish_reason":"length"}]}', Part("", is_last=True)),
        ('{"choices":[],"usage":{"total_tokens":3},"error":null}', Part("", is_last=False)),
        ('{"choices":[{"message":{"content":"all"},"finish_reason":"stop"},{"message":{"content":"other"}}]}',
         Part("all", is_last=True)),
    ],
)  # fmt: skip
def test_text_and_end_of_the_first_choice_are_taken(data: str, part: Part) -> None:
    """Of events and of whole answers; nothing else."""
    assert decode(data) == part


@pytest.mark.parametrize("data", [b"{}", b'{"choices":[]}', b'{"choices":[{"delta":{"content":"a"}}]}'])
def test_a_whole_answer_holds_a_completion(data: bytes) -> None:
    """JSON of something else, or one event of a stream, is no answer of no characters."""
    with pytest.raises(Unreadable, match="holds no completion"):
        decode_whole(data)


@pytest.mark.parametrize(
    "data",
    ["", "[]", "{", '{"choices":7}', '{"choices":[{"delta":{"content":7}}]}', '{"error":{"message":"no"}}', "[" * 200_000,
     '{"choices":[{"delta":{"content":"\\ud800"}}]}'],
    ids=["empty", "list", "broken", "number", "number for text", "error", "nested", "surrogate"],
)  # fmt: skip
def test_what_is_no_completion_is_unreadable(data: str) -> None:
    """Errors are, too; nothing of the input is quoted."""
    with pytest.raises(Unreadable, match=r"^it (is no chat completion as JSON|tells an error)$"):
        decode(data)


@given(JSON)
def test_any_json_gives_a_part_or_is_unreadable(value: object) -> None:
    """Whatever a server sends, there is no other exception, and texts can be sent on."""
    try:
        part = decode(json.dumps(value))
    except Unreadable:
        return
    assert part.text.encode() is not None


@given(st.binary(max_size=200))
def test_any_bytes_give_a_part_or_are_unreadable(data: bytes) -> None:
    """The same of what is no JSON."""
    try:
        decode(data)
    except Unreadable:
        return
