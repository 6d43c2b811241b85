"""`reciprocate`: what a preference classifier thinks of a completion in a chat.

The score is the classifier's logit for `<|prompter|>PROMPT</s><|assistant|>COMPLETION</s><|endoftext|>`.

Rules:
- The marks are ours: the prompt's and the completion's texts are encoded as plain text, so nobody can forge a turn.
- What is too long for the context window loses the start of the prompt first, then the end of the completion.
"""

import torch

from adapters.scoring.batch import Batch, finite
from adapters.scoring.loading import Loaded
from adapters.scoring.tokens import padded, plain_ids
from core.types import RawReward

OPENING, MIDDLE, CLOSING = "<|prompter|>", "</s><|assistant|>", "</s><|endoftext|>"


class Reciprocate:
    name = "reciprocate"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._opening, self._middle, self._closing = (
            loaded.tokenizer(mark, add_special_tokens=False)["input_ids"]
            for mark in (OPENING, MIDDLE, CLOSING)
        )

    def score(self, batch: Batch) -> RawReward:
        prompt = plain_ids(self._loaded.tokenizer, batch.prompt)
        sequences = [
            self._chat(prompt, plain_ids(self._loaded.tokenizer, completion))
            for completion in batch.completions
        ]
        values = tuple(finite(value) for value in self._logits(sequences))
        return RawReward(self.name, values, tuple(value is not None for value in values))

    def _chat(self, prompt: list[int], completion: list[int]) -> list[int]:
        """The sequence that is judged, at most a window long."""
        room = self._loaded.window - len(self._opening) - len(self._middle) - len(self._closing)
        completion = completion[:room]
        prompt = prompt[max(0, len(prompt) + len(completion) - room) :]
        return [*self._opening, *prompt, *self._middle, *completion, *self._closing]

    @torch.inference_mode()
    def _logits(self, sequences: list[list[int]]) -> list[float]:
        values = [0.0] * len(sequences)
        pad_id = self._pad_id(sequences)
        tokens = {} if pad_id is not None else {"tokens": 1}
        for rectangle in padded(sequences, pad_id or 0, self._loaded.device, **tokens):
            output = self._loaded.model(input_ids=rectangle.ids, attention_mask=rectangle.attention)
            for row, i in enumerate(rectangle.rows):
                values[i] = float(output.logits[row, 0])
        return values

    def _pad_id(self, sequences: list[list[int]]) -> int | None:
        """The id that can pad without moving the judged token, else None: the model looks for its last other id."""
        pad_id: int | None = self._loaded.model.config.pad_token_id
        return None if pad_id is None or any(pad_id in ids for ids in sequences) else pad_id
