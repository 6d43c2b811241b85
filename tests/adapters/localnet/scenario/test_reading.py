"""A scenario file is taken as it is meant, or refused in one line that says where and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import OperatorError
from adapters.localnet.scenario import reading
from adapters.localnet.scenario.reading import parsed, read
from adapters.localnet.scenario.refusing import Refusal
from tests.adapters.localnet.scenario.world import U16_MAX, Document, content, outcomes, scenario

Change = Callable[[Document], Any]


def three_epochs() -> Document:
    """Two validators and a miner."""
    return scenario({"stakes": [5, 5, 0], "weights": [{"2": U16_MAX}, {"2": U16_MAX}, {}]}, {}, {})


def epoch(index: int, **values: Any) -> Change:
    return lambda document: document["epochs"][index].update(values)


def params(**values: Any) -> Change:
    return lambda document: document["params"].update(values)


def test_rows_may_be_a_list_or_an_object() -> None:
    """A row for each uid, or only those of the validators named, means the same."""
    listed = three_epochs()
    named = three_epochs()
    named["epochs"][0]["weights"] = {"1": {"2": U16_MAX}, "0": {"2": U16_MAX}}
    partly = three_epochs()
    partly["epochs"][0]["weights"] = [{"2": U16_MAX}, {"2": U16_MAX}, None]

    assert outcomes(listed) == outcomes(named) == outcomes(partly)


def test_all_parameters_have_the_chains_defaults() -> None:
    """A file without parameters runs under those of a fresh subnet."""
    assert (
        parsed(content(three_epochs())).params.of_chain()
        == parsed(content({**three_epochs(), "params": {}})).params.of_chain()
    )
    told = parsed(content(three_epochs())).params
    assert (told.kappa, told.bonds_moving_average, told.bonds_penalty) == (32_767, 900_000, U16_MAX)
    assert (told.tempo, told.activity_cutoff, told.max_allowed_validators) == (360, 5_000, 128)
    assert (told.yuma3, told.liquid_alpha, told.commit_reveal, told.owner_uid) == (False, False, False, None)
    assert (told.alpha_low, told.alpha_high, told.alpha_sigmoid_steepness) == (45_875, 58_982, 1_000)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(epochs=[]), "epochs: is empty; give at least one epoch"),
        (lambda d: d.pop("emission"), "has no emission; add it"),
        (lambda d: d.update(emision=1), "unknown name emision; did you mean emission?"),
        (lambda d: d.update(emission=-1), "emission: give at least 0"),
        (lambda d: d.update(emission=1.5), "emission: give a whole number, not one with a fraction"),
        (lambda d: d.update(emission=10**30), "emission: give at most 9223372036854775807"),
        (lambda d: d.update(emission="1"), "emission: give a whole number, not a text"),
        (lambda d: d.update(emission=True), "emission: give a whole number, not true or false"),
        (params(bonds_penality=1), "params: unknown name bonds_penality; did you mean bonds_penalty?"),
        (params(q=1), "params: unknown name q; known are kappa, "),
        (params(kappa=65_536), "params.kappa: give at most 65535"),
        (params(kappa=-1), "params.kappa: give at least 0"),
        (params(bonds_moving_average=1_000_001), "params.bonds_moving_average: give at most 1000000"),
        (params(activity_cutoff=-1), "params.activity_cutoff: give at least 0"),
        (params(yuma3="yes"), "params.yuma3: give true or false, not a text"),
        (params(alpha_low=60_000), "params.alpha_low: 60000 is above alpha_high, 58982; lower it"),
        (params(owner_uid=3), "params.owner_uid: 3 is no uid; give one from 0 to 2"),
        (lambda d: d["epochs"][1].pop("block"), "epochs[1]: has no block; add it"),
        (epoch(2, wieghts=[]), "epochs[2]: unknown name wieghts; did you mean weights?"),
        (epoch(2, block=2), "epochs[2].block: 2 is not after 2, the epoch before; let blocks increase"),
        (epoch(1, block=0.5), "epochs[1].block: give a whole number"),
        (epoch(0, stakes=None), "epochs[0].stakes: give a stake for each uid here"),
        (epoch(0, stakes=[]), "epochs[0].stakes: give a stake for each uid here"),
        (epoch(0, stakes=[1] * 65_536), "epochs[0].stakes: has 65536 uids; a subnet has at most 65535"),
        (epoch(1, stakes=[1, 2]), "epochs[1].stakes: has 2 entries for 3 uids"),
        (epoch(1, stakes=[1, 2, -3]), "epochs[1].stakes[2]: give at least 0"),
        (
            epoch(1, stakes=[2**62, 2**62, 0]),
            "epochs[1].stakes: give at most 9223372036854775807 rao together",
        ),
        (epoch(1, last_update=[0] * 4), "epochs[1].last_update: has 4 entries for 3 uids"),
        (epoch(1, registered_at=[0, 0]), "epochs[1].registered_at: has 2 entries for 3 uids"),
        (epoch(1, permits=[True]), "epochs[1].permits: has 1 entries for 3 uids"),
        (epoch(1, permits=[1, 1, 1]), "epochs[1].permits[0]: give true or false, not a whole number"),
        (epoch(2, weights=[{}] * 4), "epochs[2].weights: has 4 entries for 3 uids"),
        (epoch(2, weights=[{"3": 1}, {}, {}]), "epochs[2].weights[0]: 3 is no uid; give 0 to 2"),
        (epoch(2, weights={"3": {}}), "epochs[2].weights: 3 is no uid; give 0 to 2"),
        (epoch(2, weights={"-1": {}}), "epochs[2].weights: -1 is no uid; give 0 to 2"),
        (
            epoch(2, weights={"0": {"1": 65_536}}),
            "epochs[2].weights[0][1]: 65536 is no weight; give 0 to 65535",
        ),
        (epoch(2, weights={"0": {"1": -1}}), "epochs[2].weights[0][1]: -1 is no weight"),
        (
            epoch(2, weights={"0": {"1": 10**40}}),
            "epochs[2].weights[0][1]: a number of 133 bits is no weight",
        ),
        (epoch(2, weights={"0": {"1": 0.5}}), "epochs[2].weights[0][1]: give a whole number, not one with a"),
        (epoch(2, weights=[{}, {"1": "x"}, {}]), "epochs[2].weights[1][1]: give a whole number, not a text"),
        (epoch(2, weights={"1": [1]}), "epochs[2].weights[1]: give an object, not a list"),
        (
            epoch(2, weights=[{}, {"x": 1}, {}]),
            'epochs[2].weights[1]: its names are uids: whole numbers like "7"',
        ),
        (epoch(2, weights={"x": {}}), 'epochs[2].weights: its names are uids: whole numbers like "7"'),
        (epoch(2, weights=7), "epochs[2].weights: give "),
    ],
)
def test_what_no_chain_could_hold_is_refused_by_place(change: Change, told: str) -> None:
    """The line begins with the place, and ends with what to do."""
    document = three_epochs()
    change(document)

    with pytest.raises(Refusal) as refused:
        parsed(content(document))

    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)


def test_whole_numbers_may_be_written_with_a_point_or_an_exponent() -> None:
    """As programs write what they hold as floats."""
    told = parsed(
        b'{"emission": 1e9, "epochs": [{"block": 1.0, "stakes": [5e3, 1], "weights": [{"1": 6.5535e4}]}]}'
    )
    (only,) = told.epochs
    assert (told.emission, only.block, only.stakes, only.rows()) == (10**9, 1, [5000, 1], {0: {1: 65_535}})


def test_a_short_list_of_rows_leaves_the_others_as_they_were() -> None:
    """Who writes down the validators alone need not write an empty row for each miner."""
    document = three_epochs()
    document["epochs"][1]["weights"] = [{"2": 7}]
    assert parsed(content(document)).epochs[1].rows() == {0: {2: 7}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "ends before its JSON does; complete it"),
        (b'{"emission": 1', "ends before its JSON does; complete it"),
        (b'{"emission": 1,\n "epochs": [NaN]}', "line 2 column 13: no JSON here"),
        (b'{"emission": Infinity}', "line 1 column 14: no JSON here"),
        (b'{"emission": 1, "epochs": []} x', "line 1 column 32: no JSON here"),
        (b"\xff\xfe", "line 1 column 1: no JSON here"),
        (b'{"\xff": 1}', "is not UTF-8; save it as that"),
        (b"[]", "give an object, not a list"),
        (b"null", "give an object, not null"),
        (b'{"emission": ' + b"9" * 5_000 + b"}", "emission: give a number that a chain can hold"),
        (b'{"emission": ' + b"[" * 100_000, "emission: give a whole number, not a list"),
        (
            b'{"emission": 1, "epochs": [{"block": 1, "weights": {"0": ' + b"[" * 100_000,
            "epochs[0].weights[...]: give an object, not a list",
        ),
        (
            b'{"emission": 1, "epochs": [{"block": 1, "weights": {"0": {"1": ' + b"9" * 5_000 + b"}}}]}",
            "epochs[0].weights[...][...]: give a number that a chain can hold",
        ),
    ],
)
def test_what_is_no_scenario_at_all_is_refused(text: bytes, told: str) -> None:
    """Broken, hostile and endless texts end in one line, too."""
    with pytest.raises(Refusal) as refused:
        parsed(text)

    assert str(refused.value).startswith(told)
    assert len(str(refused.value)) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("0", "2", "-1", "block", "x")), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    name=st.sampled_from(
        ("block", "stakes", "weights", "last_update", "registered_at", "permits", "commit_blocks")
    ),
    value=JSON,
)
def test_whatever_an_epoch_holds_it_is_run_or_refused(name: str, value: object) -> None:
    """No value of any field brings anything but a result or a refusal."""
    document = three_epochs()
    document["epochs"][1][name] = value

    try:
        found = outcomes(document)
    except Refusal:
        return
    assert len(found) == 3


def test_the_file_is_named(tmp_path: Path) -> None:
    """What cannot be read, and what is no scenario, says which file that was."""
    with pytest.raises(
        OperatorError, match=r"absent\.json: cannot be read \(No such file or directory\); give a"
    ):
        read(tmp_path / "absent.json")
    with pytest.raises(OperatorError, match="cannot be read"):
        read(tmp_path)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"emission": 1, "epochs": []}))
    with pytest.raises(OperatorError, match=r"bad\.json: epochs: is empty"):
        read(bad)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than the limit is refused after so many bytes."""
    monkeypatch.setattr(reading, "MOST_BYTES", 1 << 20)
    big = tmp_path / "big.json"
    big.write_bytes(b" " * (1 << 20) + b"{}")

    with pytest.raises(OperatorError, match=r"big\.json: is larger than 1 MiB; split its epochs"):
        read(big)
