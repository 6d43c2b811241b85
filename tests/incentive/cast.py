"""Who plays: honest miners as the local subnet has them, and one miner for each way of earning without work that is tried.

Rules:
- What a player says follows from its key, the prompt and what it can see of the others: the honest answers to the same prompt, and
  the last ones to earlier prompts. Honest players see nothing of the others.
- Attacks that would mask each other, since they say much the same, or whose mask would take the best of the honest from the other's way,
  play in courses apart.
"""

from collections.abc import Mapping, Sequence

import attrs

from adapters.localnet.behaviours import Behaviour, say
from core.randomness import generator, key_of
from core.types import Hotkey, Uid
from tests.incentive.attacks import Attack, Seen, attack

HONEST_OF_EACH = 5
# The best first.
HONEST = (Behaviour.GOOD, Behaviour.FAIR, Behaviour.POOR)
COURSES: tuple[tuple[Attack, ...], ...] = (
    (Attack.ECHO, Attack.ECHO_TEXT, Attack.STUFFING, Attack.LEAKING, Attack.STALE_COPY),
    (Attack.ECHO_EDITED, Attack.ECHO_SHUFFLED, Attack.STUFFED_SENTENCES, Attack.LEAKING_LATE, Attack.EXTRACT),
    (Attack.COPY,),
    (Attack.COPY_EDITED,),
    (Attack.COPY_MARKED,),
    (Attack.COPY_REWORDED,),
    (Attack.COPY_DISGUISED, Attack.COPY_PADDED),
)


@attrs.frozen
class Player:
    """A miner of the subnet. `kind` is one of `HONEST`, or an attack."""

    uid: Uid
    kind: Behaviour | Attack
    key: int

    @property
    def hotkey(self) -> Hotkey:
        return Hotkey(f"hk{self.uid}")

    @property
    def is_honest(self) -> bool:
        return isinstance(self.kind, Behaviour)


def cast(seed: int, attacks: Sequence[Attack]) -> tuple[Player, ...]:
    """Five honest players of each quality, and one player per attack."""
    kinds: Sequence[Behaviour | Attack] = (*HONEST * HONEST_OF_EACH, *attacks)
    return tuple(Player(Uid(i), kind, key_of(seed, "player", i)) for i, kind in enumerate(kinds, start=1))


def answers(players: Sequence[Player], prompt: str, earlier: Mapping[Uid, str]) -> dict[Uid, str]:
    """What each of the players of one step says; `earlier` has the last answer of every honest one."""
    said = {
        player.uid: say(player.kind, prompt, player.key)
        for player in players
        if isinstance(player.kind, Behaviour)
    }
    best_first = [player.uid for kind in HONEST for player in players if player.kind is kind]
    seen = Seen(tuple(said[uid] for uid in best_first), tuple(earlier[uid] for uid in sorted(earlier)))
    for player in players:
        if isinstance(player.kind, Attack):
            said[player.uid] = attack(player.kind, prompt, seen, generator(player.key, player.kind, prompt))
    return said
