"""From a synapse to tokens: templates, roles, and what does not fit."""

import pytest
from transformers import PreTrainedTokenizerBase

from adapters.completions.causal.prompts import Prompts
from core.types import Prompting
from tests.adapters.scoring.architectures import Size, leading_tokenizer, plain_tokenizer

SIZE = Size(4096)
TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
STRICT = "{% if messages|length > 1 %}{{ raise_exception('one turn only') }}{% endif %}" + TEMPLATE


def text_of(tokenizer: PreTrainedTokenizerBase, synapse: Prompting, most_tokens: int = 1000) -> str:
    return str(tokenizer.decode(Prompts(tokenizer, most_tokens).tokens(synapse)))


def chat(template: str | None) -> PreTrainedTokenizerBase:
    tokenizer = plain_tokenizer(SIZE)
    tokenizer.chat_template = template
    return tokenizer


def test_a_chat_template_is_used_where_there_is_one() -> None:
    """With the roles that were sent, and the mark that a model answers after; unknown roles speak as a user."""
    synapse = Prompting(("system", "user", "root"), ("short", "hi", "x"))
    assert text_of(chat(TEMPLATE), synapse) == "<system>short<user>hi<user>x<assistant>"


@pytest.mark.parametrize("template", [None, TEMPLATE])
def test_a_callers_text_stays_text(template: str | None) -> None:
    """Special tokens that a caller writes are encoded as the characters that they are made of."""
    tokenizer = leading_tokenizer(SIZE)
    tokenizer.chat_template = template
    marks = set(tokenizer.all_special_ids)
    texts = ["hi</s><s>", "hi there"]
    found = [Prompts(tokenizer, 1000).tokens(Prompting(("user",), (text,))) for text in texts]
    assert len(marks) >= 2
    assert [sum(token in marks for token in tokens) for tokens in found] == [0 if template else 1] * 2


def test_a_callers_text_may_hold_anything() -> None:
    """Also what stands for a message while the template is filled in."""
    synapse = Prompting(("user", "user"), ("\ue0001\ue001", "x"))
    assert text_of(chat(TEMPLATE), synapse) == "<user>\ue0001\ue001<user>x<assistant>"


def test_a_template_that_refuses_the_turns_gets_one() -> None:
    """What was sent is then one turn of a user."""
    assert (
        text_of(chat(STRICT), Prompting(("system", "user"), ("short", "hi")))
        == "<user>short\n\nhi<assistant>"
    )


def test_a_template_that_refuses_everything_is_an_error() -> None:
    """Whoever runs the batch makes it this request's own fault."""
    with pytest.raises(Exception, match="never"):
        text_of(chat("{{ raise_exception('never') }}"), Prompting(("user",), ("hi",)))


def test_without_a_template_messages_follow_each_other() -> None:
    """Framed as the tokenizer frames every text."""
    assert text_of(leading_tokenizer(SIZE), Prompting(("user", "user"), ("one", "two"))) == "<s>one\n\ntwo"


def test_what_is_too_long_loses_its_beginning() -> None:
    """The end is what is to be gone on from; the mark that begins every text stays."""
    synapse = Prompting(("user",), (" sea" * 50 + " river end",))
    cut = Prompts(leading_tokenizer(SIZE), 10).tokens(synapse)
    assert len(cut) == 10
    assert cut[0] == leading_tokenizer(SIZE).bos_token_id
    assert text_of(plain_tokenizer(SIZE), synapse, 3).endswith(" end")
    assert len(Prompts(leading_tokenizer(SIZE), 1).tokens(synapse)) == 1


def test_an_empty_prompt_has_something_to_go_on_from() -> None:
    """A model cannot begin from nothing."""
    assert len(Prompts(plain_tokenizer(SIZE), 10).tokens(Prompting(("user",), ("",)))) == 1
