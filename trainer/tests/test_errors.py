"""What goes wrong is named, with what to do; what was kept before stays (errors.py, out_of_memory.py, train.py)."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import (
    contract_errors,
    events_of,
    of_type,
    run_json,
    settings_for,
    start_train,
    style_line,
    write_run,
    write_style_trees,
)
from safetensors.torch import load_file, save_file
from test_checkpoint import small_files
from trees import write_lines

from sealign_trainer.errors import EXIT_CODE, TrainerError
from sealign_trainer.out_of_memory import out_of_memory
from sealign_trainer.train import train

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_style_trees(tmp_path_factory.mktemp("trees") / "trees.jsonl", repos=3, tasks=1)


def failed(folder: Path, trees: Path, model: Path, **changes: Any) -> dict[str, Any]:
    """The end of a Run that fails."""
    code = train(settings_for(folder, trees, model, **changes), None)
    assert contract_errors(events_of(folder)) == []
    end = events_of(folder)[-1]
    assert (end["type"], end["status"]) == ("end", "failed")
    assert code == EXIT_CODE[end["error"]["name"]]
    return end


def without(model: Path, folder: Path, *names: str) -> Path:
    shutil.copytree(model, folder)
    for name in names:
        (folder / name).unlink()
    return folder


def test_a_model_without_weights_or_tokenizer_is_named(
    tmp_path: Path, tiny_folder: Path, trees: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = without(tiny_folder, tmp_path / "a", "model.safetensors")
    end = failed(tmp_path / "ra", trees, model)
    assert (end["error"]["name"], end["message"]) == ("weights", f"{model}: the weights (*.safetensors) are missing")
    assert f"sealign_trainer train: {end['message']}" in capsys.readouterr().err
    model = without(tiny_folder, tmp_path / "b", "tokenizer.json", "tokenizer_config.json")
    end = failed(tmp_path / "rb", trees, model)
    assert (end["error"]["name"], end["message"]) == (
        "tokenizer",
        f"{model}: the tokenizer (tokenizer.json) is missing",
    )


def test_a_tokenizer_of_another_model_is_named(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    model = without(tiny_folder, tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "vocab_size": 200}))
    end = failed(tmp_path / "run", trees, model)
    assert end["error"]["name"] == "tokenizer"
    assert end["message"] == f"{model}: the tokenizer makes the id 258, and the model has 200 embeddings"


def test_a_malformed_line_of_trees_is_named_with_its_place(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    broken = tmp_path / "trees.jsonl"
    broken.write_text(trees.read_text() + '{"v":1,"tree_id":"x"}\n')
    end = failed(tmp_path / "run", broken, tiny_folder)
    assert end["error"]["name"] == "trees"
    assert "trees.jsonl:4: tools: " in end["message"]
    end = failed(tmp_path / "none", tmp_path / "nowhere.jsonl", tiny_folder)
    assert (end["error"]["name"], EXIT_CODE["trees"]) == ("trees", 9)


def test_a_stage_with_nothing_to_learn_is_named_before_any_training(tmp_path: Path, tiny_folder: Path) -> None:
    lines = [style_line(f"t{number}", f"o/r{number}", number) for number in range(2)]
    path = write_lines(tmp_path / "trees.jsonl", [{**line, "pairs": []} for line in lines])
    end = failed(tmp_path / "run", path, tiny_folder)
    assert end["error"]["name"] == "data"
    assert end["message"].startswith("dpo: there is nothing to learn from: no pair is left for training in")
    assert not of_type(events_of(tmp_path / "run"), "start")
    tight = failed(tmp_path / "tight", write_lines(tmp_path / "a", lines), tiny_folder, binTokens=16)
    assert "sft: there is nothing to learn from: no resolved trajectory" in tight["message"]
    assert "dropped; the first, " in tight["message"]


def poisoned(model: Path, folder: Path, token: str | None) -> Path:
    """The model with a NaN in the embedding of a token; None: in the head, where it spoils everything."""
    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    if token is None:
        weights["lm_head.weight"][0, 0] = float("nan")
    else:
        weights["model.embed_tokens.weight"][ord(token), 0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_a_step_without_a_finite_loss_is_skipped_and_names_its_batch(tmp_path: Path, tiny_folder: Path) -> None:
    lines = [style_line(f"t{number}", f"o/r{number}", number) for number in range(4)]
    # Only this Task's prompt has a "~".
    lines[2]["nodes"][0]["messages"][0]["content"] += "~"
    path = write_lines(tmp_path / "trees.jsonl", lines)
    model = poisoned(tiny_folder, tmp_path / "model", "~")
    folder = tmp_path / "run"
    assert train(settings_for(folder, path, model, stages=["sft"], valFraction=0, binTokens=256), None) == 0
    events = events_of(folder)
    spoilt = [event for event in of_type(events, "step") if "t2/good" in event["batch"]]
    others = [event for event in of_type(events, "step") if "t2/good" not in event["batch"]]
    assert len(spoilt) == 2
    assert {event["metrics"]["loss"] for event in spoilt} == {None}
    assert all(event["metrics"]["loss"] > 0 for event in others)
    warnings = [event for event in of_type(events, "warning") if "was skipped" in event["message"]]
    assert [event["step"] for event in warnings] == [event["step"] for event in spoilt]
    assert all(event["message"].endswith("it learnt from t2/good") for event in warnings)
    weights = load_file(folder / "sft" / "adapter_model.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())
    assert any(tensor.abs().max() > 0 for name, tensor in weights.items() if "lora_B" in name)


def test_a_whole_pass_without_a_finite_loss_ends_the_run(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    model = poisoned(tiny_folder, tmp_path / "model", None)
    end = failed(tmp_path / "run", trees, model, sft={"epochs": 9})
    assert end["error"]["name"] == "non-finite"
    assert "3 steps in a row was no finite number" in end["message"]
    assert "A learning rate lower than 0.005" in end["error"]["hint"]
    events = events_of(tmp_path / "run")
    assert [event["metrics"]["loss"] for event in of_type(events, "step")] == [None] * 3
    kept = torch.load(tmp_path / "run" / "state" / "state.pt", weights_only=True)["weights"]
    assert all(torch.isfinite(tensor).all() for tensor in kept.values())
    assert all(tensor.abs().max() == 0 for name, tensor in kept.items() if "lora_B" in name)


def test_on_a_full_disk_the_run_ends_with_what_was_kept_and_goes_on_later(
    tmp_path: Path, tiny_folder: Path, trees: Path
) -> None:
    folder = tmp_path / "run"
    # An adapter takes 68 kB, a state of weights and two moments 200: the second state does not fit.
    with small_files(150_000):
        end = failed(folder, trees, tiny_folder, evalEvery=1)
    assert end["error"]["name"] == "disk"
    assert end["message"].startswith(f"{folder / 'state'} cannot be written: ")
    assert json.loads((folder / "state" / "manifest.json").read_text())["progress"]["step"] == 0
    assert {path.name for path in folder.iterdir()} >= {"sft", "state"}
    assert not [path for path in folder.iterdir() if path.name.endswith((".new", ".old"))]
    assert train(settings_for(folder, trees, tiny_folder, evalEvery=1), None) == 0
    assert events_of(folder)[-1]["status"] == "completed"


def test_what_nobody_foresaw_is_a_bug_with_its_trace_on_stderr(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    values = run_json(folder, trees, tiny_folder)
    (folder / "control.json").write_text('{"v":1,"pause":false,"stop":true}')
    assert train(settings_for(folder, trees, tiny_folder), None) == 0
    # A state whose hash is right and whose content is none.
    (folder / "state" / "state.pt").write_bytes(b"no tensors")
    manifest = json.loads((folder / "state" / "manifest.json").read_text())
    manifest["sha256"] = hashlib.sha256(b"no tensors").hexdigest()
    (folder / "state" / "manifest.json").write_text(json.dumps(manifest))
    process = start_train(write_run(folder, values))
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 70
    assert "Traceback" in stderr
    end = json.loads(stdout.splitlines()[-1])
    assert (end["status"], end["error"]["name"]) == ("failed", "bug")
    assert end == events_of(folder)[-1]


def test_too_little_memory_says_what_was_asked_for() -> None:
    words = r"while training sft.*, and 4194304\.0 GiB more were asked for"
    with pytest.raises(TrainerError, match=words) as caught, out_of_memory("training sft", CPU):
        torch.empty(2**52, dtype=torch.uint8)
    assert (caught.value.name, caught.value.exit_code) == ("memory", 8)
    assert "Set binTokens lower" in str(caught.value.hint)
    with pytest.raises(RuntimeError, match="shape"), out_of_memory("training sft", CPU):
        torch.zeros(2).reshape(3)


def test_flex_attention_on_a_cpu_is_refused(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    end = failed(tmp_path / "run", trees, tiny_folder, attention="flex")
    assert (end["error"]["name"], end["error"]["hint"]) == ("settings", "Set attention to auto or dense")
