"""`dahoas`: what a causal model with a scalar head makes of a completion, beyond what the completion alone is worth.

    score = value(START + prompt + completion) - value(START + completion)

A text's value is the head's at its last token: there the checkpoint learned it, before the mark that ends a text.

Rules:
- START is the mark that the checkpoint was trained with; it is plain text to its tokenizer.
- What is too long for the context window loses the start of the prompt first, then the end of the completion (in both terms).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from adapters.scoring.batch import Batch, raw_reward
from adapters.scoring.loading import Loaded
from adapters.scoring.once import Pair, once_per_prompt
from adapters.scoring.packing.texts import Reading, Text, distinct
from adapters.scoring.prefixes import Prefixes
from adapters.scoring.tokens import fitted, ids_by_text, plain_ids
from core.types import RawReward

START = "<|startoftext|>"

Ids = tuple[int, ...]


class Dahoas:
    name = "dahoas"

    def __init__(self, loaded: Loaded, head: nn.Linear) -> None:
        self._loaded, self._head = loaded, head
        self._start = tuple(plain_ids(loaded.tokenizer, START))

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        """The difference of values per completion."""
        return [raw_reward(self.name, values) for values in once_per_prompt(steps, self._scores)]

    def _scores(self, pairs: list[Pair]) -> list[float]:
        tokenizer = self._loaded.tokenizer
        ids = ids_by_text(tokenizer, (text for pair in pairs for text in pair))
        room = self._loaded.window - len(self._start)
        cut = [fitted(ids[prompt], ids[text], room) for prompt, text in pairs]
        asked = [((*self._start, *prompt), tuple(text)) for prompt, text in cut]
        alone = [(self._start, tuple(text)) for _, text in cut]
        values = self._values([*asked, *alone])
        return [a - b for a, b in zip(values[: len(asked)], values[len(asked) :], strict=True)]

    def _values(self, parts: list[tuple[Ids, Ids]]) -> list[float]:
        """The head's value at the end of each (prefix, completion); of equal ones once."""
        different, places = distinct(parts)
        prefixes = Prefixes()
        texts = [Text(last, prefixes.of(first)) if last else Text(first) for first, last in different]

        def head(_: Sequence[int], states: Sequence[Tensor]) -> list[float]:
            values: list[float] = self._head(torch.cat(list(states)).float())[:, 0].tolist()
            return values

        values = self._loaded.way.engine.read(texts, Reading.LAST, head)
        return [values[place] for place in places]
