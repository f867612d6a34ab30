"""The plan: the bins that training makes, memory and time by hand, the linter's verdict; config and tokenizer only."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from trees import pair, random_line, small_line, write_lines

from sealign_trainer.__main__ import main
from sealign_trainer.corpus import load_corpus
from sealign_trainer.decoder import read_decoder
from sealign_trainer.errors import TrainerError
from sealign_trainer.flops import forward_flops, training_flops, work_of
from sealign_trainer.gpus import gpu_named
from sealign_trainer.memory import choose_checkpointed_layers
from sealign_trainer.pack import pack
from sealign_trainer.plan import Machine, plan
from sealign_trainer.settings import RunSettings, read_settings
from sealign_trainer.split import split_trees
from sealign_trainer.tokenizer import load_tokenizer


@pytest.fixture
def model(tiny_folder: Path, tmp_path: Path) -> Path:
    """The tiny model without its weights."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    return folder


def settings(tmp_path: Path, model: Path, lines: list[dict[str, Any]], **fields: Any) -> RunSettings:
    trees = write_lines(tmp_path / "trees.jsonl", lines)
    values = {"v": 1, "run": "r1", "folder": str(tmp_path), "trees": str(trees), "model": str(model), **fields}
    (tmp_path / "run.json").write_text(json.dumps(values))
    return read_settings(tmp_path / "run.json")


def many(count: int = 20) -> list[dict[str, Any]]:
    return [random_line(seed, repo=f"owner/r{seed % 5}") for seed in range(count)]


H200 = Machine(gpu_named("h200"))


def test_counts_are_those_of_the_bins_that_training_packs(tmp_path: Path, model: Path) -> None:
    run = settings(tmp_path, model, many(), binTokens=600, valFraction=0.2, sft={"binsPerStep": 2})
    document = plan(run, H200)
    corpus = load_corpus(run, load_tokenizer(str(model)))
    training, validation = split_trees(corpus.trees, 0.2, 0)
    assert document["split"] == {"training": len(training), "validation": len(validation)}
    assert len(validation) > 0
    assert document["pairs"] == sum(len(tree.pairs) for tree in corpus.trees)
    for name in ("sft", "dpo"):
        stage, packing = document["stages"][name], pack(training, name, 600)
        assert stage["bins"] == len(packing.bins) > 1
        assert stage["tokens"] == {
            "logical": packing.logical_tokens,
            "packed": packing.packed_tokens,
            "loss": sum(each.loss_tokens for each in packing.bins),
        }
        assert stage["sharing"] == pytest.approx(packing.logical_tokens / packing.packed_tokens, abs=1e-4)
        assert stage["fill"] == pytest.approx(packing.packed_tokens / 600 / len(packing.bins), abs=1e-4)
        assert stage["totalSteps"] == 10 * stage["stepsPerEpoch"]
    assert document["stages"]["sft"]["stepsPerEpoch"] == -(-document["stages"]["sft"]["bins"] // 2)
    held_out = pack(validation, "dpo", 600)
    assert document["stages"]["dpo"]["validation"] == sum(len(each.pairs) for each in held_out.bins)


def test_sharing_of_a_tree_counted_by_hand(tmp_path: Path, model: Path) -> None:
    document = plan(settings(tmp_path, model, [small_line()], stages=["dpo"]), Machine())
    trees = load_corpus(read_settings(tmp_path / "run.json"), load_tokenizer(str(model))).trees
    sizes = [len(ids) for ids in trees[0].tokens]
    names = dict(zip(trees[0].names, sizes, strict=True))
    p, a1, a2, o1, a3, a4 = (names[name] for name in ("p", "a1", "a2", "o1", "a3", "a4"))
    stage = document["stages"]["dpo"]
    assert stage["tokens"]["packed"] == p + a1 + a2 + o1 + a3 + a4
    assert stage["tokens"]["logical"] == 2 * p + a1 + a2 + 2 * (p + a1 + o1) + a3 + a4
    assert stage["tokens"]["loss"] == a1 + a2 + a3 + a4
    assert (stage["examples"], stage["validation"], document["trajectories"]) == (2, 0, 4)


def test_seconds_are_operations_over_what_the_gpus_do(tmp_path: Path, model: Path) -> None:
    run = settings(tmp_path, model, many(), binTokens=600, valFraction=0.0, dpo={"epochs": 3})
    document = plan(run, Machine(gpu_named("h200"), gpus=2, mfu=0.5))
    stage = document["stages"]["dpo"]
    corpus = load_corpus(run, load_tokenizer(str(model)))
    work = work_of(pack(corpus.trees, "dpo", 600).bins)
    decoder = read_decoder(model)
    rate = 2 * 0.5 * 989e12
    # Two bins a step: the last step of an odd number of bins leaves a GPU idle.
    idle = 2 * stage["stepsPerEpoch"] / stage["bins"]
    epoch = training_flops(decoder, work, method="lora", rank=64).hardware / rate * idle
    once = forward_flops(decoder, work) / rate
    assert stage["secondsPerEpoch"] == pytest.approx(epoch, rel=1e-3)
    assert stage["seconds"] == pytest.approx(3 * epoch + once, rel=1e-3)
    assert document["gpu"]["count"] == 2


def test_memory_is_what_training_will_choose(tmp_path: Path, model: Path) -> None:
    run = settings(tmp_path, model, [small_line()], memoryGib=0.5, binTokens=4096)
    memory = plan(run, H200)["memory"]
    assert memory["checkpointedLayers"] == choose_checkpointed_layers(
        json.loads((model / "config.json").read_text()), run, 2**29
    )
    assert memory["fits"]
    assert memory["bytes"]["total"] == sum(size for name, size in memory["bytes"].items() if name != "total")
    too_little = plan(settings(tmp_path, model, [small_line()], memoryGib=0.01), H200)["memory"]
    assert not too_little["fits"]
    assert "0.0 GiB may be used" in too_little["problem"]
    assert too_little["advice"]


def test_without_a_gpu_there_are_no_seconds(tmp_path: Path, model: Path) -> None:
    document = plan(settings(tmp_path, model, [small_line()]), Machine())
    assert document["gpu"] is None
    assert document["estimate"] == {"seconds": None}
    assert document["stages"]["dpo"]["secondsPerEpoch"] is None
    assert document["memory"]["fits"] is None
    assert document["model"]["dtype"] == "float32"


def test_the_model_of_the_document(tmp_path: Path, model: Path) -> None:
    lora = plan(settings(tmp_path, model, [small_line()], lora={"rank": 8}), H200)["model"]
    decoder = read_decoder(model)
    assert (lora["params"], lora["trainable"], lora["rank"]) == (decoder.params, decoder.lora_params(8), 8)
    full = plan(settings(tmp_path, model, [small_line()], method="full"), H200)["model"]
    assert (full["trainable"], full["rank"]) == (decoder.params, None)


def test_what_does_not_fit_a_bin_is_said(tmp_path: Path, model: Path) -> None:
    document = plan(settings(tmp_path, model, [small_line()], binTokens=60), H200)
    dropped = document["stages"]["dpo"]["dropped"]
    assert [each["id"] for each in dropped] == ["tree-1/P1", "tree-1/P2"]
    assert "a bin holds 60" in dropped[0]["reason"]
    assert document["stages"]["dpo"]["sharing"] is None


def test_the_command_prints_one_document(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings(tmp_path, model, many())
    words = ["plan", "--config", str(tmp_path / "run.json"), "--gpu", "h200", "--gpus", "2", "--samples", "1"]
    assert main(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["stages"]["sft"]["seconds"] > 0
    stages = [sample["stage"] for sample in document["lint"]["samples"]]
    assert stages == ["sft", "dpo", "dpo"]
    runs = document["lint"]["samples"][0]["runs"]
    assert {run["loss"] for run in runs} == {True, False}
    assert "".join(run["text"] for run in runs).startswith("<|im_start|>system\n")


def test_data_that_the_linter_refuses_is_shown_and_exits_with_8(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, model, [{**small_line(), "pairs": []}])
    assert main(["plan", "--config", str(tmp_path / "run.json")]) == 8
    problems = json.loads(capsys.readouterr().out)["lint"]["problems"]
    refused = [problem for problem in problems if problem["severity"] == "refuse"]
    assert [problem["kind"] for problem in refused] == ["nothing-learnt"]
    assert "stage dpo would learn nothing" in refused[0]["what"]


def test_what_is_missing_is_named(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = settings(tmp_path, model, [small_line()])
    run.trees.unlink()
    with pytest.raises(TrainerError) as trees:
        plan(run, H200)
    assert (trees.value.name, str(run.trees) in trees.value.message) == ("trees", True)
    settings(tmp_path, model, [small_line()])
    for path in model.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(TrainerError) as tokenizer:
        plan(run, H200)
    assert tokenizer.value.name == "tokenizer"
    (model / "config.json").unlink()
    assert main(["plan", "--config", str(tmp_path / "run.json")]) == 4
    assert "config.json cannot be read" in capsys.readouterr().err
    shutil.rmtree(model)
    with pytest.raises(TrainerError, match="is no folder: there is no model"):
        plan(run, H200)


def test_arguments_out_of_range_and_unknown_gpus_are_refused(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, model, [small_line()])
    for words in (["--mfu", "0"], ["--mfu", "1.5"], ["--gpus", "0"], ["--gpu", "toaster"]):
        assert main(["plan", "--config", str(tmp_path / "run.json"), *words]) == 2
    assert "no GPU is known as toaster" in capsys.readouterr().err


def test_a_tokenizer_with_ids_the_model_lacks_is_refused(tmp_path: Path, model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "vocab_size": 200}))
    with pytest.raises(TrainerError, match="the tokenizer makes the id 258, and the model has 200 embeddings"):
        plan(settings(tmp_path, model, [small_line()]), H200)


def test_a_pair_of_the_same_words_is_dropped_and_nothing_is_left(tmp_path: Path, model: Path) -> None:
    line = small_line()
    line["pairs"] = [pair("P", "p", "a1", "a2")]
    for node in line["nodes"]:
        if node["id"] in ("a1", "a2"):
            node["messages"] = [{"role": "assistant", "content": "same"}]
    document = plan(settings(tmp_path, model, [line]), H200)
    assert [each["id"] for each in document["stages"]["dpo"]["dropped"]] == ["P"]
    assert any(problem["severity"] == "refuse" for problem in document["lint"]["problems"])
