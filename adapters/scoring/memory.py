"""What components remember of the completions they judged, and the files that keep it over a restart.

Rules:
- A component's memory is one safetensors file of the run's folder, `scorers/<name>.safetensors`, replaced as a whole: a program
  that dies while it writes leaves the one before.
- A file that is damaged, or that belongs to something else, is moved aside and said; its component starts anew. None is deleted.
- A disk that fails is said once, until it works again. It never stops the judging.
- Writing is rationed to `BYTES_PER_S`, and to once in `LEAST_S`: what was learned since the last time is lost with a kill -9.
"""

import logging
import os
import shutil
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import attrs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

log = logging.getLogger(__name__)

LEAST_S = 10.0
# A full history of 70 MB every twelve minutes.
BYTES_PER_S = 100_000
CHECKSUM = "crc32"


@attrs.frozen(eq=False)
class Memory:
    """What a component has learned from completions, ready to be written to a file.

    Attributes:
        arrays: by name, on the CPU; a number is an array of one value.
        facts: by name; what the arrays belong to, which must be the same again to go on with them.
    """

    arrays: Mapping[str, Tensor]
    facts: Mapping[str, str]

    @property
    def size_bytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())


@runtime_checkable
class Remembering(Protocol):
    """A component whose verdicts depend on what it judged before."""

    name: str

    def memory(self) -> Memory:
        """Its arrays may be the component's own: they are good until it judges again."""
        ...

    def recall(self, memory: Memory) -> bool:
        """Go on from there; False, and nothing changed, where it belongs to something else."""
        ...


def save(folder: Path, name: str, memory: Memory) -> None:
    """Write `memory` so that `load` finds it.

    Raises:
        OSError, SafetensorError: the disk failed; what was there before still is.
    """
    path, unfinished = _path(folder, name), _unfinished(folder)
    unfinished.mkdir(parents=True, exist_ok=True)
    fresh = unfinished / path.name
    arrays = {key: array.contiguous() for key, array in memory.arrays.items()}
    save_file(arrays, fresh, metadata={**memory.facts, CHECKSUM: _checksum(arrays)})
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


def load(folder: Path, name: str, tell: Callable[[str], None] = log.warning) -> Memory | None:
    """What was saved under `name`; None where nothing was, or what cannot be read, which is then moved aside and told."""
    path = _path(folder, name)
    try:
        return _read(path)
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError, ValueError) as error:
        set_aside(folder, name, _line(error), tell)
        return None


def set_aside(folder: Path, name: str, reason: str, tell: Callable[[str], None] = log.warning) -> None:
    """Keep the file under another name, out of the way, and tell why."""
    path = _path(folder, name)
    try:
        aside = _free(path.with_name(f"{path.name}.bad"))
        path.rename(aside)
    except OSError as error:
        tell(f"{path}: {reason}; {name} starts anew, and the file cannot be moved aside: {_line(error)}")
    else:
        tell(f"{path}: {reason}; {name} starts anew, the file is kept as {aside.name}")


class Keeper:
    """Keeps what components remember in a run's folder. Blocking; used by one thread at a time, the one that judges.

    Args:
        components: those that remember nothing are left alone.
        tell: is given what an operator should know, a line each.
        now_s: a clock that only goes forward.
    """

    def __init__(
        self,
        folder: Path,
        components: Sequence[object],
        tell: Callable[[str], None] = log.warning,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._tell, self._now_s = folder, tell, now_s
        remembering = [component for component in components if isinstance(component, Remembering)]
        self._files = [_File(component, saved_s=now_s()) for component in remembering]
        self._is_failing = False

    def recall(self) -> None:
        """Let every component go on from what was saved of it."""
        shutil.rmtree(_unfinished(self._folder), ignore_errors=True)
        for file in self._files:
            name = file.component.name
            memory = load(self._folder, name, self._tell)
            if memory is None:
                continue
            file.size_bytes = memory.size_bytes
            problem = _recalled(file.component, memory)
            if problem:
                set_aside(self._folder, name, problem, self._tell)

    def judged(self) -> None:
        """Completions were judged: save what was not saved for long enough."""
        for file in self._files:
            file.is_changed = True
            if self._now_s() - file.saved_s >= max(LEAST_S, file.size_bytes / BYTES_PER_S):
                self._save(file)

    def close(self) -> None:
        """Save what changed."""
        for file in self._files:
            if file.is_changed:
                self._save(file)

    def _save(self, file: "_File") -> None:
        name = file.component.name
        file.saved_s = self._now_s()
        try:
            memory = file.component.memory()
            file.size_bytes = memory.size_bytes
            save(self._folder, name, memory)
        except Exception as error:  # noqa: BLE001 - whatever a disk, a library or a component raises, judging goes on
            if not self._is_failing:
                self._tell(
                    f"{_path(self._folder, name)}: what {name} remembers cannot be saved: {_line(error)}"
                )
            self._is_failing = True
        else:
            self._is_failing = file.is_changed = False


@attrs.define
class _File:
    """One component's file: when it was written last, how much that was, and whether there is more to write."""

    component: Remembering
    saved_s: float
    size_bytes: int = 0
    is_changed: bool = False


def _recalled(component: Remembering, memory: Memory) -> str:
    """Why the component cannot go on from there; "" where it does."""
    try:
        return "" if component.recall(memory) else "it belongs to another model or other settings"
    except Exception as error:  # noqa: BLE001 - a file of somebody else's making can break it anywhere
        return _line(error)


def _read(path: Path) -> Memory:
    with safe_open(path, framework="pt") as file:
        facts = dict(file.metadata() or {})
        # Copies: what safetensors gives is the file itself, mapped.
        arrays = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 - it is no mapping
    if facts.pop(CHECKSUM, "") != _checksum(arrays):
        raise ValueError("its checksum is not that of its content")
    return Memory(arrays, facts)


def _checksum(arrays: Mapping[str, Tensor]) -> str:
    value = 0
    for key in sorted(arrays):
        value = zlib.crc32(arrays[key].reshape(-1).view(torch.uint8).numpy().data, value)
    return f"{value:08x}"


def _path(folder: Path, name: str) -> Path:
    return folder / "scorers" / f"{name}.safetensors"


def _unfinished(folder: Path) -> Path:
    """Where files are written: whatever a killed program leaves there is cleared away at the next start."""
    return folder / "scorers" / "unfinished"


def _free(path: Path) -> Path:
    """`path`, with a number behind it where that name is taken."""
    taken = 1
    while path.exists():
        taken += 1
        path = path.with_suffix(f".bad{taken}")
    return path


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
