"""Under the default stack, with the embedded models and the real core, work pays better than any of the known ways around it."""

import anyio
import pytest
from rich.console import Console

from adapters.localnet.behaviours import Behaviour
from core.types import TaskType
from tests.incentive.__main__ import main
from tests.incentive.attacks import EVASIONS, Attack
from tests.incentive.cast import COURSES, cast
from tests.incentive.course import Played, play
from tests.incentive.standings import Standings, standings, table

SEED, FORWARDS = 1, 20


def played(attacks: tuple[Attack, ...]) -> Played:
    async def run() -> Played:
        return await play(cast(SEED, attacks), seed=SEED, forwards=FORWARDS)

    return anyio.run(run)


def shown(found: Standings) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table(found, "standings"))
    return captured.get()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("attacks", COURSES, ids=lambda attacks: str(attacks[0]))
def test_no_attack_beats_the_median_honest_miner(attacks: tuple[Attack, ...]) -> None:
    """Echoes, stuffed keywords, leaked templates and copies end with a lower average than the median of fifteen honest miners.

    An evasion can pass the median: by the figures of `python -m tests.incentive --seeds 1 2 3 4` a reworded copy does in all four.
    What holds for it here is that it stays below the best honest miner.
    """
    course = played(attacks)
    found = standings(course)
    assert {record.task_type for record in course.records} == set(TaskType)
    assert all(r.counted for record in course.records for r in record.responses), "all was scored"
    assert set(found.beaten()) <= set(EVASIONS), shown(found)
    assert all(found.of(attack).average < found.best for attack in attacks), shown(found)


@pytest.mark.timeout(240)
def test_honest_miners_rank_by_their_quality() -> None:
    """Without anybody who attacks, the worst of the good ends above the best of the poor, and the fair lie between on average."""
    course = played(())
    found = standings(course)
    good, fair, poor = (found.of(kind).average for kind in (Behaviour.GOOD, Behaviour.FAIR, Behaviour.POOR))
    assert good > fair > poor, shown(found)
    by_kind = {
        kind: [course.scores[player.hotkey] for player in course.players if player.kind is kind]
        for kind in (Behaviour.GOOD, Behaviour.POOR)
    }
    assert min(by_kind[Behaviour.GOOD]) > max(by_kind[Behaviour.POOR]), shown(found)


@pytest.mark.parametrize("argv", [["--forwards", "0"], ["--forwards", "many"], ["--seeds"], ["--nothing"]])
def test_a_wrong_flag_is_told(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert argv[0] in capsys.readouterr().err
