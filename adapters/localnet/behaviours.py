"""The zoo of the local subnet: what each kind of miner does with a prompt.

Rules:
- Fifteen miners work honestly, five of each quality; twelve do not, one of each kind.
- What a miner says follows from its key and the prompt alone, but for the copycat, which needs its victim's last answer.
- A behaviour shapes text, timing and availability of an answer. Nothing else is a miner's to shape.
"""

import random
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import assert_never

import anyio
import attrs

from adapters.localnet.extractive import Quality, complete
from adapters.localnet.ranking import sentences_of
from adapters.localnet.reading import read_prompt
from core.prompts import OPENINGS
from core.randomness import below, between, choice, generator, sample
from core.types import Hotkey, Prompting, TaskType


class Behaviour(StrEnum):
    """Kinds of miners, by the names that summaries show."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    SILENT = "silent"
    SLOW = "slow"
    REFUSING = "refusing"
    EMPTY = "empty"
    ECHO = "echo"
    COPYCAT = "copycat"
    STUFFING = "stuffing"
    LEAKING = "leaking"
    GARBAGE = "garbage"
    OVERLONG = "overlong"
    WRONG_TASK = "wrong_task"
    HTTP_ERROR = "http_error"

    @property
    def honest(self) -> bool:
        return self in _QUALITIES


_QUALITIES = {
    Behaviour.GOOD: Quality.GOOD,
    Behaviour.FAIR: Quality.FAIR,
    Behaviour.POOR: Quality.POOR,
}
_HONEST_OF_EACH = 5
SLOW_S = 15.0
OVERLONG_BYTES = 1024 * 1024 + 64 * 1024
_LEAST_THINK_S, _MOST_THINK_S = 0.02, 0.2
_STUFFED_WORDS = 120
_KEYS = 2**32
_GARBAGE_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789{}[]()<>#$%&*+=~^|;:"
POPULATION: tuple[Behaviour, ...] = (
    *(behaviour for _ in range(_HONEST_OF_EACH) for behaviour in _QUALITIES),
    *(behaviour for behaviour in Behaviour if not behaviour.honest),
)


def population(seed: int) -> tuple[Behaviour, ...]:
    """The zoo in the order of its uids, which the seed shuffles: no uid tells a behaviour."""
    return sample(generator(seed, "population"), POPULATION, len(POPULATION))


class MinerFailure(Exception):
    """What the `http_error` miner runs into; its axon answers 500."""


@attrs.define
class Memory:
    """The latest answer of each honest miner, by hotkey: what a copycat can lay its hands on."""

    answers: dict[Hotkey, str] = attrs.Factory(dict)


@attrs.frozen
class Miner:
    """A miner of the local subnet.

    Attributes:
        key: of all its choices.
        victim: whose answers a copycat gives again; None for any other miner.
        slow_s: how long a slow miner takes; longer than validators wait.
    """

    hotkey: Hotkey
    behaviour: Behaviour
    key: int
    memory: Memory
    victim: Hotkey | None = None
    slow_s: float = SLOW_S

    async def forward(self, synapse: Prompting, _caller: Hotkey) -> AsyncIterator[str]:
        """The completion, in one piece; what an axon hands its requests to."""
        prompt = synapse.messages[-1]
        # What a copycat gives is older than the prompt, so it is taken before any time passes.
        stolen = self.memory.answers.get(self.victim, "") if self.victim else ""
        await self._take_time(prompt)
        if self.behaviour is Behaviour.HTTP_ERROR:
            raise MinerFailure("this miner always fails")
        text = stolen if self.behaviour is Behaviour.COPYCAT else say(self.behaviour, prompt, self.key)
        if self.behaviour.honest:
            self.memory.answers[self.hotkey] = text
        yield text

    async def _take_time(self, prompt: str) -> None:
        if self.behaviour is Behaviour.SILENT:
            await anyio.sleep_forever()
        if self.behaviour is Behaviour.SLOW:
            await anyio.sleep(self.slow_s)
        share = generator(self.key, "think", prompt).random()
        await anyio.sleep(_LEAST_THINK_S + share * (_MOST_THINK_S - _LEAST_THINK_S))


def say(behaviour: Behaviour, prompt: str, key: int) -> str:
    """What a miner of this kind answers to the prompt; "" for those that answer nothing, and for the copycat."""
    match behaviour:
        case Behaviour.GOOD | Behaviour.FAIR | Behaviour.POOR:
            return complete(prompt, key=key, quality=_QUALITIES[behaviour])
        case Behaviour.SLOW:
            return complete(prompt, key=key)
        case Behaviour.SILENT | Behaviour.EMPTY | Behaviour.COPYCAT | Behaviour.HTTP_ERROR:
            return ""
        case Behaviour.ECHO:
            return prompt
        case (
            Behaviour.REFUSING
            | Behaviour.STUFFING
            | Behaviour.LEAKING
            | Behaviour.GARBAGE
            | Behaviour.OVERLONG
            | Behaviour.WRONG_TASK
        ):
            return _TRICKS[behaviour](prompt, generator(key, behaviour, prompt))
        case _:
            assert_never(behaviour)


def _refuse(_prompt: str, _rng: random.Random) -> str:
    return (
        "I am sorry, but as a language model I am not able to help with this request."
        " Please let me know if there is anything else that I can do for you."
    )


def _stuff(prompt: str, rng: random.Random) -> str:
    """The longest words of the text, over and over, as a list of terms."""
    words = sorted(
        {word.strip(".,;:?!") for word in read_prompt(prompt).text.split()},
        key=lambda word: (len(word), word),
    )[-20:]
    return ", ".join(choice(rng, words) for _ in range(_STUFFED_WORDS)) if words else "keyword"


def _leak(prompt: str, rng: random.Random) -> str:
    """A text between the marks and labels of a chat template."""
    text = complete(prompt, key=below(rng, _KEYS))
    return (
        f"### System: You are a helpful assistant.\n### Instruction:\nQuestion: ?\nAnswer: {text}\n<|im_end|>"
    )


def _garble(_prompt: str, rng: random.Random) -> str:
    words = ("".join(choice(rng, _GARBAGE_SIGNS) for _ in range(between(rng, 2, 10))) for _ in range(60))
    return " ".join(words)


def _ramble(prompt: str, rng: random.Random) -> str:
    """The same fine text again and again, above one MiB."""
    text = complete(prompt, key=below(rng, _KEYS)) or "and so on"
    return " ".join([text] * (1 + OVERLONG_BYTES // len(text)))


def _mistake(prompt: str, rng: random.Random) -> str:
    """A fine text, but a question where none is asked for, and statements where a question is."""
    reading = read_prompt(prompt)
    other = TaskType.ANSWER if reading.task_type is TaskType.QUESTION else TaskType.QUESTION
    text = " ".join(sample(rng, sentences_of(reading.text), min(6, len(sentences_of(reading.text)))))
    return complete(f"{OPENINGS[other]}\n\n<summary>\n{text}\n</summary>\n", key=below(rng, _KEYS))


_TRICKS: dict[Behaviour, Callable[[str, random.Random], str]] = {
    Behaviour.REFUSING: _refuse,
    Behaviour.STUFFING: _stuff,
    Behaviour.LEAKING: _leak,
    Behaviour.GARBAGE: _garble,
    Behaviour.OVERLONG: _ramble,
    Behaviour.WRONG_TASK: _mistake,
}
