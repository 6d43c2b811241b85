"""`diversity`: masks a completion that says what others of its step, or older completions, said before.

With the distance `d = 1 - |cosine|`, the second smallest `d` to the batch (itself included) and the second smallest to
history each go through a sigmoid; a completion is masked where the product of both is not above the bound.

Rules:
- A completion alone in its batch has no batch factor.
- History is what was seen before this batch, without its newest `newest` completions (a forward builds on its own answers);
  it counts once it holds two or more. At most `remembered` of it is kept, in a ring.
"""

import math

import torch
from torch import Tensor

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.encoders import Encoder
from adapters.scoring.settings import DiversitySettings, Sigmoid
from core.types import RawMask


class Ring:
    """The last `size` vectors added, in the order of their age."""

    def __init__(self, size: int, width: int) -> None:
        self._rows = torch.empty(0, width)
        self._size, self._count = size, 0

    def add(self, vectors: Tensor) -> None:
        for vector in vectors:
            if len(self._rows) < self._size:
                self._grow()
            self._rows[self._count % self._size] = vector
            self._count += 1

    def but_newest(self, newest: int) -> Tensor:
        """All vectors but the newest ones, in no particular order."""
        kept = min(self._count, self._size) - newest
        places = [(self._count - newest - 1 - age) % self._size for age in range(max(0, kept))]
        return self._rows[places]

    def _grow(self) -> None:
        if self._count == len(self._rows):
            more = torch.zeros(min(self._size, max(64, 2 * self._count)), self._rows.shape[1])
            more[: self._count] = self._rows
            self._rows = more


class Diversity:
    name = "diversity"

    def __init__(self, encoder: Encoder, settings: DiversitySettings) -> None:
        self._encoder, self._settings = encoder, settings
        self._history = Ring(settings.newest + settings.remembered, encoder.width)

    def judge(self, batch: Batch) -> RawMask:
        vectors = self._encoder.embed(batch.completions)
        history = self._history.but_newest(self._settings.newest)
        in_batch = _factors(vectors, vectors, self._settings.batch)
        in_history = _factors(vectors, history, self._settings.history)
        found = [self._reason(*pair) for pair in zip(in_batch, in_history, strict=True)]
        self._history.add(vectors[vectors.isfinite().all(dim=1)])
        return mask_of(self.name, found)

    def _reason(self, in_batch: float, in_history: float) -> str | None:
        product, bound = in_batch * in_history, self._settings.bound
        if not math.isfinite(product):
            return None
        if product > bound:
            return ""
        nearest = "this step" if in_batch <= in_history else "history"
        return f"diversity {product:.3f} not above {bound:g}, nearest in {nearest}"


def _factors(vectors: Tensor, others: Tensor, sigmoid: Sigmoid) -> list[float]:
    """Per vector the sigmoid of its second smallest distance to the others; 1 where there are fewer than two."""
    if len(others) < 2:
        return [1.0] * len(vectors)
    second = (1 - (vectors @ others.T).abs()).kthvalue(2, dim=1).values
    return [float(x) for x in torch.sigmoid(sigmoid.slope * second - sigmoid.shift)]
