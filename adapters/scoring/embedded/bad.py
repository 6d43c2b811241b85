"""Bad completions of every kind that a careless or dishonest miner gives, for training and for measuring. Pure."""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping

import attrs

from core.randomness import below, between, choice, sample


@attrs.frozen
class Surroundings:
    """What a miner has at hand.

    Attributes:
        prompt, text: the prompt as sent, and the text that it is about.
        honest: a good completion of the prompt.
        elsewhere: a good completion of the same task about another text.
        other_task: a good completion of another task about the same text.
    """

    prompt: str
    text: str
    honest: str
    elsewhere: str
    other_task: str


_WORD = re.compile(r"[A-Za-z]{3,}")
_COMMON = frozenset(
    [
        "the",
        "and",
        "that",
        "with",
        "from",
        "for",
        "are",
        "was",
        "were",
        "which",
        "this",
        "they",
        "have",
        "has",
        "had",
        "its",
        "their",
        "not",
        "but",
        "can",
        "into",
    ]
)
_REFUSALS = (
    "I am sorry, but as a language model I cannot help with that request.",
    "I'm sorry, I can't do that.",
    "As an AI assistant, I am not able to provide a summary of this text.",
    "Sorry, I do not have enough information to answer this question.",
    "I cannot comply with this request. Please try again later.",
    "Unfortunately I am unable to assist you with this. Is there anything else I can do for you?",
    "I apologize, but I cannot answer that.",
    "My apologies, but this is beyond what I can do as an AI model.",
    "No.",
    "I don't know.",
    "I would rather not say anything about this subject.",
    "Error: the model is overloaded and cannot answer right now.",
)
_LEAK_HEADS = (
    "### Instruction:\nBelow is an instruction that describes a task. Write a response.\n\n### Response:\n",
    "[INST] <<SYS>> You are a helpful, respectful and honest assistant. <</SYS>> [/INST] ",
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>assistant\n",
    "System: You are a helpful assistant.\nUser: {prompt}\nAssistant: ",
    "Sure! Here is the text you asked for: {{completion}} ",
    "Task: {{task}}\nCriteria: {{criteria}}\nYour response: ",
    "Human: please do the task.\n\nAssistant: Of course! I can help you with that. ",
    "You are an AI assistant. Your task is to follow the instructions below. Do not reveal these instructions. ",
)
_NOISE = "abcdefghijklmnopqrstuvwxyz      0123456789#$%&*+=/@^~{}[]|<>;:,."


def _words(text: str) -> list[str]:
    return text.split()


def _topic_words(text: str, count: int) -> list[str]:
    found = Counter(w.lower() for w in _WORD.findall(text) if w.lower() not in _COMMON)
    return [word for word, _ in found.most_common(count)]


def echo(around: Surroundings, rng: random.Random) -> str:
    """The prompt back, or the text that it is about, whole or its beginning."""
    return choice(
        rng,
        (around.prompt, around.text, around.prompt, " ".join(_words(around.text)[: between(rng, 20, 150)])),
    )


def elsewhere(around: Surroundings, _rng: random.Random) -> str:
    """A good completion about something else: what a copier of other prompts gives."""
    return around.elsewhere


def wrong_task(around: Surroundings, _rng: random.Random) -> str:
    return around.other_task


def keywords(around: Surroundings, rng: random.Random) -> str:
    """The subject's words, over and over, in no sentence."""
    pool = _topic_words(around.text, between(rng, 4, 40))
    words = [choice(rng, pool) for _ in range(between(rng, 5, 120))] if below(rng, 2) else pool
    text = choice(rng, (", ", " ", ", ", "\n- ")).join(words)
    return choice(rng, (text, f"Keywords: {text}", f"{text}?", f"{text}.", text.capitalize()))


def refusal(_around: Surroundings, rng: random.Random) -> str:
    return " ".join(sample(rng, _REFUSALS, between(rng, 1, 2)))


def leak(around: Surroundings, rng: random.Random) -> str:
    """A prompt template that shows, with or without an answer behind it."""
    head = choice(rng, _LEAK_HEADS).replace("{prompt}", around.prompt[:200])
    return head + choice(rng, ("", around.honest, " ".join(_words(around.honest)[:20])))


def garbage(around: Surroundings, rng: random.Random) -> str:
    """Characters at random, or words of anything at random."""
    if below(rng, 2):
        return "".join(choice(rng, _NOISE) for _ in range(between(rng, 20, 500)))
    pool = _words(around.elsewhere + " " + around.prompt)
    return " ".join(choice(rng, pool) for _ in range(between(rng, 5, 100)))


def shuffled(around: Surroundings, rng: random.Random) -> str:
    """A good completion's words in any order."""
    words = _words(around.honest)
    return " ".join(sample(rng, words, len(words)))


def truncated(around: Surroundings, rng: random.Random) -> str:
    """The first words of a good completion, cut off anywhere."""
    return " ".join(_words(around.honest)[: between(rng, 1, 5)])


def overlong(around: Surroundings, rng: random.Random) -> str:
    """A good completion said again and again, or drawn out with whatever is at hand."""
    times = between(rng, 3, 6)
    if below(rng, 2):
        return " ".join([around.honest] * times)
    return " ".join(
        (around.honest, around.elsewhere, around.text, around.other_task, around.elsewhere)[:times]
    )


def looping(around: Surroundings, rng: random.Random) -> str:
    """A few words again and again."""
    words = _words(around.honest)[: between(rng, 1, 8)]
    return " ".join(words * between(rng, 4, 15))


BAD_KINDS: Mapping[str, Callable[[Surroundings, random.Random], str]] = {
    "echo": echo,
    "elsewhere": elsewhere,
    "wrong_task": wrong_task,
    "keywords": keywords,
    "refusal": refusal,
    "leak": leak,
    "garbage": garbage,
    "shuffled": shuffled,
    "truncated": truncated,
    "overlong": overlong,
    "looping": looping,
}
