"""Tiny models with random weights, saved to folders, for tests that compare with a reference."""

from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedModel,
)

from adapters.scoring.batch import Batch, batch_of
from adapters.scoring.embedded.tokenizer import for_encoders, for_texts, train_tokenizer
from adapters.scoring.settings import ModelRef
from core.types import TaskType

WORDS = "the sea is deep and blue while rivers carry stones down to it every single day of a long year "
VOCABULARY = 2048
WINDOW = 64


def llama_config() -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=WINDOW,
        initializer_range=0.3,
        pad_token_id=0,
    )


def bert_config() -> BertConfig:
    return BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=WINDOW,
        initializer_range=0.3,
        pad_token_id=0,
    )


def save_tiny_models(folder: Path) -> Path:
    """Folders lm, classifier, encoder and nsfw below `folder`."""
    torch.manual_seed(7)
    tokenizer = train_tokenizer([WORDS])
    one_label = llama_config()
    one_label.num_labels = 1
    models: dict[str, PreTrainedModel] = {
        "lm": LlamaForCausalLM(llama_config()),
        "classifier": LlamaForSequenceClassification(one_label),  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
        "encoder": BertModel(bert_config()),
        "nsfw": BertForSequenceClassification(bert_config()),
    }
    for name, model in models.items():
        model.save_pretrained(folder / name)
        is_encoder = name in {"encoder", "nsfw"}
        (for_encoders(tokenizer, WINDOW) if is_encoder else for_texts(tokenizer)).save_pretrained(
            folder / name
        )
    return folder


def ref(folder: Path, name: str, flag: str = "--reward.test_model") -> ModelRef:
    return ModelRef(flag, str(folder / name))


def step(*completions: str, prompt: str = "is the sea deep", base_text: str = "the sea is deep") -> Batch:
    return batch_of(TaskType.ANSWER, prompt, base_text, completions)
