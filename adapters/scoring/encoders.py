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

from adapters.scoring.loading import Loaded
from adapters.scoring.tokens import frame, padded, plain_ids

MEMO = 1024
LARGEST_CHUNK = 512


class Encoder:
    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._before, self._behind = frame(loaded.tokenizer)
        self._memo: OrderedDict[str, Tensor] = OrderedDict()

    @property
    def width(self) -> int:
        return int(self._loaded.model.config.hidden_size)

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [texts, width] in float32 on the CPU; not finite where the model's are not."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._memo))
        fresh = dict(zip(missing, self._means(missing), strict=True))
        vectors = [fresh[text] if text in fresh else self._memo[text] for text in texts]
        self._remember(fresh)
        return torch.stack(vectors) if vectors else torch.empty(0, self.width)

    def _remember(self, fresh: dict[str, Tensor]) -> None:
        self._memo.update(fresh)
        while len(self._memo) > MEMO:
            self._memo.popitem(last=False)

    @torch.inference_mode()
    def _means(self, texts: Sequence[str]) -> list[Tensor]:
        chunks = [(i, chunk) for i, text in enumerate(texts) for chunk in self._chunks(text)]
        sums = torch.zeros(len(texts), self.width)
        loaded = self._loaded
        pad_id = loaded.tokenizer.pad_token_id or 0
        for rectangle in padded([chunk for _, chunk in chunks], pad_id, loaded.device):
            hidden = loaded.model(input_ids=rectangle.ids, attention_mask=rectangle.attention)[0].float()
            totals = (hidden * rectangle.attention.unsqueeze(-1)).sum(dim=1).cpu()
            for row, chunk in enumerate(rectangle.rows):
                sums[chunks[chunk][0]] += totals[row]
        return list(normalize(sums, dim=1))

    def _chunks(self, text: str) -> list[list[int]]:
        size = min(self._loaded.window, LARGEST_CHUNK) - len(self._before) - len(self._behind)
        ids = plain_ids(self._loaded.tokenizer, text)
        starts = range(0, max(1, len(ids)), size)
        chunks = [[*self._before, *ids[start : start + size], *self._behind] for start in starts]
        return [chunk for chunk in chunks if chunk]
