"""When weights go on chain, and what follows from the chain's answer."""

import math

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import syncing
from core.config import NeuronConfig
from core.effects import Effect, ReadLastUpdate, ReadMetagraph, SetWeights, Sleep
from core.events import (
    BlockSeen,
    EffectFailed,
    LastUpdateRead,
    MetagraphRead,
    Slept,
    Started,
    WeightsSubmitted,
)
from core.records import Notice, WeightsRecord
from core.state import State, WeightsBackingOff, WeightsIdle, WeightsUnresolved
from core.step import Step
from core.types import (
    Block,
    EffectId,
    Hotkey,
    WeightsAccepted,
    WeightsRefused,
    WeightsResult,
    WeightsUnknown,
)
from core.version import LOGIC_VERSION, VERSION_KEY
from core.weights import SUBMISSION_VALID_BLOCKS, consider, is_due, on_block, on_metagraph, vector
from tests.core.builders import config, metagraph
from tests.core.checks import CheckedMachine
from tests.core.scripted import expect, play, records, running

READING = EffectId(7)
SCORES = st.dictionaries(st.integers(1, 27), st.floats(0, 1), max_size=27)


def scored_state(head: int, *, last: int = 0, **neuron: int | bool) -> State:
    """A validator with one score above 0, whose last weights were set at block `last`."""
    graph = metagraph([1, 2], block=1, last_update=last)
    return State(
        config(NeuronConfig(**neuron)),  # type: ignore[arg-type] # the fields are of several types
        metagraph=graph,
        head=Block(head),
        scores={Hotkey("hk1"): 0.3},
    )


@given(SCORES)
def test_weights_are_the_normalised_scores(scores: dict[int, float]) -> None:
    """Positive, by uid, summing to 1, in the scores' own proportions; nothing where no score is above 0."""
    state = State(
        config(),
        metagraph=metagraph(range(1, 28)),
        scores={Hotkey(f"hk{uid}"): score for uid, score in scores.items()},
    )
    weights, positive = vector(state), {uid: score for uid, score in scores.items() if score > 0}
    total = math.fsum(positive.values())
    assert [uid for uid, _ in weights] == sorted(positive)
    assert all(math.isclose(weight, positive[uid] / total) for uid, weight in weights)


@pytest.mark.parametrize(
    ("head", "last", "due"),
    [(5, 0, True), (199, 100, False), (200, 100, True), (201, 100, True), (977, 100, True), (90, 100, False)],
)
def test_distances_decide_not_remainders(head: int, last: int, due: bool) -> None:
    """At once if never set; else an epoch length later, and at any block after that, so that a missed block costs nothing."""
    assert is_due(scored_state(head, last=last, epoch_length=100), is_final=False) is due


def test_the_chains_rate_limit_is_kept_however_short_the_epoch() -> None:
    """An epoch length below the rate limit (10 here) does not send what the chain must refuse."""
    assert not is_due(scored_state(109, last=100, epoch_length=1), is_final=False)
    assert is_due(scored_state(110, last=100, epoch_length=1), is_final=False)


def test_final_weights_wait_for_the_rate_limit_only() -> None:
    """The last ones need no epoch length."""
    assert is_due(scored_state(110, last=100), is_final=True)
    assert not is_due(scored_state(109, last=100), is_final=True)
    early = scored_state(110, last=100)
    assert consider(Step(early)) == Step(early), "weights are final only where it is said"


def test_nothing_is_sent_without_a_score_or_when_switched_off() -> None:
    """No score above 0, or `disable_set_weights`: no submission."""
    nothing = attrs.evolve(scored_state(500), scores={Hotkey("hk1"): 0.0})
    assert consider(Step(nothing)) == Step(nothing)
    off = scored_state(500, disable_set_weights=True)
    assert consider(Step(off)) == Step(off)


def submitted() -> tuple[CheckedMachine, SetWeights]:
    """A forward is over and its weights are on their way; the validator goes on."""
    machine = running(metagraph(range(1, 28), block=50))
    steps = play(machine)
    (effect,) = (e for e in steps[-1].effects if isinstance(e, SetWeights))
    return machine, effect


def answer(machine: CheckedMachine, effect: SetWeights, result: WeightsResult) -> Step:
    return machine.step(WeightsSubmitted(9.0, effect.effect_id, result))


def test_accepted_weights_are_told_and_remembered() -> None:
    """From their block the next distance is counted."""
    machine, effect = submitted()
    taken = answer(machine, effect, WeightsAccepted(Block(53)))
    assert records([taken], WeightsRecord) == [WeightsRecord(Block(53), effect.weights, True, "")]
    assert (machine.state.accepted, machine.state.head) == (53, 53)
    assert machine.state.weights == WeightsIdle()


def test_a_refusal_that_can_pass_is_tried_again_after_a_pause() -> None:
    """The pause grows from one refusal to the next, until the chain accepts."""
    machine, effect = submitted()
    for pause_s in (1.0, 2.0, 4.0):
        taken = answer(machine, effect, WeightsRefused("SettingWeightsTooFast", passing=True))
        assert [r.error for r in records([taken], WeightsRecord)] == ["SettingWeightsTooFast"]
        (sleep,) = (expect(e, Sleep) for e in taken.effects)
        assert sleep.seconds == pause_s
        again = machine.step(Slept(9.0, sleep.effect_id))
        (effect,) = (expect(e, SetWeights) for e in again.effects)
    answer(machine, effect, WeightsAccepted(Block(54)))
    assert machine.state.weights == WeightsIdle()


def test_what_was_refused_for_good_waits_an_epoch_length() -> None:
    """The chain's own reason is told, and the forwards go on."""
    machine, effect = submitted()
    taken = answer(machine, effect, WeightsRefused("NotEnoughStakeToSetWeights", passing=False))
    (notice,) = records([taken], Notice)
    assert "NotEnoughStakeToSetWeights; trying again at block 150" in notice.text
    assert [r.accepted for r in records([taken], WeightsRecord)] == [False]
    assert taken.effects == (), "nothing hints at the metagraph"
    assert machine.state.weights == WeightsIdle(not_before=Block(150))
    assert not is_due(machine.state, is_final=False)
    assert is_due(attrs.evolve(machine.state, head=Block(150)), is_final=False)


@pytest.mark.parametrize("until", [1, 2, 150])
def test_what_waits_for_a_block_is_looked_at_when_the_block_comes(until: int) -> None:
    """Not a block earlier; and what waits for none is not looked at between the forwards."""
    held = attrs.evolve(scored_state(until), weights=WeightsIdle(not_before=Block(until)))
    (effect,) = on_block(Step(held)).effects
    expect(effect, SetWeights)
    early = attrs.evolve(held, head=Block(until - 1))
    assert on_block(Step(early)) == Step(early)
    free = attrs.evolve(held, weights=WeightsIdle())
    assert on_block(Step(free)) == Step(free)


@pytest.mark.parametrize(("until", "waits"), [(49, False), (50, False), (51, True)])
def test_a_block_that_has_come_is_not_waited_for(until: int, waits: bool) -> None:
    """A refusal that names the head or an earlier block is tried again after a pause, as if it named none."""
    machine, effect = submitted()
    assert machine.state.head == 50
    answer(machine, effect, WeightsRefused("too soon", passing=True, not_before=Block(until)))
    assert isinstance(machine.state.weights, WeightsIdle if waits else WeightsBackingOff)


def test_a_hint_of_deregistration_is_looked_into() -> None:
    """The metagraph is read at once."""
    machine, effect = submitted()
    refusal = WeightsRefused("HotKeyNotRegisteredInSubNet", passing=False, not_registered=True)
    (read,) = answer(machine, effect, refusal).effects
    expect(read, ReadMetagraph)


@pytest.mark.parametrize("timed_out", [False, True])
def test_an_unknown_result_is_asked_for_before_anything_is_sent(timed_out: bool) -> None:
    """Be it told or be it a deadline: a pause, then the question; a landed submission counts from its block."""
    machine, effect = submitted()
    taken = (
        machine.step(EffectFailed(9.0, effect.effect_id, "not done", timed_out=True))
        if timed_out
        else answer(machine, effect, WeightsUnknown("connection lost"))
    )
    sleep, read = taken.effects
    expect(read, ReadMetagraph)
    (ask,) = (expect(e, ReadLastUpdate) for e in machine.step(Slept(11.0, sleep.effect_id)).effects)
    landed = machine.step(LastUpdateRead(12.0, ask.effect_id, Block(51)))
    assert records([landed], WeightsRecord) == [WeightsRecord(Block(51), effect.weights, True, "")]
    assert machine.state.accepted == 51


def asked(machine: CheckedMachine, pause: Effect, found: int = 0) -> Step:
    """The pause is over, and the chain tells the block of our last weights."""
    (ask,) = machine.step(Slept(11.0, pause.effect_id)).effects
    return machine.step(LastUpdateRead(12.0, expect(ask, ReadLastUpdate).effect_id, Block(found)))


def read_at(machine: CheckedMachine, read: Effect, block: int) -> Step:
    """The metagraph comes, as of a block."""
    graph = metagraph(range(1, 28), block=block)
    return machine.step(MetagraphRead(12.5, expect(read, ReadMetagraph).effect_id, graph))


def test_a_lost_submission_is_sent_again() -> None:
    """While it may still land its fate stays open; once it was looked for after that, and the chain has nothing new, it never arrived."""
    machine, effect = submitted()
    pause, read = answer(machine, effect, WeightsUnknown("connection lost")).effects
    (pause,) = asked(machine, pause).effects
    read_at(machine, read, 60)
    last = 60 + SUBMISSION_VALID_BLOCKS
    machine.step(BlockSeen(12.5, Block(last)))
    (pause,) = asked(machine, pause).effects
    assert isinstance(machine.state.weights, WeightsUnresolved), "the last block of its era may still take it"
    machine.step(BlockSeen(13.0, Block(last + 1)))
    taken = asked(machine, pause)
    lost = [(r.accepted, r.error) for r in records([taken], WeightsRecord)]
    assert lost == [(False, "did not reach the chain")]
    assert isinstance(machine.state.weights, WeightsBackingOff)
    again = machine.step(Slept(15.0, taken.effects[0].effect_id))
    assert [expect(e, SetWeights).weights for e in again.effects] == [effect.weights]


def test_what_was_looked_for_too_early_is_not_lost() -> None:
    """The head may pass the last block that can take it while the answer is on its way: the answer is older."""
    machine, effect = submitted()
    pause, read = answer(machine, effect, WeightsUnknown("connection lost")).effects
    read_at(machine, read, 60)
    (ask,) = machine.step(Slept(11.0, pause.effect_id)).effects
    machine.step(BlockSeen(12.0, Block(61 + SUBMISSION_VALID_BLOCKS)))
    machine.step(LastUpdateRead(12.0, ask.effect_id, Block(0)))
    assert isinstance(machine.state.weights, WeightsUnresolved)


def test_an_old_head_does_not_make_a_submission_void() -> None:
    """It is reckoned from a block that was read after it had been sent, however far the head was behind as it was decided on."""
    machine, effect = submitted()
    pause, read = answer(machine, effect, WeightsUnknown("connection lost")).effects
    machine.step(BlockSeen(10.0, Block(1000)))
    (pause,) = asked(machine, pause).effects
    assert isinstance(machine.state.weights, WeightsUnresolved), "by which block it was sent is not known"
    read_at(machine, read, 1001)
    (pause,) = asked(machine, pause).effects
    assert isinstance(machine.state.weights, WeightsUnresolved), "it may land until block 1041"
    machine.step(BlockSeen(13.0, Block(1042)))
    asked(machine, pause)
    assert isinstance(machine.state.weights, WeightsBackingOff)


def test_a_reading_begun_before_does_not_date_a_submission() -> None:
    """It may be of a block before the one it was sent at: the metagraph is read once more."""
    machine, effect = submitted()
    (early,) = machine.step(BlockSeen(8.0, Block(150))).effects
    (pause,) = answer(machine, effect, WeightsUnknown("connection lost")).effects
    (again,) = read_at(machine, early, 150).effects
    read_at(machine, again, 160)
    machine.step(BlockSeen(8.0, Block(160 + SUBMISSION_VALID_BLOCKS)))
    asked(machine, pause)
    assert isinstance(machine.state.weights, WeightsUnresolved)


def test_a_submission_is_dated_while_it_is_asked_for() -> None:
    """The metagraph may come while the chain is being asked."""
    machine, effect = submitted()
    pause, read = answer(machine, effect, WeightsUnknown("connection lost")).effects
    (ask,) = machine.step(Slept(11.0, pause.effect_id)).effects
    read_at(machine, read, 60)
    (pause,) = machine.step(LastUpdateRead(12.0, ask.effect_id, Block(0))).effects
    machine.step(BlockSeen(13.0, Block(61 + SUBMISSION_VALID_BLOCKS)))
    asked(machine, pause)
    assert isinstance(machine.state.weights, WeightsBackingOff)


def test_by_the_logic_of_before_the_head_at_the_decision_counted() -> None:
    """A journal of version 4 is followed by its own rule: no metagraph is read for it, and the head as the answer comes decides."""
    machine, effect = submitted()
    machine.state = attrs.evolve(machine.state, config=attrs.evolve(machine.state.config, logic_version=4))
    (pause,) = answer(machine, effect, WeightsUnknown("connection lost")).effects
    machine.step(BlockSeen(13.0, Block(50 + SUBMISSION_VALID_BLOCKS)))
    (pause,) = asked(machine, pause).effects
    assert isinstance(machine.state.weights, WeightsUnresolved), "the last block that can take it"
    (ask,) = machine.step(Slept(11.0, pause.effect_id)).effects
    machine.step(BlockSeen(13.0, Block(51 + SUBMISSION_VALID_BLOCKS)))
    machine.step(LastUpdateRead(12.0, ask.effect_id, Block(0)))
    assert isinstance(machine.state.weights, WeightsBackingOff)


def test_after_a_restart_any_reading_dates_a_submission() -> None:
    """None that was begun before can come any more; until one comes, it is not lost."""
    machine, _ = submitted()
    read, pause = machine.step(Started(20.0)).effects
    machine.step(BlockSeen(21.0, Block(51 + SUBMISSION_VALID_BLOCKS)))
    (pause,) = asked(machine, pause).effects
    assert isinstance(machine.state.weights, WeightsUnresolved)
    read_at(machine, read, 95)
    machine.step(BlockSeen(22.0, Block(96 + SUBMISSION_VALID_BLOCKS)))
    asked(machine, pause)
    assert isinstance(machine.state.weights, WeightsBackingOff)


@pytest.mark.parametrize(("logic_version", "pause_s"), [(3, 4.0), (4, 1.0), (LOGIC_VERSION, 1.0)])
def test_that_it_was_asked_for_is_no_refusal(logic_version: int, pause_s: float) -> None:
    """What was asked for twice and never came is sent after the shortest pause; by the logic of before each question counted."""
    machine, effect = submitted()
    core_config = attrs.evolve(machine.state.config, logic_version=logic_version)
    machine.state = attrs.evolve(machine.state, config=core_config)
    pause, *readings = answer(machine, effect, WeightsUnknown("connection lost")).effects
    for read in readings:
        read_at(machine, read, 51)
    (pause,) = asked(machine, pause).effects
    machine.step(BlockSeen(13.0, Block(machine.state.head + SUBMISSION_VALID_BLOCKS + 1)))
    (pause,) = asked(machine, pause).effects
    assert expect(pause, Sleep).seconds == pause_s


def test_the_chain_is_asked_until_it_answers() -> None:
    """A question that fails is asked again after a longer pause."""
    machine, effect = submitted()
    pause, _ = answer(machine, effect, WeightsUnknown("connection lost")).effects
    pauses = [expect(pause, Sleep).seconds]
    for _ in range(8):
        (ask,) = machine.step(Slept(11.0, pause.effect_id)).effects
        (pause,) = machine.step(EffectFailed(12.0, expect(ask, ReadLastUpdate).effect_id, "down")).effects
        pauses.append(expect(pause, Sleep).seconds)
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0, 60.0]


def test_a_restart_asks_about_what_was_on_its_way() -> None:
    """A submission of which we never heard is looked up, not repeated."""
    machine, _ = submitted()
    taken = machine.step(Started(20.0))
    kinds = [type(effect) for effect in taken.effects]
    assert kinds == [ReadMetagraph, Sleep]
    assert "restarted while it was on its way" in records([taken], Notice)[-1].text


@pytest.mark.parametrize(
    ("logic_version", "pauses"),
    [(1, [4.0, 8.0, 16.0]), (2, [2.0, 2.0, 2.0]), (LOGIC_VERSION, [2.0, 2.0, 2.0])],
)
def test_a_program_that_crashes_again_and_again_comes_to_ask(logic_version: int, pauses: list[float]) -> None:
    """Each start asks two seconds later, however many there were before; by the first logic the pause grew."""
    machine, effect = submitted()
    answer(machine, effect, WeightsUnknown("connection lost"))
    core_config = attrs.evolve(machine.state.config, logic_version=logic_version)
    machine.state = attrs.evolve(machine.state, config=core_config)
    found = [expect(machine.step(Started(20.0 + i)).effects[-1], Sleep).seconds for i in range(3)]
    assert found == pauses


def test_a_restart_forgets_waiting() -> None:
    """A pause before a retry does not outlive the program."""
    machine, effect = submitted()
    answer(machine, effect, WeightsRefused("SettingWeightsTooFast", passing=True))
    machine.step(Started(20.0))
    assert machine.state.weights == WeightsIdle()


def test_a_submission_says_whose_scores_it_carries() -> None:
    """One hotkey per weight, so that who takes over a uid meanwhile is not paid for it."""
    _, effect = submitted()
    assert effect.owners == tuple(Hotkey(f"hk{uid}") for uid, _ in effect.weights)
    assert effect.version_key == VERSION_KEY, "the subnet refuses programs that are too old by it"


def test_journals_from_before_are_followed_by_their_own_rules() -> None:
    """Under version 3 no owners were named, every passing cause was tried again after seconds, and what was accepted stayed so."""
    old = attrs.evolve(config(), logic_version=3)
    state = State(old, metagraph=metagraph([1, 2], block=90), head=Block(90), scores={Hotkey("hk1"): 0.3})
    (effect,) = consider(Step(state)).effects
    assert expect(effect, SetWeights).owners == ()
    machine, sent = submitted()
    machine.state = attrs.evolve(machine.state, config=attrs.evolve(machine.state.config, logic_version=3))
    refusal = WeightsRefused("too soon", passing=True, not_before=Block(900))
    answer(machine, sent, refusal)
    assert isinstance(machine.state.weights, WeightsBackingOff)
    undone = attrs.evolve(machine.state, accepted=Block(49))
    assert on_metagraph(Step(undone), READING) == Step(undone)


def test_weights_that_went_with_their_block_are_due_again_also_while_others_are_tried() -> None:
    """What is under way goes on; the distance counts from what the chain has."""
    machine, _ = submitted()
    undone = attrs.evolve(machine.state, accepted=Block(44))
    taken = on_metagraph(Step(undone), READING)
    assert taken.state.accepted == undone.metagraph.last_update == 0
    assert taken.state.weights == undone.weights


@pytest.mark.parametrize(("found", "now"), [(44, 44), (43, 43), (39, 39), (38, 38), (0, 0), (45, 44)])
def test_what_the_metagraph_shows_counts_once_blocks_have_settled(found: int, now: int) -> None:
    """A block or some earlier is the same weights on another way; far earlier, they are lost and told; later is somebody else's doing."""
    state = attrs.evolve(
        scored_state(60), accepted=Block(44), metagraph=metagraph([1, 2], block=50, last_update=found)
    )
    taken = on_metagraph(Step(state), READING)
    assert taken.state.accepted == now
    lost = found < 39
    assert bool(records([taken], Notice)) is lost
    assert taken.state.weights == WeightsIdle(not_before=Block(44 + SUBMISSION_VALID_BLOCKS if lost else 0))


def test_a_metagraph_that_is_too_young_proves_nothing() -> None:
    """Within some blocks of the acceptance the chain may be on one way or the other."""
    state = attrs.evolve(scored_state(60), accepted=Block(45), metagraph=metagraph([1, 2], block=50))
    assert on_metagraph(Step(state), READING) == Step(state)


def test_every_acceptance_is_looked_at_once_more() -> None:
    """Also where the metagraph happened to be read a block after it, which proves nothing."""
    state = attrs.evolve(
        scored_state(50, epoch_length=100), accepted=Block(45), metagraph=metagraph([1, 2], block=46)
    )
    assert not syncing.is_due(state)
    assert syncing.is_due(attrs.evolve(state, head=Block(51)))
    read = attrs.evolve(state, head=Block(52), metagraph=metagraph([1, 2], block=51, last_update=45))
    assert not syncing.is_due(read)


@pytest.mark.parametrize(("logic_version", "looked_at"), [(3, False), (4, True)])
def test_acceptances_are_looked_at_since_version_4(logic_version: int, looked_at: bool) -> None:
    """Before, nobody read the metagraph for them."""
    state = attrs.evolve(
        scored_state(51, epoch_length=100), accepted=Block(45), metagraph=metagraph([1, 2], block=46)
    )
    versioned = attrs.evolve(state, config=attrs.evolve(state.config, logic_version=logic_version))
    assert syncing.is_due(versioned) is looked_at
