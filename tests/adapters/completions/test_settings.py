"""Flags of a back end that cannot be."""

from typing import Any

import pytest

from adapters.completions import CompletionSettings
from core.config import ConfigError

ENDPOINT: dict[str, Any] = {"backend": "endpoint", "model": "m"}


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"backend": "causal_lm"}, "--completion.model"),
        ({"backend": "endpoint", "url": "http://127.0.0.1/v1"}, "--completion.model"),
        (ENDPOINT, "--completion.url"),
        (ENDPOINT | {"url": "127.0.0.1:8000"}, "--completion.url"),
        (ENDPOINT | {"url": "ftp://127.0.0.1"}, "--completion.url"),
        (ENDPOINT | {"url": "http://[::1"}, "--completion.url"),
        (ENDPOINT | {"url": "http://me:secret@host/v1"}, "--completion.api_key_env"),
        (ENDPOINT | {"url": "http://host/v1?key=secret"}, "--completion.api_key_env"),
        (ENDPOINT | {"url": "http://host/v1#secret"}, "--completion.url"),
        (ENDPOINT | {"url": "http://a host/v1"}, "--completion.url"),
        (ENDPOINT | {"url": "http://host/v1", "api_key_env": "sk-secret"}, "--completion.api_key_env"),
        (ENDPOINT | {"url": "http://host/v1", "api_key_env": ""}, "--completion.api_key_env"),
        ({"max_batch": 0}, "--completion.max_batch 0"),
        ({"max_new_tokens": 0}, "--completion.max_new_tokens 0"),
        ({"max_prompt_tokens": -1}, "--completion.max_prompt_tokens -1"),
        ({"temperature": -0.1}, "--completion.temperature -0.1"),
        ({"temperature": float("nan")}, "--completion.temperature nan"),
        ({"top_p": 0.0}, "--completion.top_p 0.0"),
        ({"timeout_s": 0.0}, "--completion.timeout_s 0.0"),
        ({"batch_wait_ms": 1001}, "--completion.batch_wait_ms 1001"),
    ],
)
def test_what_cannot_be_is_named(flags: dict[str, Any], named: str) -> None:
    """Each is refused by its flag, and no secret is repeated."""
    with pytest.raises(ConfigError) as caught:
        CompletionSettings(**flags)
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)
