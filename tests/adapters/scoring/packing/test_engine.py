"""Both ways of asking a model, against each other and against the model itself."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from adapters.scoring.packing.attention import Kept
from adapters.scoring.packing.choose import Use, Way, choose
from adapters.scoring.packing.engine import PackedEngine, PlainEngine
from adapters.scoring.packing.texts import Reading, Text
from tests.adapters.scoring.architectures import Size, random_model

SIZE = Size(512)
CPU = torch.device("cpu")
PROMPT = tuple(range(3, 40))
USES = {
    "gpt2-lm": Use.CAUSAL_LM,
    "gptj-lm": Use.CAUSAL_LM,
    "llama-lm": Use.CAUSAL_LM,
    "gptj-reward": Use.CAUSAL_CLASSIFIER,
    "llama-reward": Use.CAUSAL_CLASSIFIER,
    "deberta-reward": Use.CLASSIFIER,
    "bert-reward": Use.CLASSIFIER,
    "roberta-nsfw": Use.CLASSIFIER,
    "bert": Use.ENCODER,
    "mpnet": Use.ENCODER,
}


def texts_behind(prefix: Text | None) -> list[Text]:
    """Of 1 to 200 ids."""
    return [Text(tuple(3 + (7 * n + i) % 900 for i in range(n)), prefix) for n in (1, 200, 2, 40)]


def outputs(way: Way, texts: Sequence[Text], reading: Reading) -> list[Tensor]:
    def heads(_: Sequence[int], states: Sequence[Tensor]) -> list[Tensor]:
        return [way.head(rows) for rows in states]

    return way.engine.read(texts, reading, heads)


def embedded_tokens(model: Any) -> list[int]:
    """Grows by what the model's embedding is given."""
    seen: list[int] = []
    model.get_input_embeddings().register_forward_hook(lambda _m, args, _o: seen.append(args[0].numel()))
    return seen


@pytest.fixture(params=USES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_packed_gives_what_the_model_gives_alone(name: str) -> None:
    """Every known architecture is packed, and its states are those of whole texts, one by one."""
    model, use = random_model(name, SIZE), USES[name]
    way = choose(model, use, CPU)
    assert isinstance(way.engine, PackedEngine), way.plain_because
    texts = texts_behind(Text(PROMPT) if use.is_causal else None)
    for text, found in zip(texts, outputs(way, texts, use.reading), strict=True):
        with torch.inference_mode():
            whole = model(input_ids=torch.tensor([text.whole]))
        expected = whole.logits if hasattr(whole, "logits") else whole[0]
        if use is Use.CAUSAL_LM:
            expected = expected[0, text.start - 1 : -1]
        assert torch.allclose(found, expected.view(found.shape), atol=1e-4)


def test_texts_go_on_from_texts_that_go_on_from_texts() -> None:
    """Three deep, with what is kept from call to call, the last state is that of the whole."""
    model = random_model("gptj-lm", SIZE)
    way, kept = choose(model, Use.CAUSAL_LM, CPU), Kept()
    text = Text(PROMPT)
    for token in (5, 6, 7):
        (found,) = way.engine.read([text], Reading.LAST, lambda _, states: list(states), kept)
        with torch.inference_mode():
            expected = model(input_ids=torch.tensor([text.whole])).logits[0, -1:]
        assert torch.allclose(way.head(found), expected, atol=1e-4)
        text = Text((token,), text)


def test_a_prefix_is_computed_once_however_many_passes_there_are() -> None:
    """The tokens computed are those of the prefix and of the texts."""
    model = random_model("gpt2-lm", SIZE)
    way, seen = choose(model, Use.CAUSAL_LM, CPU), embedded_tokens(model)
    assert isinstance(way.engine, PackedEngine)
    way.engine._budget.tokens = 50
    prefix = Text(PROMPT)
    texts = texts_behind(prefix)
    outputs(way, texts, Reading.PREDICTING)
    assert len(seen) > 2
    assert sum(seen) == len(PROMPT) + sum(len(text.ids) for text in texts)


def test_out_of_memory_changes_no_value() -> None:
    """A model that can take just a few tokens at once says the same, in smaller passes."""
    model = random_model("gpt2-lm", SIZE)
    way = choose(model, Use.CAUSAL_LM, CPU)
    texts = texts_behind(Text(PROMPT))
    expected = outputs(way, texts, Reading.PREDICTING)

    def refuse(_module: object, args: tuple[Tensor, ...]) -> None:
        if args[0].numel() > 210:
            raise torch.OutOfMemoryError("no memory")

    model.get_input_embeddings().register_forward_pre_hook(refuse)
    for found, each in zip(outputs(way, texts, Reading.PREDICTING), expected, strict=True):
        assert torch.allclose(found, each, atol=1e-5)
    assert isinstance(way.engine, PackedEngine)
    assert way.engine._budget.tokens < 243


def sliding() -> Any:
    """Looks at the newest eight tokens alone."""
    torch.manual_seed(7)
    options: dict[str, Any] = {"vocab_size": 1024, "hidden_size": 32, "intermediate_size": 64}
    heads: dict[str, Any] = {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    return MistralForCausalLM(MistralConfig(**options, **heads, sliding_window=8)).train(mode=False)


def biased() -> Any:
    """Positions come in as a bias of its own attention."""
    torch.manual_seed(7)
    config = BloomConfig(vocab_size=1024, hidden_size=32, n_layer=2, n_head=4)
    return BloomForCausalLM(config).train(mode=False)


def capped() -> Any:
    """Scores are capped before the softmax, which the library's fast attention cannot do."""
    torch.manual_seed(7)
    options: dict[str, Any] = {"vocab_size": 1024, "hidden_size": 32, "intermediate_size": 64}
    heads: dict[str, Any] = {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    return Gemma2ForCausalLM(Gemma2Config(**options, **heads, head_dim=8)).train(mode=False)


@pytest.mark.parametrize("make", [sliding, biased, capped])
def test_what_cannot_be_packed_is_asked_plainly(make: Any) -> None:
    """A model that attends in a way of its own says what it says alone, and why it is not packed is told."""
    model = make()
    way = choose(model, Use.CAUSAL_LM, CPU)
    assert isinstance(way.engine, PlainEngine)
    assert way.plain_because
    texts = texts_behind(Text(PROMPT))
    for text, found in zip(texts, outputs(way, texts, Reading.PREDICTING), strict=True):
        with torch.inference_mode():
            expected = model(input_ids=torch.tensor([text.whole])).logits[0, text.start - 1 : -1]
        assert torch.allclose(found, expected, atol=1e-4)


def test_a_packed_way_that_is_wrong_is_not_taken() -> None:
    """A head that scales its logits elsewhere is noticed by the probe."""
    model = random_model("gpt2-lm", SIZE)
    own = model.forward

    def scaled(*args: Any, **kwargs: Any) -> Any:
        output = own(*args, **kwargs)
        output.logits = output.logits * 2
        return output

    model.forward = scaled
    way = choose(model, Use.CAUSAL_LM, CPU)
    assert isinstance(way.engine, PlainEngine)
    assert "differ" in way.plain_because


def test_outside_a_pass_a_model_is_its_own() -> None:
    """Attention is replaced for passes only: called directly, the model gives what it gave before."""
    for name, use in USES.items():
        model, ids = random_model(name, SIZE), torch.tensor([PROMPT])
        with torch.inference_mode():
            before = model(input_ids=ids)[0]
            choose(model, use, CPU)
            assert torch.allclose(model(input_ids=ids)[0], before, atol=1e-4)


def test_packing_holds_in_bfloat16(name: str) -> None:
    """What a GPU computes in: packed states are near those of the model alone, and it is packed all the same."""
    model, use = random_model(name, Size(512, spread=0.05)).bfloat16(), USES[name]
    way = choose(model, use, CPU)
    assert isinstance(way.engine, PackedEngine), way.plain_because
    texts = texts_behind(Text(PROMPT) if use.is_causal else None)
    rough = outputs(way, texts, use.reading)
    exact = outputs(choose(model.float(), use, CPU), texts, use.reading)
    for found, expected in zip(rough, exact, strict=True):
        assert found.dtype == torch.float32 or use is Use.ENCODER
        assert torch.allclose(found.float(), expected, atol=0.1 * float(expected.abs().max()) + 0.02)
