"""Exporting a run's stage: a folder that serves, and says how."""

import json
import re
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from test_merge import logits, write_adapter
from transformers import AutoModelForCausalLM, AutoTokenizer

from sealign_trainer.__main__ import main
from sealign_trainer.errors import TrainerError
from sealign_trainer.export import export
from sealign_trainer.settings import RunSettings, read_settings


def run_folder(tmp_path: Path, model: Path, **fields: object) -> tuple[Path, RunSettings]:
    """A run whose stage dpo has kept an adapter."""
    folder = tmp_path / "r3"
    folder.mkdir()
    settings = {"v": 1, "run": "r3", "folder": str(folder), "trees": "/none", "model": str(model), **fields}
    (folder / "run.json").write_text(json.dumps(settings))
    write_adapter(model, folder / "dpo", rank=64)
    return folder, read_settings(folder / "run.json")


def test_an_adapter_with_its_tokenizer_and_the_command_that_serves_it(tiny_folder: Path, tmp_path: Path) -> None:
    folder, settings = run_folder(tmp_path, tiny_folder)
    out = tmp_path / "out"
    export(folder, settings, "dpo", out)
    text = (out / "SERVE.md").read_text()
    command = text.split("```sh\n")[1].split("\n```")[0].replace(" \\\n ", "")
    assert command == (
        f"vllm serve {tiny_folder} --enable-lora --max-lora-rank 64 --lora-modules r3-dpo={out.absolute()}"
    )
    base = AutoModelForCausalLM.from_pretrained(tiny_folder)
    expected = logits(PeftModel.from_pretrained(base, folder / "dpo"))
    base = AutoModelForCausalLM.from_pretrained(tiny_folder)
    torch.testing.assert_close(logits(PeftModel.from_pretrained(base, out)), expected, atol=0, rtol=0)
    assert AutoTokenizer.from_pretrained(out).chat_template is not None
    config = json.loads((out / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(tiny_folder)
    # What vLLM's PEFTHelper reads: no DoRA, nothing saved whole, keys base_model.model.…
    assert config["r"] == 64
    assert not config["use_dora"]
    assert config["modules_to_save"] is None


def test_a_merged_model_serves_alone(tiny_folder: Path, tmp_path: Path) -> None:
    folder, settings = run_folder(tmp_path, tiny_folder)
    out = tmp_path / "out"
    export(folder, settings, "dpo", out, merged=True)
    assert f"vllm serve {out.absolute()}" in (out / "SERVE.md").read_text()
    assert "--enable-lora" not in (out / "SERVE.md").read_text()
    base = AutoModelForCausalLM.from_pretrained(tiny_folder)
    expected = logits(PeftModel.from_pretrained(base, folder / "dpo"))
    torch.testing.assert_close(logits(AutoModelForCausalLM.from_pretrained(out)), expected, atol=2e-5, rtol=0)


def test_a_model_whose_every_weight_was_trained_is_copied(tiny_folder: Path, tmp_path: Path) -> None:
    folder, settings = run_folder(tmp_path, tiny_folder, method="full")
    best = folder / "sft"
    AutoModelForCausalLM.from_pretrained(tiny_folder).save_pretrained(best)
    AutoTokenizer.from_pretrained(tiny_folder).save_pretrained(best)
    export(folder, settings, "sft", tmp_path / "out")
    same = logits(AutoModelForCausalLM.from_pretrained(tiny_folder))
    torch.testing.assert_close(logits(AutoModelForCausalLM.from_pretrained(tmp_path / "out")), same, atol=0, rtol=0)
    assert "--served-model-name r3-sft" in (tmp_path / "out" / "SERVE.md").read_text()
    with pytest.raises(TrainerError, match="no adapter to merge"):
        export(folder, settings, "sft", tmp_path / "more", merged=True)


def test_a_stage_without_weights_and_a_folder_that_is_there_are_refused(tiny_folder: Path, tmp_path: Path) -> None:
    folder, settings = run_folder(tmp_path, tiny_folder)
    with pytest.raises(TrainerError, match="stage sft of the run has kept no weights"):
        export(folder, settings, "sft", tmp_path / "out")
    with pytest.raises(TrainerError, match="is there already"):
        export(folder, settings, "dpo", folder)


def test_an_adapter_vllm_would_refuse_is_not_exported(tiny_folder: Path, tmp_path: Path) -> None:
    folder, settings = run_folder(tmp_path, tiny_folder)
    path = folder / "dpo" / "adapter_config.json"
    path.write_text(re.sub(r'"use_dora": false', '"use_dora": true', path.read_text()))
    with pytest.raises(TrainerError, match="use_dora"):
        export(folder, settings, "dpo", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_takes_the_last_stage(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = run_folder(tmp_path, tiny_folder)
    assert main(["export", "--run", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert "SERVE.md says how to serve it" in capsys.readouterr().out
    assert main(["export", "--run", str(tmp_path), "--out", str(tmp_path / "x")]) == 2
    assert "run.json cannot be read" in capsys.readouterr().err
