"""From a synapse to the tokens that a model goes on from."""

from typing import Any

import attrs
from transformers import PreTrainedTokenizerBase

from core.types import Prompting

# Roles that chat templates know; any other speaks as a user.
ROLES = frozenset(("system", "user", "assistant"))
USER = "user"


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
            found: Any = self.tokenizer("\n\n".join(synapse.messages))["input_ids"]
        else:
            # The template brings its own marks.
            found = self.tokenizer(self._templated(synapse), add_special_tokens=False)["input_ids"]
        return list(found)

    def _templated(self, synapse: Prompting) -> str:
        chat = [
            {"role": role if role in ROLES else USER, "content": message}
            for role, message in zip(synapse.roles, synapse.messages, strict=True)
        ]
        try:
            return self._chat(chat)
        except Exception:  # noqa: BLE001 - a template is code of its own: many refuse a system's turn, or two turns of one role
            return self._chat([{"role": USER, "content": "\n\n".join(synapse.messages)}])

    def _chat(self, chat: list[dict[str, str]]) -> str:
        return str(self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))

    def _some_mark(self) -> int:
        """What a model can go on from where there is no text."""
        marks = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id)
        return next((int(mark) for mark in marks if isinstance(mark, int)), 0)
