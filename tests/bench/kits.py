"""Every model twice, with the same weights: as the product loads it, and as plain `transformers` does.

On a CPU both are loaded from a folder. On a GPU, where models are as large as the network's own, both are made in its memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import torch
from torch import Tensor, nn

from adapters.scoring import loading
from adapters.scoring.loading import Loaded
from adapters.scoring.packing.choose import Use, use_of_classifier
from adapters.scoring.settings import DahoasSettings, ModelRef
from tests.adapters.scoring import references
from tests.adapters.scoring.architectures import (
    ARCHITECTURES,
    random_grader,
    random_model,
    save_dahoas,
    save_grader,
    save_model,
)
from tests.adapters.scoring.references import Plain
from tests.bench.machine import device, dtype
from tests.bench.scales import CPU, Scale

Both = tuple[Loaded, Plain]


class FolderKit:
    """Models in folders below one."""

    def __init__(self, scale: Scale, folder: Path) -> None:
        self.scale, self._folder = scale, folder

    def causal_lm(self, name: str, role: str) -> Both:
        saved = save_model(name, self.scale.sizes[role], self._folder)
        return loading.load_causal_lm(_ref(saved)), references.causal_lm(saved, dtype())

    def grader(self, name: str, role: str) -> Both:
        saved = save_grader(name, self.scale.sizes[role], self._folder)
        return loading.load_causal_lm(_ref(saved)), references.causal_lm(saved, dtype())

    def classifier(self, name: str, role: str) -> Both:
        saved = save_model(name, self.scale.sizes[role], self._folder)
        return loading.load_classifier(_ref(saved)), references.classifier(saved, dtype())

    def encoder(self, name: str, role: str) -> Both:
        saved = save_model(name, self.scale.sizes[role], self._folder)
        return loading.load_encoder(_ref(saved)), references.encoder(saved, dtype())

    def dahoas(self, role: str) -> tuple[Both, nn.Linear, Tensor]:
        """With the product's head and the reference's."""
        body, _, checkpoint = save_dahoas(self.scale.sizes[role], self._folder)
        loaded, head = loading.load_dahoas(DahoasSettings(_ref(body), _ref(checkpoint)))
        plain, plain_head = references.dahoas_model(body, checkpoint, dtype())
        return (loaded, plain), head, plain_head


class MemoryKit:
    """Models made on the device, never saved."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def causal_lm(self, name: str, role: str) -> Both:
        return self._both(name, role, random_model, lambda _: Use.CAUSAL_LM)

    def grader(self, name: str, role: str) -> Both:
        return self._both(name, role, random_grader, lambda _: Use.CAUSAL_LM)

    def classifier(self, name: str, role: str) -> Both:
        return self._both(name, role, random_model, use_of_classifier)

    def encoder(self, name: str, role: str) -> Both:
        return self._both(name, role, random_model, lambda _: Use.ENCODER)

    def dahoas(self, role: str) -> tuple[Both, nn.Linear, Tensor]:
        def body(name: str, size: Any) -> Any:
            return random_model(name, size).base_model

        both = self._both("gptj-lm", role, body, lambda _: Use.CAUSAL_BODY)
        head = nn.Linear(both[0].model.config.hidden_size, 1, bias=False, device=device())
        return both, head, head.weight.detach()[0].to(dtype())

    def _both(self, name: str, role: str, make: Callable[[str, Any], Any], use: Callable[[Any], Use]) -> Both:
        size = self.scale.sizes[role]
        # The corpus has no use for a larger vocabulary; the model's head is as large as it is.
        vocabulary = min(size.vocabulary, CPU.sizes[role].vocabulary)
        tokenizer = ARCHITECTURES[name].tokenizer(attrs.evolve(size, vocabulary=vocabulary))
        with _on_device():
            ours, theirs = make(name, size), make(name, size)
        ref = ModelRef("--reward.random_model", name, device=device())
        return loading._loaded(ref, ours, tokenizer, use(ours)), references.plain_of(theirs, tokenizer)


Kit = FolderKit | MemoryKit


@contextmanager
def _on_device() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype())
    try:
        with torch.device(device()):
            yield
    finally:
        torch.set_default_dtype(before)


def _ref(folder: Path) -> ModelRef:
    return ModelRef("--reward.random_model", str(folder))
