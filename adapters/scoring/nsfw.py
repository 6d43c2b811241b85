"""`nsfw`: masks a completion that a safety classifier finds hateful.

The text is cut into chunks of at most 512 tokens, each framed as the tokenizer frames a text. Of a chunk's two logits the
score is `max(-not_hate, hate)`; of a text, the largest of its chunks. Masked above the bound.

Rule: label 0 is "not hate" and label 1 is "hate", as in the field's default model; another number of labels is refused.
"""

import math

import torch

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.loading import Loaded
from adapters.scoring.settings import NsfwSettings
from adapters.scoring.tokens import frame, padded, plain_ids
from core.types import RawMask
from effects.ports import Fault

LARGEST_CHUNK = 512
LABELS = 2


class Nsfw:
    name = "nsfw"

    def __init__(self, loaded: Loaded, settings: NsfwSettings) -> None:
        labels = loaded.model.config.num_labels
        if labels != LABELS:
            ref = settings.model
            raise Fault(
                f"{ref.flag} {ref.model}: {labels} labels; give a classifier of two, (not hate, hate)"
            )
        self._loaded, self._bound = loaded, settings.bound
        self._before, self._behind = frame(loaded.tokenizer)

    def judge(self, batch: Batch) -> RawMask:
        chunks = [(i, chunk) for i, text in enumerate(batch.completions) for chunk in self._chunks(text)]
        scores = [-math.inf] * len(batch.completions)
        for (i, _), score in zip(chunks, self._scores([chunk for _, chunk in chunks]), strict=True):
            scores[i] = score if math.isnan(score) else max(scores[i], score)
        return mask_of(self.name, [self._reason(score) for score in scores])

    def _chunks(self, text: str) -> list[list[int]]:
        size = min(self._loaded.window, LARGEST_CHUNK) - len(self._before) - len(self._behind)
        ids = plain_ids(self._loaded.tokenizer, text)
        return [
            [*self._before, *ids[start : start + size], *self._behind] for start in range(0, len(ids), size)
        ]

    @torch.inference_mode()
    def _scores(self, chunks: list[list[int]]) -> list[float]:
        scores = [0.0] * len(chunks)
        pad_id = self._loaded.tokenizer.pad_token_id or 0
        for rectangle in padded(chunks, pad_id, self._loaded.device):
            logits = self._loaded.model(
                input_ids=rectangle.ids, attention_mask=rectangle.attention
            ).logits.float()
            for row, i in enumerate(rectangle.rows):
                scores[i] = float(torch.maximum(-logits[row, 0], logits[row, 1]))
        return scores

    def _reason(self, score: float) -> str | None:
        if math.isnan(score):
            return None
        return f"score {score:.2f} above {self._bound:g}" if score > self._bound else ""
