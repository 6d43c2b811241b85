"""What the chain saw of weights, held against the journal: one at a time, each decided on, none for a hotkey that was gone. Pure.

- Two are in flight where one comes while another waits in the pool; where one gets into a block, accepted or refused as too early, less
  than the validator's own epoch length after another that stands; and where one comes outside of the one decision that was being
  carried out, or a second one within it.
- Weights belong to hotkeys (`SetWeights.owners`). Who had the uid is asked of the chain at the block that the signature is bound to: that
  is the last thing read before it is signed. A uid that changes hands in the block or two between that and the arrival
  was not replaced before it was sent; such are counted apart (`crossed`).
- What the validator was told is so: accepted weights are in the block that it was told of, and refused ones are in none. A
  block that is made void afterwards changes neither.
"""

from collections.abc import Iterator, Sequence

import attrs

from core.types import WeightsRefused
from tests.crash.arrivals import ACCEPTED
from tests.faults.chronicle import RETRACTED, Arrival
from tests.faults.following import Sending
from tests.faults.place import EPOCH_LENGTH_BLOCKS

TOO_FAST = ("SettingWeightsTooFast", "CommittingWeightsTooFast", "Custom error: 6")
# For what a loaded machine takes from the event loop of one process to that of the other.
SLACK_S = 1.0


@attrs.frozen
class Judged:
    """What is wrong, in words.

    Attributes:
        in_flight: where two were.
        misplaced: weights for hotkeys that had lost their uid before.
        crossed: weights whose uid changed hands between signing and arrival.
        wrongly_told: where the validator was told otherwise than it was.
        arrived: how many reached the node.
    """

    in_flight: tuple[str, ...]
    misplaced: tuple[str, ...]
    crossed: tuple[str, ...]
    wrongly_told: tuple[str, ...]
    arrived: int


def judge(arrivals: Sequence[Arrival], sendings: Sequence[Sending]) -> Judged:
    """Hold all that reached the chain against all that was decided."""
    came = [arrival for arrival in arrivals if _is_first(arrival)]
    pairs = [(arrival, _sending_of(arrival, sendings)) for arrival in came]
    return Judged(
        in_flight=(*_waiting(came), *_too_close(arrivals), *_unfounded(pairs), *_again(pairs)),
        misplaced=tuple(_wrong_owner(pairs, at_signing=True)),
        crossed=tuple(_wrong_owner(pairs, at_signing=False)),
        wrongly_told=tuple(_wrongly_told(arrivals, pairs, sendings)),
        arrived=len(came),
    )


Pair = tuple[Arrival, Sending | None]


def _is_first(arrival: Arrival) -> bool:
    """Whether this is the line of an extrinsic's coming, taken into the pool or not."""
    return bool(arrival.row)


def _sending_of(arrival: Arrival, sendings: Sequence[Sending]) -> Sending | None:
    """The decision that was being carried out as it came."""
    for sending in reversed(sendings):
        if sending.began_s <= arrival.at_s:
            is_under_way = sending.ended_s is None or arrival.at_s <= sending.ended_s + SLACK_S
            return sending if is_under_way else None
    return None


def _waiting(came: Sequence[Arrival]) -> Iterator[str]:
    for arrival in came:
        if arrival.waiting:
            yield f"block {arrival.block}: weights came while {arrival.waiting} others waited in the pool"


def _too_close(arrivals: Sequence[Arrival]) -> Iterator[str]:
    """What came into a block, or would have, while others that it cannot have known of stood there."""
    standing: dict[str, int] = {}
    for arrival in arrivals:
        if arrival.outcome == RETRACTED:
            standing.pop(arrival.hash, None)
        elif arrival.outcome == ACCEPTED or any(name in arrival.outcome for name in TOO_FAST):
            near = [block for block in standing.values() if arrival.block - block < EPOCH_LENGTH_BLOCKS]
            if near:
                yield f"block {arrival.block}: weights {arrival.outcome}, {arrival.block - max(near)} blocks after others"
            if arrival.outcome == ACCEPTED:
                standing[arrival.hash] = arrival.block


def _unfounded(pairs: Sequence[Pair]) -> Iterator[str]:
    for arrival, sending in pairs:
        if sending is None:
            yield f"block {arrival.block}: weights came while none were being sent"


def _again(pairs: Sequence[Pair]) -> Iterator[str]:
    """Two extrinsics of one decision."""
    seen: dict[int, Arrival] = {}
    for arrival, sending in pairs:
        if sending is not None and sending.seq in seen:
            yield f"block {arrival.block}: a second extrinsic for the weights of event {sending.seq}"
        if sending is not None:
            seen[sending.seq] = arrival


def _wrong_owner(pairs: Sequence[Pair], *, at_signing: bool) -> Iterator[str]:
    for arrival, sending in pairs:
        if sending is None:
            continue
        owners = {
            int(uid): owner
            for (uid, _), owner in zip(sending.effect.weights, sending.effect.owners, strict=True)
        }
        for (uid, weight), signed, known in zip(arrival.row, arrival.signed, arrival.known, strict=True):
            holder = signed if at_signing else known
            is_new = at_signing or known != signed
            if is_new and owners.get(uid) != holder:
                yield f"block {arrival.block}: weight {weight} for uid {uid}, which is {holder}'s, not {owners.get(uid)}'s"


def _wrongly_told(
    arrivals: Sequence[Arrival], pairs: Sequence[Pair], sendings: Sequence[Sending]
) -> Iterator[str]:
    hashes = {sending.seq: arrival.hash for arrival, sending in pairs if sending is not None}
    for sending in sendings:
        own = [arrival for arrival in arrivals if arrival.hash == hashes.get(sending.seq)]
        accepted = [arrival.block for arrival in own if arrival.outcome == ACCEPTED]
        is_void = any(arrival.outcome == RETRACTED for arrival in own)
        if sending.landed is not None and sending.landed not in accepted:
            yield f"event {sending.seq}: told of weights in block {sending.landed}, which has none"
        if sending.heard == WeightsRefused.__name__ and accepted and not is_void:
            yield f"event {sending.seq}: told of a refusal, and the weights are in block {accepted[0]}"
