"""The flags of a miner's back end. Light to import: `--help` is made of this."""

import math
import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import attrs

from adapters.flags import require
from core.config import ConfigError

Backend = Literal["embedded", "causal_lm", "endpoint"]
# How weights are held.
Dtype = Literal["auto", "float32", "float16", "bfloat16"]
# Used where it is set; many servers want no key.
USUAL_API_KEY_ENV = "OPENAI_API_KEY"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@attrs.frozen
class CompletionSettings:
    """How prompts are answered.

    Attributes:
        backend: embedded (writes from the sentences of the prompt, without a model), causal_lm (a Hugging Face model on this machine)
            or endpoint (a server that speaks OpenAI's chat completions).
        model: causal_lm: a local folder or a Hugging Face id; endpoint: the model's name there.
        revision: causal_lm: commit or tag of an id; the newest if left out.
        device: causal_lm: cpu, cuda or cuda:N.
        dtype: causal_lm: how weights are held; auto is float32 on a CPU and bfloat16 on a GPU.
        trust_remote_code: causal_lm: run Python code that comes with the model; only for a model whose code you have read.
        max_batch: causal_lm: prompts answered side by side; the next ones wait.
        batch_wait_ms: causal_lm: how long a batch waits for more prompts to come.
        max_prompt_tokens: causal_lm: what is longer loses its beginning, as does what the model's window has no room for.
        max_new_tokens: causal_lm, endpoint: most tokens of a completion.
        temperature: causal_lm, endpoint: 0 takes the likeliest token each time, more leaves more to chance.
        top_p: causal_lm, endpoint: tokens are chosen among the likeliest that make up this share.
        url: endpoint: address of the server, such as http://127.0.0.1:8000/v1.
        api_key_env: endpoint: environment variable that holds the key, where the server wants one; any but the default must be
            set. A key is never a flag.
        timeout_s: endpoint: for one completion, from the first byte sent to the last received.
        max_answer_bytes: endpoint: most bytes of one answer as it is sent.
    """

    backend: Backend = "embedded"
    model: str | None = None
    revision: str | None = None
    device: str = "cpu"
    dtype: Dtype = "auto"
    trust_remote_code: bool = False
    max_batch: int = 8
    batch_wait_ms: float = 5.0
    max_prompt_tokens: int = 4096
    max_new_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    url: str | None = None
    api_key_env: str = USUAL_API_KEY_ENV
    timeout_s: float = 30.0
    max_answer_bytes: int = 1024 * 1024

    def __attrs_post_init__(self) -> None:
        for name in ("max_batch", "max_prompt_tokens", "max_new_tokens", "max_answer_bytes"):
            require(getattr(self, name) >= 1, f"--completion.{name}", getattr(self, name), "1 or more")
        require(
            0 <= self.batch_wait_ms <= 1000, "--completion.batch_wait_ms", self.batch_wait_ms, "0 to 1000"
        )
        require(0 <= self.temperature < math.inf, "--completion.temperature", self.temperature, "0 or more")
        require(0 < self.top_p <= 1, "--completion.top_p", self.top_p, "a share above 0, up to 1")
        can_wait = 0 < self.timeout_s < math.inf
        require(can_wait, "--completion.timeout_s", self.timeout_s, "a number of seconds above 0")
        if self.backend != "embedded" and not self.model:
            raise ConfigError(f"--completion.backend {self.backend}: say by --completion.model which model")
        if self.backend == "endpoint":
            _require_url(self.url)
            _require_variable(self.api_key_env)


def _require_url(url: str | None) -> None:
    if url is None:
        raise ConfigError("--completion.backend endpoint: say by --completion.url where it is")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    # Not quoted: whoever writes a key into it would find it in the logs.
    if not usable or _has_more(parts) or not url.isprintable() or " " in url:
        raise ConfigError(
            "--completion.url: give http://HOST:PORT/v1 or https://HOST/v1, without user, password, query or blanks;"
            " a key goes into the variable that --completion.api_key_env names"
        )


def _has_more(parts: SplitResult) -> bool:
    """Whether there is more than a server and a path."""
    return parts.username is not None or parts.password is not None or bool(parts.query or parts.fragment)


def _require_variable(name: str) -> None:
    # Not quoted, for the same reason.
    if not _VARIABLE.fullmatch(name):
        raise ConfigError(
            "--completion.api_key_env: give the name of an environment variable, not a key; letters, digits and _ alone"
        )
