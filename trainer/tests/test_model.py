"""model.py and trainee.py: what is loaded, what of it is trained, in which types of number, and how it is kept."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from runs import random_bins, settings_for
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from sealign_trainer.distributed import World
from sealign_trainer.errors import TrainerError
from sealign_trainer.losses import sft_loss
from sealign_trainer.model import load_model, model_digest, precision_of, read_config
from sealign_trainer.optimizer import adamw, set_learning_rate
from sealign_trainer.settings import RunSettings
from sealign_trainer.tiny import write_tiny
from sealign_trainer.trainee import Trainee

CPU = torch.device("cpu")
CUDA = torch.device("cuda")


def settings(model: Path, **changes: Any) -> RunSettings:
    return settings_for(Path("/nowhere"), Path("/nowhere/trees.jsonl"), model, **changes)


def trainee(asked: RunSettings) -> Trainee:
    precision = precision_of(asked, CPU)
    return Trainee(load_model(asked, CPU, precision), attention="dense", precision=precision, world=World(CPU))


def test_types_of_number_follow_device_and_method(tmp_path: Path) -> None:
    def types(device: torch.device, **changes: Any) -> tuple[torch.dtype, torch.dtype]:
        precision = precision_of(settings(tmp_path, **changes), device)
        return precision.compute, precision.weights

    assert types(CPU) == (torch.float32, torch.float32)
    assert types(CUDA) == (torch.bfloat16, torch.bfloat16)
    assert types(CUDA, method="full") == (torch.bfloat16, torch.float32)
    assert types(CPU, dtype="bfloat16", method="full") == (torch.bfloat16, torch.float32)
    assert types(CPU, dtype="float64", method="full") == (torch.float64, torch.float64)


def test_an_adapter_covers_every_linear_layer_of_the_decoder_and_nothing_else(tiny_folder: Path) -> None:
    made = trainee(settings(tiny_folder))
    layers = {name.split(".lora_")[0].rsplit(".", 1)[-1] for name in made.parameters}
    assert layers == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    assert all(".layers." in name and ".lora_" in name for name in made.parameters)
    assert len(made.parameters) == 2 * 7 * 2
    assert all(not module.p for module in made.module.modules() if isinstance(module, nn.Dropout))
    assert not made.module.causal_lm.config.use_cache


def test_an_adapter_is_float32_beside_a_bfloat16_model_and_float64_beside_a_float64_one(tiny_folder: Path) -> None:
    for dtype, adapter in (("bfloat16", torch.float32), ("float32", torch.float32), ("float64", torch.float64)):
        made = trainee(settings(tiny_folder, dtype=dtype))
        assert {parameter.dtype for parameter in made.parameters.values()} == {adapter}
        base = made.module.causal_lm.model.embed_tokens.weight
        assert str(base.dtype) == f"torch.{dtype}"
        (packed,) = random_bins(1, "sft")
        batch = made.to_device(packed)
        loss = sft_loss(made.forward(batch), batch, packed.loss_weight)
        made.backward(loss)
        assert loss.dtype == adapter
        assert all(
            parameter.grad.dtype == adapter for parameter in made.parameters.values() if parameter.grad is not None
        )


def test_the_same_seed_makes_the_same_adapter_and_leaves_random_numbers_alone(tiny_folder: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, same, other = (trainee(settings(tiny_folder, seed=seed)).weights() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    name = next(name for name in one if "lora_A" in name)
    assert torch.equal(one[name], same[name])
    assert not torch.equal(one[name], other[name])


def test_full_fine_tuning_in_bfloat16_moves_float32_weights_at_3e_7(tiny_folder: Path) -> None:
    made = trainee(settings(tiny_folder, method="full", dtype="bfloat16"))
    assert {parameter.dtype for parameter in made.parameters.values()} == {torch.float32}
    before = made.weights()
    (packed,) = random_bins(1, "sft")
    batch = made.to_device(packed)
    made.backward(sft_loss(made.forward(batch), batch, packed.loss_weight))
    optimizer = adamw(made.parameters.values(), 0.0)
    set_learning_rate(optimizer, 3e-7)
    optimizer.step()
    moved = {name: (value - before[name]).abs().max().item() for name, value in made.weights().items()}
    assert max(moved.values()) == pytest.approx(3e-7, rel=0.2)
    name = "model.model.layers.0.mlp.up_proj.weight"
    assert moved[name] > 0
    rounded = made.weights()[name].bfloat16() != before[name].bfloat16()
    assert rounded.float().mean() < 0.01


@pytest.mark.parametrize("method", ["lora", "full"])
def test_what_is_written_is_read_back_bit_for_bit_and_others_load_it(
    tmp_path: Path, tiny_folder: Path, method: str
) -> None:
    made = trainee(settings(tiny_folder, method=method))
    with torch.no_grad():
        for parameter in made.parameters.values():
            parameter.add_(torch.randn_like(parameter) * 0.01)
    weights = made.weights()
    made.write(tmp_path, weights, AutoTokenizer.from_pretrained(tiny_folder))
    other = trainee(settings(tiny_folder, method=method, seed=9))
    other.read(tmp_path)
    assert all(torch.equal(value, weights[name]) for name, value in other.weights().items())
    loaded = AutoModelForCausalLM.from_pretrained(tiny_folder if method == "lora" else tmp_path)
    if method == "lora":
        loaded = PeftModel.from_pretrained(loaded, str(tmp_path))
    assert "sealign" not in (tmp_path / ("adapter_config.json" if method == "lora" else "config.json")).read_text()
    found = dict(loaded.named_parameters())
    assert all(torch.equal(value, found[name.removeprefix("model.")]) for name, value in weights.items())


def test_a_tied_head_is_written_once_and_loaded_tied(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tied", tied=True)
    made = trainee(settings(tmp_path / "tied", method="full"))
    assert "model.lm_head.weight" not in made.parameters
    made.write(tmp_path / "out", made.weights(), AutoTokenizer.from_pretrained(tmp_path / "tied"))
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert loaded.lm_head.weight is loaded.model.embed_tokens.weight
    assert torch.equal(loaded.lm_head.weight, made.weights()["model.model.embed_tokens.weight"])


def test_an_existing_adapter_is_gone_on_from(tmp_path: Path, tiny_folder: Path) -> None:
    first = trainee(settings(tiny_folder))
    with torch.no_grad():
        for parameter in first.parameters.values():
            parameter.add_(1.0)
    first.write(tmp_path, first.weights(), AutoTokenizer.from_pretrained(tiny_folder))
    again = trainee(settings(tiny_folder, adapter=str(tmp_path), seed=3))
    assert again.parameters.keys() == first.parameters.keys()
    assert all(torch.equal(value, first.weights()[name]) for name, value in again.weights().items())


def test_an_adapter_that_vllm_would_not_load_is_refused(tmp_path: Path, tiny_folder: Path) -> None:
    for name, extra in (("dora", {"use_dora": True}), ("whole", {"modules_to_save": ["lm_head"]})):
        base = AutoModelForCausalLM.from_pretrained(tiny_folder)
        config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM", **extra)
        get_peft_model(base, config).save_pretrained(str(tmp_path / name), save_embedding_layers=False)
        with pytest.raises(TrainerError, match="is no plain LoRA adapter"):
            load_model(
                settings(tiny_folder, adapter=str(tmp_path / name)), CPU, precision_of(settings(tiny_folder), CPU)
            )
    with pytest.raises(TrainerError, match=r"adapter_config\.json is missing"):
        load_model(settings(tiny_folder, adapter=str(tmp_path)), CPU, precision_of(settings(tiny_folder), CPU))
    full = settings(tiny_folder, adapter=str(tmp_path / "dora"), method="full")
    with pytest.raises(TrainerError, match="cannot be gone on from while every weight is trained"):
        load_model(full, CPU, precision_of(full, CPU))


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("config.json", "config.json is missing"),
        ("model.safetensors", r"the weights \(\*.safetensors\) are missing"),
    ],
)
def test_what_is_missing_of_a_model_is_named(tmp_path: Path, tiny_folder: Path, missing: str, message: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    (folder / missing).unlink()
    with pytest.raises(TrainerError, match=f"{folder}: {message}") as caught:
        read_config(settings(folder))
    assert caught.value.name == "weights"


def test_a_shard_that_is_missing_and_weights_that_are_torn_are_named(tmp_path: Path, tiny_folder: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    index = {"metadata": {}, "weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(TrainerError, match=r"model-00002-of-00002\.safetensors is missing \(1 of 2 files\)"):
        read_config(settings(folder))
    (folder / "model.safetensors.index.json").unlink()
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    asked = settings(folder)
    with pytest.raises(TrainerError, match="the weights are damaged") as caught:
        load_model(asked, CPU, precision_of(asked, CPU))
    assert caught.value.name == "weights"
    with pytest.raises(TrainerError, match="is no folder: there is no model"):
        read_config(settings(tmp_path / "nowhere"))


def test_another_model_has_another_digest_and_the_same_elsewhere_the_same(tmp_path: Path, tiny_folder: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_folder, copy)
    assert model_digest(str(copy)) == model_digest(str(tiny_folder))
    weights = copy / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(bytes(data))
    assert model_digest(str(copy)) != model_digest(str(tiny_folder))
    assert model_digest("Qwen/Qwen2.5-Coder-7B") == "Qwen/Qwen2.5-Coder-7B"


@pytest.mark.parametrize("method", ["lora", "full"])
def test_checkpointed_layers_change_no_gradient_in_bfloat16(tiny_folder: Path, method: str) -> None:
    asked = settings(tiny_folder, dtype="bfloat16", method=method)
    (packed,) = random_bins(1, "sft")
    gradients = []
    for layers in (0, 2):
        precision = precision_of(asked, CPU)
        model = load_model(asked, CPU, precision)
        made = Trainee(model, attention="dense", precision=precision, world=World(CPU), checkpointed=layers)
        with torch.no_grad():
            for name, parameter in made.parameters.items():
                if "lora_B" in name:
                    parameter.fill_(0.01)
        made.module.train()
        batch = made.to_device(packed)
        made.backward(sft_loss(made.forward(batch), batch, packed.loss_weight))
        gradients.append({name: parameter.grad for name, parameter in made.parameters.items()})
    assert all(torch.equal(gradient, gradients[1][name]) for name, gradient in gradients[0].items())
    assert any(gradient.abs().max() > 0 for gradient in gradients[0].values())
