"""Who is prompted: availability, fair shares, choices without repetition."""

import random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.randomness import generator, sample
from core.selection import Miners, available, is_serving, select, share
from core.types import Hotkey, Uid
from tests.core.builders import OWN, metagraph, miner

UID = st.integers(0, 300).map(Uid)
UIDS = st.sets(st.integers(0, 300), min_size=1, max_size=80)
STEPS = 9


@pytest.mark.parametrize(
    "axon", ["1.2.3.4:8091", "127.0.0.1:1", "[2001:db8::1]:65535", "10.0.0.1:8091", "8.8.8.8:80"]
)
def test_an_address_and_a_port_serve(axon: str) -> None:
    """Any real address counts, v4 and v6."""
    assert is_serving(axon)


@pytest.mark.parametrize(
    "axon",
    [
        None,
        "",
        "1.2.3.4",
        "1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.4:-1",
        "1.2.3.4:http",
        "1.2.3.4:",
        "0.0.0.0:8091",
        "[::]:8091",
        "224.0.0.1:8091",
        "miner.example:8091",
        ":8091",
    ],
)
def test_what_cannot_be_dialled_does_not_serve(axon: str | None) -> None:
    """No address, no port, the unspecified address, multicast, names and nonsense are no axons."""
    assert not is_serving(axon)


def test_large_validators_and_oneself_are_not_prompted() -> None:
    """A permit excludes above the stake limit only, stake alone never does, and we never ask ourselves."""
    graph = metagraph(range(1, 7))
    own, silent, small, large, at_limit, rich, plain = graph.neurons
    neurons = (
        own,
        attrs.evolve(silent, axon=None),
        attrs.evolve(small, validator_permit=True, stake_tao=10.0),
        attrs.evolve(large, validator_permit=True, stake_tao=4096.1),
        attrs.evolve(at_limit, validator_permit=True, stake_tao=4096.0),
        attrs.evolve(rich, stake_tao=1e6),
        plain,
    )
    found = available(attrs.evolve(graph, neurons=neurons), OWN, 4096.0)
    assert [neuron.uid for neuron in found] == [2, 4, 5, 6]


@given(st.integers(1, 100), st.integers(0, 400), st.integers(1, 12))
def test_a_share_is_within_its_bounds(requested: int, unused: int, steps_left: int) -> None:
    """Never more than asked for or there is; at least one where there is one; no more than the fair share."""
    k = share(requested, unused, steps_left)
    assert k <= min(requested, unused)
    assert k >= min(1, unused)
    assert k <= max(1, unused // steps_left)


@given(st.integers(0, 400), st.integers(1, 60))
def test_nine_steps_share_a_subnet_fairly(miners: int, size: int) -> None:
    """With nine miners or more each step gets some; the steps differ by one at most unless the size caps them."""
    left, shares = miners, []
    for index in range(STEPS):
        shares.append(share(size, left, STEPS - index))
        left -= shares[-1]
    assert left >= 0
    if miners >= STEPS:
        assert min(shares) >= 1
        assert max(shares) - min(shares) <= 1
    assert sum(shares) == min(miners, size * STEPS)


@given(UIDS, st.integers(0, 2**32))
def test_nine_steps_prompt_disjoint_uids(uids: set[int], seed: int) -> None:
    """A whole forward's worth of choices never takes a uid twice."""
    unused = [miner(uid) for uid in sorted(uids)]
    prompted: list[Uid] = []
    for index in range(STEPS):
        k = share(50, len(unused), STEPS - index)
        chosen = [target.uid for target in select(generator(seed, index), Miners.of(unused), (), k)]
        assert len(chosen) == k
        prompted += chosen
        unused = [neuron for neuron in unused if neuron.uid not in chosen]
    assert len(prompted) == len(set(prompted))
    assert set(prompted) <= uids


@given(UIDS, st.data())
def test_uids_in_flight_come_last(uids: set[int], data: st.DataObject) -> None:
    """Whoever another forward is asking is chosen only when nobody else is left, and then rather than starve."""
    busy = data.draw(st.sets(st.sampled_from(sorted(uids))))
    k = data.draw(st.integers(1, len(uids)))
    miners = Miners.of(miner(uid) for uid in sorted(uids))
    targets = select(generator(1, "uids"), miners, {Uid(uid) for uid in busy}, k)
    chosen = [target.uid for target in targets]
    assert len(chosen) == k
    assert chosen == sorted(set(chosen))
    assert len(busy & set(chosen)) == max(0, k - len(uids - busy))


@given(UIDS, st.sets(UID), st.sets(UID))
def test_miners_left_out_are_gone_and_no_others(uids: set[int], out: set[Uid], more: set[Uid]) -> None:
    """Whoever is left out is neither counted nor seen, whether there or not, and all others stay in their order."""
    some = Miners.of(miner(uid) for uid in sorted(uids)).without(out)
    assert [neuron.uid for neuron in some.without(more)] == sorted(uids - out - more)
    assert [neuron.uid for neuron in some.only(more)] == sorted((uids - out) & more)
    assert len(some) == len(uids - out)


@given(UIDS, st.sets(UID), st.integers(0, 2**32))
def test_a_sample_is_that_of_a_list_of_those_who_stay(uids: set[int], out: set[Uid], seed: int) -> None:
    """That nobody copies the list must not show: old journals hold choices out of copied lists."""
    stay = [miner(uid) for uid in sorted(uids - out)]
    some = Miners.of(miner(uid) for uid in sorted(uids)).without(out)
    for k in (0, len(stay) // 2, len(stay)):
        assert some.sample(generator(seed), k) == sample(generator(seed), stay, k)


def test_whoever_is_available_follows_from_what_is_asked() -> None:
    """Another hotkey, another limit or another metagraph has an answer of its own, also after the first was given."""
    graph = metagraph(range(1, 5))
    rich = attrs.evolve(graph.neurons[1], validator_permit=True, stake_tao=10.0)
    other = attrs.evolve(graph, neurons=(graph.neurons[0], rich, *graph.neurons[2:]))
    asked = [(graph, OWN, 5.0), (other, OWN, 5.0), (other, OWN, 10.0), (graph, graph.neurons[2].hotkey, 5.0)]
    for _ in range(2):
        found = [[neuron.uid for neuron in available(*question)] for question in asked]
        assert found == [[1, 2, 3, 4], [2, 3, 4], [1, 2, 3, 4], [1, 3, 4]]


def test_targets_carry_hotkey_and_axon_of_their_uid() -> None:
    """Whom we mean and where it listens go with the uid, so that a replaced hotkey can be told later."""
    (target,) = select(random.Random(0), Miners.of([miner(7, "hk-of-seven")]), (), 1)
    assert (target.uid, target.hotkey, target.axon) == (7, Hotkey("hk-of-seven"), miner(7).axon)


def test_choices_are_uniform() -> None:
    """Over many keys every miner is chosen about equally often: 27 of 9000 draws of 3 each expect 1000."""
    unused = Miners.of(miner(uid) for uid in range(27))
    counts = dict.fromkeys(range(27), 0)
    for key in range(9000):
        for target in select(generator(5, key), unused, (), 3):
            counts[target.uid] += 1
    assert all(850 < count < 1150 for count in counts.values())


def test_golden_choices() -> None:
    """These choices are the same on every machine and every Python; replays of old journals depend on it."""
    unused = Miners.of(miner(uid) for uid in range(1, 28))
    chosen = [[t.uid for t in select(generator(0, 0, index, "uids"), unused, (), 3)] for index in range(4)]
    assert chosen == [[1, 6, 27], [5, 20, 23], [9, 24, 25], [6, 18, 19]]
