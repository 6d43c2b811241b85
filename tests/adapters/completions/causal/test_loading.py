"""What cannot be loaded, told by its flag."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from adapters.completions import CompletionSettings
from adapters.completions.causal.loading import Loaded, load
from effects.ports import Fault
from tests.adapters.scoring.architectures import Size, random_model, save_model
from tests.cmd.program import python

WARN = """
import logging, sys
from adapters.completions import CompletionSettings
from adapters.completions.causal.loading import load
load(CompletionSettings(backend="causal_lm", model=sys.argv[1]))
logging.getLogger("huggingface_hub.download").warning("no answer")
"""
CODE = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n"


def settings(folder: Path | str, **more: Any) -> CompletionSettings:
    return CompletionSettings(backend="causal_lm", model=str(folder), **more)


def test_a_folder_is_loaded_as_it_says(loaded: Loaded) -> None:
    """In float32 on a CPU, evaluating, with its window and its end marks."""
    assert next(loaded.model.parameters()).dtype is torch.float32
    assert not loaded.model.training
    assert (loaded.window, loaded.ends, loaded.pad) == (128, frozenset({2}), 0)


def test_another_dtype_is_a_flag_away(folder: Callable[[str], Path]) -> None:
    """Half the memory."""
    model = load(settings(folder("llama-lm"), dtype="bfloat16")).model
    assert next(model.parameters()).dtype is torch.bfloat16


def test_weights_that_could_hold_code_are_refused(tmp_path: Path) -> None:
    """A pickled checkpoint is not read, also where it is the only one."""
    target = save_model("llama-lm", Size(64), tmp_path)
    (target / "model.safetensors").unlink()
    torch.save(random_model("llama-lm", Size(64)).state_dict(), target / "pytorch_model.bin")
    with pytest.raises(Fault, match=f"--completion.model {target}: the model cannot be loaded"):
        load(settings(target))


def test_code_is_not_run_unless_a_flag_says_so(tmp_path: Path) -> None:
    """The message names the flag; the code did not run."""
    target = save_model("llama-lm", Size(64), tmp_path)
    config = json.loads((target / "config.json").read_text())
    own = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    (target / "config.json").write_text(json.dumps(config | {"auto_map": own, "model_type": "own"}))
    (target / "own.py").write_text(CODE)
    with pytest.raises(Fault, match=r"--completion\.trust_remote_code"):
        load(settings(target))
    assert not list(tmp_path.rglob("ran"))


def test_a_model_without_trained_weights_is_refused(tmp_path: Path) -> None:
    """A body alone would answer by chance."""
    target = save_model("llama-lm", Size(64), tmp_path)
    random_model("llama-lm", Size(64)).model.save_pretrained(target)
    with pytest.raises(Fault, match=r"no trained weights for lm_head"):
        load(settings(target))


@pytest.mark.timeout(60)
def test_the_hub_warns_where_all_others_do(folder: Callable[[str], Path], tmp_path: Path) -> None:
    """Once, and not by itself: it quotes what servers say."""
    ran = python("-c", WARN, str(folder("llama-lm")), home=tmp_path, timeout_s=50)
    assert (ran.code, ran.err.count("no answer")) == (0, 1), ran


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"folder": "/no/such/model"}, "--completion.model /no/such/model: no such folder"),
        ({"folder": "x" * 300}, "--completion.model x+: cannot be looked at"),
        ({"device": "cuda:99"}, "--completion.device cuda:99"),
        ({"device": "abacus"}, "--completion.device abacus"),
    ],
)
def test_what_is_not_there_is_named(flags: dict[str, Any], named: str, folder: Callable[[str], Path]) -> None:
    """A folder, a device."""
    with pytest.raises(Fault, match=named):
        load(settings(**{"folder": folder("llama-lm"), **flags}))
