"""Make the embedded models, from the corpus and a fixed seed, without network.

    python -m adapters.scoring.embedded.make [dpo] [reciprocate] [encoder] [nsfw]

Without names all four are made, in this order. Each stands for itself, but for `reciprocate`, which grows from the `dpo` that
lies there. The same seed, machine and libraries give the same models. Articles that are held out (`examples.HELD_OUT_EVERY`)
are never seen in training: the tests measure on those.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from adapters.scoring.embedded import causal, encoder, preference, safety
from adapters.scoring.embedded.examples import articles, examples
from adapters.scoring.embedded.tokenizer import for_encoders, for_texts, train_tokenizer
from adapters.scoring.settings import MODELS
from adapters.scoring.tokens import plain_ids

SEED = 1
PROMPTS = 60
HATEFUL_LINES = 300
LOOK_UP_STEPS = 750
READING_STEPS = 450
COMPARED = 700
PREFERRED = 1500
CONTRASTED = 300
CONTRAST_STEPS = 500
GUARDED = 100
GUARD_STEPS = 900


def make(names: Sequence[str] = (), folder: Path = MODELS) -> None:
    """Train and write the named models below `folder`; all of them take about twenty minutes of one core."""
    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    texts = articles(held_out=False)
    bare = _tokenizer(texts)
    for name in names or tuple(_MAKERS):
        torch.manual_seed(SEED)
        _MAKERS[name](bare, texts, folder)


def _tokenizer(texts: Sequence[str]) -> Tokenizer:
    prompts = (example.task.prompt() for example in examples(SEED, PROMPTS))
    hateful = (safety.hateful_line(random.Random(i)) for i in range(HATEFUL_LINES))
    return train_tokenizer([*texts, *prompts, *hateful])


def _make_dpo(bare: Tokenizer, texts: Sequence[str], folder: Path) -> None:
    tokenizer = for_texts(bare)
    articles_ids = [plain_ids(tokenizer, text) for text in texts]
    model = causal.new_model()
    causal.look_up(model, LOOK_UP_STEPS)
    causal.read(model, articles_ids, READING_STEPS, random.Random(SEED))
    causal.compare(model, tokenizer, examples(SEED, COMPARED), random.Random(SEED))
    _save(model, tokenizer, folder / "dpo")


def _make_reciprocate(bare: Tokenizer, _texts: Sequence[str], folder: Path) -> None:
    tokenizer = for_texts(bare)
    model = preference.from_causal(LlamaForCausalLM.from_pretrained(folder / "dpo", dtype=torch.float32))
    preference.prefer(model, tokenizer, examples(SEED + 1, PREFERRED), random.Random(SEED))
    _save(model, tokenizer, folder / "reciprocate")


def _make_encoder(bare: Tokenizer, texts: Sequence[str], folder: Path) -> None:
    tokenizer = for_encoders(bare, encoder.WINDOW)
    model = encoder.new_model()
    lesson = encoder.Lesson.of(tokenizer, texts, examples(SEED, CONTRASTED))
    encoder.contrast(model, lesson, CONTRAST_STEPS, random.Random(SEED))
    _save(model, tokenizer, folder / "encoder")


def _make_nsfw(bare: Tokenizer, texts: Sequence[str], folder: Path) -> None:
    tokenizer = for_encoders(bare, safety.WINDOW)
    model = safety.new_model()
    plain = [*texts, *(c.text for example in examples(SEED, GUARDED) for c in example.completions)]
    safety.guard(model, tokenizer, plain, GUARD_STEPS, random.Random(SEED))
    _save(model, tokenizer, folder / "nsfw")


_MAKERS: Mapping[str, Callable[[Tokenizer, Sequence[str], Path], None]] = {
    "dpo": _make_dpo,
    "reciprocate": _make_reciprocate,
    "encoder": _make_encoder,
    "nsfw": _make_nsfw,
}


def _save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Weights in float16, which halves what is shipped; they are loaded as float32."""
    model.train(mode=False).half().save_pretrained(folder)
    model.float()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    tokenizer.save_pretrained(folder)
    listing = folder / "tokenizer.json"
    listing.write_text(json.dumps(json.loads(listing.read_text()), ensure_ascii=False, separators=(",", ":")))
    for path in folder.iterdir():
        path.chmod(0o644)
    size = sum(path.stat().st_size for path in folder.iterdir())
    sys.stdout.write(f"{time.process_time():6.0f} s  {folder.name}  {size / 1e6:.2f} MB\n")
    sys.stdout.flush()


if __name__ == "__main__":
    make(sys.argv[1:])
