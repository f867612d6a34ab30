"""Makers of whole Runs for tests: a constructed set of trees, run.json, and processes that train."""

import itertools
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from random_trees import random_tree
from trees import Line, action, message, node, obs, pair, trajectory, tree_line, write_lines

from sealign_trainer.bins import Bin
from sealign_trainer.pack import pack
from sealign_trainer.settings import RunSettings, StageName, settings_of

VERBS = ("read", "write", "test", "move", "grep", "list")
NOUNS = ("parser", "cache", "index", "router", "logger", "queue", "token", "socket")


def style_line(name: str, repo: str, seed: int) -> Line:
    """A Task whose resolved trajectory says "Sure, …" at every step, and whose unresolved ones say "Nope! …"."""
    draw = random.Random(seed)
    thing = draw.choice(NOUNS)
    nodes = [node("p", None, "prompt", message("user", f"Fix the {thing} of {repo}."))]
    pairs, ends = [], []
    at = "p"
    for depth in range(2):
        verb = draw.choice(VERBS)
        nodes.append(action(f"good{depth}", at, f"Sure, {verb} {thing}."))
        nodes.append(action(f"bad{depth}", at, f"Nope! {draw.choice(VERBS)} {thing}"))
        nodes.append(obs(f"seen{depth}", f"good{depth}", f"{verb} ok"))
        # Something follows every side of a pair: neither is a leaf (paper section 4.3).
        nodes.append(obs(f"failed{depth}", f"bad{depth}", "error"))
        pairs.append(pair(f"{name}/P{depth}", at, f"good{depth}", f"bad{depth}"))
        ends.append(trajectory(f"{name}/bad{depth}", f"failed{depth}", False))
        at = f"seen{depth}"
    nodes.append(action("done", at, "Sure, done."))
    ends.append(trajectory(f"{name}/good", "done", True))
    return tree_line(nodes, ends, pairs, name=name, repo=repo)


def write_style_trees(path: Path, *, repos: int = 5, tasks: int = 3) -> Path:
    names = [(f"owner/r{repo}", f"r{repo}-{task}") for repo in range(repos) for task in range(tasks)]
    return write_lines(path, [style_line(name, repo, seed) for seed, (repo, name) in enumerate(names)])


def run_json(folder: Path, trees: Path, model: Path, **changes: Any) -> dict[str, Any]:
    """A small Run on a CPU: dense attention, float32, LoRA of rank 8."""
    stage = {"epochs": 2, "learningRate": 5e-3, "warmup": 0.1, "binsPerStep": 1, "patience": 0}
    values = {
        "v": 1,
        "run": "r1",
        "folder": str(folder),
        "trees": str(trees),
        "model": str(model),
        "device": "cpu",
        "binTokens": 384,
        "lora": {"rank": 8, "alpha": 16},
        "sft": stage,
        "dpo": {**stage, "beta": 0.1},
        "valFraction": 0.2,
        "stateEvery": 3,
    }
    for name, value in changes.items():
        values[name] = {**values[name], **value} if isinstance(value, dict) and name in values else value
    return values


def settings_for(folder: Path, trees: Path, model: Path, **changes: Any) -> RunSettings:
    return settings_of(run_json(folder, trees, model, **changes), "run.json")


def write_run(folder: Path, values: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def events_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def contract_errors(events: list[dict[str, Any]]) -> list[str]:
    """What of them is not as contract/event.schema.json says."""
    path = Path(__file__).resolve().parent.parent / "contract" / "event.schema.json"
    schema = Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
    return [f"{event}: {error.message}" for event in events for error in schema.iter_errors(event)]


def of_type(events: list[dict[str, Any]], kind: str, stage: str | None = None) -> list[dict[str, Any]]:
    return [each for each in events if each["type"] == kind and stage in (None, each.get("stage"))]


def environment(**more: str) -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    return {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **more}


def start_train(config: Path, *, ranks: int = 1, **more: Any) -> subprocess.Popen[str]:
    """`sealign_trainer train` in a process of its own, with torch.distributed.run over it for several ranks."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"] if ranks > 1 else []
    words = [sys.executable, *launcher, "-m", "sealign_trainer", "train", "--config", str(config)]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, env=environment(), **more)


def random_bins(count: int, stage: StageName) -> list[Bin]:
    """Bins of one random tree each."""
    trees = (random_tree(seed, nodes=22, vocabulary=256, deep=0.35) for seed in range(1000))
    bins = (each for tree in trees for each in pack([tree], stage, 256).bins)
    return list(itertools.islice(bins, count))
