"""`reciprocate`: what a preference classifier thinks of a completion in a chat.

The score is the classifier's logit for `<|prompter|>PROMPT</s><|assistant|>COMPLETION</s><|endoftext|>`, read at its last token.

Rules:
- The marks are ours: the prompt's and the completion's texts are encoded as plain text, so nobody can forge a turn.
- What is too long for the context window loses the start of the prompt first, then the end of the completion.
"""

from collections.abc import Sequence

import torch

from adapters.scoring.batch import Batch, raw_reward
from adapters.scoring.loading import Loaded
from adapters.scoring.once import Pair, once_per_prompt
from adapters.scoring.packing.texts import Reading, Text
from adapters.scoring.prefixes import Prefixes
from adapters.scoring.tokens import fitted, ids_by_text
from core.types import RawReward

OPENING, MIDDLE, CLOSING = "<|prompter|>", "</s><|assistant|>", "</s><|endoftext|>"


class Reciprocate:
    name = "reciprocate"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._opening, self._middle, self._closing = (
            tuple(loaded.tokenizer(mark, add_special_tokens=False)["input_ids"])
            for mark in (OPENING, MIDDLE, CLOSING)
        )

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        """The logit per completion."""
        return [raw_reward(self.name, values) for values in once_per_prompt(steps, self._logits)]

    def _logits(self, pairs: list[Pair]) -> list[float]:
        chats, way = self._chats(pairs), self._loaded.way
        return way.engine.read(
            chats, Reading.LAST, lambda _, states: way.head(torch.cat(list(states)))[:, 0].tolist()
        )

    def _chats(self, pairs: list[Pair]) -> list[Text]:
        """The sequences that are judged, at most a window long; those of one prompt go on from it."""
        tokenizer, prefixes = self._loaded.tokenizer, Prefixes()
        ids = ids_by_text(tokenizer, (text for pair in pairs for text in pair))
        room = self._loaded.window - len(self._opening) - len(self._middle) - len(self._closing)
        chats = []
        for prompt, text in pairs:
            before, completion = fitted(ids[prompt], ids[text], room)
            prefix = prefixes.of((*self._opening, *before, *self._middle))
            chats.append(Text((*completion, *self._closing), prefix))
        return chats
