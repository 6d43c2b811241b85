"""The live view's two lines on the chain: our weights, and the epochs that pay by them."""

from typing import assert_never

from rich.text import Text

from adapters.reporting.board import Snapshot
from adapters.reporting.words import count, top_weights, verdict
from core.state import (
    Booting,
    Draining,
    Running,
    State,
    Stopped,
    WeightsBackingOff,
    WeightsIdle,
    WeightsResolving,
    WeightsSubmitting,
    WeightsUnresolved,
)
from core.types import Block


def chain_lines(snapshot: Snapshot, state: State) -> Text:
    """Two lines, cut where the terminal ends."""
    lines = Text(no_wrap=True, overflow="ellipsis")
    lines.append("weights  ", "bold")
    is_refused = snapshot.weights is not None and not snapshot.weights.accepted
    lines.append(_last_weights(snapshot), "yellow" if is_refused else "")
    lines.append(_under_way(state), "cyan")
    lines.append("\nepochs   ", "bold")
    lines.append(_ending(state), "cyan")
    lines.append(_epochs(snapshot, state))
    return lines


def _last_weights(snapshot: Snapshot) -> str:
    last = snapshot.weights
    if last is None:
        return "none set yet"
    counts = f"{snapshot.counts.accepted} accepted" + (
        f", {snapshot.counts.refused} not" if snapshot.counts.refused else ""
    )
    told = f"last at block {last.block} {verdict(last.accepted, last.error)}"
    return f"{counts}; {told}; {count(len(last.weights), 'uid')}, {top_weights(last.weights)}"


def _under_way(state: State) -> str:
    match state.weights:
        case WeightsIdle(not_before=block):
            return f" · waiting for block {block}" if block > state.head else ""
        case WeightsSubmitting():
            return " · being submitted"
        case WeightsUnresolved() | WeightsResolving():
            return " · asking whether they landed"
        case WeightsBackingOff():
            return " · waiting to try again"
        case other:
            assert_never(other)


def _epochs(snapshot: Snapshot, state: State) -> str:
    metagraph = state.metagraph
    if metagraph.last_epoch == 0:
        return f"none yet; one every {metagraph.tempo_blocks} blocks"
    following = Block(metagraph.last_epoch + metagraph.tempo_blocks)
    left_blocks = following - state.head
    when = f"in {count(left_blocks, 'block')}" if left_blocks > 0 else "by now"
    paid = sum(neuron.incentive > 0 for neuron in metagraph.neurons)
    last = f"last at block {metagraph.last_epoch} to {count(paid, 'miner')}"
    return f"{snapshot.counts.epochs} paid, {last}; next about {following}, {when}"


def _ending(state: State) -> str:
    match state.lifecycle:
        case Booting():
            return "reading the metagraph · "
        case Running():
            return ""
        case Draining(until=until):
            return f"until block {until} at most waiting for the last weights to be paid · "
        case Stopped():
            return "stopped · "
        case other:
            assert_never(other)
