"""Faults as words on a command line: `KILLED@3,CUT_AFTER@1`, or `nothing`."""

from argparse import ArgumentTypeError
from collections.abc import Collection, Sequence

from tests.simulation.dice import Strike
from tests.simulation.kinds import Kind

NOTHING = "nothing"


def as_words(strikes: Sequence[Strike]) -> str:
    return ",".join(f"{strike.kind.name}@{strike.number}" for strike in strikes) or NOTHING


def from_words(words: str) -> Collection[Strike]:
    """What `as_words` wrote.

    Raises:
        argparse.ArgumentTypeError: it did not write that.
    """
    if words == NOTHING:
        return frozenset()
    return frozenset(_strike(word) for word in words.split(","))


def _strike(word: str) -> Strike:
    name, _, number = word.partition("@")
    if name not in Kind.__members__ or not number.isdecimal():
        raise ArgumentTypeError(
            f"{word!r} is no fault: give the name of a kind and a number, as in {Kind.KILLED.name}@3"
        )
    return Strike(Kind[name], int(number))
