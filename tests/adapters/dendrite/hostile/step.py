"""One prompt step among 200 honest miners and some hostile ones, and what must hold of it whatever those do."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from adapters.dendrite import HttpDendrite
from core.types import Hotkey, Outcome, Target, Uid, Wire
from tests.adapters.dendrite.hostile.behaviour import MARK, Behaviour
from tests.adapters.dendrite.hostile.catalogue import NOWHERE
from tests.adapters.dendrite.hostile.conftest import World
from tests.adapters.dendrite.hostile.measuring import Cost, measured, slowness
from tests.adapters.dendrite.hostile.rewarding import Reward, rewards
from tests.adapters.dendrite.hostile.world import honest_completion
from tests.adapters.dendrite.peers import SYNAPSE

SLACK_S = 0.25
MAX_BLOCKED_MS = 50.0
MAX_GROWN_MIB = 64.0


@attrs.frozen
class Step:
    """A step to be taken.

    Attributes:
        hostile: who takes part besides the honest, by name.
        wires: on which everybody is asked, in this order.
        max_mib: of memory that it may take.
    """

    dendrite: HttpDendrite
    hostile: Mapping[str, Behaviour]
    timeout_s: float
    wires: tuple[Wire, ...] = (Wire.BTAUTH,)
    max_mib: float = MAX_GROWN_MIB


@attrs.frozen
class Taken:
    """A step that was taken: what came of the honest (by uid) and of the hostile (by name), and what it cost."""

    honest: Mapping[Uid, Outcome]
    hostile: Mapping[str, Outcome]
    cost: Cost


async def take(step: Step, world: World) -> Taken:
    """Prompt everybody."""
    honest = [_target(uid, axon, step.wires) for uid, axon in enumerate(world.honest)]
    hostile = [
        _target(len(honest) + i, world.hostile[name], step.wires) for i, name in enumerate(step.hostile)
    ]
    targets = _mixed(honest, hostile)
    query = partial(step.dendrite.query, targets, SYNAPSE, timeout_s=step.timeout_s)
    outcomes, cost = await measured(query)
    by_uid = {target.uid: outcome for target, outcome in zip(targets, outcomes, strict=True)}
    return Taken(
        {target.uid: by_uid[target.uid] for target in honest},
        {name: by_uid[target.uid] for name, target in zip(step.hostile, hostile, strict=True)},
        cost,
    )


def _target(uid: int, axon: str, wires: tuple[Wire, ...]) -> Target:
    return Target(Uid(uid), Hotkey(f"hotkey{uid}"), axon, wires)


def _mixed(honest: Sequence[Target], hostile: Sequence[Target]) -> list[Target]:
    """The hostile spread evenly among the honest."""
    among = [(uid / len(honest), target) for uid, target in enumerate(honest)]
    among += [((i + 0.5) / len(hostile), target) for i, target in enumerate(hostile)]
    return [target for _, target in sorted(among, key=lambda placed: placed[0])]


async def assert_holds(step: Step, world: World) -> None:
    """All that the issue demands of a step among hostile servers."""
    taken = await take(step, world)
    for name, outcome in taken.hostile.items():
        _assert_has_its_due(outcome, step.hostile[name], step.timeout_s)
    _assert_unharmed(taken.honest)
    assert await _rewards_with(taken) == await _rewards_without(taken, step.hostile)
    assert world.visits() == 0
    assert set(taken.cost.connected) <= {*world.honest, *world.hostile.values()}
    _assert_affordable(step, taken.cost)


def _assert_affordable(step: Step, cost: Cost) -> None:
    """In time, and within bounds of the loop, memory and descriptors."""
    assert cost.seconds < step.timeout_s + SLACK_S, cost
    assert cost.blocked_ms <= MAX_BLOCKED_MS or cost.blocked_ms <= MAX_BLOCKED_MS * slowness(), cost
    assert max(cost.grown_mib, cost.peak_mib) < step.max_mib, cost
    assert cost.leaked <= 0, cost


def _assert_unharmed(honest: Mapping[Uid, Outcome]) -> None:
    """All of them answered, each with its own words."""
    expected = {uid: (200, "", honest_completion(uid)) for uid in honest}
    assert {uid: (o.code, o.message, o.completion) for uid, o in honest.items()} == expected


def _assert_has_its_due(outcome: Outcome, behaviour: Behaviour, timeout_s: float) -> None:
    """A code that stands for what was done, in our own words; or the completion and nothing else."""
    assert outcome.code in behaviour.codes, outcome
    if outcome.code == 200:
        assert outcome.completion == behaviour.completion
    else:
        assert re.fullmatch(behaviour.cut, outcome.completion)
    assert bool(outcome.message) == (outcome.code != 200)
    assert len(outcome.message) <= 200
    assert outcome.message.isprintable()
    assert outcome.message.isascii()
    assert MARK not in outcome.message
    assert 0 <= outcome.process_time_s < timeout_s + SLACK_S


async def _rewards_with(taken: Taken) -> Mapping[Uid, Reward]:
    """What the core's judging gives the honest in this step."""
    return await _honest_rewards(taken.honest, list(taken.hostile.values()))


async def _rewards_without(taken: Taken, catalogue: Mapping[str, Behaviour]) -> Mapping[Uid, Reward]:
    """What it would give them without any trick: who was refused is not there at all, and who has an answer gives it plainly.

    Answers are compared with each other, so one more of them counts like anybody's; but it counts for its text alone.
    """
    honest = {uid: Outcome(200, "", honest_completion(uid), 0.1) for uid in taken.honest}
    plain = [
        Outcome(200, "", catalogue[name].completion, 0.1)
        for name, outcome in taken.hostile.items()
        if outcome.code == 200
    ]
    return await _honest_rewards(honest, plain)


async def _honest_rewards(honest: Mapping[Uid, Outcome], others: Sequence[Outcome]) -> Mapping[Uid, Reward]:
    outcomes = [*honest.values(), *others]
    targets = [_target(uid, NOWHERE, (Wire.BTAUTH,)) for uid in range(len(outcomes))]
    given = await rewards(targets, outcomes)
    return {uid: given[uid] for uid in honest}
