"""Recorded journals of real runs on the local subnet, and one of a simulated run: today's code decides what was decided then.

A change that decides otherwise fails here, unless it stands behind a new logic version (`core/version.py`).
"""

from pathlib import Path

import attrs
import pytest

from adapters.journal.opening import reading
from adapters.replay.verify import verified
from adapters.reporting.recount import Recount
from core.effects import SetWeights
from core.events import EffectFailed, Started, WeightsSubmitted
from core.records import ForwardEnded, ForwardRecovered, StepRecord, WeightsRecord
from core.types import OK, WeightsAccepted
from core.version import DATES_SUBMISSIONS, RECOVERS_ANSWERED
from effects.replay import Folded, replay
from tests.cmd.program import python

OTHER_PLATFORM = """
import math, random, runpy, sys
erf, sqrt, rng = math.erf, math.sqrt, random.Random(1)
off = lambda x: math.nextafter(x, rng.choice((-10.0, 10.0)))
math.erf, math.sqrt = lambda x: off(erf(x)), lambda x: off(sqrt(x))
runpy.run_module("cmd.replay", run_name="__main__")
"""

EPISODES = {path.stem: path for path in Path(__file__).parent.glob("*.sqlite")}


@pytest.fixture(params=sorted(EPISODES))
def path(request: pytest.FixtureRequest) -> Path:
    return EPISODES[request.param]


def folded(path: Path) -> list[Folded]:
    with reading(path) as journal:
        return list(journal.fold(journal.beginning()))


def test_every_decision_is_the_recorded_one(path: Path) -> None:
    """Exactly on the platform that recorded it; elsewhere within 1e-12. Snapshots too."""
    with reading(path) as journal:
        found = verified(journal)
        assert found.found == ""
        assert found.events == journal.last_seq > 50
    assert found.snapshots > 0


def test_another_platform_finds_the_same(path: Path, tmp_path: Path) -> None:
    """One whose `erf` and `sqrt` are off by one in the last bit, as those of other C libraries are: equal within 1e-12."""
    ran = python("-c", OTHER_PLATFORM, "verify", str(path), home=tmp_path)
    assert ran.code == 0, ran
    assert "every decision is equal" in ran.out
    largest = float(ran.out.split("numbers differ by ")[1].split()[0])
    assert 0 < largest < 1e-12


def test_averages_follow_from_the_step_events(path: Path) -> None:
    """Recounted on their own, over all restarts."""
    steps = folded(path)
    recount = Recount(steps[0].before)
    for step in steps:
        recount.observe(step.taken.state, step.taken.records)
    assert recount.result().differences == ()


def test_another_rule_is_noticed(path: Path) -> None:
    """The same events under another alpha, seed or weight are decided otherwise: what is compared is what matters."""
    with reading(path) as journal:
        start, entries = journal.beginning(), list(journal.entries())
        for change in ({"seed": 99}, {"moving_average_alpha": 0.051}):
            configs = {
                seq: attrs.evolve(config, neuron=attrs.evolve(config.neuron, **change))
                for seq, config in journal.configs().items()
            }
            assert replay(entries, start.state, configs).difference is not None


def test_an_old_journal_replays_by_its_own_logic() -> None:
    """Recorded when a restart ended every forward, it replays by that rule; by the next one it would be decided otherwise."""
    with reading(EPISODES["v1-killed-while-scoring"]) as journal:
        start, entries, configs = journal.beginning(), list(journal.entries()), journal.configs()
    assert {config.logic_version for config in configs.values()} == {1}
    next_rule = {seq: attrs.evolve(c, logic_version=RECOVERS_ANSWERED) for seq, c in configs.items()}
    found = replay(entries, start.state, next_rule)
    assert found.difference is not None
    assert isinstance(found.difference.entry.event, Started)


def test_the_recorded_runs_had_something_go_wrong() -> None:
    """Kills while answers were scored and while miners were asked, miners that failed in several ways, forwards that ended early."""
    steps = folded(EPISODES["kills-and-silence"])
    records = [record for step in steps for record in step.taken.records]
    reasons = {record.reason for record in records if isinstance(record, ForwardEnded)}
    codes = {r.code for record in records if isinstance(record, StepRecord) for r in record.responses}
    assert sum(isinstance(step.entry.event, Started) for step in steps) == 4
    assert sum(isinstance(record, ForwardRecovered) for record in records) >= 3
    assert {"restart", "no best summary"} <= reasons
    assert len(codes - {OK}) >= 3
    assert not any(isinstance(step.entry.event, EffectFailed) for step in steps[-1:])


def test_what_went_on_chain_is_on_record() -> None:
    """From version 4 on: whose scores each weight was, the row that was sent, and the limits that it was made for."""
    steps = folded(EPISODES["v4-weights"])
    effects = [effect for step in steps for effect in step.taken.effects if isinstance(effect, SetWeights)]
    events = [step.entry.event for step in steps]
    accepted = [
        event.result
        for event in events
        if isinstance(event, WeightsSubmitted) and isinstance(event.result, WeightsAccepted)
    ]
    assert len(effects) == len(accepted) == 5
    for effect, result in zip(effects, accepted, strict=True):
        assert len(effect.owners) == len(effect.weights) == len(set(effect.owners))
        assert result.limits is not None
        assert result.limits.block < result.block
        assert {uid for uid, _ in result.row} <= {uid for uid, _ in effect.weights}
        assert max(value for _, value in result.row) == 65_535


def test_what_was_lost_is_dated_by_a_reading_begun_afterwards() -> None:
    """From version 5 on the metagraph is read where nothing was heard of weights; by the rule of before nothing would be asked for."""
    with reading(EPISODES["v5-lost-weights"]) as journal:
        start, entries, configs = journal.beginning(), list(journal.entries()), journal.configs()
    assert {config.logic_version for config in configs.values()} == {DATES_SUBMISSIONS}
    records = [record for step in folded(EPISODES["v5-lost-weights"]) for record in step.taken.records]
    lost = [r for r in records if isinstance(r, WeightsRecord) and r.error == "did not reach the chain"]
    assert len(lost) == 1
    before = {seq: attrs.evolve(c, logic_version=DATES_SUBMISSIONS - 1) for seq, c in configs.items()}
    found = replay(entries, start.state, before).difference
    assert found is not None
    assert isinstance(found.entry.event, WeightsSubmitted | EffectFailed | Started)
