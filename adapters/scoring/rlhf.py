"""`rlhf`: what a reward model thinks of a completion as the reply to the prompt.

The score is the classifier's logit for the pair (prompt, completion), framed as its tokenizer frames a pair.

Rule: what is too long for the context window loses the start of the prompt first, then the end of the completion.
"""

from collections.abc import Sequence

import torch

from adapters.scoring.batch import Batch, raw_reward
from adapters.scoring.loading import Loaded
from adapters.scoring.once import Pair, once_per_prompt
from adapters.scoring.packing.choose import use_of_classifier
from adapters.scoring.packing.texts import Text
from adapters.scoring.tokens import fitted, ids_by_text, pair_frame
from core.types import RawReward


class Rlhf:
    name = "rlhf"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._frame = pair_frame(loaded.tokenizer)
        self._has_types = getattr(loaded.model.config, "type_vocab_size", 0) > 1
        self._reading = use_of_classifier(loaded.model).reading

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        """The logit per completion."""
        return [raw_reward(self.name, values) for values in once_per_prompt(steps, self._logits)]

    def _logits(self, pairs: list[Pair]) -> list[float]:
        tokenizer, way = self._loaded.tokenizer, self._loaded.way
        ids = ids_by_text(tokenizer, (text for pair in pairs for text in pair))
        texts = [self._pair(ids[prompt], ids[completion]) for prompt, completion in pairs]
        return way.engine.read(
            texts, self._reading, lambda _, states: way.head(torch.cat(list(states)))[:, 0].tolist()
        )

    def _pair(self, prompt: list[int], completion: list[int]) -> Text:
        frame = self._frame
        prompt, completion = fitted(prompt, completion, self._loaded.window - frame.size)
        first = (*frame.before, *prompt, *frame.between)
        second = (*completion, *frame.behind)
        types = (*[0] * len(first), *[1] * len(second)) if self._has_types else ()
        return Text((*first, *second), types=types)
