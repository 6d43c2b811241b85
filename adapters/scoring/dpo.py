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
from adapters.scoring.once import Pair, once_per_prompt
from adapters.scoring.packing.texts import Reading, Text
from adapters.scoring.tokens import frame, ids_by_text
from core.types import RawReward

SENTINEL = -11.0
SHORT = 5
NGRAM = 5
# Logits at once: what a CPU's cache holds, 8 MiB; on a GPU half a gigabyte.
CPU_LOGITS, GPU_LOGITS = 2**21, 2**27


class Dpo:
    name = "dpo"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._lead = frame(loaded.tokenizer)[0]

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        """Mean log-probability per completion, in nats per token."""
        return [self._raw(values) for values in once_per_prompt(steps, self._scores)]

    def _raw(self, values: Sequence[float]) -> RawReward:
        measured = tuple(math.isfinite(value) for value in values)
        told = tuple(value if ok else SENTINEL for value, ok in zip(values, measured, strict=True))
        return RawReward(self.name, told, measured)

    def _scores(self, pairs: list[Pair]) -> list[float]:
        """NaN for what cannot be measured."""
        ids = ids_by_text(self._loaded.tokenizer, (text for pair in pairs for text in pair))
        prompts = {prompt: Text((*self._lead, *ids[prompt])) for prompt, _ in pairs}
        texts = [self._text(prompts[prompt], text, ids[text]) for prompt, text in pairs]
        asked = [text for text in texts if text is not None]

        def means(places: Sequence[int], states: Sequence[Tensor]) -> list[float]:
            return self._means([asked[place] for place in places], states)

        found = iter(self._loaded.way.engine.read(asked, Reading.PREDICTING, means))
        return [math.nan if text is None else next(found) for text in texts]

    def _text(self, prompt: Text, completion: str, ids: list[int]) -> Text | None:
        """The completion's part within the window, None where it cannot be measured."""
        if len(completion) <= SHORT or not prompt.ids or prompt.end >= self._loaded.window:
            return None
        within = ids[: self._loaded.window - prompt.end]
        return Text(tuple(within), prompt) if within else None

    def _means(self, texts: Sequence[Text], states: Sequence[Tensor]) -> list[float]:
        rows = torch.cat(list(states))
        ids = torch.tensor([i for text in texts for i in text.ids], device=rows.device)
        repeats = torch.tensor([is_repeat for text in texts for is_repeat in repeated(text.ids)])
        rows_at_once = max(1, (CPU_LOGITS if rows.device.type == "cpu" else GPU_LOGITS) // self._vocabulary)
        parts = zip(*(torch.split(x, rows_at_once) for x in (rows, ids, repeats)), strict=True)
        found = torch.cat([log_probabilities(self._loaded.way.head(part), *rest) for part, *rest in parts])
        means: list[float] = torch.stack(
            [x.mean() for x in torch.split(found, [len(t.ids) for t in texts])]
        ).tolist()
        return means

    @property
    def _vocabulary(self) -> int:
        return int(self._loaded.model.config.vocab_size)


def repeated(ids: Sequence[int]) -> Iterator[bool]:
    """Per token whether it completes an n-gram that ended earlier in `ids`."""
    seen: set[tuple[int, ...]] = set()
    for end in range(1, len(ids) + 1):
        ngram = tuple(ids[end - NGRAM : end]) if end >= NGRAM else ()
        yield ngram in seen
        if ngram:
            seen.add(ngram)


def log_probabilities(logits: Tensor, ids: Tensor, repeats: Tensor) -> Tensor:
    """Of each row's token [rows], penalised where it repeats; `logits` is [rows, vocabulary] and is overwritten."""
    rows = repeats.nonzero().squeeze(1).to(logits.device)
    if len(rows):
        logits[rows, ids[rows]] = logits[rows].mean(dim=1) - 10 * logits[rows].std(dim=1)
    chosen = logits.gather(1, ids.unsqueeze(1)).squeeze(1)
    largest = logits.amax(dim=1)
    # In place: a second array of logits would cost more than the exponentials.
    total = logits.sub_(largest.unsqueeze(1)).exp_().sum(dim=1)
    return chosen - largest - total.log()
