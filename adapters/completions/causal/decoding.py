"""From tokens to text as they come: never half a character, and joined the same as all tokens decoded at once. Pure."""

from collections.abc import Callable, Sequence

import attrs

Decode = Callable[[Sequence[int]], str]
# What a decoder gives for bytes that are no character, or not one yet.
BROKEN = "\ufffd"


@attrs.define
class Decoding:
    """One text that grows token by token.

    Tokens are decoded together with those just before them, since how a token reads can depend on what it follows (the space before
    a first word).
    """

    _decode: Decode
    _tokens: list[int] = attrs.field(factory=list, init=False)
    _context: int = attrs.field(default=0, init=False)
    _given: int = attrs.field(default=0, init=False)

    def push(self, token: int) -> str:
        """What can be read now; "" while a character is not whole."""
        self._tokens.append(token)
        fresh = self._fresh()
        if not fresh or fresh.endswith(BROKEN):
            return ""
        self._context, self._given = self._given, len(self._tokens)
        return fresh

    def end(self) -> str:
        """What is left when no more tokens come; a character that was cut is left out."""
        fresh = self._fresh()
        self._context, self._given = self._given, len(self._tokens)
        return fresh.rstrip(BROKEN)

    def _fresh(self) -> str:
        """The text behind what was given."""
        before = self._decode(self._tokens[self._context : self._given])
        return self._decode(self._tokens[self._context :])[len(before) :]
