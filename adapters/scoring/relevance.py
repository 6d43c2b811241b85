"""`relevance`: masks a completion that is not about the task's base text.

Two encoders look at base text and completion (the base text is embedded once per step). Masked where the root mean square
distance of the first encoder's unit vectors is above its bound, or the absolute cosine of the second's is below its own.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.encoders import Encoder
from core.types import RawMask


class Relevance:
    name = "relevance"

    def __init__(self, bert: Encoder, mpnet: Encoder, rms_bound: float, cosine_bound: float) -> None:
        self._bert, self._mpnet = bert, mpnet
        self._rms_bound, self._cosine_bound = rms_bound, cosine_bound

    def judge(self, steps: Sequence[Batch]) -> list[RawMask]:
        texts = [text for step in steps for text in (step.base_text, *step.completions)]
        sizes = [1 + len(step.completions) for step in steps]
        bert, mpnet = (torch.split(encoder.embed(texts), sizes) for encoder in (self._bert, self._mpnet))
        return [mask_of(self.name, self._found(*of_step)) for of_step in zip(bert, mpnet, strict=True)]

    def _found(self, bert: Tensor, mpnet: Tensor) -> list[str | None]:
        """Of one step; the first vector of each is the base text's."""
        distances = (bert[1:] - bert[0]).square().mean(dim=1).sqrt().tolist()
        cosines = (mpnet[1:] @ mpnet[0]).abs().tolist()
        return [self._reason(*pair) for pair in zip(distances, cosines, strict=True)]

    def _reason(self, rms: float, cosine: float) -> str | None:
        if not (math.isfinite(rms) and math.isfinite(cosine)):
            return None
        if rms > self._rms_bound:
            return f"rms {rms:.4f} above {self._rms_bound:g}"
        if cosine < self._cosine_bound:
            return f"cosine {cosine:.3f} below {self._cosine_bound:g}"
        return ""
