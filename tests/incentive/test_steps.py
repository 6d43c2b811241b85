"""What one step comes to depends on who said what, and on nothing besides."""

from collections.abc import Mapping

import attrs
from hypothesis import given
from hypothesis import strategies as st

from core.normalise import Normaliser
from core.types import Hotkey
from tests.incentive.judging import BOUNDED, STATISTICS, Judged, Part, judged, parts

SILENT = Hotkey("silent")


def earned(found: Judged) -> dict[Hotkey, tuple[float | None, bool, float]]:
    """Reward, whether it counts, and new average, by hotkey."""
    return {
        hotkey: (response.reward, response.counted, response.after)
        for hotkey, response in found.responses.items()
    }


@BOUNDED
@given(parts().flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), STATISTICS)
def test_the_order_of_answers_is_irrelevant(
    orders: tuple[list[Part], list[Part]], statistics: Mapping[str, Normaliser]
) -> None:
    """Rewards, averages and statistics are the same to the last bit; the best is another only where several are equally good."""
    one, another = (judged(order, statistics) for order in orders)
    assert earned(one) == earned(another)
    assert one.after.scores == another.after.scores
    assert one.after.normalisers == another.after.normalisers
    best = [
        {response.target.uid: response.reward for response in found.record.responses}.get(
            found.record.best_uid  # type: ignore[arg-type] # None, too, is no uid of theirs
        )
        for found in (one, another)
    ]
    assert best[0] == best[1]


@BOUNDED
@given(parts(), STATISTICS, st.data())
def test_a_silent_miner_changes_nobodys_order(
    found: list[Part], statistics: Mapping[str, Normaliser], data: st.DataObject
) -> None:
    """With and without it in the step the others' rewards and averages are the same numbers, and so are the statistics."""
    place = data.draw(st.integers(0, len(found)))
    silent = Part(
        SILENT, before=data.draw(st.floats(0, 1)), text=data.draw(st.sampled_from(("", " . ", "...")))
    )
    without = judged(found, statistics, others={SILENT: silent.before})
    with_it = judged([*found[:place], silent, *found[place:]], statistics)
    rest = earned(with_it)
    assert rest.pop(SILENT) == (0.0, True, 0.95 * silent.before)
    assert rest == earned(without)
    assert with_it.after.normalisers == without.after.normalisers


@BOUNDED
@given(parts(least=1), STATISTICS)
def test_a_sentinel_changes_nobodys_order(found: list[Part], statistics: Mapping[str, Normaliser]) -> None:
    """An answer that was not measured (five characters, say) is judged by the others' statistics, and is not part of them."""
    found = [attrs.evolve(found[0], raws=(-11.0, -11.0), measured=False), *found[1:]]
    with_it, without = judged(found, statistics), judged(found[1:], statistics)
    rest = earned(with_it)
    del rest[found[0].hotkey]
    assert rest == earned(without)
    assert with_it.after.normalisers == without.after.normalisers
