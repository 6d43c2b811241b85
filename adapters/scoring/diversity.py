"""`diversity`: masks a completion that says what others of its step, or older completions, said before.

With the distance `d = 1 - |cosine|`, the second smallest `d` to the batch (itself included) and the second smallest to
history each go through a sigmoid; a completion is masked where the product of both is not above the bound, and where it is a near copy
of another of its step, as a text (`copies.py`): what makes two texts differ to an encoder can be a mark or a word that says nothing.

Rules:
- A completion alone in its batch has no batch factor.
- All near copies of a step are masked, whoever came first: who copied from whom cannot be known.
- History is what was seen before this step, without its newest `newest` completions (a forward builds on its own answers);
  it counts once it holds two or more. At most `remembered` of it is kept, in a ring.
- Steps judged at once are judged in their order, each as if it came alone; where their texts cannot be embedded, none of them
  is remembered.
- A completion without a finite vector is not judged or remembered, and no vector is compared with it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.copies import COPIED, near_copies
from adapters.scoring.encoders import Encoder
from adapters.scoring.memory import Memory
from adapters.scoring.ring import Ring
from adapters.scoring.settings import DiversitySettings, Sigmoid
from core.types import RawMask

# Rows of history per matrix product: 2 MB of them with their results stay in the cache; more or fewer was slower.
BLOCK = 768


class Diversity:
    name = "diversity"

    def __init__(self, encoder: Encoder, settings: DiversitySettings) -> None:
        self._encoder, self._settings = encoder, settings
        self._history = Ring(settings.newest + settings.remembered, encoder.width)

    def judge(self, steps: Sequence[Batch]) -> list[RawMask]:
        vectors = self._encoder.embed([text for step in steps for text in step.completions])
        parts = torch.split(vectors, [len(step.completions) for step in steps])
        return [self._judged(*pair) for pair in zip(steps, parts, strict=True)]

    def memory(self) -> Memory:
        parts = self._history.but_newest(0)
        rows = parts[0] if len(parts) == 1 else torch.cat([torch.empty(0, self._encoder.width), *parts])
        return Memory({"rows": rows}, {"encoder": self._encoder.fingerprint})

    def recall(self, memory: Memory) -> bool:
        """Rows that don't fit, of a history that was longer than ours, are the oldest."""
        rows = memory.arrays.get("rows")
        if memory.facts.get("encoder") != self._encoder.fingerprint or rows is None:
            return False
        if rows.ndim != 2 or rows.shape[1] != self._encoder.width or not rows.isfinite().all():
            return False
        self._history.add(rows)
        return True

    def _judged(self, step: Batch, vectors: Tensor) -> RawMask:
        """One step's verdict; its vectors are history from then on."""
        known = vectors.isfinite().all(dim=1)
        reasons = iter(self._reasons(vectors[known]))
        self._history.add(vectors[known])
        found = [next(reasons) if is_known else None for is_known in known.tolist()]
        shares = near_copies(step.completions)
        return mask_of(self.name, [_or_copy(*pair) for pair in zip(found, shares, strict=True)])

    def _reasons(self, vectors: Tensor) -> list[str]:
        older = self._history.but_newest(self._settings.newest)
        in_batch = _factors(vectors, [vectors], self._settings.batch)
        in_history = _factors(vectors, older, self._settings.history)
        return [self._reason(*pair) for pair in zip(in_batch, in_history, strict=True)]

    def _reason(self, in_batch: float, in_history: float) -> str:
        product, bound = in_batch * in_history, self._settings.bound
        if product > bound:
            return ""
        nearest = "this step" if in_batch <= in_history else "history"
        return f"diversity {product:.3f} not above {bound:g}, nearest in {nearest}"


def _or_copy(reason: str | None, share: float | None) -> str | None:
    """What a completion is masked for; None where it is not judged."""
    if reason is None or share is None:
        return reason
    return f"a copy in this step: a share of {share:.2f} in both, not below {COPIED:g}"


def _factors(vectors: Tensor, others: Sequence[Tensor], sigmoid: Sigmoid) -> list[float]:
    """Per vector the sigmoid of its second smallest distance to the others; 1 where there are fewer than two."""
    if sum(len(part) for part in others) < 2:
        return [1.0] * len(vectors)
    distances = second_smallest(vectors, others)
    return [float(x) for x in torch.sigmoid(sigmoid.slope * distances - sigmoid.shift)]


def second_smallest(vectors: Tensor, others: Sequence[Tensor]) -> Tensor:
    """Per row of `vectors` [n, width] its second smallest `1 - |cosine|` to the rows of all of `others`; all are unit vectors."""
    blocks = [block for part in others for block in torch.split(part, BLOCK)]
    cosines = torch.cat([vectors @ block.T for block in blocks], dim=1)
    return 1 - cosines.abs_().topk(2, dim=1).values[:, 1]
