"""Ways of earning without work: echoes of the prompt, stuffed keywords, leaked templates, copies of what another miner said.

Rules:
- An attack knows the protocol as well as an honest miner does. Copies see the best honest answer to the very prompt, before it is due.
- `EVASIONS` are those that the stack does not hold below the median honest miner for certain: a copy in other words is what a fair
  miner's work comes to. Masks compare letters, so what changes words all through a text is out of their reach.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import attrs

from adapters.localnet.behaviours import Behaviour, say
from adapters.localnet.phrasing import reword
from adapters.localnet.ranking import sentences_of
from adapters.localnet.reading import read_prompt
from core.criteria import MatchLength, Unit, length
from core.randomness import below, choice, sample
from core.types import TaskType


class Attack(StrEnum):
    """What is tried, by the names that the table shows."""

    ECHO = "echo"
    ECHO_TEXT = "echo of the text"
    ECHO_EDITED = "echo, a word put before"
    ECHO_SHUFFLED = "echo, sentences shuffled"
    EXTRACT = "extract, cut to the task"
    STUFFING = "stuffing"
    STUFFED_SENTENCES = "stuffed sentences"
    LEAKING = "leaking"
    LEAKING_LATE = "leaking at the end"
    STALE_COPY = "copy of an earlier answer"
    COPY = "copy"
    COPY_EDITED = "copy, a word put before"
    COPY_MARKED = "copy, in emphasis"
    COPY_DISGUISED = "copy, in disguise"
    COPY_PADDED = "copy, behind as much again"
    COPY_REWORDED = "copy, reworded"


EVASIONS = (Attack.COPY_REWORDED,)
_KEYS = 2**32
_STUFFED_WORDS, _STUFFED_SENTENCES = 20, 10
_ITEM = re.compile(r"(?:- |\d+\. )?")
_DEFAULT_LENGTH = MatchLength(80, Unit.WORDS)


@attrs.frozen
class Seen:
    """What an attacker can lay its hands on: honest answers to this prompt, the best miner's first, and to earlier prompts."""

    now: Sequence[str]
    earlier: Sequence[str]

    @property
    def best(self) -> str:
        """The best honest answer; none where no honest miner was asked."""
        return self.now[0] if self.now else ""


def attack(kind: Attack, prompt: str, seen: Seen, rng: random.Random) -> str:
    """What such an attacker answers."""
    return _ATTACKS[kind](prompt, seen, rng)


def _as(behaviour: Behaviour) -> Callable[[str, Seen, random.Random], str]:
    """As the local subnet's own miner of this kind does."""
    return lambda prompt, _seen, rng: say(behaviour, prompt, below(rng, _KEYS))


def _put_before(text: str) -> str:
    return f"Indeed, {text}"


def _text(prompt: str) -> str:
    return read_prompt(prompt).text


def _shuffled(prompt: str, _seen: Seen, rng: random.Random) -> str:
    sentences = sentences_of(_text(prompt))
    return " ".join(sample(rng, sentences, len(sentences)))


def _extract(prompt: str, _seen: Seen, _rng: random.Random) -> str:
    """The first sentences of the text, to the length that is asked for; of a question task the first, as one."""
    reading = read_prompt(prompt)
    wanted, taken = reading.length(_DEFAULT_LENGTH), list[str]()
    for sentence in sentences_of(reading.text):
        if taken and length(" ".join(taken), wanted.unit) >= wanted.target:
            break
        taken.append(sentence)
    if reading.task_type is TaskType.QUESTION:
        return f"{reading.openings[0]} {_put_before(taken[0]).rstrip('.')}?"
    return _put_before(" ".join(taken)).replace("?", ".")


def _stuffed_sentences(prompt: str, _seen: Seen, rng: random.Random) -> str:
    """Sentences in form, made of the longest words of the text."""
    found = {word.strip(".,;:?!") for word in _text(prompt).split()}
    words = sorted(found, key=lambda word: (len(word), word))[-_STUFFED_WORDS:]
    return " ".join(
        f"The {choice(rng, words)} is the {choice(rng, words)} of the {choice(rng, words)}."
        for _ in range(_STUFFED_SENTENCES)
    )


def _leaking_late(prompt: str, _seen: Seen, rng: random.Random) -> str:
    """A good answer with the rest of a template behind it, where the penalty for chatter does not look."""
    return f"{say(Behaviour.GOOD, prompt, below(rng, _KEYS))}\n<|im_end|>\n### Response: done"


def _stale_copy(_prompt: str, seen: Seen, rng: random.Random) -> str:
    return choice(rng, seen.earlier) if seen.earlier else ""


def _disguised(_prompt: str, seen: Seen, rng: random.Random) -> str:
    """The same letters: some words are large or marked, some hold a sign that nobody sees, and there are a word and a mark at the end."""
    disguises: Sequence[Callable[[str], str]] = (
        str.upper,
        "_{}_".format,
        "\u200b".join,
        "“{}”".format,
        str,
        str,
        str,
    )
    return f"> {' '.join(choice(rng, disguises)(word) for word in seen.best.split())} Indeed!"


def _padded(prompt: str, seen: Seen, _rng: random.Random) -> str:
    """Sentences of the text before it, until they are the longer part; in a question task all is one sentence."""
    reading, padding = read_prompt(prompt), ""
    for sentence in sentences_of(reading.text):
        if len(padding) > 1.1 * len(seen.best):
            break
        padding = f"{padding} {sentence}"
    if reading.task_type is TaskType.QUESTION:
        return f"{padding.replace('.', ',').replace('?', ',')} {seen.best}"
    return f"{padding} {seen.best}".replace("?", ".")


def _reworded(_prompt: str, seen: Seen, rng: random.Random) -> str:
    """Sentence by sentence, in the words that honest miners reword with; a list stays one."""
    lines = []
    for line in seen.best.splitlines():
        mark = _ITEM.match(line)
        lead = mark.group() if mark else ""
        sentences = sentences_of(line.removeprefix(lead))
        lines.append(lead + " ".join(reword(sentence, frozenset(), rng) for sentence in sentences))
    return "\n".join(lines)


_ATTACKS: Mapping[Attack, Callable[[str, Seen, random.Random], str]] = {
    Attack.ECHO: _as(Behaviour.ECHO),
    Attack.ECHO_TEXT: lambda prompt, _seen, _rng: _text(prompt),
    Attack.ECHO_EDITED: lambda prompt, _seen, _rng: _put_before(_text(prompt)),
    Attack.ECHO_SHUFFLED: _shuffled,
    Attack.EXTRACT: _extract,
    Attack.STUFFING: _as(Behaviour.STUFFING),
    Attack.STUFFED_SENTENCES: _stuffed_sentences,
    Attack.LEAKING: _as(Behaviour.LEAKING),
    Attack.LEAKING_LATE: _leaking_late,
    Attack.STALE_COPY: _stale_copy,
    Attack.COPY: lambda _prompt, seen, _rng: seen.best,
    Attack.COPY_EDITED: lambda _prompt, seen, _rng: _put_before(seen.best),
    Attack.COPY_MARKED: lambda _prompt, seen, _rng: f"**{seen.best}**",
    Attack.COPY_DISGUISED: _disguised,
    Attack.COPY_PADDED: _padded,
    Attack.COPY_REWORDED: _reworded,
}
