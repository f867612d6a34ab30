"""`plan`: what a run will take - tokens, bins, memory, time - and what is wrong with its data; no GPU, no weights."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from transformers import AutoConfig

from .adapter import read_adapter
from .bins import Bin
from .corpus import load_corpus
from .decoder import Decoder, decoder_of, read_decoder
from .errors import EXIT_CODE, TrainerError
from .flops import forward_flops, training_flops, work_of
from .gpus import Gpu, gpu_named
from .lint import Problem, lint
from .memory import Element, Memory, budget_of, does_not_fit, estimates, least_checkpointing
from .order import steps_per_epoch
from .pack import Packing, pack
from .sample import sample
from .settings import RunSettings, StageName, read_settings
from .split import split_trees
from .token_tree import Dropped, TokenTree
from .tokenizer import load_tokenizer

#: Of the peak that computing reaches: half of what an H200's products do (trainer.md section 3).
_UTILISATION: Final = 0.4

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run is planned for."""

    #: None: nobody said; then there are no seconds, and whether memory suffices is known only from `memoryGib`.
    gpu: Gpu | None = None
    gpus: int = 1
    #: Share of the GPU's peak that computing reaches, recomputed layers included, in (0, 1].
    mfu: float = _UTILISATION

    @property
    def flops(self) -> float | None:
        """Of all GPUs together, a second."""
        return None if self.gpu is None else self.gpu.peak_flops * self.gpus * self.mfu


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="run.json of the run")
    parser.add_argument("--gpu", metavar="NAME", help="plan for this GPU: h200, a100-80gb, …")
    parser.add_argument("--gpus", type=int, default=1, metavar="N", help="how many of them (default 1)")
    parser.add_argument(
        "--mfu", type=float, default=_UTILISATION, help="share of their peak that is reached (default 0.4)"
    )
    parser.add_argument(
        "--samples", type=int, default=2, metavar="N", help="examples to show of each stage (default 2)"
    )


def run(args: argparse.Namespace) -> int:
    """Prints one JSON document. The exit code is that of `data` where the linter would refuse the run."""
    if args.gpus < 1 or not 0 < args.mfu <= 1 or args.samples < 0:
        raise TrainerError("usage", "plan: expected --gpus of at least 1, --mfu in (0, 1] and --samples of at least 0")
    machine = Machine(None if args.gpu is None else gpu_named(args.gpu), args.gpus, args.mfu)
    document = plan(read_settings(args.config), machine, samples=args.samples)
    print(json.dumps(document, ensure_ascii=False, allow_nan=False))
    refused = any(problem["severity"] == "refuse" for problem in document["lint"]["problems"])
    return EXIT_CODE["data"] if refused else 0


def plan(settings: RunSettings, machine: Machine, *, samples: int = 2) -> Document:
    """The plan as JSON values: sizes in bytes, times in seconds, null where they cannot be known.

    Raises TrainerError naming what is missing: `weights` (config.json), `tokenizer`, `trees`.
    """
    decoder = _decoder(settings.model)
    rank = settings.lora.rank if settings.adapter is None else read_adapter(Path(settings.adapter)).rank
    tokenizer = load_tokenizer(settings.model)
    corpus = load_corpus(settings, tokenizer)
    _check_ids(corpus.trees, decoder, settings.model)
    cost = costs(settings, machine, decoder, rank, corpus.trees, corpus.dropped)
    problems = lint(corpus, tokenizer, stages=settings.stages, length=settings.bin_tokens)
    return {
        "v": 1,
        "run": settings.run,
        "model": {
            "id": settings.model,
            "params": decoder.params,
            "trainable": decoder.lora_params(rank) if settings.method == "lora" else decoder.params,
            "method": settings.method,
            "rank": rank if settings.method == "lora" else None,
            "dtype": _element(settings, machine),
            "layers": decoder.layers,
        },
        "gpu": _gpu(machine),
        "trees": len(corpus.trees),
        "pairs": sum(len(tree.pairs) for tree in corpus.trees),
        "trajectories": sum(len(tree.trajectories) for tree in corpus.trees),
        "binTokens": settings.bin_tokens,
        **cost,
        "lint": {
            "problems": [_problem(problem) for problem in problems],
            "samples": [
                {"stage": stage, **each.as_json()}
                for stage in settings.stages
                for each in sample(corpus, tokenizer, stage, samples)
            ],
        },
    }


def costs(
    settings: RunSettings,
    machine: Machine,
    decoder: Decoder,
    rank: int,
    trees: Sequence[TokenTree],
    dropped: Sequence[Dropped],
) -> Document:
    """The parts of a plan that tokens decide: split, stages, memory and time."""
    training, validation = split_trees(trees, settings.val_fraction, settings.seed)
    memory, memory_document = _memory(decoder, settings, machine)
    cost = _Cost(decoder, settings, machine, rank, memory.checkpointed_layers)
    stages = {name: _stage(name, settings, cost, training, validation, dropped) for name in settings.stages}
    seconds = [stage["seconds"] for stage in stages.values()]
    return {
        "split": {"training": len(training), "validation": len(validation)},
        "stages": stages,
        "memory": memory_document,
        "estimate": {"seconds": None if None in seconds else _rounded(sum(seconds))},
    }


class _Cost:
    """Seconds of passes over bins."""

    def __init__(
        self, decoder: Decoder, settings: RunSettings, machine: Machine, rank: int, checkpointed_layers: int
    ) -> None:
        self._decoder = decoder
        self._settings = settings
        self._rank = rank
        self._checkpointed = checkpointed_layers
        self._flops = machine.flops
        self.gpus = machine.gpus

    def training(self, bins: Sequence[Bin]) -> float | None:
        """Of one pass forward and backward."""
        flops = training_flops(
            self._decoder,
            work_of(bins),
            method=self._settings.method,
            rank=self._rank,
            checkpointed_layers=self._checkpointed,
        )
        return None if self._flops is None else flops.hardware / self._flops

    def forward(self, bins: Sequence[Bin]) -> float | None:
        return None if self._flops is None else forward_flops(self._decoder, work_of(bins)) / self._flops


def _decoder(model: str) -> Decoder:
    if Path(model).is_dir():
        return read_decoder(Path(model))
    if Path(model).is_absolute() or model.startswith("."):
        raise TrainerError("weights", f"{model} is no folder: there is no model", "Give the folder of a model.")
    try:
        return decoder_of(AutoConfig.from_pretrained(model), f"config.json of {model}")
    except (OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise TrainerError("weights", f"{model}: its config.json cannot be read: {reason}") from error


def _check_ids(trees: Sequence[TokenTree], decoder: Decoder, model: str) -> None:
    highest = max(int(ids.max()) for tree in trees for ids in tree.tokens if len(ids) > 0)
    if highest >= decoder.vocab:
        raise TrainerError(
            "tokenizer",
            f"{model}: the tokenizer makes the id {highest}, and the model has {decoder.vocab} embeddings",
            "Take the tokenizer that the weights were published with.",
        )


def _element(settings: RunSettings, machine: Machine) -> Element:
    if settings.dtype != "auto":
        return settings.dtype
    return "float32" if settings.device == "cpu" or (settings.device == "auto" and machine.gpu is None) else "bfloat16"


def _gpu(machine: Machine) -> Document | None:
    if machine.gpu is None:
        return None
    gpu = machine.gpu
    return {
        "name": gpu.name,
        "count": machine.gpus,
        "peakFlops": gpu.peak_flops,
        "memoryBytes": gpu.memory_bytes,
        "mfu": machine.mfu,
    }


def _memory(decoder: Decoder, settings: RunSettings, machine: Machine) -> tuple[Memory, Document]:
    """Of each GPU. Without a budget nothing is checkpointed, as on a CPU; where nothing fits, everything is."""
    candidates = estimates(decoder, settings, _element(settings, machine), machine.gpus)
    budget = budget_of(settings, None if machine.gpu is None else machine.gpu.memory_bytes)
    chosen = candidates[0] if budget is None else least_checkpointing(candidates, budget)
    memory = chosen or candidates[-1]
    parts = {name: size for name, size in asdict(memory).items() if name != "checkpointed_layers"}
    document: Document = {
        "bytes": {**parts, "total": memory.total},
        "checkpointedLayers": memory.checkpointed_layers,
        "budgetBytes": budget,
        "fits": None if budget is None else chosen is not None,
    }
    if budget is not None and chosen is None:
        error = does_not_fit(memory, settings, budget)
        document |= {"problem": error.message, "advice": error.hint}
    return memory, document


def _stage(
    name: StageName,
    settings: RunSettings,
    cost: _Cost,
    training: Sequence[TokenTree],
    validation: Sequence[TokenTree],
    dropped: Sequence[Dropped],
) -> Document:
    learnt, held_out = (pack(trees, name, settings.bin_tokens, seed=settings.seed) for trees in (training, validation))
    own = settings.stage(name)
    steps = steps_per_epoch(settings, name, len(learnt.bins), cost.gpus)
    epoch = _epoch_seconds(cost, learnt, held_out, steps * own.bins_per_step * cost.gpus)
    once = cost.forward([*learnt.bins, *held_out.bins]) if name == "dpo" else 0.0
    logical, packed = learnt.logical_tokens, learnt.packed_tokens
    return {
        "examples": _examples(name, learnt),
        "validation": _examples(name, held_out),
        "tokens": {"logical": logical, "packed": packed, "loss": sum(each.loss_tokens for each in learnt.bins)},
        "sharing": round(logical / packed, 4) if packed else None,
        "bins": len(learnt.bins),
        "validationBins": len(held_out.bins),
        "fill": round(learnt.fill, 4),
        "dropped": [asdict(each) for each in (*dropped, *learnt.dropped, *held_out.dropped)],
        "stepsPerEpoch": steps,
        "epochs": own.epochs,
        "totalSteps": steps * own.epochs,
        # dpo: log-probabilities of the reference, once.
        "referenceSeconds": _rounded(once),
        "secondsPerEpoch": _rounded(epoch),
        "seconds": None if epoch is None or once is None else _rounded(epoch * own.epochs + once),
    }


def _epoch_seconds(cost: _Cost, learnt: Packing, held_out: Packing, places: int) -> float | None:
    """Of a pass with its evaluation; `places`: bins there is room for in its steps, some of which stay empty."""
    if not learnt.bins:
        return 0.0
    training, evaluation = cost.training(learnt.bins), cost.forward(held_out.bins)
    if training is None or evaluation is None:
        return None
    return training * places / len(learnt.bins) + evaluation


def _examples(stage: StageName, packing: Packing) -> int:
    """What carries loss: pairs for dpo, actions for sft."""
    return sum(len(each.pairs) if stage == "dpo" else len(each.actions) for each in packing.bins)


def _problem(problem: Problem) -> Document:
    return {
        "severity": problem.severity,
        "kind": problem.kind,
        "what": problem.message,
        "where": [*problem.where],
    }


def _rounded(seconds: float | None) -> float | None:
    """To four digits: an estimate has no more."""
    return None if seconds is None else float(f"{seconds:.4g}")
