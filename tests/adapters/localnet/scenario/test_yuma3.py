"""Yuma3, with liquid alpha and without, against the tables of subtensor's `test_yuma_3_*`, within their own 1e-3."""

from collections.abc import Mapping, Sequence

import attrs
import pytest

from tests.adapters.localnet.scenario.world import U16_MAX, Document, outcomes, scenario

TOLERANCE = 1e-3
# A weight of 0 is an entry, not its absence: bonds fade where it stands, and would be gone where there is none.
FIRST = {"3": U16_MAX, "4": 0}
SECOND = {"3": 0, "4": U16_MAX}
OUTER = {"3": U16_MAX, "4": 0, "5": U16_MAX}
INNER = {"3": 0, "4": U16_MAX, "5": U16_MAX}
BIG = (8, 1, 1, 0, 0)
EQUAL = (33, 33, 34, 0, 0)
Rows = Sequence[Mapping[str, int]]
Table = Sequence[Sequence[float]]


@attrs.frozen
class Case:
    """What three validators do, epoch by epoch, and what they then hold of the miners, and earn."""

    stakes: tuple[int, ...]
    rows: Sequence[Rows]
    bonds: Sequence[Table]
    dividends: Table
    is_liquid: bool = True


CASES = {
    "the big validator moves first": Case(
        BIG,
        [
            [FIRST] * 3,
            [SECOND, FIRST, FIRST],
            [SECOND, SECOND, FIRST],
            [SECOND] * 3,
            [SECOND] * 3,
            [SECOND] * 3,
        ],
        [
            [(0.1013, 0), (0.1013, 0), (0.1013, 0)],
            [(0.0908, 0.1013), (0.3697, 0), (0.3697, 0)],
            [(0.0815, 0.1924), (0.3170, 0.1013), (0.5580, 0)],
            [(0.0731, 0.2742), (0.2765, 0.1924), (0.4306, 0.1013)],
            [(0.0656, 0.3478), (0.2435, 0.2742), (0.3589, 0.1924)],
            [(0.0588, 0.4139), (0.2157, 0.3478), (0.3089, 0.2742)],
        ],
        [
            (0.8, 0.1, 0.1),
            (1, 0, 0),
            (0.9382, 0.0618, 0),
            (0.8819, 0.0773, 0.0407),
            (0.8564, 0.0844, 0.0592),
            (0.8418, 0.0884, 0.0697),
        ],
    ),
    "the big validator moves second": Case(
        BIG,
        [
            [FIRST] * 3,
            [FIRST, SECOND, FIRST],
            [SECOND, SECOND, FIRST],
            [SECOND] * 3,
            [SECOND] * 3,
            [SECOND] * 3,
        ],
        [
            [(0.1013, 0), (0.1013, 0), (0.1013, 0)],
            [(0.1924, 0), (0.0908, 0.2987), (0.1924, 0)],
            [(0.1715, 0.1013), (0.0815, 0.3697), (0.4336, 0)],
            [(0.1531, 0.1924), (0.0731, 0.4336), (0.3608, 0.1013)],
            [(0.1369, 0.2742), (0.0656, 0.4910), (0.3103, 0.1924)],
            [(0.1225, 0.3478), (0.0588, 0.5426), (0.2712, 0.2742)],
        ],
        [
            (0.8, 0.1, 0.1),
            (0.8446, 0.0498, 0.1056),
            (0.6868, 0.3132, 0),
            (0.7421, 0.2090, 0.0489),
            (0.7625, 0.1706, 0.0669),
            (0.7730, 0.1508, 0.0762),
        ],
    ),
    "the big validator moves last": Case(
        BIG,
        [
            [FIRST] * 3,
            [FIRST, SECOND, FIRST],
            [FIRST, SECOND, SECOND],
            [SECOND] * 3,
            [SECOND] * 3,
            [SECOND] * 3,
        ],
        [
            [(0.1013, 0), (0.1013, 0), (0.1013, 0)],
            [(0.1924, 0), (0.0908, 0.2987), (0.1924, 0)],
            [(0.2742, 0), (0.0815, 0.5081), (0.1715, 0.2987)],
            [(0.2416, 0.1013), (0.0731, 0.5580), (0.1531, 0.3697)],
            [(0.2141, 0.1924), (0.0656, 0.6028), (0.1369, 0.4336)],
            [(0.1903, 0.2742), (0.0588, 0.6430), (0.1225, 0.4910)],
        ],
        [
            (0.8, 0.1, 0.1),
            (0.8446, 0.0498, 0.1056),
            (0.8966, 0.0333, 0.0701),
            (0.4663, 0.3210, 0.2127),
            (0.5976, 0.2340, 0.1683),
            (0.6592, 0.1932, 0.1475),
        ],
    ),
    "one strays for an epoch": Case(
        EQUAL,
        [[FIRST] * 3, [FIRST] * 3, [FIRST, FIRST, SECOND], [FIRST] * 3, [FIRST] * 3, [FIRST] * 3],
        [
            [(0.1013, 0), (0.1013, 0), (0.1013, 0)],
            [(0.1924, 0), (0.1924, 0), (0.1924, 0)],
            [(0.2742, 0), (0.2742, 0), (0.1715, 0.2987)],
            [(0.3478, 0), (0.3478, 0), (0.2554, 0.2618)],
            [(0.4139, 0), (0.4139, 0), (0.3309, 0.2312)],
            [(0.4733, 0), (0.4733, 0), (0.3987, 0.2051)],
        ],
        [
            (0.33, 0.33, 0.34),
            (0.33, 0.33, 0.34),
            (0.3782, 0.3782, 0.2436),
            (0.3628, 0.3628, 0.2745),
            (0.3541, 0.3541, 0.2917),
            (0.3487, 0.3487, 0.3026),
        ],
    ),
    "one strays for an epoch, all bonds at one speed": Case(
        EQUAL,
        [[FIRST] * 3, [FIRST] * 3, [FIRST, FIRST, SECOND], [FIRST] * 3, [FIRST] * 3, [FIRST] * 3],
        [
            [(0.0250, 0), (0.0250, 0), (0.0250, 0)],
            [(0.0494, 0), (0.0494, 0), (0.0494, 0)],
            [(0.0731, 0), (0.0731, 0), (0.0481, 0.0250)],
            [(0.0963, 0), (0.0963, 0), (0.0719, 0.0244)],
            [(0.1189, 0), (0.1189, 0), (0.0951, 0.0238)],
            [(0.1409, 0), (0.1409, 0), (0.1178, 0.0232)],
        ],
        [
            (0.33, 0.33, 0.34),
            (0.33, 0.33, 0.34),
            (0.3734, 0.3734, 0.2532),
            (0.3611, 0.3611, 0.2779),
            (0.3541, 0.3541, 0.2919),
            (0.3495, 0.3495, 0.3009),
        ],
        is_liquid=False,
    ),
    "a miner that all keep": Case(
        (*BIG, 0),
        [
            [OUTER] * 3,
            [OUTER, INNER, OUTER],
            [INNER, INNER, OUTER],
            [INNER] * 3,
            [INNER] * 3,
            [INNER] * 3,
        ],
        [
            [(0.0507, 0, 0.0507), (0.0507, 0, 0.0507), (0.0507, 0, 0.0507)],
            [(0.0962, 0, 0.0962), (0.0455, 0.1000, 0.0962), (0.0962, 0, 0.0962)],
            [(0.0863, 0.0507, 0.1371), (0.0408, 0.1405, 0.1371), (0.1770, 0, 0.1371)],
            [(0.0774, 0.0962, 0.1739), (0.0367, 0.1770, 0.1739), (0.1579, 0.0507, 0.1739)],
            [(0.0694, 0.1371, 0.2069), (0.0329, 0.2097, 0.2069), (0.1411, 0.0962, 0.2069)],
            [(0.0623, 0.1739, 0.2366), (0.0296, 0.2391, 0.2366), (0.1263, 0.1371, 0.2366)],
        ],
        [
            (0.8, 0.1, 0.1),
            (0.8226, 0.0745, 0.1028),
            (0.7750, 0.1685, 0.0565),
            (0.7864, 0.1372, 0.0764),
            (0.7912, 0.1241, 0.0847),
            (0.7937, 0.1173, 0.0890),
        ],
    ),
}

RESET_AT = 20
RESET_BONDS: Mapping[int, Table] = {
    0: [(0.1013, 0), (0.1013, 0), (0.1013, 0)],
    1: [(0.1924, 0), (0.0908, 0.2987), (0.0908, 0.2987)],
    2: [(0.1715, 0.1013), (0.0815, 0.3697), (0.0815, 0.3697)],
    19: [(0.0269, 0.8539), (0.0131, 0.8975), (0.0131, 0.8975)],
    20: [(0, 0.8687), (0, 0.9079), (0, 0.9079)],
    21: [(0, 0.8820), (0.2987, 0.6386), (0.2987, 0.6386)],
    40: [(0.8687, 0.0578), (0.9079, 0.0523), (0.9079, 0.0523)],
}
RESET_DIVIDENDS: Mapping[int, Sequence[float]] = {
    0: (0.8, 0.1, 0.1),
    1: (0.8944, 0.0528, 0.0528),
    2: (0.5230, 0.2385, 0.2385),
    19: (0.7919, 0.1040, 0.1040),
    20: (0.7928, 0.1036, 0.1036),
    21: (0.8467, 0.0766, 0.0766),
    40: (0.7928, 0.1036, 0.1036),
}


def document(stakes: Sequence[int], rows: Sequence[Rows], *, is_liquid: bool) -> Document:
    """Three validators; the first block is after that at which all were registered."""
    epochs = [
        {"block": index + 3, "weights": {str(uid): row for uid, row in enumerate(given)}}
        for index, given in enumerate(rows)
    ]
    epochs[0] |= {"stakes": list(stakes), "registered_at": [1] * len(stakes)}
    return scenario(
        *epochs,
        kappa=U16_MAX // 2,
        bonds_moving_average=975_000,
        bonds_penalty=0,
        tempo=1,
        max_allowed_validators=3,
        yuma3=True,
        liquid_alpha=is_liquid,
        alpha_low=U16_MAX // 10,
        alpha_high=U16_MAX * 3 // 10,
        alpha_sigmoid_steepness=1_000,
    )


def shares(values: Sequence[int]) -> list[float]:
    return [value / U16_MAX for value in values]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bonds_and_dividends_follow_who_moves_when(case: Case) -> None:
    """Who backs a miner before the others holds more of it, and is paid for that once consensus follows."""
    found = outcomes(document(case.stakes, case.rows, is_liquid=case.is_liquid))

    miners = range(3, len(case.stakes))
    for outcome, bonds, dividends in zip(found, case.bonds, case.dividends, strict=True):
        assert shares(outcome.dividends[:3]) == pytest.approx(dividends, abs=TOLERANCE)
        for row, expected in zip(outcome.bonds[:3], bonds, strict=True):
            assert shares([row.get(uid, 0) for uid in miners]) == pytest.approx(expected, abs=TOLERANCE)


def test_bonds_in_a_reset_miner_are_earned_again() -> None:
    """A big validator that always follows catches up with those that lead, until bonds are reset (`test_yuma_3_bonds_reset`)."""
    rows = [
        [FIRST] * 3,
        [FIRST, SECOND, SECOND],
        *([[SECOND] * 3] * 19),
        [SECOND, FIRST, FIRST],
        *([[FIRST] * 3] * 19),
    ]
    told = document(BIG, rows, is_liquid=True)
    # Registered anew within the epoch: the bonds in uid 3 are dropped, as the chain's reset does it.
    epoch = told["epochs"][RESET_AT]
    epoch["registered_at"] = [1, 1, 1, epoch["block"], 1]

    found = outcomes(told)

    for index, bonds in RESET_BONDS.items():
        assert shares(found[index].dividends[:3]) == pytest.approx(RESET_DIVIDENDS[index], abs=TOLERANCE)
        for row, expected in zip(found[index].bonds[:3], bonds, strict=True):
            assert shares([row.get(3, 0), row.get(4, 0)]) == pytest.approx(expected, abs=TOLERANCE)


def test_the_classic_rule_ignores_liquid_alpha() -> None:
    """Without Yuma3, liquid alpha on and off give the same."""
    rows = CASES["the big validator moves second"].rows
    on, off = (document(BIG, rows, is_liquid=is_liquid) for is_liquid in (True, False))
    for told in (on, off):
        told["params"]["yuma3"] = False

    assert outcomes(on) == outcomes(off)


def test_a_bond_without_a_weight_fades_but_under_liquid_alpha_it_is_gone() -> None:
    """Where a row names a miner no more, liquid alpha leaves nothing of the bond; at one speed it fades."""
    rows = [[FIRST] * 3, [{"4": U16_MAX}] * 3]

    liquid = outcomes(document(BIG, rows, is_liquid=True))
    plain = outcomes(document(BIG, rows, is_liquid=False))

    assert 3 not in liquid[1].bonds[0]
    assert 0 < plain[1].bonds[0][3] < plain[0].bonds[0][3]
