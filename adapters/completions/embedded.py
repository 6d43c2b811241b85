"""The embedded back end: writes from the sentences of the prompt, as the good miners of the local subnet do. No model, no download."""

from collections.abc import AsyncGenerator
from functools import partial

import anyio.to_thread

from adapters.localnet.extractive import complete
from core.types import Prompting

# The time to write grows with the square of the prompt's length: this much takes half a second.
MOST_CHARACTERS = 16_000


class Embedded:
    """Answers the last message; the same prompt and `key` give the same completion, in one piece."""

    def __init__(self, key: int) -> None:
        self._key = key
        # One at a time: more would share the same core.
        self._limiter = anyio.CapacityLimiter(1)

    async def complete(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        write = partial(complete, synapse.messages[-1][:MOST_CHARACTERS], key=self._key)
        text = await anyio.to_thread.run_sync(write, limiter=self._limiter)
        if text:
            yield text
