"""Everything that needs a GPU, in nine minutes: `python -m bench.gpu --out table.md`, in trainer/. Downloads nothing.

Qwen2.5-Coder-7B and 14B configurations with random weights, LoRA r = 64, bins of 32,768 tokens of generated trees of
the paper's shape, FlexAttention: tokens a second, MFU, HFU, peak memory beside the estimate; TRL's DPOTrainer on the
same pairs and on one pair of 32k tokens; the error of bfloat16 (trainer.md section 4, test 8). `--dry` runs the same
code with a tiny model on the CPU. The last line of stdout is one JSON object.
"""

import argparse
import copy
import gc
import json
import logging
import os
import shlex
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel, Qwen2Config, Qwen2ForCausalLM

from bench.bpe_model import learn_tokenizer, random_model
from bench.contenders import BETA
from bench.gpu_table import table
from bench.padded import VERSION, PaddedPairs
from bench.pair_rows import PairRow, pair_rows
from bench.paper_set import PaperShape, paper_trees
from bench.precision import Errors, bfloat16_errors
from bench.scene import DRY_SCENE, GPU_SCENE, Scene
from sealign_trainer.bins import Bin
from sealign_trainer.decoder import decoder_of
from sealign_trainer.distributed import World
from sealign_trainer.errors import TrainerError
from sealign_trainer.flops import training_flops, utilisation, work_of
from sealign_trainer.gpus import known_gpu
from sealign_trainer.losses import action_logp, dpo_loss
from sealign_trainer.memory import budget_of, choose_checkpointed_layers, estimates
from sealign_trainer.model import linear_names
from sealign_trainer.optimizer import adamw
from sealign_trainer.pack import pack
from sealign_trainer.settings import RunSettings
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.trainee import Trainee


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("gpu.md"), help="the table, in Markdown (default gpu.md)")
    parser.add_argument("--dry", action="store_true", help="a tiny model on the CPU: whether the script works")
    parser.add_argument("--minutes", type=float, help="ends what is not begun by then (default 9)")
    args = parser.parse_args(words)
    if not args.dry and not torch.cuda.is_available():
        print("bench.gpu: there is no CUDA device; --dry runs the same code on the CPU", file=sys.stderr)
        return 2
    os.environ.update(TOKENIZERS_PARALLELISM="false", TQDM_DISABLE="1")
    warnings.filterwarnings("ignore", category=FutureWarning)
    datasets.disable_progress_bars()
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    scene = DRY_SCENE if args.dry else GPU_SCENE
    seconds = scene.total_seconds if args.minutes is None else args.minutes * 60
    report = measure(
        scene, time.monotonic() + seconds, args.out, ["python", "-m", "bench.gpu", *(words or sys.argv[1:])]
    )
    print(json.dumps(report))
    return 0


def measure(scene: Scene, deadline: float, out: Path, command: Sequence[str]) -> dict[str, Any]:
    """Measures what there is time for; the table is written anew before each part, so that a stop loses one."""
    cuda = scene.device.type == "cuda"
    report: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": shlex.join(command),
        "device": torch.cuda.get_device_name(scene.device) if cuda else "CPU",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "trl": VERSION},
        "binTokens": scene.bin_tokens,
        "rank": scene.rank,
        "models": [],
        "bfloat16": None,
    }
    trees = paper_trees(scene.shape)

    def say(part: str) -> None:
        print(f"{part} ({deadline - time.monotonic():.0f} s left)", file=sys.stderr, flush=True)
        out.write_text(table(report), encoding="utf-8")

    say("bfloat16 against float64")
    report["bfloat16"] = _errors_document(_precision(scene))
    for name, values in scene.models.items():
        config = Qwen2Config(**values)
        document: dict[str, Any] = {"model": name}
        report["models"].append(document)
        for part, work in (("trees", _trees), ("padded", _padded), ("longPair", _long_pair)):
            say(f"{name}: {part}")
            left = deadline - time.monotonic()
            document[part] = work(scene, config, trees, document, left) if left > 0 else {"problem": "no time was left"}
            _free()
        _ratio(document)
    say("done")
    return report


def _precision(scene: Scene) -> Errors:
    wide = scene.device.type == "cuda"
    hidden, layers = (512, 4) if wide else (32, 2)
    model = random_model(
        1024, hidden=hidden, layers=layers, heads=hidden // 16, kv_heads=hidden // 32, intermediate=4 * hidden
    )
    shape = PaperShape(trees=6 if wide else 3, vocabulary=1024).scaled(0.05 if wide else 0.005)
    length = 4096 if wide else 2048
    return bfloat16_errors(model, paper_trees(shape, seed=1), length, scene.device, scene.attention)


def _errors_document(errors: Errors) -> dict[str, Any]:
    return {
        "treeLogp": errors.tree_logp,
        "rowLogp": errors.row_logp,
        "treeGradient": errors.tree_gradient,
        "rowGradient": errors.row_gradient,
        "holds": errors.holds,
    }


def _settings(scene: Scene) -> RunSettings:
    return RunSettings(run="bench", folder=Path(), trees=Path(), model="bench", bin_tokens=scene.bin_tokens)


def _base(scene: Scene, config: Qwen2Config) -> PreTrainedModel:
    """Random weights, drawn where they stay: a 14B's would not pass through this machine's memory in time."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(scene.precision.weights)
    torch.manual_seed(0)
    try:
        with torch.device(scene.device):
            # Its own copy: a TreeModel writes its attention into it.
            model = Qwen2ForCausalLM(copy.deepcopy(config))
    finally:
        torch.set_default_dtype(default)
    model.config.use_cache = False
    return model.requires_grad_(False)


def _lora(scene: Scene, model: PreTrainedModel) -> LoraConfig:
    return LoraConfig(
        r=scene.rank, lora_alpha=2 * scene.rank, target_modules=linear_names(model), task_type="CAUSAL_LM"
    )


def _timed_bins(scene: Scene, trees: Sequence[TokenTree]) -> list[Bin]:
    """The bins that are timed, and before them one more: the fullest, as nearly all of a large packing are."""
    bins = pack(trees, "dpo", scene.bin_tokens).bins
    return sorted(bins, key=lambda each: -each.used)[: scene.bins + 1]


def _trees(
    scene: Scene, config: Qwen2Config, trees: Sequence[TokenTree], _document: dict[str, Any], _left: float
) -> dict[str, Any]:
    base = _base(scene, config)
    decoder = decoder_of(config)
    _, checkpointed, estimate = _chosen(scene, config)
    model = get_peft_model(base, _lora(scene, base))
    trainee = Trainee(
        model,
        attention=scene.attention,
        precision=scene.precision,
        world=World(scene.device),
        checkpointed=checkpointed,
    )
    optimizer = adamw(trainee.parameters.values(), 0.0)
    first, *bins = _timed_bins(scene, trees)
    try:
        compiling = _step(scene, trainee, optimizer, first)
        scene.reset_peak()
        seconds = sum(_step(scene, trainee, optimizer, each) for each in bins)
    except torch.OutOfMemoryError as error:
        return {"problem": f"out of memory: {str(error).splitlines()[0]}", "checkpointedLayers": checkpointed}
    tokens = sum(each.used for each in bins)
    flops = training_flops(decoder, work_of(bins), method="lora", rank=scene.rank, checkpointed_layers=checkpointed)
    gpu = known_gpu(torch.cuda.get_device_name(scene.device)) if scene.device.type == "cuda" else None
    shares = {
        name: None if gpu is None else utilisation(done, seconds, gpu.peak_flops)
        for name, done in (("mfu", flops.model), ("hfu", flops.hardware))
    }
    return {
        "bins": len(bins),
        "pairs": sum(len(each.pairs) for each in bins),
        "tokens": tokens,
        "logicalTokens": sum(each.logical_tokens for each in bins),
        "fill": round(tokens / scene.bin_tokens / len(bins), 4),
        "seconds": seconds,
        "firstSeconds": compiling,
        "tokensPerSecond": tokens / seconds,
        **shares,
        "checkpointedLayers": checkpointed,
        "peakGib": scene.peak_gib(),
        "estimateGib": estimate / 2**30,
    }


def _chosen(scene: Scene, config: Qwen2Config) -> tuple[int, int, int]:
    """Bytes there are, layers that are checkpointed, and bytes that are expected with so many."""
    settings = _settings(scene)
    total = torch.cuda.mem_get_info(scene.device)[1] if scene.device.type == "cuda" else 2**33
    budget = budget_of(settings, total) or total
    element = "bfloat16" if scene.precision.compute == torch.bfloat16 else "float32"
    layers = choose_checkpointed_layers(config, settings, budget, element=element)
    return budget, layers, estimates(decoder_of(config), settings, element)[layers].total


def _step(scene: Scene, trainee: Trainee, optimizer: torch.optim.Optimizer, packed: Bin) -> float:
    """Seconds of one optimizer step on one bin, its mask included; the reference is a constant."""
    scene.synchronize()
    started = time.perf_counter()
    batch = trainee.to_device(packed)
    logp = action_logp(trainee.forward(batch).logp, batch)
    result = dpo_loss(logp, batch, logp.detach(), BETA, packed.loss_weight)
    trainee.backward(result.loss)
    optimizer.step()
    optimizer.zero_grad()
    scene.synchronize()
    seconds = time.perf_counter() - started
    if not torch.isfinite(result.loss):
        raise TrainerError("non-finite", "the loss is not finite")
    return seconds


def _padded(
    scene: Scene, config: Qwen2Config, trees: Sequence[TokenTree], document: dict[str, Any], left: float
) -> dict[str, Any]:
    """TRL on the pairs of the timed bins, one pair a batch (two rows), every layer checkpointed as is its default."""
    _, *bins = _timed_bins(scene, trees)
    rows = _rows_of(trees, bins)
    np.random.default_rng(0).shuffle(rows)
    base = _base(scene, config)
    padded = _trl(scene, base)
    try:
        _padded_step(scene, padded, rows[0])
        scene.reset_peak()
        seconds, done = 0.0, 0
        while done < len(rows) and seconds < min(scene.padded_seconds, left):
            seconds += _padded_step(scene, padded, rows[done])
            done += 1
    except torch.OutOfMemoryError as error:
        return {"problem": f"out of memory: {str(error).splitlines()[0]}"}
    finally:
        padded.close()
    tokens = sum(row.padded_tokens for row in rows[:done])
    everything = sum(row.padded_tokens for row in rows)
    return {
        "pairs": done,
        "ofPairs": len(rows),
        "tokens": tokens,
        "allTokens": everything,
        "seconds": seconds,
        # Of all pairs of the timed bins, at the speed of those that were computed.
        "allSeconds": seconds * everything / tokens,
        "tokensPerSecond": tokens / seconds,
        "peakGib": scene.peak_gib(),
        "ourPairs": document["trees"].get("pairs"),
    }


def _long_pair(
    scene: Scene, config: Qwen2Config, _trees: Sequence[TokenTree], _document: dict[str, Any], _left: float
) -> dict[str, Any]:
    """TRL on one pair whose rows have as many tokens as a bin."""
    random = np.random.default_rng(1)
    action = max(2, scene.bin_tokens // 160)
    draw = [
        random.integers(0, config.vocab_size, size, dtype=np.int32)
        for size in (scene.bin_tokens - action, action, action)
    ]
    row = PairRow(draw[0], draw[1], draw[2], (0, 1), (0, 2))
    padded = _trl(scene, _base(scene, config))
    scene.reset_peak()
    try:
        return {"tokens": row.padded_tokens, "seconds": _padded_step(scene, padded, row), "peakGib": scene.peak_gib()}
    except torch.OutOfMemoryError as error:
        return {"problem": f"out of memory: {str(error).splitlines()[0]}"}
    finally:
        padded.close()


def _trl(scene: Scene, base: PreTrainedModel) -> PaddedPairs:
    tokenizer = learn_tokenizer((str(at) for at in range(500)), 300)
    return PaddedPairs(base, tokenizer, beta=BETA, batch=1, checkpointing=True, lora=_lora(scene, base))


def _padded_step(scene: Scene, padded: PaddedPairs, row: PairRow) -> float:
    reference = {row.chosen_action: 0.0, row.rejected_action: 0.0}
    (batch,) = padded.batches([row], reference)
    scene.synchronize()
    started = time.perf_counter()
    padded.loss(batch).backward()
    padded.model.zero_grad()
    scene.synchronize()
    return time.perf_counter() - started


def _rows_of(trees: Sequence[TokenTree], bins: Sequence[Bin]) -> list[PairRow]:
    wanted = {pair.id for each in bins for pair in each.pairs}
    return pair_rows([replace(tree, pairs=tuple(pair for pair in tree.pairs if pair.id in wanted)) for tree in trees])


def _ratio(document: dict[str, Any]) -> None:
    """How many times as long TRL takes for the same pairs."""
    ours, theirs = document["trees"].get("seconds"), document["padded"].get("allSeconds")
    document["epochRatio"] = None if ours is None or theirs is None else theirs / ours


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    sys.exit(main())
