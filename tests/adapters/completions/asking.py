"""Asks a back end as an axon would."""

from contextlib import aclosing

from adapters.completions import Completions
from core.types import Prompting


def synapse(*messages: str) -> Prompting:
    return Prompting(("user",) * len(messages), messages)


async def pieces_of(completions: Completions, *messages: str) -> list[str]:
    async with aclosing(completions.complete(synapse(*messages))) as pieces:
        return [piece async for piece in pieces]
