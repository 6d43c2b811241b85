"""The field's own terms as types: a uid, a block and a list index do not type-check as each other.

Nothing here decides anything. All values are frozen; sequences are tuples.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import NewType

import attrs

Uid = NewType("Uid", int)
Hotkey = NewType("Hotkey", str)
Block = NewType("Block", int)
ForwardId = NewType("ForwardId", int)
EffectId = NewType("EffectId", int)

# Weights as the chain takes them: (uid, value of 0 to 65535), by uid.
Row = tuple[tuple[Uid, int], ...]


class Wire(StrEnum):
    """How a miner is spoken to; the values are the names that people see. What each is, `adapters/wire` says."""

    BTAUTH = "btauth/1"
    V10 = "v10"


class WireReason(StrEnum):
    """Why a wire is tried first."""

    CHAIN = "the axon's record on chain stands for it"
    WORKED = "it worked last"
    UNKNOWN = "nothing was known"


# Marks a field that classes had not from the start: where it holds its default, a decision is told as before there was one.
ADDED_LATER = "added_later"


class TaskType(StrEnum):
    """What a prompt asks for; the values are the names that step events carry."""

    SUMMARY = "summarization"
    QUESTION = "question-generation"
    ANSWER = "question-answer"


@attrs.frozen
class Neuron:
    """One registered hotkey, as the metagraph shows it.

    Attributes:
        axon: "ip:port" (v6 "[ip]:port"), or None where nothing is served.
        axon_version, axon_protocol: as the axon's record has them; what they stand for, `core.wires` says.
        stake_tao: stake weight in TAO.
        incentive, dividends: shares of the last epoch, each summing to 1 over the subnet.
    """

    uid: Uid
    hotkey: Hotkey
    axon: str | None = None
    stake_tao: float = 0.0
    validator_permit: bool = False
    incentive: float = 0.0
    dividends: float = 0.0
    axon_version: int = 0
    axon_protocol: int = 0


@attrs.frozen
class Metagraph:
    """Who is registered under which uid at one block, with the limits that weights must keep.

    Attributes:
        neurons: ordered by uid; uids may have gaps.
        last_epoch: block of the last epoch that paid.
        tempo_blocks: blocks from one epoch to the next.
        weights_rate_limit_blocks: least distance between two weight sets of one hotkey.
        last_update: block of this validator's last weight set as the chain has it, 0 for never.
        version_key: the least `version_key` that the subnet takes.
    """

    block: Block
    neurons: tuple[Neuron, ...]
    last_epoch: Block = Block(0)
    tempo_blocks: int = 360
    weights_rate_limit_blocks: int = 100
    last_update: Block = Block(0)
    version_key: int = 0

    # Of one metagraph a neuron is looked up for every miner of every step.
    @cached_property
    def by_uid(self) -> Mapping[Uid, Neuron]:
        return {neuron.uid: neuron for neuron in self.neurons}


@attrs.frozen
class Target:
    """A miner to be prompted: whom we mean (hotkey) and where the chain says it listens (axon).

    Attributes:
        wires: in the order in which they are tried.
        wire_reason: why the first of them comes first.
    """

    uid: Uid
    hotkey: Hotkey
    axon: str
    # Not in the representation, which the oldest journals' digests are of.
    wires: tuple[Wire, ...] = attrs.field(
        default=(Wire.BTAUTH,),
        validator=attrs.validators.min_len(1),
        repr=False,
        metadata={ADDED_LATER: True},
    )
    wire_reason: WireReason = attrs.field(
        default=WireReason.UNKNOWN, repr=False, metadata={ADDED_LATER: True}
    )


@attrs.frozen
class Prompting:
    """The synapse of the subnet. `roles` and `messages` never change once built."""

    roles: tuple[str, ...]
    messages: tuple[str, ...]


OK = 200


@attrs.frozen
class Outcome:
    """What came of prompting one miner; the order of outcomes is that of the targets.

    Attributes:
        code: 200 for an answer; otherwise our own transport's verdict, in HTTP's numbers: 401, 403, 404, 4xx, 5xx as the
            miner sent them, 408 deadline passed, 413 answer above the byte limit, 422 not understood, 503 not reachable.
        message: one line of plain text, empty for an answer.
        completion: the text as received; without a 200 it is what came of a stream before it was cut, "" as a rule.
        process_time_s: from the first byte sent to the last byte received, or to the failure.
        wire: on which this came; None where nothing was sent.
    """

    code: int
    message: str
    completion: str
    process_time_s: float
    wire: Wire | None = None


@attrs.frozen
class Context:
    """A text to talk about, and the name of the source it came from."""

    text: str
    source: str


@attrs.frozen
class RawReward:
    """One reward function's verdict on the completions of a step.

    Attributes:
        name: the reward function's name, e.g. "dpo".
        values: raw score per completion; None where the function could not score it.
        measured: False where the value is a sentinel (no real measurement): such a value is normalised, but never enters the
            running statistics.
    """

    name: str
    values: tuple[float | None, ...]
    measured: tuple[bool, ...]


@attrs.frozen
class RawMask:
    """One mask's verdict on the completions of a step.

    Attributes:
        name: the mask's name, e.g. "relevance".
        values: 1 to keep, 0 to mask, None where the mask could not judge.
        reasons: per completion what was found ("rms 0.031 above 0.0246"), "" where kept.
    """

    name: str
    values: tuple[int | None, ...]
    reasons: tuple[str, ...]


@attrs.frozen
class Limits:
    """What a subnet asks of a row of weights at one block: what a submission was made for, so that a record shows it.

    Attributes:
        min_allowed_weights: least number of entries, if there are so many uids.
        max_weight_u16: largest share of one uid; 65535 is all.
        version_key: the least that is taken.
        commit_reveal: weights are committed first, and revealed by the chain later.
    """

    block: Block
    min_allowed_weights: int = 1
    max_weight_u16: int = 65_535
    version_key: int = 0
    commit_reveal: bool = False


@attrs.frozen
class WeightsAccepted:
    """The chain took the weights in this block.

    Attributes:
        row: what was sent.
        limits: what it was made for.
    """

    block: Block
    row: Row = ()
    limits: Limits | None = None


@attrs.frozen
class WeightsRefused:
    """The chain said no, in `reason`'s words, or it was plain beforehand that it would.

    Attributes:
        passing: the cause can pass by itself (rate limit, pool, connection): try again after a while.
        not_registered: the cause is that our hotkey is no longer registered.
        not_before: the block from which it can succeed, where that is known; 0 where it is not.
    """

    reason: str
    passing: bool
    not_registered: bool = False
    not_before: Block = Block(0)


@attrs.frozen
class WeightsUnknown:
    """The submission may or may not have landed (the connection broke): the chain must be asked before another."""

    reason: str


WeightsResult = WeightsAccepted | WeightsRefused | WeightsUnknown
