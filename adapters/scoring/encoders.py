"""Texts to unit vectors: the mean of an encoder's last layer over all tokens, normalised.

Rules:
- A text longer than the window is cut into chunks, each framed as the tokenizer frames a text; the mean is over all of them.
- Each text is embedded once per step, whoever asks: the newest `MEMO` vectors are kept.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from adapters.scoring.chunks import Chunks
from adapters.scoring.loading import Loaded
from adapters.scoring.packing.texts import Reading, distinct

MEMO = 1024


class Encoder:
    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._chunks = Chunks(loaded)
        self._memo: OrderedDict[str, Tensor] = OrderedDict()

    @property
    def width(self) -> int:
        return int(self._loaded.model.config.hidden_size)

    @property
    def fingerprint(self) -> str:
        """What the vectors belong to: those of another model say nothing about these."""
        return f"{self._loaded.fingerprint} {self.width}"

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [texts, width] in float32 on the CPU; not finite where the model's are not."""
        missing = distinct([text for text in texts if text not in self._memo])[0]
        fresh = dict(zip(missing, self._means(missing), strict=True))
        vectors = [fresh[text] if text in fresh else self._memo[text] for text in texts]
        self._remember(fresh)
        return torch.stack(vectors) if vectors else torch.empty(0, self.width)

    def _remember(self, fresh: dict[str, Tensor]) -> None:
        self._memo.update(fresh)
        while len(self._memo) > MEMO:
            self._memo.popitem(last=False)

    def _means(self, texts: Sequence[str]) -> list[Tensor]:
        chunks, owners = self._chunks.of(texts)
        if not chunks:
            return list(torch.zeros(len(texts), self.width))
        sums = self._loaded.way.engine.read(chunks, Reading.ALL, _sums)
        totals = torch.zeros(len(texts), self.width).index_add_(0, torch.tensor(owners), torch.stack(sums))
        return list(normalize(totals, dim=1))


def _sums(_: Sequence[int], states: Sequence[Tensor]) -> list[Tensor]:
    return list(torch.stack([rows.float().sum(dim=0) for rows in states]).cpu())
