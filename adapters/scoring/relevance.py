"""`relevance`: masks a completion that is not about the task's base text.

Two encoders look at base text and completion (the base text is embedded once per step). Masked where the root mean square
distance of the first encoder's unit vectors is above its bound, or the absolute cosine of the second's is below its own.
"""

import math

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.encoders import Encoder
from core.types import RawMask


class Relevance:
    name = "relevance"

    def __init__(self, bert: Encoder, mpnet: Encoder, rms_bound: float, cosine_bound: float) -> None:
        self._bert, self._mpnet = bert, mpnet
        self._rms_bound, self._cosine_bound = rms_bound, cosine_bound

    def judge(self, batch: Batch) -> RawMask:
        texts = (batch.base_text, *batch.completions)
        base, *rest = self._bert.embed(texts)
        distances = [float((vector - base).square().mean().sqrt()) for vector in rest]
        base, *rest = self._mpnet.embed(texts)
        cosines = [abs(float(vector @ base)) for vector in rest]
        return mask_of(self.name, [self._reason(*pair) for pair in zip(distances, cosines, strict=True)])

    def _reason(self, rms: float, cosine: float) -> str | None:
        if not (math.isfinite(rms) and math.isfinite(cosine)):
            return None
        if rms > self._rms_bound:
            return f"rms {rms:.4f} above {self._rms_bound:g}"
        if cosine < self._cosine_bound:
            return f"cosine {cosine:.3f} below {self._cosine_bound:g}"
        return ""
