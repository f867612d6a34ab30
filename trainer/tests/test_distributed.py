"""Two ranks on CPUs, with gloo: the same update as one rank's; stopped and resumed; one of them killed."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import (
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
from torch import nn

from sealign_trainer.control import Control, Signals
from sealign_trainer.distributed import World, joined
from sealign_trainer.errors import TrainerError
from sealign_trainer.train import train

#: This folder too, for a program that uses our makers.
PATHS = f"{Path(__file__).parent}:{Path(__file__).parent.parent}"
#: 7 bins for SFT, 7 for DPO, an odd number: in the last step of a pass rank 1 has none.
EXACT: dict[str, Any] = {
    "dtype": "float64",
    "binTokens": 400,
    "sft": {"epochs": 1, "learningRate": 1e-3, "binsPerStep": 1},
    "dpo": {"epochs": 1, "learningRate": 1e-3, "binsPerStep": 1},
    "stateEvery": 2,
}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_style_trees(tmp_path_factory.mktemp("trees") / "trees.jsonl", repos=4, tasks=3)


def alone(folder: Path, trees: Path, model: Path, **changes: Any) -> list[dict[str, Any]]:
    """The same Run on one rank, which takes the bins of both in each step."""
    doubled = {stage: {**EXACT[stage], "binsPerStep": 2} for stage in ("sft", "dpo")}
    assert train(settings_for(folder, trees, model, **{**EXACT, **doubled, **changes}), None) == 0
    return events_of(folder)


def largest_difference(one: Path, other: Path, name: str) -> float:
    """Over both stages, relative to the largest weight of each tensor."""
    largest = 0.0
    for stage in ("sft", "dpo"):
        left, right = load_file(one / stage / name), load_file(other / stage / name)
        assert left.keys() == right.keys()
        assert {tensor.dtype for tensor in left.values()} == {torch.float64}
        for key, tensor in left.items():
            largest = max(largest, float((tensor - right[key]).abs().max() / tensor.abs().max().clamp_min(1e-30)))
    return largest


def same_figures(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    for kind in ("step", "eval"):
        left, right = of_type(one, kind), of_type(other, kind)
        assert [(each["stage"], each["step"]) for each in left] == [(each["stage"], each["step"]) for each in right]
        for mine, its in zip(left, right, strict=True):
            assert mine.get("batch") == its.get("batch")
            assert mine.get("margins") == pytest.approx(its.get("margins"), abs=1e-9)
            for name, value in mine["metrics"].items():
                if not name.startswith("tokens_per_second"):
                    assert its["metrics"][name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_two_ranks_learn_an_adapter_as_one_does(tmp_path: Path, tiny_folder: Path, trees: Path) -> None:
    one = alone(tmp_path / "one", trees, tiny_folder)
    process = start_train(write_run(tmp_path / "two", run_json(tmp_path / "two", trees, tiny_folder, **EXACT)), ranks=2)
    stdout, stderr = process.communicate(timeout=240)
    assert process.returncode == 0, stderr
    two = events_of(tmp_path / "two")
    assert [json.loads(line) for line in stdout.splitlines()] == two
    assert [event["world"] for event in of_type(two, "start")] == [2, 2]
    assert any(event["data"]["bins"] % 2 == 1 for event in of_type(two, "start"))
    same_figures(one, two)
    assert largest_difference(tmp_path / "one", tmp_path / "two", "adapter_model.safetensors") <= 1e-10


def test_two_sharded_ranks_learn_every_weight_as_one_does_also_over_a_stop(
    tmp_path: Path, tiny_folder: Path, trees: Path
) -> None:
    one = alone(tmp_path / "one", trees, tiny_folder, method="full")
    folder = tmp_path / "two"
    config = write_run(folder, run_json(folder, trees, tiny_folder, **EXACT, method="full"))
    ask = folder / "control.json"
    first = start_train(config, ranks=2)
    _wait_for(first, lambda event: event["type"] == "step" and event["stage"] == "dpo")
    ask.write_text('{"v":1,"pause":false,"stop":true}')
    _, stderr = first.communicate(timeout=240)
    assert first.returncode == 0, stderr
    assert events_of(folder)[-1]["status"] == "stopped"
    ask.unlink()
    second = start_train(config, ranks=2)
    _, stderr = second.communicate(timeout=240)
    assert second.returncode == 0, stderr
    two = events_of(folder)
    assert [event["stage"] for event in of_type(two, "start") if "resume" in event] == ["dpo"]
    same_figures(one, two)
    assert largest_difference(tmp_path / "one", folder, "model.safetensors") <= 1e-10


def _wait_for(process: subprocess.Popen[str], is_it: Callable[[dict[str, Any]], bool]) -> None:
    assert process.stdout is not None
    assert any(is_it(json.loads(line)) for line in process.stdout), process.communicate()[1]


def test_where_a_rank_is_killed_the_others_end_with_an_error_and_what_was_kept_stays(
    tmp_path: Path, tiny_folder: Path, trees: Path
) -> None:
    folder = tmp_path / "run"
    config = write_run(folder, run_json(folder, trees, tiny_folder, **{**EXACT, "sft": {"epochs": 400}}))
    ranks = _two_ranks([sys.executable, "-m", "sealign_trainer", "train", "--config", str(config)])
    _wait_for(ranks[0], lambda event: event["type"] == "checkpoint" and event["kind"] == "state" and event["step"] >= 2)
    ranks[1].kill()
    stdout, stderr = ranks[0].communicate(timeout=120)
    ranks[1].communicate(timeout=60)
    assert ranks[1].returncode == -signal.SIGKILL
    assert ranks[0].returncode == 8, stderr
    assert "Traceback" not in stderr
    end = json.loads(stdout.splitlines()[-1])
    assert (end["type"], end["status"], end["error"]["name"]) == ("end", "failed", "lost-rank")
    assert "another rank is gone" in end["message"]
    manifest = json.loads((folder / "state" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["progress"]["step"] >= 2
    assert (folder / "sft" / "adapter_model.safetensors").exists()


def _two_ranks(command: list[str], **more: str) -> list[subprocess.Popen[str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(RANK=str(rank), LOCAL_RANK=str(rank), **shared, **more),
        )
        for rank in range(2)
    ]


#: A stop that reaches one rank stops both; a sum of gradients counts absent ones as zeros.
WORDS = """
import os, signal, sys
import torch
from pathlib import Path
from torch import nn
from sealign_trainer.control import Control, Signals
from sealign_trainer.distributed import joined

signals = Signals()
with signals.caught(), joined("cpu") as world:
    control = Control(Path(sys.argv[1]), world, signals)
    assert control.wait() == "go"
    if world.rank == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    print(control.wait())
    pair = [nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(3, dtype=torch.float64))]
    if world.rank == 0:
        pair[0].grad = torch.tensor([1.0, 2.0])
    pair[1].grad = torch.full((3,), 1.0 + world.rank, dtype=torch.float64)
    world.sum_gradients(pair)
    print(pair[0].grad.tolist(), pair[1].grad.tolist(), world.object({"from": world.rank}))
"""


def test_ranks_agree_on_a_signal_on_sums_and_on_what_rank_0_has(tmp_path: Path) -> None:
    ranks = _two_ranks([sys.executable, "-c", WORDS, str(tmp_path)])
    said = [rank.communicate(timeout=120) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], said
    expected = "stop\n[1.0, 2.0] [3.0, 3.0, 3.0] {'from': 0}\n"
    assert [out for out, _ in said] == [expected, expected]


def test_alone_a_rank_is_its_own_sum(tmp_path: Path) -> None:
    with joined("auto") as world:
        assert (world.rank, world.size, world.is_main) == (0, 1, True)
        assert world.sum(torch.tensor([1.0, 2.0])).tolist() == [1.0, 2.0]
        assert world.object("x") == "x"
        weight = nn.Parameter(torch.zeros(1))
        world.sum_gradients([weight])
        assert weight.grad is None
        assert Control(tmp_path, world, Signals()).wait() == "go"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_cuda_without_a_gpu_is_a_named_error() -> None:
    with pytest.raises(TrainerError, match="PyTorch finds no CUDA GPU"), joined("cuda"):
        pass
    assert World(torch.device("cpu")).is_main


#: Every weight sharded, every layer checkpointed, in float64 and in bfloat16: the gradient of one bin on each rank.
SHARDED = """
import sys
import torch
from pathlib import Path
from runs import random_bins, settings_for
from sealign_trainer.distributed import World, joined
from sealign_trainer.losses import sft_loss
from sealign_trainer.model import load_model, precision_of
from sealign_trainer.trainee import Trainee

def gradients(world, dtype, bins):
    settings = settings_for(Path("/nowhere"), Path("/nowhere"), Path(sys.argv[1]), method="full", dtype=dtype)
    precision = precision_of(settings, world.device)
    model = load_model(settings, world.device, precision)
    made = Trainee(model, attention="dense", precision=precision, world=world, checkpointed=2)
    made.module.train()
    for packed in bins:
        batch = made.to_device(packed)
        made.backward(sft_loss(made.forward(batch), batch, 100.0))
    made.sum_gradients()
    return made, {name: getattr(p.grad, "full_tensor", lambda p=p: p.grad)() for name, p in made.parameters.items()}

bins = random_bins(2, "sft")
with joined("cpu") as world:
    for dtype in ("float64", "bfloat16"):
        made, two = gradients(world, dtype, [bins[world.rank]])
        assert made.sharded and made.trained_count == made.parameter_count, made.trained_count
        _, one = gradients(World(world.device), dtype, bins)
        error = sum((two[name] - one[name]).square().sum() for name in one).sqrt()
        print(dtype, float(error / sum(value.square().sum() for value in one.values()).sqrt()))
"""


def test_sharded_and_checkpointed_layers_have_the_gradient_of_one_rank(tiny_folder: Path) -> None:
    ranks = _two_ranks([sys.executable, "-c", SHARDED, str(tiny_folder)], PYTHONPATH=PATHS)
    said = [rank.communicate(timeout=120) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], said
    for out, _ in said:
        errors = {line.split()[0]: float(line.split()[1]) for line in out.splitlines()}
        assert errors["float64"] <= 1e-12
        # Two ways to round to bfloat16: all of a layer's numbers (FSDP2), or its products alone (autocast).
        assert errors["bfloat16"] <= 0.05
