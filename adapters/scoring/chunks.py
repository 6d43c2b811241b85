"""Texts cut into chunks that an encoder can read, each framed as its tokenizer frames a text."""

from collections.abc import Sequence

from adapters.scoring.loading import Loaded
from adapters.scoring.packing.texts import Text
from adapters.scoring.tokens import frame, ids_by_text

LARGEST_CHUNK = 512


class Chunks:
    def __init__(self, loaded: Loaded) -> None:
        self._tokenizer = loaded.tokenizer
        self._before, self._behind = frame(loaded.tokenizer)
        self._size = min(loaded.window, LARGEST_CHUNK) - len(self._before) - len(self._behind)

    def of(self, texts: Sequence[str]) -> tuple[list[Text], list[int]]:
        """All chunks, and for each the place of its text. An empty text has one chunk, of the frame alone, if there is a frame."""
        ids = ids_by_text(self._tokenizer, texts)
        cut = [(owner, chunk) for owner, text in enumerate(texts) for chunk in self._cut(ids[text])]
        return [Text(tuple(chunk)) for _, chunk in cut], [owner for owner, _ in cut]

    def _cut(self, ids: list[int]) -> list[list[int]]:
        starts = range(0, max(1, len(ids)), self._size)
        chunks = [[*self._before, *ids[start : start + self._size], *self._behind] for start in starts]
        return [chunk for chunk in chunks if chunk]
