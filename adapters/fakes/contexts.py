"""Contexts from a list of texts."""

from collections.abc import Sequence

from core.types import Context
from effects.ports import Fault


class FakeContexts:
    """The text that the key picks; with no texts a dead source."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)

    async def draw(self, key: int) -> Context:
        if not self._texts:
            raise Fault("the source of texts is dead")
        i = key % len(self._texts)
        return Context(self._texts[i], f"fake:{i}")
