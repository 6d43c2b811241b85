"""Whom a miner answers, as a pure state machine: a policy, what is remembered of requests, and the reason to refuse the next one.

The first rule that applies decides:

1. A hotkey on the deny list is refused.
2. A prompt that was answered less than `repeat_s` ago is refused, whoever asks.
3. A hotkey on the allow list is answered; nothing below is asked of it.
4. While nothing is known of the subnet, everybody else is refused.
5. Registration, a validator permit and a least stake, as far as the policy wants them.
6. At most `max_requests` within `window_s`. Whoever is not registered can have any number of hotkeys, so all such callers share one
   allowance.

What is remembered is bounded: times of registered hotkeys and of the strangers together, and `max_prompts` digests of prompts.
"""

import hashlib
from collections.abc import Mapping

import attrs

from core.types import Hotkey, Metagraph, Neuron, Prompting

# Registered hotkeys, and what the chain shows of each.
Callers = Mapping[Hotkey, Neuron]

# Stands for all who are not registered; no hotkey is empty.
STRANGERS = Hotkey("")
DIGEST_BYTES = 16

DENIED = "this hotkey is not served here"
REPEATED = "this prompt was answered lately"
UNKNOWN = "the subnet's metagraph is not known here yet"
NOT_REGISTERED = "no hotkey registered on this subnet"
NO_PERMIT = "no hotkey with a validator permit on this subnet"
TOO_LITTLE_STAKE = "too little stake on this subnet"
TOO_MANY = "too many requests"


@attrs.frozen
class CallersPolicy:
    """Who is answered.

    Attributes:
        max_requests: of one hotkey within `window_s`; 0 for any number.
        repeat_s: for so long an answered prompt is not answered again; 0 for no such rule.
        max_prompts: remembered at most; of more the oldest are forgotten.
    """

    needs_registration: bool = True
    needs_permit: bool = True
    min_stake_tao: float = 0.0
    allow: frozenset[Hotkey] = frozenset()
    deny: frozenset[Hotkey] = frozenset()
    max_requests: int = 0
    window_s: float = 60.0
    repeat_s: float = 0.0
    max_prompts: int = 4096


@attrs.frozen
class CallersState:
    """What is remembered; times are seconds of a clock that only goes forward.

    Attributes:
        requests: per hotkey when it was let in within the window, the earliest first.
        prompts: per digest when it was answered, the earliest first.
    """

    requests: Mapping[Hotkey, tuple[float, ...]] = attrs.Factory(dict)
    prompts: Mapping[bytes, float] = attrs.Factory(dict)


def callers_of(metagraph: Metagraph) -> Callers:
    return {neuron.hotkey: neuron for neuron in metagraph.neurons}


def prompt_digest(synapse: Prompting) -> bytes:
    """16 bytes that stand for roles and messages."""
    found = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for text in (*synapse.roles, *synapse.messages):
        # What does not fit into UTF-8 is still a text of its own.
        raw = text.encode(errors="surrogatepass")
        found.update(len(raw).to_bytes(8))
        found.update(raw)
    return found.digest()


def refusal(
    policy: CallersPolicy,
    state: CallersState,
    callers: Callers | None,
    hotkey: Hotkey,
    digest: bytes,
    now_s: float,
) -> str | None:
    """Why this hotkey's prompt is not answered now, in words for the caller; None where it is. Few different reasons, no numbers.

    `callers` is None while nothing is known of the subnet.
    """
    if hotkey in policy.deny:
        return DENIED
    answered_s = state.prompts.get(digest)
    if answered_s is not None and now_s - answered_s < policy.repeat_s:
        return REPEATED
    if hotkey in policy.allow:
        return None
    if callers is None:
        return UNKNOWN
    return _unfit(policy, callers.get(hotkey)) or _too_many(policy, state, callers, hotkey, now_s)


def admitted(
    policy: CallersPolicy, state: CallersState, callers: Callers | None, hotkey: Hotkey, now_s: float
) -> CallersState:
    """The state after this hotkey was let in; those who left the subnet are forgotten."""
    if callers is None or hotkey in policy.allow or not policy.max_requests:
        return state
    name = _counted_as(callers, hotkey)
    recent = {
        other: times
        for other in state.requests
        if (other in callers or other == STRANGERS) and (times := _recent(policy, state, other, now_s))
    }
    return attrs.evolve(state, requests={**recent, name: (*recent.get(name, ()), now_s)})


def answered(policy: CallersPolicy, state: CallersState, digest: bytes, now_s: float) -> CallersState:
    """The state after a prompt was answered."""
    if not policy.repeat_s:
        return state
    others = [
        (other, at_s)
        for other, at_s in state.prompts.items()
        if other != digest and now_s - at_s < policy.repeat_s
    ]
    kept = others[max(0, len(others) + 1 - policy.max_prompts) :]
    return attrs.evolve(state, prompts={**dict(kept), digest: now_s})


def _unfit(policy: CallersPolicy, neuron: Neuron | None) -> str | None:
    """What the caller lacks; who is not registered has neither permit nor stake."""
    if policy.needs_registration and neuron is None:
        return NOT_REGISTERED
    if policy.needs_permit and not (neuron and neuron.validator_permit):
        return NO_PERMIT
    stake_tao = neuron.stake_tao if neuron else 0.0
    return TOO_LITTLE_STAKE if stake_tao < policy.min_stake_tao else None


def _too_many(
    policy: CallersPolicy, state: CallersState, callers: Callers, hotkey: Hotkey, now_s: float
) -> str | None:
    recent = _recent(policy, state, _counted_as(callers, hotkey), now_s)
    return TOO_MANY if 0 < policy.max_requests <= len(recent) else None


def _counted_as(callers: Callers, hotkey: Hotkey) -> Hotkey:
    return hotkey if hotkey in callers else STRANGERS


def _recent(policy: CallersPolicy, state: CallersState, name: Hotkey, now_s: float) -> tuple[float, ...]:
    times = state.requests.get(name, ())
    return tuple(at_s for at_s in times if now_s - at_s < policy.window_s)
