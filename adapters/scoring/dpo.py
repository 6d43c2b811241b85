"""`dpo`: how likely a causal language model finds a completion, given the prompt.

The score is the mean log-probability of the completion's tokens. Prompt and completion are tokenised apart and joined by
ids. A token that completes a 5-gram seen before in the completion has its logit replaced by `mean - 10 * std` of its
position's logits before the log-softmax, so that a loop of likely words does not pay.

Rules:
- A completion that is empty, `SHORT` characters or shorter, has no token in the context window, or yields NaN or infinity
  scores `SENTINEL`, marked as not measured.
- A completion that runs beyond the context window is scored by its part within.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from adapters.scoring.batch import Batch
from adapters.scoring.loading import Loaded
from adapters.scoring.tokens import TOKENS_PER_PASS, Padded, frame, padded, plain_ids
from core.types import RawReward

SENTINEL = -11.0
SHORT = 5
NGRAM = 5
# Logits of one pass: 256 MiB in float32.
LOGITS_PER_PASS = 2**26


class Dpo:
    name = "dpo"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._lead = frame(loaded.tokenizer)[0]

    def score(self, batch: Batch) -> RawReward:
        """Mean log-probability per completion, in nats per token."""
        prompt = [*self._lead, *plain_ids(self._loaded.tokenizer, batch.prompt)]
        room = max(0, self._loaded.window - len(prompt))
        kept = [self._ids(text)[:room] if prompt else [] for text in batch.completions]
        values = [math.nan] * len(kept)
        scored = [i for i, ids in enumerate(kept) if ids]
        for i, value in zip(scored, self._log_probabilities(prompt, [kept[i] for i in scored]), strict=True):
            values[i] = value
        measured = tuple(math.isfinite(value) for value in values)
        return RawReward(
            self.name, tuple(x if ok else SENTINEL for x, ok in zip(values, measured, strict=True)), measured
        )

    def _ids(self, completion: str) -> list[int]:
        return plain_ids(self._loaded.tokenizer, completion) if len(completion) > SHORT else []

    def _log_probabilities(self, prompt: list[int], completions: Sequence[list[int]]) -> list[float]:
        """One value per completion; each has at least one id."""
        loaded, values = self._loaded, [math.nan] * len(completions)
        tokens = min(TOKENS_PER_PASS, LOGITS_PER_PASS // loaded.model.config.vocab_size)
        for rectangle in padded([prompt + ids for ids in completions], 0, loaded.device, tokens):
            logits = self._logits(rectangle, len(prompt))
            for row, i in enumerate(rectangle.rows):
                values[i] = mean_log_probability(logits[row], completions[i])
        return values

    @torch.inference_mode()
    def _logits(self, rectangle: Padded, prompt_length: int) -> Tensor:
        """Logits that predict each completion token: [rows, longest completion, vocabulary]."""
        output = self._loaded.model(
            input_ids=rectangle.ids,
            attention_mask=rectangle.attention,
            logits_to_keep=rectangle.ids.shape[1] - prompt_length + 1,
            use_cache=False,
        )
        logits: Tensor = output.logits[:, :-1]
        return logits.float()


def repeat_positions(ids: Sequence[int]) -> Iterator[int]:
    """Positions whose token completes an n-gram that ended earlier in `ids`."""
    seen: set[tuple[int, ...]] = set()
    for end in range(NGRAM, len(ids) + 1):
        ngram = tuple(ids[end - NGRAM : end])
        if ngram in seen:
            yield end - 1
        seen.add(ngram)


def mean_log_probability(logits: Tensor, ids: Sequence[int]) -> float:
    """Mean over positions of the penalised log-probability; `logits` is [len(ids) or more, vocabulary]."""
    logits = logits[: len(ids)].clone()
    for position in repeat_positions(ids):
        row = logits[position]
        row[ids[position]] = row.mean() - 10 * row.std()
    chosen = logits.gather(1, torch.tensor(ids, device=logits.device).unsqueeze(1)).squeeze(1)
    return float((chosen - logits.logsumexp(dim=1)).mean())
