"""Loading models: what works, and what an operator is told."""

import json
import shutil
from pathlib import Path

import attrs
import pytest
import torch

from adapters.scoring.loading import load_causal_lm, load_classifier, load_encoder
from adapters.scoring.settings import EMBEDDED, HUB, ModelRef, placed
from effects.ports import Fault
from tests.adapters.scoring.tiny import WINDOW, ref

FLAG = "--reward.dpo_model"


def test_a_folder_gives_a_model_in_evaluation_mode(tiny: Path) -> None:
    """float32 on the CPU, no dropout, and the window that the model states."""
    loaded = load_causal_lm(ref(tiny, "lm"))
    assert not loaded.model.training
    assert loaded.model.dtype == torch.float32
    assert loaded.window == WINDOW


@pytest.mark.parametrize("model", ["/no/such/folder", "./nothing", "~/nothing"])
def test_a_path_that_is_no_folder_is_refused_by_name(model: str) -> None:
    """It is never looked up on the hub."""
    with pytest.raises(Fault, match=rf"{FLAG} .*no such folder"):
        load_causal_lm(ModelRef(FLAG, model))


def test_a_broken_folder_is_refused_by_name(tmp_path: Path) -> None:
    """A folder without a model is told with its flag and path."""
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(Fault, match=rf"{FLAG} {tmp_path}: the model cannot be loaded"):
        load_causal_lm(ModelRef(FLAG, str(tmp_path)))


def test_a_head_that_was_never_trained_is_refused(tiny: Path) -> None:
    """A language model is no classifier: its random head would score by chance."""
    with pytest.raises(Fault, match=r"no trained weights for .*score"):
        load_classifier(ref(tiny, "lm"))


def test_an_encoder_may_come_without_its_pooler(tiny: Path) -> None:
    """Only the body is needed."""
    assert load_encoder(ref(tiny, "nsfw")).model is not None


def test_a_device_that_is_not_there_is_refused_by_name(tiny: Path) -> None:
    """The device's flag is named."""
    with pytest.raises(Fault, match=r"--neuron.device nonsense"):
        load_causal_lm(attrs.evolve(ref(tiny, "lm"), device="nonsense"))


def test_the_hub_defaults_are_the_fields_own() -> None:
    """Ids, revision and bounds of the field's models."""
    assert HUB.dpo.model == "cerebras/btlm-3b-8k-base"
    assert (HUB.reciprocate.model, HUB.reciprocate.revision) == ("reciprocate/gpt-j_rm_format-oa", "501f895")
    assert (HUB.relevance.rms_bound, HUB.relevance.cosine_bound, HUB.nsfw.bound) == (0.0246, 0.3, -0.5)
    assert HUB.relevance.mpnet.model == HUB.diversity.encoder.model


def test_a_device_is_set_for_all_models() -> None:
    """Every model goes where the flag says."""
    moved = placed(EMBEDDED, "cuda:1")
    refs = (
        moved.dpo,
        moved.reciprocate,
        moved.relevance.bert,
        moved.relevance.mpnet,
        moved.diversity.encoder,
        moved.nsfw.model,
    )
    assert {ref.device for ref in refs} == {"cuda:1"}


CODE = """
import pathlib
from transformers import LlamaForCausalLM
pathlib.Path({mark!r}).touch()
class OwnForCausalLM(LlamaForCausalLM):
    pass
"""


@pytest.fixture
def with_code(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModelRef, Path]:
    """A model that brings Python code of its own, which leaves a mark when it runs."""
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    folder, mark = tmp_path / "own", tmp_path / "it_ran"
    shutil.copytree(tiny / "lm", folder)
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "modeling_own.OwnForCausalLM"}
    config["model_type"] = "llama"
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling_own.py").write_text(CODE.format(mark=str(mark)))
    return ModelRef(FLAG, str(folder)), mark


def test_code_that_comes_with_a_model_runs_only_if_that_is_allowed(with_code: tuple[ModelRef, Path]) -> None:
    """Without the flag it does not run, even where the model is known without it; with the flag it does."""
    ref, mark = with_code
    load_causal_lm(ref)
    assert not mark.exists()
    load_causal_lm(attrs.evolve(ref, trust_remote_code=True))
    assert mark.exists()


def test_a_model_that_needs_its_code_names_the_flag_that_allows_it(with_code: tuple[ModelRef, Path]) -> None:
    """One line, with the remedy."""
    ref, mark = with_code
    place = Path(ref.model) / "config.json"
    config = json.loads(place.read_text()) | {"model_type": "nobody_knows_this"}
    config["auto_map"]["AutoConfig"] = "modeling_own.OwnConfig"
    place.write_text(json.dumps(config))
    with pytest.raises(Fault, match=r"--reward.trust_remote_code"):
        load_causal_lm(ref)
    assert not mark.exists()


def test_a_fingerprint_is_that_of_the_weights(tiny: Path, tmp_path: Path) -> None:
    """The same weights elsewhere have the same, others another."""
    shutil.copytree(tiny / "lm", tmp_path / "lm")
    first, second = load_causal_lm(ref(tiny, "lm")), load_causal_lm(ref(tmp_path, "lm"))
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != load_encoder(ref(tiny, "encoder")).fingerprint
