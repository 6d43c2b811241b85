"""`nsfw`: masks a completion that a safety classifier finds hateful.

The text is cut into chunks of at most 512 tokens, each framed as the tokenizer frames a text. Of a chunk's two logits the
score is `max(-not_hate, hate)`; of a text, the largest of its chunks. Masked above the bound.

Rule: label 0 is "not hate" and label 1 is "hate", as in the field's default model; another number of labels is refused.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.chunks import Chunks
from adapters.scoring.loading import Loaded
from adapters.scoring.once import once
from adapters.scoring.packing.choose import use_of_classifier
from adapters.scoring.settings import NsfwSettings
from core.types import RawMask
from effects.ports import Fault

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
        self._chunks = Chunks(loaded)
        self._reading = use_of_classifier(loaded.model).reading

    def judge(self, steps: Sequence[Batch]) -> list[RawMask]:
        found = once(steps, lambda _: None, self._scores)
        return [mask_of(self.name, [self._reason(score) for score in scores]) for scores in found]

    def _scores(self, pairs: list[tuple[None, str]]) -> list[float]:
        chunks, owners = self._chunks.of([text for _, text in pairs])
        way, scores = self._loaded.way, [-math.inf] * len(pairs)

        def worst(_: Sequence[int], states: Sequence[Tensor]) -> list[float]:
            logits = way.head(torch.cat(list(states)))
            found: list[float] = torch.maximum(-logits[:, 0], logits[:, 1]).tolist()
            return found

        for owner, score in zip(owners, way.engine.read(chunks, self._reading, worst), strict=True):
            scores[owner] = score if math.isnan(score) else max(scores[owner], score)
        return scores

    def _reason(self, score: float) -> str | None:
        if math.isnan(score):
            return None
        return f"score {score:.2f} above {self._bound:g}" if score > self._bound else ""
