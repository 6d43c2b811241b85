"""What is kept of scorers over a restart, and what a bad disk or file cannot do."""

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import torch

from adapters.scoring.memory import BYTES_PER_S, LEAST_S, Keeper, Memory, load, save
from adapters.scoring.scorer import open_scorer
from adapters.scoring.settings import EMBEDDED
from core.types import TaskType
from tests.adapters.scoring.tiny import ref

FOX = "the quick brown fox jumps over the lazy dog every single day"


@attrs.define
class Counter:
    """Remembers one number."""

    name: str = "counter"
    owner: str = "me"
    value: int = 0
    size: int = 1

    def memory(self) -> Memory:
        return Memory({"value": torch.full((self.size,), self.value)}, {"owner": self.owner})

    def recall(self, memory: Memory) -> bool:
        if memory.facts != {"owner": self.owner}:
            return False
        self.value = int(memory.arrays["value"][0])
        return True


@attrs.define
class Told:
    """What was told, and a clock that goes when it is told to."""

    lines: list[str] = attrs.Factory(list)
    now_s: float = 0.0

    def keeper(self, folder: Path, component: Counter) -> Keeper:
        return Keeper(folder, [component, object()], self.lines.append, lambda: self.now_s)


def kept(folder: Path, value: int) -> Path:
    """A file with this value in it."""
    save(folder, "counter", Counter(value=value).memory())
    return folder / "scorers" / "counter.safetensors"


def test_what_was_judged_is_there_after_a_restart(tmp_path: Path) -> None:
    """Closing saves, opening recalls."""
    first, second, told = Counter(value=3), Counter(), Told()
    keeper = told.keeper(tmp_path, first)
    keeper.judged()
    keeper.close()
    told.keeper(tmp_path, second).recall()
    assert (second.value, told.lines) == (3, [])


def test_writing_is_rationed(tmp_path: Path) -> None:
    """Small memories are written every ten seconds at most, large ones as the bytes allow."""
    component, told = Counter(size=BYTES_PER_S * 4), Told()
    keeper = told.keeper(tmp_path, component)
    written = []
    for now_s in (1, LEAST_S, LEAST_S + 20, LEAST_S + 40):
        told.now_s, component.value = now_s, int(now_s)
        keeper.judged()
        found = load(tmp_path, "counter")
        written.append(None if found is None else int(found.arrays["value"][0]))
    assert written == [None, 10, 10, 50]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content[: len(content) // 2],
        lambda _: b"",
        lambda _: b"nothing of the kind",
    ],
)
def test_a_damaged_file_is_kept_aside_and_told(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Its component starts anew, and the next file is written in its place."""
    path, told, component = kept(tmp_path, 7), Told(), Counter()
    path.write_bytes(spoil(path.read_bytes()))
    spoilt = path.read_bytes()
    keeper = told.keeper(tmp_path, component)
    keeper.recall()
    assert component.value == 0
    assert path.with_name("counter.safetensors.bad").read_bytes() == spoilt
    assert len(told.lines) == 1
    assert "counter.safetensors.bad" in told.lines[0]


def test_what_belongs_to_something_else_is_kept_aside(tmp_path: Path) -> None:
    """Another model's history is not gone on with."""
    kept(tmp_path, 7)
    component, told = Counter(owner="another"), Told()
    told.keeper(tmp_path, component).recall()
    assert component.value == 0
    assert "another model or other settings" in told.lines[0]


def test_a_disk_that_fails_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    """Until it works again; then what is remembered is written."""
    folder = tmp_path / "run"
    folder.write_text("a file where a folder should be")
    component, told = Counter(value=5), Told()
    keeper = told.keeper(folder, component)
    for now_s in (20, 40, 60):
        told.now_s = now_s
        keeper.judged()
    assert len(told.lines) == 1
    folder.unlink()
    told.now_s = 80
    keeper.judged()
    found = load(folder, "counter")
    assert found is not None
    assert int(found.arrays["value"][0]) == 5


async def test_a_scorer_goes_on_where_it_was(tiny: Path, tmp_path: Path) -> None:
    """What was said twice before a restart masks a lone completion after it."""
    settings = attrs.evolve(
        EMBEDDED, diversity=attrs.evolve(EMBEDDED.diversity, encoder=ref(tiny, "encoder"), newest=0)
    )
    found = []
    for _ in range(3):
        async with open_scorer(
            settings, rewards=[], masks=["blacklist", "diversity"], folder=tmp_path
        ) as scorer:
            verdict = await scorer.score(
                task_type=TaskType.ANSWER, prompt="p", base_text="base", completions=[FOX]
            )
        found.append(verdict.masks[1].values)
    assert found == [(1,), (1,), (0,)]
    assert {path.name for path in (tmp_path / "scorers").glob("*.safetensors")} == {
        "blacklist.safetensors",
        "diversity.safetensors",
    }
