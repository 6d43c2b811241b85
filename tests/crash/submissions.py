"""Weights as the chain saw them, held against the journal: one for each window, and none that was not written down first."""

from collections.abc import Iterator, Sequence

import attrs

from adapters.localnet.chain.genesis import Genesis
from tests.crash.arrivals import ACCEPTED, Arrival
from tests.crash.audit import Sent, Settled

WINDOW_BLOCKS = Genesis().weights_rate_limit_blocks
FULL = 65_535


@attrs.frozen
class Judged:
    """What is wrong with the arrivals, in words: `doubled` within a window, `unfounded` in the journal."""

    doubled: tuple[str, ...] = ()
    unfounded: tuple[str, ...] = ()


def judge(arrivals: Sequence[Arrival], sent: Sequence[Sent], settled: Sequence[Settled]) -> Judged:
    """Hold all that reached the chain against all that was decided and told."""
    twice, unfounded = _matched(arrivals, sent)
    return Judged((*_too_close(arrivals), *twice), (*unfounded, *_wrongly_told(arrivals, settled)))


def _too_close(arrivals: Sequence[Arrival]) -> Iterator[str]:
    """Arrivals within the window of one that was accepted, or beside another in one block."""
    accepted, before = -WINDOW_BLOCKS, -1
    for arrival in arrivals:
        where = f"block {arrival.block}: weights arrived ({arrival.outcome})"
        if arrival.block - accepted < WINDOW_BLOCKS:
            yield f"{where} {arrival.block - accepted} blocks after those of block {accepted}"
        elif arrival.block == before:
            yield f"{where} together with others"
        before = arrival.block
        if arrival.outcome == ACCEPTED:
            accepted = arrival.block


def _matched(arrivals: Sequence[Arrival], sent: Sequence[Sent]) -> tuple[list[str], list[str]]:
    """Each arrival belongs to a decision of its own, in their order: what arrived twice, what was never decided."""
    twice: list[str] = []
    unfounded: list[str] = []
    following = 0
    for arrival in arrivals:
        same = [index for index, one in enumerate(sent) if _is_same(arrival, one)]
        later = [index for index in same if index >= following]
        if later:
            following = later[0] + 1
        elif same:
            twice.append(f"block {arrival.block}: the weights of event {sent[same[-1]].seq} arrived again")
        else:
            unfounded.append(f"block {arrival.block}: weights arrived that the journal does not know")
    return twice, unfounded


def _is_same(arrival: Arrival, sent: Sent) -> bool:
    """Whether the arrival's integers are the decision's shares, the largest of them scaled up to the full 16 bits."""
    top = max(share for _, share in sent.effect.weights)
    scaled = {int(uid): round(share / top * FULL) for uid, share in sent.effect.weights}
    arrived = dict(zip(arrival.uids, arrival.weights, strict=True))
    return all(abs(scaled.get(uid, 0) - arrived.get(uid, 0)) <= 1 for uid in scaled.keys() | arrived.keys())


def _wrongly_told(arrivals: Sequence[Arrival], settled: Sequence[Settled]) -> Iterator[str]:
    """What the validator took for accepted is on chain, and what is on chain it did not take for lost."""
    on_chain = {arrival.block for arrival in arrivals if arrival.outcome == ACCEPTED}
    told = {each.block for each in settled if each.accepted}
    for block in sorted(told - on_chain):
        yield f"block {block}: the journal has weights accepted there, the chain has not"
    for block in sorted(block for block in on_chain - told if told and block < max(told)):
        yield f"block {block}: the chain accepted weights, the journal does not know"
