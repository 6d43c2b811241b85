"""The watch lets every honest life pass, and finds each law broken: a step, a call or a world that was doctored on purpose."""

import functools
import random
from collections.abc import Callable, Sequence
from statistics import NormalDist, fmean, pstdev
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import CoreConfig
from core.effects import Effect, QueryMiners, ReadMetagraph, ScoreCompletions, SetWeights, Sleep
from core.events import BlockSeen, Completion, CompletionsScored, Event, MinersAnswered, Started
from core.machine import step
from core.records import StepRecord
from core.state import State, Stopped
from core.step import Step
from core.submission import Terms, row_for
from core.types import Block, EffectId, Hotkey, Limits, Prompting, Row, Uid
from effects.runner import MAILBOX_EVENTS
from tests.core.walk import initial
from tests.core.world import World
from tests.simulation.swarm import Swarm
from tests.simulation.violation import Violation
from tests.simulation.watch import Watch
from tests.simulation.watch.deadlines import Deadlines, forward_s
from tests.simulation.watch.liveness import patience_blocks
from tests.simulation.watch.measured import MOST, Measured
from tests.simulation.watch.performing import call_of
from tests.simulation.watch.rows import check_row

EVENTS = 600
AT_S = 1_700_000_000.0
Doctor = Callable[[State, Event, Step], Step]


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


def unchanged(_: State, __: Event, taken: Step) -> Step:
    return taken


class Lives:
    """A validator driven by hand through a small subnet, life after life, with the watch beside it."""

    def __init__(self, seed: int, doctor: Doctor = unchanged, **neuron: Any) -> None:
        self.rng = random.Random(seed)
        self.config = initial(self.rng).config
        self.config = attrs.evolve(self.config, neuron=attrs.evolve(self.config.neuron, **neuron))
        self.chain, self.now_s, self.doctor = PlainChain(), 0.0, doctor
        self.watch = Watch(Swarm(seed, self.config, 30, 20, 10, 12.0, {}), self.chain, lambda: self.now_s)
        self.state = State(self.config)
        self.under_way: list[Effect] = []
        self.counted = 0
        self._world = World(self.rng)

    def begin(self, config: CoreConfig | None = None) -> None:
        self.under_way.clear()
        self.state = attrs.evolve(self.state, config=config or self.config)
        self.watch.begins(self.state)
        self.take(Started(AT_S + self.now_s))

    def take(self, event: Event) -> None:
        """One event is durable, and what follows from it is begun."""
        before, taken = self.state, self.doctor(self.state, event, step(self.state, event))
        self.state = taken.state
        self.watch.durable([(before, event, taken)])
        self.counted += any(isinstance(record, StepRecord) for record in taken.records)
        for effect in taken.effects:
            self.watch.performs(call_of(effect))
            self.under_way.append(effect)
            if isinstance(effect, SetWeights):
                self._send(effect)

    def run(self, events: int = EVENTS) -> None:
        """So many events, deaths and starts among them."""
        if not self.under_way:
            self.begin()
        for _ in range(events):
            self.now_s += 0.05
            if isinstance(self.state.lifecycle, Stopped) or self.rng.random() < 0.01:
                self.watch.died()
                self.begin()
            elif self.rng.random() < 0.1 or not self.under_way:
                self._block()
            else:
                self.complete(self.under_way[int(self.rng.random() * min(3, len(self.under_way)))])

    def complete(self, effect: Effect) -> None:
        self.under_way.remove(effect)
        self.take(self._world.completion(effect, AT_S + self.now_s))

    def awaited(self, kind: type[Effect]) -> Effect:
        """Run until an effect of this kind is under way."""
        self.begin()
        for _ in range(EVENTS):
            found = next((effect for effect in self.under_way if isinstance(effect, kind)), None)
            if found is not None:
                return found
            self.complete(self.under_way[0])
        raise LookupError(kind)

    def _block(self) -> None:
        self._world.head += int(self.rng.random() * 8)
        self.chain.head = Block(self._world.head)
        self.chain.trouble_until = self.chain.head
        self.take(BlockSeen(AT_S + self.now_s, self.chain.head))

    def _send(self, effect: SetWeights) -> None:
        hotkeys = {neuron.uid: neuron.hotkey for neuron in self.state.metagraph.neurons}
        top = max(hotkeys) if self.rng.random() < 0.5 else min(hotkeys)
        names = tuple(hotkeys.get(Uid(uid), Hotkey("gone")) for uid in range(top + 1))
        limits = Limits(self.chain.head, int(self.rng.random() * 9), 4000 + int(self.rng.random() * 61_535))
        terms = Terms(limits, AT_S, names, Uid(0))
        row = row_for(effect.weights, effect.owners, terms, version_key=effect.version_key, now_s=AT_S)
        self.chain.submissions.append(
            Sent(effect.weights, effect.owners, row if isinstance(row, tuple) else None, terms)
        )


def find(doctor: Doctor, seeds: int = 20, **neuron: Any) -> str:
    """The violation that the watch finds where steps are doctored; an error of the test where it finds none."""
    for seed in range(seeds):
        try:
            Lives(seed, doctor, **neuron).run()
        except Violation as violation:
            return str(violation)
    raise LookupError("every life passed")


@pytest.mark.parametrize("seed", range(25))
def test_honest_lives_pass(seed: int) -> None:
    """Whatever the world does, a validator that keeps the laws is found to keep them, over all its lives."""
    lives = Lives(seed)
    lives.run()
    lives.watch.ended(lives.state)
    assert lives.watch.events > EVENTS
    assert lives.counted > 0


def test_lives_come_to_all_that_is_watched() -> None:
    """The lives that pass judge steps, send weights, and get rows on chain under limits that bind: there was something to find."""
    lives = [Lives(seed) for seed in range(12)]
    for life in lives:
        life.run()
    rows = [sent.row for life in lives for sent in life.chain.submissions if sent.row]
    assert len(rows) > 20
    assert any(value == 0 for row in rows for _, value in row)
    assert sum(life.counted for life in lives) > 100
    assert len(set().union(*(life.watch.moves for life in lives))) > 40


# --- effects ---------------------------------------------------------------------------------------------------------
def test_nothing_is_performed_before_it_is_durable() -> None:
    """A call that no durable effect asks for is found, whatever it holds."""
    lives = Lives(1)
    lives.watch.begins(lives.state)
    with pytest.raises(Violation, match="metagraph is performed, but no durable effect"):
        lives.watch.performs(("metagraph",))


@pytest.mark.parametrize("kind", [ReadMetagraph, QueryMiners, ScoreCompletions, SetWeights, Sleep])
def test_an_effect_is_performed_once(kind: type[Effect]) -> None:
    """The second call of one effect is found, and so is one of another content."""
    lives = Lives(3, await_epoch=False, max_forwards=0, disable_set_weights=False)
    call = call_of(lives.awaited(kind))
    with pytest.raises(Violation, match="no durable effect is left"):
        lives.watch.performs(call)


def test_another_content_is_another_effect() -> None:
    """Miners that are prompted with another text than was decided on are found."""
    name, targets, synapse, timeout_s = call_of(Lives(3).awaited(QueryMiners))
    lives = Lives(3)
    lives.awaited(QueryMiners)
    other = Prompting(synapse.roles, (f"{synapse.messages[0]} Please.",))
    with pytest.raises(Violation, match="query of uids"):
        lives.watch.performs((name, targets, other, timeout_s))


def test_an_effect_ends_with_its_process() -> None:
    """What a dead process had been about to do is done by nobody."""
    lives = Lives(3)
    call = call_of(lives.awaited(QueryMiners))
    lives.watch.died()
    with pytest.raises(Violation, match="no durable effect is left"):
        lives.watch.performs(call)


def test_an_effect_completes_once() -> None:
    """The completion that comes a second time is found, though the machine would drop it."""
    lives = Lives(3)
    effect = lives.awaited(QueryMiners)
    event = lives._world.completion(effect, AT_S)
    lives.take(event)
    with pytest.raises(Violation, match="not under way in this life"):
        lives.take(event)


def test_what_was_not_performed_cannot_complete() -> None:
    """A completion of an effect that no port was called for is found."""
    lives = Lives(3)
    lives.watch.begins(lives.state)
    started = Started(AT_S)
    taken = step(lives.state, started)
    lives.watch.durable([(lives.state, started, taken)])
    event = lives._world.completion(taken.effects[0], AT_S)
    with pytest.raises(Violation, match="never performed"):
        lives.watch.durable([(taken.state, event, step(taken.state, event))])


@pytest.mark.parametrize("held_s", [0.0, 30.0, 200.0])
def test_an_effect_ends_within_its_time(held_s: float) -> None:
    """A completion that comes too late is found; not so where that much was held up, told just after."""
    lives = Lives(3)
    effect = lives.awaited(ReadMetagraph)
    lives.now_s += effect.timeout_s + 100
    lives.complete(effect)
    lives.watch.held_up(held_s)
    if held_s < 100:
        with pytest.raises(Violation, match=r"ReadMetagraph \d+ was not over .* after its deadline"):
            lives._block()
    else:
        lives._block()


def test_an_effect_that_never_ends_is_found() -> None:
    """Not only late completions are found: also those that do not come."""
    lives = Lives(3)
    effect = lives.awaited(ReadMetagraph)
    lives.now_s += effect.timeout_s + 2
    lives._block()
    with pytest.raises(Violation, match="was not over"):
        lives._block()


def test_a_forward_ends_by_its_deadline() -> None:
    """A forward that goes on for longer than all its parts may take is found, whether it ends at last or not."""
    now_s = [0.0]
    most_s = forward_s(Lives(1, num_followup_steps=4).config)
    for ends in (True, False):
        deadlines = Deadlines(lambda: now_s[0])
        deadlines.forward_begins(Lives(1).state.next_forward, most_s)
        now_s[0] += most_s + 0.5
        if ends:
            deadlines.forward_ends(Lives(1).state.next_forward)
        deadlines.look()
        with pytest.raises(Violation, match=r"forward 0 was not over 0\.5 s after"):
            deadlines.judge()
    assert most_s > 9 * 305


def test_no_effect_is_granted_more_time() -> None:
    """An effect that may take longer than is stated is found."""

    def patient(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(attrs.evolve(effect, timeout_s=effect.timeout_s + 1) for effect in taken.effects)
        return attrs.evolve(taken, effects=effects)

    assert "is the most" in find(patient)


# --- the machine's laws ----------------------------------------------------------------------------------------------
def test_the_laws_of_the_machine_are_watched() -> None:
    """A uid that is prompted twice in a forward is found, across steps and lives."""
    prompted: dict[int, Any] = {}

    def reusing(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(
            attrs.evolve(effect, targets=prompted.setdefault(effect.forward_id, effect.targets))
            if isinstance(effect, QueryMiners)
            else effect
            for effect in taken.effects
        )
        return attrs.evolve(taken, effects=effects)

    assert "no uid is prompted twice in a forward" in find(reusing, num_followup_steps=2)


def test_a_process_begins_with_its_start() -> None:
    """An event that comes before `Started` is found."""
    lives = Lives(1)
    lives.watch.begins(lives.state)
    with pytest.raises(Violation, match="begins with Started"):
        lives.take(BlockSeen(AT_S, Block(3)))


def test_no_event_is_lost_at_a_restart() -> None:
    """A start that goes on from another state than became durable last is found; settings may differ."""
    lives = Lives(2)
    lives.run(200)
    lives.watch.begins(attrs.evolve(lives.state, config=Lives(5).config))
    with pytest.raises(Violation, match="other dropped_completions"):
        lives.watch.begins(attrs.evolve(lives.state, dropped_completions=9999))
    with pytest.raises(Violation, match="a start goes on from other"):
        lives.watch.ended(State(lives.config))


def test_no_event_is_lost_within_a_life() -> None:
    """A step that was taken from another state than the last durable one is found."""
    lives = Lives(2)
    lives.awaited(QueryMiners)
    lives.state = attrs.evolve(lives.state, head=Block(77))
    with pytest.raises(Violation, match="another state"):
        lives._block()


# --- averages --------------------------------------------------------------------------------------------------------
def scored(doctor: Callable[[dict[Hotkey, float]], None]) -> Doctor:
    """Doctors the averages of each judged step, and the record with them."""

    def doctored(_: State, __: Event, taken: Step) -> Step:
        if not any(isinstance(record, StepRecord) for record in taken.records):
            return taken
        scores = dict(taken.state.scores)
        doctor(scores)
        return taken.but(scores=scores)

    return doctored


def told_too(change: Callable[[float], float], *, of: Callable[[StepRecord], int] = lambda _: 0) -> Doctor:
    """Doctors one counted reward of each judged step, its average and its record alike: only a recount can tell."""

    def doctored(before: State, _: Event, taken: Step) -> Step:
        record = next((r for r in taken.records if isinstance(r, StepRecord)), None)
        if record is None or not record.responses[of(record)].counted:
            return taken
        place, alpha = of(record), before.config.neuron.moving_average_alpha
        response = record.responses[place]
        reward = change(response.reward or 0.0)
        after = alpha * reward + (1 - alpha) * response.before
        responses = list(record.responses)
        responses[place] = attrs.evolve(response, reward=reward, after=after)
        other = attrs.evolve(record, responses=tuple(responses))
        records = tuple(other if told is record else told for told in taken.records)
        scores = {**taken.state.scores, response.target.hotkey: after}
        return attrs.evolve(taken.but(scores=scores), records=records)

    return doctored


def test_an_average_that_is_a_little_off_is_found() -> None:
    """Averages are compared with the recount, whatever the record says of them."""
    assert "the reward of hk" in find(told_too(lambda reward: reward + 1e-7))


@pytest.mark.parametrize("wrong", [float("nan"), 1.5, -0.1])
def test_an_average_beyond_its_bounds_is_found(wrong: float) -> None:
    """Averages are finite and within 0 and 1."""
    assert "hk" in find(scored(lambda scores: scores.update(dict.fromkeys(scores, wrong))))


def test_an_average_of_nobody_is_found() -> None:
    """Averages belong to hotkeys that hold a uid, not to uids, nor to those who left."""
    assert "3" in find(scored(lambda scores: scores.update({Hotkey("3"): 0.5})))


def test_statistics_are_recounted() -> None:
    """Sentinels that got into the statistics, or measured values that did not, are found."""

    def all_measured(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored):
            return taken
        rewards = tuple(
            attrs.evolve(raw, measured=tuple(not real for real in raw.measured)) for raw in event.rewards
        )
        return step(before, attrs.evolve(event, rewards=rewards))

    assert "recounted" in find(all_measured)


@pytest.mark.parametrize(
    "changes",
    [{"moving_average_alpha": 0.31}, {"diversity_off": True, "nsfw_off": True, "blacklist_off": True}],
)
def test_settings_are_those_that_hold(changes: dict[str, Any]) -> None:
    """Averages reckoned by another share, or with fewer masks, are found."""
    assert "hk" in find(under(**changes), moving_average_alpha=0.3)


def test_a_verdict_that_is_taken_in_twice_is_found() -> None:
    """One completion changes each average once."""

    def twice(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored) or taken.state.scores is before.scores:
            return taken
        return step(attrs.evolve(before, scores=taken.state.scores), event)

    assert "hk" in find(twice)


def test_a_silent_miner_is_an_observation() -> None:
    """A step in which nobody answered, and nobody's average fell, is found."""

    def forgiving(before: State, event: Event, taken: Step) -> Step:
        return taken.but(scores=before.scores) if isinstance(event, MinersAnswered) else taken

    assert find(forgiving, moving_average_alpha=0.9)


def test_what_was_answered_for_another_hotkey_must_not_count() -> None:
    """An average that is found by uid, whoever holds it by now, is found."""

    def by_uid(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored):
            return taken
        answered = next(
            (p.answered for p in before.forwards.values() if getattr(p, "effect_id", 0) == event.effect_id),  # type: ignore[union-attr]
            None,
        )
        if answered is None:
            return taken
        owners = {target.uid: target.hotkey for target in answered.plan.targets}
        neurons = tuple(
            attrs.evolve(neuron, hotkey=owners.get(neuron.uid, neuron.hotkey))
            for neuron in before.metagraph.neurons
        )
        other = attrs.evolve(before, metagraph=attrs.evolve(before.metagraph, neurons=neurons))
        return step(other, event).but(metagraph=before.metagraph)

    assert "must not count" in find(by_uid, seeds=60) or "but no uid" in find(by_uid, seeds=60)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), max_size=8), max_size=8), st.floats(-1e3, 1e3))
def test_statistics_are_those_of_all_values(batches: list[list[float]], x: float) -> None:
    """Value by value the statistics come to what the whole of the values has."""
    measured = Measured()
    for batch in batches:
        measured.take(batch)
    values = [value for batch in batches for value in batch]
    if not values:
        assert measured.share_below(x) == 0
    elif len(set(values)) == 1:
        assert measured.share_below(values[0]) == 0.5
    elif (spread := pstdev(values)) > 1e-3:
        expected = NormalDist(fmean(values), spread).cdf(x)
        assert measured.share_below(x) == pytest.approx(expected, abs=1e-8)


def test_statistics_fade_beyond_their_cap() -> None:
    """So many values count at most: a new level is the only one that is left after some time."""
    measured = Measured()
    measured.take([0.0] * MOST)
    for _ in range(100):
        measured.take([9.0, 11.0] * 200)
    assert measured.share_below(10.0) == pytest.approx(0.5, abs=0.01)


# --- what is handed on -----------------------------------------------------------------------------------------------
def test_the_best_is_handed_on() -> None:
    """Another best than the one of the highest reward is found, and so is another text in the next prompt."""

    def other_best(_: State, __: Event, taken: Step) -> Step:
        records = tuple(
            attrs.evolve(r, best_uid=r.responses[0].target.uid) if isinstance(r, StepRecord) else r
            for r in taken.records
        )
        return attrs.evolve(taken, records=records)

    def other_text(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(
            attrs.evolve(
                e, synapse=Prompting(e.synapse.roles, (e.synapse.messages[0].replace("iver", "ake"),))
            )
            if isinstance(e, QueryMiners)
            else e
            for e in taken.effects
        )
        return attrs.evolve(taken, effects=effects)

    assert "the best is uid" in find(other_best)
    assert "the next prompt does not hold the best" in find(other_text, num_followup_steps=2)


# --- weights ---------------------------------------------------------------------------------------------------------
def under(**neuron: Any) -> Doctor:
    """Steps that are taken under other settings than those that hold."""

    def doctored(before: State, event: Event, _: Step) -> Step:
        config = before.config
        other = attrs.evolve(config, neuron=attrs.evolve(config.neuron, **neuron))
        return step(attrs.evolve(before, config=other), event).but(config=config)

    return doctored


FAST: dict[str, Any] = {
    "moving_average_alpha": 0.5,
    "max_forwards": 0,
    "disable_set_weights": False,
    "epoch_length": 15,
}


@pytest.mark.parametrize(("epoch_length", "found"), [(14, "are not due"), (16, "are due, but none are sent")])
def test_the_epoch_rule_holds_to_the_block(epoch_length: int, found: str) -> None:
    """Weights one block too early are found, and so are weights one block too late."""
    assert found in find(under(epoch_length=epoch_length), seeds=60, **FAST)


def test_weights_that_are_switched_off_are_not_sent() -> None:
    """Weights in spite of `disable_set_weights` are found."""
    assert "are not due" in find(under(disable_set_weights=False), **{**FAST, "disable_set_weights": True})


def sending(change: Callable[[SetWeights], SetWeights]) -> Doctor:
    def doctored(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(change(e) if isinstance(e, SetWeights) else e for e in taken.effects)
        return attrs.evolve(taken, effects=effects)

    return doctored


def test_weights_are_what_the_averages_say() -> None:
    """Weights that are another's, another hotkey's, or of another version are found."""

    def turned(effect: SetWeights) -> SetWeights:
        uids = [uid for uid, _ in effect.weights]
        shares = [share for _, share in effect.weights]
        return attrs.evolve(effect, weights=tuple(zip(uids, (*shares[1:], shares[0]), strict=True)))

    assert "recounted" in find(sending(turned), **FAST)
    assert "are those of" in find(sending(lambda e: attrs.evolve(e, owners=e.owners[::-1])), **FAST)
    assert "version key" in find(sending(lambda e: attrs.evolve(e, version_key=2999)), **FAST)


def test_the_head_and_our_last_weights_are_the_chains() -> None:
    """A head that goes back, and an acceptance that nobody told of, are found."""

    def back(before: State, event: Event, taken: Step) -> Step:
        return taken.but(head=event.block) if isinstance(event, BlockSeen) else taken

    def guessing(_: State, event: Event, taken: Step) -> Step:
        return taken.but(accepted=taken.state.head) if isinstance(event, CompletionsScored) else taken

    lives = Lives(1, back)
    lives.awaited(QueryMiners)
    lives._block()
    lives.take(BlockSeen(AT_S, Block(50)))
    with pytest.raises(Violation, match="the head goes back from block 50 to 49"):
        lives.take(BlockSeen(AT_S, Block(49)))
    assert "our last weights are put at block" in find(guessing)


# --- rows ------------------------------------------------------------------------------------------------------------
OWNERS = tuple(Hotkey(f"hk{uid}") for uid in range(12))


def sent(weights: Sequence[float], least: int, limit: int, gone: Sequence[int] = ()) -> Sent:
    """What the validator makes of weights for the uids from 0 on, some of which have changed hands."""
    pairs = [(Uid(uid), weight) for uid, weight in enumerate(weights)]
    hotkeys = tuple(Hotkey("new") if uid in gone else hotkey for uid, hotkey in enumerate(OWNERS))
    terms = Terms(Limits(Block(1), least, limit), AT_S, hotkeys, Uid(0))
    row = row_for(pairs, OWNERS[: len(pairs)], terms, version_key=1, now_s=AT_S)
    return Sent(pairs, OWNERS[: len(pairs)], row if isinstance(row, tuple) else None, terms)


@given(
    st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=12),
    st.integers(0, 14),
    st.integers(1, 65_535),
    st.lists(st.integers(0, 11), max_size=4),
)
def test_rows_of_the_validator_pass(weights: list[float], least: int, limit: int, gone: list[int]) -> None:
    """Whatever the weights, the limits and who has left: the row that is made is one that follows."""
    check_row(sent(weights, least, limit, gone))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (((0, 65_535), (1, 32_767), (2, 100)), "nobody of ours decided on"),
        (((0, 65_535), (1, 30_000), (2, 0)), "its weight"),
        (((0, 65_535), (1, 32_768)), "3 are wanted"),
        (((0, 65_535), (1, 32_768), (2, 0), (3, 0)), "3 are wanted"),
        (((1, 32_768), (0, 65_535), (2, 0)), "not in order"),
        (((0, 65_535), (1, 32_768), (40, 0)), "not those of the subnet"),
        (((0, 60_000), (1, 30_000), (2, 0)), "not u16"),
    ],
)
def test_a_wrong_row_is_found(row: Row, found: str) -> None:
    """A share for a stranger, other proportions, padding that is missing or too much, and a row of no form at all."""
    honest = sent([0.6, 0.3], 3, 65_535)
    assert honest.row == ((0, 65_535), (1, 32_768), (2, 0))
    with pytest.raises(Violation, match=found):
        check_row(attrs.evolve(honest, row=row))


def test_a_share_above_the_limit_is_found() -> None:
    """The largest share is held to the subnet's limit to the last unit."""
    honest = sent([0.5, 0.3, 0.2], 1, 30_000)
    assert honest.row is not None
    row = tuple((uid, value - 1 if value < 65_535 else value) for uid, value in honest.row)
    with pytest.raises(Violation, match="largest share"):
        check_row(attrs.evolve(honest, row=row))


def test_what_reached_the_chain_was_sent_by_us() -> None:
    """A submission that no effect asked for is found, and so is one beside another."""
    lives = Lives(1)
    lives.awaited(QueryMiners)
    lives.chain.submissions.append(sent([0.6, 0.4], 1, 65_535))
    with pytest.raises(Violation, match="was never performed"):
        lives._block()
    lives = Lives(1)
    lives.awaited(QueryMiners)
    first, second = sent([0.6, 0.4], 1, 65_535), sent([0.5, 0.5], 1, 65_535)
    lives.chain.submissions += [first, second]
    lives.chain.doubled.append(second)
    with pytest.raises(Violation, match="two submissions were in flight"):
        lives._block()


# --- bounds and liveness ---------------------------------------------------------------------------------------------
def test_the_mailbox_is_bounded() -> None:
    """One event more than the mailbox holds is found."""
    watch = Lives(1).watch
    watch.queued(MAILBOX_EVENTS)
    with pytest.raises(Violation, match="1025 events wait"):
        watch.queued(MAILBOX_EVENTS + 1)


def test_a_storm_of_effects_is_found() -> None:
    """A machine that begins more and more is found."""

    def storm(before: State, event: Event, taken: Step) -> Step:
        for _ in range(20):
            taken, _ = taken.do(lambda effect_id: Sleep(effect_id, 65.0, 5.0))
        return taken

    assert "nothing is begun that nobody waits for" in find(storm)


def quiet(lives: Lives, blocks: int, *, troubled: bool = False) -> None:
    """So many blocks pass by in which nothing is in the way, but no weights land."""
    for _ in range(blocks):
        lives.chain.head = Block(lives.chain.head + 1)
        lives._world.head = lives.chain.head
        if troubled:
            lives.watch.troubled()
        lives.now_s += 0.01
        lives.take(BlockSeen(AT_S + lives.now_s, lives.chain.head))
        for effect in [e for e in lives.under_way if not isinstance(e, SetWeights)]:
            lives.complete(effect)


def earning(seed: int) -> Lives:
    """Lives in which somebody has a score, and weights are on; every uid is in the hands in which the metagraph has it."""
    lives = Lives(seed, await_epoch=False, axon_off=True, **FAST)
    lives.begin()
    while not any(score > 0 for score in lives.state.scores.values()):
        lives.now_s += 0.01
        lives.complete(lives.under_way[0])
        if isinstance(lives.state.lifecycle, Stopped):
            lives.begin()
    return lives


class Mirror(dict[Uid, Hotkey]):
    """Owners just as the metagraph of the lives has them."""

    def __init__(self, lives: Lives) -> None:
        super().__init__()
        self._lives = lives

    def get(self, uid: Uid, default: Any = None) -> Any:
        return next((n.hotkey for n in self._lives.state.metagraph.neurons if n.uid == uid), default)


def neglected(seed: int, *, troubled: bool = False, opens_at: int = 0) -> Lives:
    """A validator whose weights never land, for twice as long as anybody would wait."""
    lives = earning(seed)
    lives.chain.hotkeys, lives.chain.opens_at = Mirror(lives), Block(opens_at)
    blocks = 2 * patience_blocks(lives.config, 10, 12.0)
    for _ in range(blocks):
        if isinstance(lives.state.lifecycle, Stopped):
            lives.begin()
        quiet(lives, 1, troubled=troubled)
    return lives


@functools.cache
def seed_that_lives_on() -> int:
    """A seed whose validator is not stopped while it is neglected."""
    for seed in range(50):
        try:
            neglected(seed)
        except Violation:
            return seed
    raise LookupError("no seed lives for long enough")


def test_weights_land_in_their_window() -> None:
    """Weights that never land, though nothing was in the way for long, are found."""
    with pytest.raises(Violation, match=r"nothing was in the way for .* no weights landed"):
        neglected(seed_that_lives_on())


def test_trouble_excuses() -> None:
    """Where something is in the way, or the chain would not take them, no weights are wanted."""
    neglected(seed_that_lives_on(), troubled=True)
    neglected(seed_that_lives_on(), opens_at=10**6)


def test_events_are_counted_for_all_lives() -> None:
    """The watch knows how much it has seen."""
    lives = Lives(4)
    lives.begin()
    assert isinstance(lives.under_way[0], ReadMetagraph)
    assert lives.watch.events == 1
    assert not isinstance(Started(AT_S), Completion)
    assert lives.under_way[0].effect_id == EffectId(1)
