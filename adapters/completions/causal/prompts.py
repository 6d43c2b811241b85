"""From a synapse to the tokens that a model goes on from.

Rule: special tokens come from the model's own template and frame. A caller's text stays text, whatever it holds.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from transformers import PreTrainedTokenizerBase

from adapters.scoring.tokens import frame, plain_ids
from core.types import Prompting

# Roles that chat templates know; any other speaks as a user.
ROLES = frozenset(("system", "user", "assistant"))
USER = "user"
# Stands for a message while the template is filled in: two marks of the private use area around its number.
_PLACE = "\ue000{}\ue001"
_PLACES = re.compile("\ue000([0-9]+)\ue001")


@attrs.frozen(eq=False)
class Prompts:
    """Makes prompts of one model.

    Attributes:
        most_tokens: of a prompt; a longer one loses its beginning, but for the mark that begins every text.
    """

    tokenizer: PreTrainedTokenizerBase
    most_tokens: int

    def tokens(self, synapse: Prompting) -> list[int]:
        """One token at least, `most_tokens` at most."""
        tokens: list[int] = self._all_tokens(synapse) or [self._some_mark()]
        if len(tokens) <= self.most_tokens:
            return tokens
        head = tokens[:1] if tokens[0] == self.tokenizer.bos_token_id and self.most_tokens > 1 else []
        return head + tokens[len(tokens) - self.most_tokens + len(head) :]

    def _all_tokens(self, synapse: Prompting) -> list[int]:
        if self.tokenizer.chat_template is None:
            before, _ = frame(self.tokenizer)
            return [*before, *plain_ids(self.tokenizer, "\n\n".join(synapse.messages))]
        roles = [role if role in ROLES else USER for role in synapse.roles]
        try:
            return list(self._templated(roles, synapse.messages))
        except Exception:  # noqa: BLE001 - a template is code of its own: many refuse a system's turn, or two turns of one role
            return list(self._templated([USER], ["\n\n".join(synapse.messages)]))

    def _templated(self, roles: Sequence[str], messages: Sequence[str]) -> Iterator[int]:
        """The template's text with its special tokens, the messages without any."""
        chat = [{"role": role, "content": _PLACE.format(i)} for i, role in enumerate(roles)]
        text = self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        for i, part in enumerate(_PLACES.split(str(text))):
            if i % 2:
                yield from plain_ids(self.tokenizer, messages[int(part)])
            elif part:
                ids: Any = self.tokenizer(part, add_special_tokens=False)["input_ids"]
                yield from ids

    def _some_mark(self) -> int:
        """What a model can go on from where there is no text."""
        marks = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id)
        return next((int(mark) for mark in marks if isinstance(mark, int)), 0)
