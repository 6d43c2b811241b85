"""A step's vectors against a full history: plainly, and as `diversity` does it.

The plain way appends the step's vectors to a history of its own, normalises both again, and sorts all distances.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from adapters.scoring.diversity import second_smallest
from adapters.scoring.ring import Ring

NEWEST, REMEMBERED, WIDTH, COMPLETIONS = 500, 15_000, 768, 50


def case(run: int, remembered: int = REMEMBERED) -> tuple[Callable[[], Tensor], Callable[[], Tensor]]:
    """(reference, product): the second smallest distance of each vector to what counts of history."""
    torch.manual_seed(run)
    history = normalize(torch.randn(remembered + NEWEST, WIDTH), dim=1)
    vectors = normalize(torch.randn(COMPLETIONS, WIDTH), dim=1)
    ring = Ring(len(history), WIDTH)
    # Not from its beginning on, so that what is compared lies in two parts.
    ring.add(torch.zeros(remembered // 3, WIDTH))
    ring.add(history)

    def reference() -> Tensor:
        grown = torch.cat([history, vectors])[: len(history)]
        older = normalize(grown[: len(history) - NEWEST], dim=1)
        distances = 1 - (normalize(vectors, dim=1) @ older.T).abs()
        return distances.sort(dim=1).values[:, 1]

    return reference, lambda: second_smallest(vectors, ring.but_newest(NEWEST))
