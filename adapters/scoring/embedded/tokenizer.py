"""One small byte-level BPE tokenizer for all embedded models, trained on the corpus and on the wording of prompts."""

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
PAD, START, END = "<|pad|>", "<s>", "</s>"
MARKS = ("<|prompter|>", "<|assistant|>", "<|endoftext|>")
WINDOW = 2048


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """The same texts give the same tokenizer."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, START, END, *MARKS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def for_texts(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """For language models and chats: adds nothing by itself."""
    return wrapped(Tokenizer.from_str(tokenizer.to_str()), WINDOW)


def for_encoders(tokenizer: Tokenizer, window: int) -> PreTrainedTokenizerFast:
    """Frames a text as `<s> text </s>`."""
    framed = Tokenizer.from_str(tokenizer.to_str())
    framed.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(mark, framed.token_to_id(mark)) for mark in (START, END)],
    )
    return wrapped(framed, window)


def wrapped(tokenizer: Tokenizer, window: int) -> PreTrainedTokenizerFast:
    """As `transformers` wants it, with the special tokens named."""
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
        tokenizer_object=tokenizer,
        model_max_length=window,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        additional_special_tokens=list(MARKS),
    )
