"""train.py: a whole Run of SFT, then DPO, on a constructed set; what it says, leaves and has learnt."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from peft import PeftModel
from runs import (
    contract_errors,
    environment,
    events_of,
    of_type,
    run_json,
    settings_for,
    start_train,
    write_run,
    write_style_trees,
)
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import AutoModelForCausalLM, AutoTokenizer

from sealign_trainer.corpus import load_corpus
from sealign_trainer.disk import sha256_of
from sealign_trainer.settings import LORA_RANKS, RunSettings
from sealign_trainer.split import split_trees
from sealign_trainer.train import train
from sealign_trainer.unpacked import pair_rows, trajectory_rows, unpacked_pair_logps, unpacked_sft_loss


class Done(NamedTuple):
    folder: Path
    settings: RunSettings
    events: list[dict[str, Any]]
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Done:
    """One Run, trained by the command in a process of its own."""
    place = tmp_path_factory.mktemp("train")
    trees = write_style_trees(place / "trees.jsonl")
    values = run_json(place / "run", trees, tiny_folder)
    process = start_train(write_run(place / "run", values))
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    return Done(
        place / "run", settings_for(place / "run", trees, tiny_folder), events_of(place / "run"), stdout, stderr
    )


def test_stdout_is_events_and_nothing_else(done: Done) -> None:
    assert done.stdout == (done.folder / "events.jsonl").read_text(encoding="utf-8")
    assert [event["seq"] for event in done.events] == list(range(1, len(done.events) + 1))
    assert {event["run"] for event in done.events} == {"r1"}


def test_every_line_is_of_the_contract(done: Done) -> None:
    assert contract_errors(done.events) == []
    assert contract_errors([{**done.events[0], "seq": "1"}])


def test_events_come_in_their_order(done: Done) -> None:
    kinds = [
        (event["type"], event.get("name") or event.get("kind") or event.get("status"), event.get("stage"))
        for event in done.events
        if event["type"] not in ("step", "eval") and event.get("kind") != "state" and event.get("name") != "save"
    ]
    once = [kind for number, kind in enumerate(kinds) if number == 0 or kind != kinds[number - 1]]
    evaluation = [("phase", "eval"), ("checkpoint", "best"), ("phase", "train")]

    def stage(name: str, *first: tuple[str, str]) -> list[tuple[str, str | None, str]]:
        loop = [*first, *evaluation, *evaluation]
        return [("start", None, name), *((a, b, name) for a, b in loop)]

    begin = [("phase", "tokenize", None), ("phase", "pack", None), ("phase", "load", None)]
    last = [("phase", "eval", "sft"), ("checkpoint", "best", "sft"), ("checkpoint", "final", "sft")]
    shown = [kind for kind in once if kind[0] != "warning"]
    assert shown[:3] == begin
    assert shown[3:13] == [*stage("sft"), *last]
    assert shown[13:16] == [("start", None, "dpo"), ("phase", "reference", "dpo"), ("phase", "eval", "dpo")]
    assert shown[-2:] == [("checkpoint", "final", "dpo"), ("end", "completed", None)]


def test_the_start_says_what_is_learnt(done: Done) -> None:
    sft, dpo = of_type(done.events, "start")
    assert (sft["stage"], dpo["stage"]) == ("sft", "dpo")
    assert sft["model"]["backend"] == "cpu, dense attention"
    # LoRA of rank 8: q and o 64 x 64, k and v 64 x 32, gate, up and down 64 x 128, in each of 2 layers.
    assert sft["model"]["trainable"] == 2 * 8 * (2 * 128 + 2 * 96 + 3 * 192)
    # 12 Tasks are learnt and 3 held out: 3 actions of a resolved trajectory, 2 pairs in each.
    assert (sft["data"]["examples"], sft["data"]["validation"]) == (36, 9)
    assert (dpo["data"]["examples"], dpo["data"]["validation"]) == (24, 6)
    assert (dpo["data"]["trajectories"], dpo["data"]["pairs"], dpo["data"]["dropped"]) == (45, 30, [])
    tokens = dpo["data"]["tokens"]
    assert tokens["logical"] > tokens["packed"] > tokens["loss"] > 0
    assert sft["totalSteps"] == 2 * sft["data"]["bins"]


def test_sft_learns(done: Done) -> None:
    losses = [event["metrics"]["eval_loss"] for event in of_type(done.events, "eval", "sft")]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2
    accuracies = [event["metrics"]["mean_token_accuracy"] for event in of_type(done.events, "step", "sft")]
    assert accuracies[-1] > 0.4 > accuracies[0]


def test_dpo_begins_at_ln_2_and_prefers_the_chosen_style_on_held_out_repositories(done: Done) -> None:
    first, *_, last = of_type(done.events, "eval", "dpo")
    assert first["metrics"]["eval_loss"] == pytest.approx(0.6931471805599453, abs=1e-6)
    assert of_type(done.events, "step", "dpo")[0]["metrics"]["loss"] == pytest.approx(0.6931471805599453, abs=1e-6)
    assert last["metrics"]["eval_rewards/accuracies"] > 0.9
    assert last["metrics"]["eval_loss"] < 0.3
    assert not [event for event in of_type(done.events, "warning") if "ln 2" in event["message"]]


def test_margins_and_depths_are_of_the_pairs_that_were_learnt_or_judged(done: Done) -> None:
    for event in of_type(done.events, "step", "dpo"):
        assert len(event["margins"]) == len(event["batch"]) > 0
        mean = sum(event["margins"]) / len(event["margins"])
        assert mean == pytest.approx(event["metrics"]["rewards/margins"], abs=1e-6)
    last = of_type(done.events, "eval", "dpo")[-1]
    assert [(each["from"], each["to"], each["pairs"]) for each in last["byDepth"]] == [(0, 0, 3), (1, 1, 3)]
    held_out = {each["id"].split("-")[0] for each in last["pairs"]}
    learnt = {name.split("-")[0] for event in of_type(done.events, "step") for name in event["batch"]}
    assert len(last["pairs"]) == 6
    assert not held_out & learnt
    assert len(held_out | learnt) == 5


def test_a_pass_learns_every_pair_once(done: Done) -> None:
    steps = of_type(done.events, "step", "dpo")
    half = len(steps) // 2
    first, second = ([name for event in part for name in event["batch"]] for part in (steps[:half], steps[half:]))
    assert sorted(first) == sorted(second)
    assert len(set(first)) == len(first) == 24
    assert first != second
    assert steps[half - 1]["epoch"] == 1.0


def test_tensorboard_shows_both_stages_one_after_the_other(done: Done) -> None:
    board = EventAccumulator(str(done.folder / "tensorboard"))
    board.Reload()
    for tag, kind, name in (("train/loss", "step", "loss"), ("eval/loss", "eval", "eval_loss")):
        told = [event["metrics"][name] for event in of_type(done.events, kind)]
        assert [each.value for each in board.Scalars(tag)] == pytest.approx(told, rel=1e-6)
    sft, dpo = (len(of_type(done.events, "step", stage)) for stage in ("sft", "dpo"))
    assert [each.step for each in board.Scalars("train/loss")] == list(range(1, sft + dpo + 1))
    assert [each.step for each in board.Scalars("train/rewards/margins")] == list(range(sft + 1, sft + dpo + 1))


def test_the_folder_holds_both_adapters_and_no_state(done: Done) -> None:
    names = {path.name for path in done.folder.iterdir()}
    assert names == {"run.json", "events.jsonl", "tensorboard", "reference", "sft", "dpo"}
    for final in (event for event in of_type(done.events, "checkpoint") if event["kind"] == "final"):
        folder = Path(final["path"])
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["sha256"] == final["sha256"] == sha256_of(folder / "adapter_model.safetensors")
        assert (manifest["run"], manifest["stage"], manifest["step"]) == ("r1", final["stage"], final["step"])
        assert manifest["identity"]["trees"] == sha256_of(done.settings.trees)
        assert len(AutoTokenizer.from_pretrained(folder)) == 259


def test_the_adapter_is_one_that_vllm_loads(done: Done) -> None:
    """The rules of vllm/lora/peft_helper.py and vllm/config/lora.py (trainer.md section 5)."""
    for stage in ("sft", "dpo"):
        config = json.loads((done.folder / stage / "adapter_config.json").read_text(encoding="utf-8"))
        assert config["r"] in LORA_RANKS
        assert (config["peft_type"], config["bias"]) == ("LORA", "none")
        assert not config["use_dora"]
        assert not config["use_rslora"]
        assert config["modules_to_save"] is None
        assert config["base_model_name_or_path"] == done.settings.model
        targets = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
        assert set(config["target_modules"]) == targets
        tensors = load_file(done.folder / stage / "adapter_model.safetensors")
        assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
        assert {name.split(".")[-3] for name in tensors} == targets
        assert all(name.startswith("base_model.model.model.layers.") for name in tensors)
        assert all(name.endswith((".lora_A.weight", ".lora_B.weight")) for name in tensors)


@pytest.mark.parametrize("stage", ["sft", "dpo"])
def test_reloaded_by_peft_the_adapter_gives_the_log_probabilities_that_were_said(done: Done, stage: str) -> None:
    """Unpacked rows through transformers' own attention: nothing of it is the trainer's (trainer.md 4, test 9)."""
    tokenizer = AutoTokenizer.from_pretrained(done.folder / stage)
    _, held_out = split_trees(load_corpus(done.settings, tokenizer).trees, done.settings.val_fraction, 0)
    base = AutoModelForCausalLM.from_pretrained(done.settings.model)
    model = PeftModel.from_pretrained(base, str(done.folder / stage)).eval()
    (best,) = [event for event in of_type(done.events, "checkpoint", stage) if event["kind"] == "final"]
    (said,) = [event["metrics"] for event in of_type(done.events, "eval", stage) if event["step"] == best["step"]]
    with torch.no_grad():
        if stage == "sft":
            loss = unpacked_sft_loss(model, trajectory_rows(held_out)).item()
            assert loss == pytest.approx(said["eval_loss"], rel=2e-6)
            return
        chosen, rejected = unpacked_pair_logps(model, pair_rows(held_out)).mean(0).tolist()
    assert chosen == pytest.approx(said["eval_logps/chosen"], rel=2e-6)
    assert rejected == pytest.approx(said["eval_logps/rejected"], rel=2e-6)


def test_a_completed_run_is_not_trained_again(done: Done) -> None:
    before = (done.folder / "events.jsonl").read_bytes()
    process = start_train(done.folder / "run.json")
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (2, "")
    assert "holds a run that is completed" in stderr
    assert "Traceback" not in stderr
    assert (done.folder / "events.jsonl").read_bytes() == before


def test_without_validation_the_last_weights_are_kept_and_it_says_so(tmp_path: Path, tiny_folder: Path) -> None:
    trees = write_style_trees(tmp_path / "trees.jsonl", repos=2, tasks=1)
    settings = settings_for(tmp_path / "run", trees, tiny_folder, valFraction=0)
    assert train(settings, None) == 0
    events = events_of(tmp_path / "run")
    assert not of_type(events, "eval")
    warnings = [event["message"] for event in of_type(events, "warning")]
    assert sum("nothing is held out" in message for message in warnings) == 2
    assert not [message for message in warnings if "ln 2" in message]
    for best in events[-1]["best"]:
        steps = of_type(events, "step", best["stage"])
        assert best["step"] == steps[-1]["step"]
        low, high = sorted(event["metrics"]["loss"] for event in steps[len(steps) // 2 :])
        assert low <= best["loss"] <= high


def test_patience_ends_a_stage_and_the_best_weights_are_kept(tmp_path: Path, tiny_folder: Path) -> None:
    trees = write_style_trees(tmp_path / "trees.jsonl", repos=3, tasks=1)
    # A learning rate that wrecks the model: nothing is better than the beginning.
    stage = {"epochs": 9, "learningRate": 3.0, "warmup": 0, "patience": 2}
    settings = settings_for(tmp_path / "run", trees, tiny_folder, stages=["dpo"], dpo=stage, evalEvery=1)
    assert train(settings, None) == 0
    events = events_of(tmp_path / "run")
    evaluations = of_type(events, "eval")
    best = min(evaluations, key=lambda event: event["metrics"]["eval_loss"])
    assert len(evaluations) < of_type(events, "start")[0]["totalSteps"]
    assert [event["best"] for event in evaluations[-2:]] == [False, False]
    assert (events[-1]["best"][0]["step"], events[-1]["best"][0]["loss"]) == (
        best["step"],
        best["metrics"]["eval_loss"],
    )


def test_the_command_says_what_it_can_do(tmp_path: Path) -> None:
    def sealign_trainer(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sealign_trainer", *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=tmp_path, check=False)

    shown = sealign_trainer("--help")
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in ("plan", "train", "merge", "export", "tiny", "lint"))
    unknown = sealign_trainer("trian")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "trian: no such command" in unknown.stderr
    missing = sealign_trainer("train", "--config", "nowhere.json")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.startswith("sealign_trainer train: nowhere.json cannot be read")
