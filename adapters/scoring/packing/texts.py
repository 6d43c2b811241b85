"""Texts as token ids, and which of them share what."""

from collections.abc import Hashable, Iterator, Sequence
from enum import Enum, auto
from typing import TypeVar

import attrs

K = TypeVar("K", bound=Hashable)


@attrs.frozen(eq=False)
class Text:
    """Token ids that a model reads, behind those of `prefix` if there is one. Compared by identity.

    Attributes:
        types: token type of each id; empty for all 0.
    """

    ids: tuple[int, ...]
    prefix: "Text | None" = None
    types: tuple[int, ...] = ()

    @property
    def start(self) -> int:
        """Position of the first id."""
        return 0 if self.prefix is None else self.prefix.end

    @property
    def end(self) -> int:
        return self.start + len(self.ids)

    @property
    def whole(self) -> tuple[int, ...]:
        """The ids with those of the prefix before them."""
        return self.ids if self.prefix is None else (*self.prefix.whole, *self.ids)


class Reading(Enum):
    """Which of a text's states are wanted.

    ALL: of each of its tokens. FIRST, LAST: of that token. PREDICTING: of the token before each of its tokens, the prefix's last one
    first: what a causal model predicts the text from.
    """

    ALL = auto()
    FIRST = auto()
    LAST = auto()
    PREDICTING = auto()


def prefixes_of(texts: Sequence[Text]) -> Iterator[tuple[Text, ...]]:
    """What the texts go on from, each once; those that others go on from come in an earlier group."""
    level = tuple({text.prefix: None for text in texts if text.prefix is not None})
    if level:
        yield from prefixes_of(level)
        yield level


def distinct(keys: Sequence[K]) -> tuple[list[K], list[int]]:
    """The different keys in the order in which they come first, and the place of each given key among them."""
    places: dict[K, int] = {}
    where = [places.setdefault(key, len(places)) for key in keys]
    return list(places), where
