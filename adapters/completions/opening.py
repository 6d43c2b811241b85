"""From flags to the back end they choose. Heavy libraries are imported where theirs is chosen."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import assert_never

from adapters.completions.port import Completions
from adapters.completions.settings import USUAL_API_KEY_ENV, CompletionSettings
from effects.ports import Fault


@asynccontextmanager
async def open_completions(settings: CompletionSettings, key: int) -> AsyncIterator[Completions]:
    """The back end, ready to be asked; ended with the block.

    Args:
        settings: which back end, and how it works.
        key: of all choices of the embedded back end; a miner's own.

    Raises:
        Fault: the model cannot be loaded, or there is no such key; names the flag.
    """
    match settings.backend:
        case "embedded":
            from adapters.completions.embedded import Embedded

            yield Embedded(key)
        case "causal_lm":
            from adapters.completions.causal.causal_lm import open_causal_lm

            async with open_causal_lm(settings) as model:
                yield model
        case "endpoint":
            from adapters.completions.endpoint import open_endpoint

            async with open_endpoint(settings, _api_key(settings.api_key_env)) as endpoint:
                yield endpoint
        case _:
            assert_never(settings.backend)


def _api_key(name: str) -> str:
    """The key in the variable of this name; "" where the usual one is not set."""
    key = os.environ.get(name, "")
    if not key and name != USUAL_API_KEY_ENV:
        # The name is not told: it may be a key, written where its variable should be named.
        raise Fault("--completion.api_key_env names a variable that is not set: export it, with the key")
    return key
