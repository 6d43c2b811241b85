"""Make the embedded models: `python -m adapters.scoring.embedded.make`, from the corpus and a fixed seed, no network.

The same seed, machine and libraries give the same models. Articles that are held out (`examples.HELD_OUT_EVERY`) are never
seen in training: the tests measure on those.
"""

import json
import random
import sys
import time
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from adapters.scoring.embedded import causal, encoder, preference, safety
from adapters.scoring.embedded.examples import Example, articles, examples
from adapters.scoring.embedded.tokenizer import for_encoders, for_texts, train_tokenizer
from adapters.scoring.settings import MODELS
from adapters.scoring.tokens import plain_ids

SEED = 1
COMPARED = 700
PREFERRED = 1500
LOOK_UP_STEPS = 750
READING_STEPS = 450
CONTRAST_STEPS = 500
GUARD_STEPS = 900


def make(folder: Path = MODELS) -> None:
    """Train and write all four models below `folder`; takes some minutes."""
    torch.manual_seed(SEED)
    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    texts = articles(held_out=False)
    material = examples(SEED, COMPARED + PREFERRED)
    hateful = [safety.hateful_line(random.Random(i)) for i in range(300)]
    bare = train_tokenizer([*texts, *(example.task.prompt() for example in material[:60]), *hateful])
    tokenizer = for_texts(bare)
    language_model = _language_model(tokenizer, texts, material[:COMPARED])
    _save(language_model, tokenizer, folder / "dpo")
    classifier = preference.from_causal(language_model)
    preference.prefer(classifier, tokenizer, material[COMPARED:], random.Random(SEED))
    _save(classifier, tokenizer, folder / "reciprocate")
    body = encoder.new_model()
    framed = for_encoders(bare, encoder.WINDOW)
    lesson = encoder.Lesson.of(framed, texts, material)
    encoder.contrast(body, lesson, CONTRAST_STEPS, random.Random(SEED))
    _save(body, framed, folder / "encoder")
    guard = safety.new_model()
    framed = for_encoders(bare, safety.WINDOW)
    plain = [*texts, *(c.text for example in material for c in example.completions)]
    safety.guard(guard, framed, plain, GUARD_STEPS, random.Random(SEED))
    _save(guard, framed, folder / "nsfw")


def _language_model(
    tokenizer: PreTrainedTokenizerBase, texts: tuple[str, ...], material: tuple[Example, ...]
) -> LlamaForCausalLM:
    model = causal.new_model()
    causal.look_up(model, LOOK_UP_STEPS)
    causal.read(model, [plain_ids(tokenizer, text) for text in texts], READING_STEPS, random.Random(SEED))
    causal.compare(model, tokenizer, material, random.Random(SEED))
    return model


def _save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Weights in float16, which halves what is shipped; they are loaded as float32."""
    model.train(mode=False).half().save_pretrained(folder)
    model.float()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    tokenizer.save_pretrained(folder)
    listing = folder / "tokenizer.json"
    listing.write_text(json.dumps(json.loads(listing.read_text()), ensure_ascii=False, separators=(",", ":")))
    size = sum(path.stat().st_size for path in folder.iterdir())
    sys.stdout.write(f"{time.process_time():6.0f} s  {folder.name}  {size / 1e6:.2f} MB\n")
    sys.stdout.flush()


if __name__ == "__main__":
    make()
