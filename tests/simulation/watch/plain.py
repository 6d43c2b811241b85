"""A chain for tests of the watch, of which everything is said beforehand."""

from collections.abc import Sequence

import attrs

from core.submission import Terms
from core.types import Block, Hotkey, Row, Uid


@attrs.define
class Sent:
    """A submission, as the chain's side keeps it."""

    weights: Sequence[tuple[Uid, float]]
    owners: Sequence[Hotkey]
    row: Row | None
    terms: Terms | None


@attrs.define
class PlainChain:
    """A chain of which everything is said beforehand."""

    head: Block = Block(1)
    submissions: list[Sent] = attrs.field(factory=list)
    doubled: list[Sent] = attrs.field(factory=list)
    landed: list[Block] = attrs.field(factory=list)
    elsewhere: list[Block] = attrs.field(factory=list)
    trouble_until: Block = Block(0)
    hotkeys: dict[Uid, Hotkey] = attrs.field(factory=dict)
    opens_at: Block = Block(0)

    def may_set(self, at: Block) -> bool:
        return at >= self.opens_at

    def owner_of(self, uid: Uid) -> Hotkey | None:
        return self.hotkeys.get(uid)
