"""Training passes over a prompt and its completions: the prompt is computed once for all of them."""

from collections.abc import Sequence

import attrs
import torch
from torch import Tensor
from torch.nn.functional import softplus
from transformers import PreTrainedModel


@attrs.frozen(eq=False)
class Group:
    """A prompt and its completions as ids, right-padded with 0.

    Attributes:
        prompt: [1, P].
        ids: [n, C], each row a completion.
        lengths: [n], at least 1.
        grades: [n].
    """

    prompt: Tensor
    ids: Tensor
    lengths: Tensor
    grades: Tensor


def group_of(prompt: Sequence[int], completions: Sequence[tuple[Sequence[int], int]]) -> Group:
    width = max(len(ids) for ids, _ in completions)
    rows = [[*ids, *[0] * (width - len(ids))] for ids, _ in completions]
    return Group(
        torch.tensor([list(prompt)]),
        torch.tensor(rows),
        torch.tensor([len(ids) for ids, _ in completions]),
        torch.tensor([grade for _, grade in completions]),
    )


def hidden_states(body: PreTrainedModel, group: Group) -> tuple[Tensor, Tensor]:
    """Last hidden states of the prompt [1, P, d] and of the completions behind it [n, C, d]."""
    first = body(input_ids=group.prompt, use_cache=True)
    cache = first.past_key_values
    cache.batch_repeat_interleave(len(group.ids))
    places = torch.arange(group.ids.shape[1])
    attention = (places < group.lengths.unsqueeze(1)).long()
    seen = torch.ones(len(group.ids), group.prompt.shape[1], dtype=torch.long)
    second = body(
        input_ids=group.ids,
        attention_mask=torch.cat([seen, attention], dim=1),
        past_key_values=cache,
        use_cache=True,
    )
    return first.last_hidden_state, second.last_hidden_state


def ranking_loss(scores: Tensor, grades: Tensor, scale: float) -> Tensor:
    """Mean of `softplus(margin - difference)` over pairs of unlike grade, the margin being the difference of grades."""
    margin = (grades.unsqueeze(1) - grades.unsqueeze(0)).float()
    difference = scale * (scores.unsqueeze(1) - scores.unsqueeze(0))
    better = margin > 0
    return softplus(margin[better] - difference[better]).mean()
