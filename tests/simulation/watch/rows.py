"""The row that the chain got follows from the weights that were decided on, and from the chain's terms at that block.

Rules:
- A uid has a share if its weight's owner still holds it, and it does not round to nothing; no other has one.
- Where the subnet limits the largest share, weights are cut down to one cap, which is found here by halving, the others keep their
  proportions; what rounding loses is put somewhere, a unit for each entry at most.
- Entries of 0 are there just as many as the subnet still wants.
"""

from collections.abc import Mapping, Sequence

from core.submission import Terms
from core.types import Hotkey, Row, Uid
from tests.simulation.violation import Violation
from tests.simulation.watch.seen import SentWeights

FULL = 65_535
HALVINGS = 60


def check_row(sent: SentWeights) -> None:
    """Hold a submission's row, if it has one, to its weights and terms."""
    if sent.row is None or sent.terms is None:
        return
    _check_form(sent.row, sent.terms)
    owned = still_owned(sent.weights, sent.owners, sent.terms)
    shares = {uid: value for uid, value in sent.row if value > 0}
    strangers = sorted(shares.keys() - owned.keys())
    if strangers:
        raise Violation(f"the row gives uids {strangers} a share, which nobody of ours decided on holds")
    limit = sent.terms.limits.max_weight_u16
    if max(shares.values()) * FULL > limit * sum(shares.values()) and limit < FULL:
        raise Violation(
            f"the row's largest share is {max(shares.values())} of {sum(shares.values())}, the limit {limit}"
        )
    _check_proportions(shares, owned, limit)


def still_owned(
    weights: Sequence[tuple[Uid, float]], owners: Sequence[Hotkey], terms: Terms
) -> dict[Uid, float]:
    """The weights whose owners hold their uids still."""
    return {
        uid: weight
        for (uid, weight), owner in zip(weights, owners, strict=True)
        if uid < len(terms.hotkeys) and terms.hotkeys[uid] == owner
    }


def _check_form(row: Row, terms: Terms) -> None:
    uids = [uid for uid, _ in row]
    if uids != sorted(set(uids)) or not all(0 <= uid < len(terms.hotkeys) for uid in uids):
        raise Violation(f"the row's uids {uids} are not in order, or not those of the subnet")
    if not all(0 <= value <= FULL for _, value in row) or max((value for _, value in row), default=0) != FULL:
        raise Violation(f"the row's values are not u16 with {FULL} as the largest")
    positive = sum(value > 0 for _, value in row)
    wanted = max(positive, min(terms.limits.min_allowed_weights, len(terms.hotkeys)))
    if len(row) != wanted:
        raise Violation(f"the row has {len(row)} entries, {wanted} are wanted")


def _check_proportions(shares: Mapping[Uid, int], owned: Mapping[Uid, float], limit: int) -> None:
    cap = _cap(list(owned.values()), limit / FULL) if limit < FULL else max(owned.values())
    slack = 1 if limit >= FULL else 1 + len(owned)
    for uid, weight in owned.items():
        expected = FULL * min(weight, cap) / cap
        if abs(shares.get(uid, 0) - expected) > slack:
            raise Violation(
                f"uid {uid} has {shares.get(uid, 0)} in the row, its weight {weight!r} makes {expected:.1f}"
            )


def _cap(weights: Sequence[float], share: float) -> float:
    """The largest cap that is at most its share of what remains of the weights under it; the least of them where none is."""
    low, high = min(weights), max(weights)
    if high <= share * sum(weights):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle <= share * sum(min(weight, middle) for weight in weights):
            low = middle
        else:
            high = middle
    return low
