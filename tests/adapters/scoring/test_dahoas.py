"""The `dahoas` reward function's checkpoint: what is read, and what is refused by name."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from adapters.scoring.dahoas import Dahoas
from adapters.scoring.loading import load_dahoas
from adapters.scoring.settings import DahoasSettings, ModelRef
from effects.ports import Fault
from tests.adapters.scoring.architectures import Size, save_dahoas
from tests.adapters.scoring.tiny import step

TEXTS = ("the sea is deep", "rivers carry stones", "the sea is deep")
FLAG = "--reward.dahoas_checkpoint"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return save_dahoas(Size(128), tmp_path_factory.mktemp("dahoas"))


def settings(body: Path, checkpoint: Path) -> DahoasSettings:
    return DahoasSettings(ModelRef("--reward.dahoas_model", str(body)), ModelRef(FLAG, str(checkpoint)))


def test_both_kinds_of_file_give_the_same_scores(folders: tuple[Path, Path, Path]) -> None:
    """A pickled state dict and safetensors hold the same weights, and equal completions score the same."""
    body, pickled, safe = folders
    first, second = (
        Dahoas(*load_dahoas(settings(body, checkpoint))).judge([step(*TEXTS)])[0].values
        for checkpoint in (pickled, safe)
    )
    assert first == second
    assert first[0] == first[2] != first[1]


class Foreign:
    """What a pickle could bring along."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("this must not run",)


def test_a_pickle_that_would_run_something_is_refused(
    folders: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights only: what else a file holds is not run, and the flag is named."""
    (tmp_path / "hf_ckpt.pt").write_bytes(pickle.dumps(Foreign()))
    with pytest.raises(Fault, match=rf"{FLAG} .*cannot be read"):
        load_dahoas(settings(folders[0], tmp_path))
    torch.save({"v_head.weight": Foreign()}, tmp_path / "hf_ckpt.pt")
    with pytest.raises(Fault, match=rf"{FLAG} .*cannot be read"):
        load_dahoas(settings(folders[0], tmp_path))
    assert "this must not run" not in capsys.readouterr().out


def test_a_folder_without_a_checkpoint_is_refused(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """The files that would do are named."""
    with pytest.raises(Fault, match=rf"{FLAG} .*model.safetensors"):
        load_dahoas(settings(folders[0], tmp_path))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"transformer.ln_f.bias": (32,)}, "no v_head.weight"),
        ({"v_head.weight": (1, 32)}, "no weights for"),
        ({"v_head.weight": (1, 33), "transformer.ln_f.bias": (32,)}, "another body"),
        ({"v_head.weight": (1, 32), "transformer.ln_f.bias": (31,)}, "another body"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(
    folders: tuple[Path, Path, Path], tmp_path: Path, weights: dict[str, tuple[int, ...]], message: str
) -> None:
    """A head or weights that are missing, or of another size, are told with the flag."""
    save_file({name: torch.zeros(shape) for name, shape in weights.items()}, tmp_path / "model.safetensors")
    with pytest.raises(Fault, match=rf"{FLAG} .*{message}"):
        load_dahoas(settings(folders[0], tmp_path))
