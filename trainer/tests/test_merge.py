"""Merging: the merged model is the model with the adapter, and an adapter of another base is refused."""

import json
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from sealign_trainer.__main__ import main
from sealign_trainer.adapter import read_adapter
from sealign_trainer.errors import TrainerError
from sealign_trainer.merge import merge
from sealign_trainer.tiny import write_tiny

IDS = torch.arange(30, 70)[None]


def write_adapter(model: Path, folder: Path, *, rank: int = 8, rslora: bool = False) -> None:
    """An adapter of every linear map whose two factors are both random."""
    base = AutoModelForCausalLM.from_pretrained(model)
    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", use_rslora=rslora, task_type="CAUSAL_LM"
    )
    torch.manual_seed(3)
    adapted = get_peft_model(base, config)
    for name, weight in adapted.named_parameters():
        if ".lora_" in name:
            torch.nn.init.normal_(weight, std=0.1)
    adapted.save_pretrained(folder)


@pytest.fixture
def adapter(tiny_folder: Path, tmp_path: Path) -> Path:
    write_adapter(tiny_folder, tmp_path / "adapter")
    return tmp_path / "adapter"


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(IDS).logits


@pytest.mark.parametrize("rslora", [False, True])
def test_the_merged_model_computes_what_peft_computes(tiny_folder: Path, tmp_path: Path, rslora: bool) -> None:
    write_adapter(tiny_folder, tmp_path / "adapter", rslora=rslora)
    merge(tiny_folder, tmp_path / "adapter", tmp_path / "merged")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    base = AutoModelForCausalLM.from_pretrained(tiny_folder)
    without = logits(base)
    expected = logits(PeftModel.from_pretrained(base, tmp_path / "adapter"))
    torch.testing.assert_close(logits(merged), expected, atol=2e-5, rtol=0)
    assert float((expected - without).abs().max()) > 0.1
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tiny_folder).chat_template


def test_weights_keep_the_dtype_of_the_base_and_are_rounded_once(
    tiny_folder: Path, tmp_path: Path, adapter: Path
) -> None:
    AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.bfloat16).save_pretrained(tmp_path / "half")
    merge(tmp_path / "half", adapter, tmp_path / "merged")
    weights, base = (load_file(tmp_path / name / "model.safetensors") for name in ("merged", "half"))
    low_rank = load_file(adapter / "adapter_model.safetensors")
    key = "model.layers.1.mlp.down_proj.weight"
    down, up = (low_rank[f"base_model.model.model.layers.1.mlp.down_proj.lora_{side}.weight"] for side in "AB")
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}
    assert torch.equal(weights[key], (base[key].float() + 2.0 * (up @ down)).bfloat16())
    untouched = "model.layers.1.input_layernorm.weight"
    assert torch.equal(weights[untouched], base[untouched])
    assert json.loads((tmp_path / "merged" / "config.json").read_text())["dtype"] == "bfloat16"


def test_a_model_in_several_files_stays_in_several(tiny_folder: Path, tmp_path: Path, adapter: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    model.save_pretrained(tmp_path / "split", max_shard_size="200KB")
    files = sorted(path.name for path in (tmp_path / "split").glob("*.safetensors*"))
    assert len(files) > 2
    merge(tmp_path / "split", adapter, tmp_path / "merged")
    assert sorted(path.name for path in (tmp_path / "merged").glob("*.safetensors*")) == files
    expected = logits(PeftModel.from_pretrained(model, adapter))
    torch.testing.assert_close(
        logits(AutoModelForCausalLM.from_pretrained(tmp_path / "merged")), expected, atol=2e-5, rtol=0
    )
    (tmp_path / "split" / files[1]).unlink()
    with pytest.raises(TrainerError, match="is missing"):
        merge(tmp_path / "split", adapter, tmp_path / "other")


def test_an_adapter_of_another_base_is_refused_in_one_sentence(tmp_path: Path, adapter: Path) -> None:
    write_tiny(tmp_path / "wide", hidden=32)
    with pytest.raises(TrainerError, match=r"is an adapter of another base model than .*wide") as caught:
        merge(tmp_path / "wide", adapter, tmp_path / "merged")
    assert caught.value.name == "weights"
    assert "fits a weight of" in caught.value.message
    assert "\n" not in caught.value.message
    write_tiny(tmp_path / "short", layers=1)
    with pytest.raises(TrainerError, match=r"layers\.1.*none there"):
        merge(tmp_path / "short", adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    assert not list(tmp_path.glob("merged*"))


def test_what_is_there_already_is_not_written_over(tiny_folder: Path, tmp_path: Path, adapter: Path) -> None:
    (tmp_path / "merged").mkdir()
    with pytest.raises(TrainerError, match="is there already"):
        merge(tiny_folder, adapter, tmp_path / "merged")


def test_missing_files_are_named(tiny_folder: Path, tmp_path: Path, adapter: Path) -> None:
    with pytest.raises(TrainerError, match=r"adapter_config\.json cannot be read"):
        merge(tiny_folder, tmp_path / "nothing", tmp_path / "merged")
    with pytest.raises(TrainerError, match="is no folder"):
        merge(tmp_path / "nothing", adapter, tmp_path / "merged")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainerError, match="holds no weights"):
        merge(tmp_path / "empty", adapter, tmp_path / "merged")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("use_dora", True, "use_dora"),
        ("modules_to_save", ["lm_head"], "modules_to_save"),
        ("bias", "all", "bias"),
        ("r", 12, "rank 1, 8, 16"),
        ("rank_pattern", {"q_proj": 4}, "rank_pattern"),
        ("peft_type", "IA3", "expected a LoRA adapter"),
    ],
)
def test_adapters_that_vllm_does_not_load_are_refused(adapter: Path, field: str, value: object, message: str) -> None:
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(TrainerError, match=message):
        read_adapter(adapter)


def test_weights_of_other_modules_and_of_another_rank_are_refused(adapter: Path) -> None:
    path = adapter / "adapter_model.safetensors"
    weights = load_file(path)
    save_file({**weights, "base_model.model.lm_head.lora_A.weight": torch.zeros(8, 64)}, path)
    with pytest.raises(TrainerError, match="lm_head"):
        read_adapter(adapter)
    key = next(name for name in weights if "lora_A" in name)
    save_file({**weights, key: torch.zeros(4, weights[key].shape[1])}, path)
    with pytest.raises(TrainerError, match="of rank 8"):
        read_adapter(adapter)
    path.write_bytes(b"nothing")
    with pytest.raises(TrainerError, match="cannot be read"):
        read_adapter(adapter)


def test_the_command_merges(
    tiny_folder: Path, tmp_path: Path, adapter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["merge", "--model", str(tiny_folder), "--adapter", str(adapter), "--out", str(tmp_path / "merged")]
    assert main(words) == 0
    assert "merged model written to" in capsys.readouterr().out
    with safe_open(tmp_path / "merged" / "model.safetensors", framework="pt") as file:
        assert file.metadata() == {"format": "pt"}
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err
