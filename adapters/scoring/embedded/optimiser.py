"""AdamW with warm-up, a rate that stays or falls along a cosine, and clipped gradients, for the short trainings of this package."""

import math

import torch
from torch import Tensor

WARM_UP = 0.05
LARGEST_NORM = 1.0


class Optimiser:
    """Takes `steps` steps over a model's parameters, at a rate of at most `peak`, which falls towards the end if `decay`."""

    def __init__(self, model: torch.nn.Module, steps: int, peak: float, *, decay: bool = True) -> None:
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._adam = torch.optim.AdamW(self._parameters, lr=peak, betas=(0.9, 0.98), weight_decay=0.05)
        self._steps, self._peak, self._taken = steps, peak, 0
        self._decay = decay
        model.train()

    def step(self, loss: Tensor) -> None:
        for group in self._adam.param_groups:
            group["lr"] = self._peak * self._share()
        self._adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        torch.nn.utils.clip_grad_norm_(self._parameters, LARGEST_NORM)
        self._adam.step()
        self._taken += 1

    def _share(self) -> float:
        """Of the peak: rises at first, then falls to a twentieth."""
        done = self._taken / self._steps
        if done < WARM_UP:
            return (done * self._steps + 1) / (WARM_UP * self._steps + 1)
        if not self._decay:
            return 1.0
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done))
