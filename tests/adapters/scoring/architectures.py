"""Random models of every architecture that the reward stack packs, and of some that it does not, saved to folders, each with a tokenizer that suits it.

Rules:
- Weights are drawn wide enough that different texts get clearly different numbers.
- The same name and size give the same model.
- A size is data: the tests use `WIDE` (3000 tokens fit) and `NARROW` (texts are cut), the benchmark one of its own.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BertForSequenceClassification,
    BertModel,
    DebertaV2ForSequenceClassification,
    DistilBertForSequenceClassification,
    DistilBertModel,
    GPT2LMHeadModel,
    GPTJForCausalLM,
    GPTJForSequenceClassification,
    GPTNeoForCausalLM,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    MistralForCausalLM,
    MPNetModel,
    PreTrainedTokenizerFast,
    RobertaForSequenceClassification,
)

from adapters.contexts.corpus import read_articles
from adapters.scoring.embedded.tokenizer import END, MARKS, PAD, START, wrapped

# Positions of RoBERTa and MPNet that stand for no token.
OFFSET = 2
# Tokens that an attention with a sliding window looks back.
NEAR = 8
# Rows of a grading model's head for these tokens are this many times as long, so that it says numbers.
LOUD, NUMERALS = 6.0, (*"0123456789", ".", "Ġ")


@attrs.frozen
class Size:
    """How large a model is.

    Attributes:
        window: most tokens of one sequence.
        vocabulary: tokens, special ones included.
        spread: standard deviation of the weights.
    """

    window: int
    layers: int = 2
    width: int = 32
    heads: int = 4
    vocabulary: int = 1024
    spread: float = 0.2

    def told(self) -> str:
        shape = f"{self.layers} layers, width {self.width}, {self.heads} heads"
        return f"{shape}, {self.vocabulary} tokens, window {self.window}"


WIDE, NARROW = Size(4096), Size(64)


def trained_tokenizer(vocabulary: int, specials: tuple[str, ...] = (PAD, START, END, *MARKS)) -> Tokenizer:
    """Byte-level BPE of the shipped corpus; the special tokens have the first ids."""
    return Tokenizer.from_str(_trained(vocabulary, specials))


@cache
def _trained(vocabulary: int, specials: tuple[str, ...]) -> str:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((article.text for article in read_articles()), trainer)
    return str(tokenizer.to_str())


def plain_tokenizer(size: Size) -> PreTrainedTokenizerFast:
    """For language models and chats: adds nothing by itself."""
    return wrapped(trained_tokenizer(size.vocabulary), size.window)


def leading_tokenizer(size: Size) -> PreTrainedTokenizerFast:
    """As Llama's: a start mark before every text."""
    return wrapped(_framed(size, f"{START} $A", f"{START} $A {START} $B"), size.window)


def bert_tokenizer(size: Size) -> PreTrainedTokenizerFast:
    """Frames a text as BERT and DeBERTa do; of a pair, the second text and its end have type 1."""
    single = f"{START} $A {END}"
    return wrapped(_framed(size, single, f"{single} $B:1 {END}:1"), size.window)


def roberta_tokenizer(size: Size) -> PreTrainedTokenizerFast:
    """Frames a text as RoBERTa and MPNet do; padding has id 1."""
    single = f"{START} $A {END}"
    return wrapped(_framed(size, single, f"{single} {END} $B {END}", (START, PAD)), size.window)


def _framed(size: Size, single: str, pair: str, first: tuple[str, str] = (PAD, START)) -> Tokenizer:
    tokenizer = trained_tokenizer(size.vocabulary, (*first, END, *MARKS))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single,
        pair=pair,
        special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in (START, END)],
    )
    return tokenizer


_MARKS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}

Options = dict[str, Any]


def _gpt_options(size: Size) -> Options:
    """GPT-2 and GPT-J."""
    return _MARKS | {
        "vocab_size": size.vocabulary,
        "n_positions": size.window,
        "n_embd": size.width,
        "n_layer": size.layers,
        "n_head": size.heads,
        "initializer_range": size.spread,
    }


def _gptj_options(size: Size) -> Options:
    return _gpt_options(size) | {"rotary_dim": size.width // size.heads // 2, "num_labels": 1}


def _basic_options(size: Size) -> Options:
    return {
        "vocab_size": size.vocabulary,
        "hidden_size": size.width,
        "intermediate_size": 4 * size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "max_position_embeddings": size.window,
        "initializer_range": size.spread,
    }


def _llama_options(size: Size) -> Options:
    """Two heads share a key and a value."""
    return _basic_options(size) | _MARKS | {"num_key_value_heads": size.heads // 2, "num_labels": 1}


def _bert_options(labels: int) -> Callable[[Size], Options]:
    return lambda size: _basic_options(size) | {"type_vocab_size": 2, "pad_token_id": 0, "num_labels": labels}


def _deberta_options(size: Size) -> Options:
    """As `microsoft/deberta-v3-large` is set up."""
    return _basic_options(size) | {
        "type_vocab_size": 0,
        "pad_token_id": 0,
        "num_labels": 1,
        "relative_attention": True,
        "max_relative_positions": -1,
        "position_buckets": min(256, size.width),
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
    }


def _roberta_options(size: Size) -> Options:
    """RoBERTa and MPNet number positions from behind that of padding."""
    return _basic_options(size) | {
        "max_position_embeddings": size.window + OFFSET,
        "type_vocab_size": 1,
        "pad_token_id": 1,
        "num_labels": 2,
    }


def _distilbert_options(size: Size) -> Options:
    return {
        "vocab_size": size.vocabulary,
        "dim": size.width,
        "hidden_dim": 4 * size.width,
        "n_layers": size.layers,
        "n_heads": size.heads,
        "max_position_embeddings": size.window,
        "initializer_range": size.spread,
        "pad_token_id": 0,
    }


def _gpt_neo_options(size: Size) -> Options:
    """Every other layer looks back a few tokens only."""
    return _MARKS | {
        "vocab_size": size.vocabulary,
        "hidden_size": size.width,
        "num_layers": size.layers,
        "num_heads": size.heads,
        "attention_types": [[["global", "local"], size.layers // 2]],
        "window_size": NEAR,
        "max_position_embeddings": size.window,
        "initializer_range": size.spread,
    }


@attrs.frozen
class Architecture:
    """How one is made.

    Attributes:
        model: its class.
        options: of its configuration, by size.
        tokenizer: what suits it, by size.
    """

    model: Any
    options: Callable[[Size], Options]
    tokenizer: Callable[[Size], PreTrainedTokenizerFast] = plain_tokenizer


ARCHITECTURES: Mapping[str, Architecture] = {
    "gpt2-lm": Architecture(GPT2LMHeadModel, _gpt_options),
    "gptj-lm": Architecture(GPTJForCausalLM, _gptj_options),
    "llama-lm": Architecture(LlamaForCausalLM, _llama_options, leading_tokenizer),
    "gpt-neo-lm": Architecture(GPTNeoForCausalLM, _gpt_neo_options),
    "mistral-lm": Architecture(
        MistralForCausalLM, lambda size: _llama_options(size) | {"sliding_window": NEAR}, leading_tokenizer
    ),
    "gptj-reward": Architecture(GPTJForSequenceClassification, _gptj_options),
    "llama-reward": Architecture(LlamaForSequenceClassification, _llama_options, leading_tokenizer),
    "deberta-reward": Architecture(DebertaV2ForSequenceClassification, _deberta_options, bert_tokenizer),
    "bert-reward": Architecture(BertForSequenceClassification, _bert_options(1), bert_tokenizer),
    "roberta-nsfw": Architecture(RobertaForSequenceClassification, _roberta_options, roberta_tokenizer),
    "bert-nsfw": Architecture(BertForSequenceClassification, _bert_options(2), bert_tokenizer),
    "bert": Architecture(BertModel, _bert_options(2), bert_tokenizer),
    "mpnet": Architecture(MPNetModel, _roberta_options, roberta_tokenizer),
    "distilbert-nsfw": Architecture(DistilBertForSequenceClassification, _distilbert_options, bert_tokenizer),
    "distilbert": Architecture(DistilBertModel, _distilbert_options, bert_tokenizer),
}
# Those that are not packed: unknown, or with an attention that packs do not know.
PLAIN = {"gpt-neo-lm", "mistral-lm", "distilbert-nsfw", "distilbert"}


def random_model(name: str, size: Size, seed: int = 7, **more: Any) -> Any:
    """On the default device and in the default dtype; `more` are options of its configuration."""
    torch.manual_seed(seed)
    kind = ARCHITECTURES[name].model
    return kind(kind.config_class(**ARCHITECTURES[name].options(size) | more)).eval()


def save_model(name: str, size: Size, folder: Path) -> Path:
    """The model's folder, `folder / name`."""
    target = folder / name
    random_model(name, size).save_pretrained(target)
    ARCHITECTURES[name].tokenizer(size).save_pretrained(target)
    return target


def random_grader(name: str, size: Size) -> Any:
    """A language model with a head of its own that mostly says numbers, some above 10."""
    vocabulary = ARCHITECTURES[name].tokenizer(size).get_vocab()
    model = random_model(name, size, tie_word_embeddings=False)
    with torch.no_grad():
        model.get_output_embeddings().weight[[vocabulary[token] for token in NUMERALS]] *= LOUD
    return model


def save_grader(name: str, size: Size, folder: Path) -> Path:
    target = folder / f"{name}-grader"
    random_grader(name, size).save_pretrained(target)
    ARCHITECTURES[name].tokenizer(size).save_pretrained(target)
    return target


def save_dahoas(size: Size, folder: Path) -> tuple[Path, Path, Path]:
    """Folders of a body as it was before training, and of a trained checkpoint twice: pickled and as safetensors."""
    untrained, trained = folder / "dahoas-body", random_model("gptj-lm", size)
    random_model("gptj-lm", size, seed=8).save_pretrained(untrained)
    plain_tokenizer(size).save_pretrained(untrained)
    weights = {k: v.contiguous() for k, v in trained.state_dict().items() if k.startswith("transformer.")}
    weights["v_head.weight"] = size.spread * torch.randn(1, size.width)
    pickled, safe = folder / "dahoas-pickled", folder / "dahoas-safe"
    for place in (pickled, safe):
        place.mkdir()
    torch.save(weights, pickled / "hf_ckpt.pt")
    save_file(weights, safe / "model.safetensors")
    return untrained, pickled, safe
