"""What is said where a stage begins."""

from typing import Any

import torch

from .bins import Stage
from .decoder import decoder_of
from .memory import estimate_memory
from .objective import count_of
from .settings import RunSettings
from .stage_data import StageData
from .trainee import Trainee


def start_fields(
    settings: RunSettings, stage: Stage, data: StageData, trainee: Trainee, *, total_steps: int
) -> dict[str, Any]:
    """Fields of a `start` event (src/training/run-event.ts)."""
    own = settings.stage(stage)
    bins = data.training.bins
    return {
        "stage": stage,
        "config": _config(settings, stage, trainee),
        "model": {
            "id": settings.model,
            "params": trainee.parameter_count,
            "trainable": trainee.trained_count,
            "dtype": trainee.precision.name,
            "backend": _backend(trainee),
        },
        "data": {
            "examples": round(sum(count_of(stage, each) for each in bins)),
            "validation": round(sum(count_of(stage, each) for each in data.validation.bins)),
            "trajectories": data.trajectories,
            "pairs": data.pairs,
            "dropped": [{"id": each.id, "reason": each.reason} for each in data.dropped],
            "tokens": {
                "logical": data.training.logical_tokens,
                "packed": data.training.packed_tokens,
                "loss": sum(each.loss_tokens for each in bins),
            },
            "bins": len(bins),
        },
        "world": trainee.world.size,
        **_estimate(settings, trainee),
        "totalSteps": total_steps,
        "epochs": own.epochs,
    }


def _config(settings: RunSettings, stage: Stage, trainee: Trainee) -> dict[str, Any]:
    own = settings.stage(stage)
    return {
        "method": settings.method,
        **({"rank": settings.lora.rank, "alpha": settings.lora.alpha} if settings.method == "lora" else {}),
        "epochs": own.epochs,
        "learningRate": settings.learning_rate(stage),
        "warmup": own.warmup,
        "weightDecay": own.weight_decay,
        "binsPerStep": own.bins_per_step,
        "patience": own.patience,
        **({"beta": own.beta} if stage == "dpo" else {}),
        "binTokens": settings.bin_tokens,
        "maxGradNorm": settings.max_grad_norm,
        "valFraction": settings.val_fraction,
        "checkpointedLayers": trainee.checkpointed,
        "seed": settings.seed,
    }


def _backend(trainee: Trainee) -> str:
    device = trainee.world.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return f"{name}, {trainee.module.attention} attention"


def _estimate(settings: RunSettings, trainee: Trainee) -> dict[str, Any]:
    """Only where memory is what limits: on a GPU."""
    if trainee.world.device.type != "cuda":
        return {}
    memory = estimate_memory(
        decoder_of(trainee.module.causal_lm.config),
        method=settings.method,
        rank=settings.lora.rank,
        bin_tokens=settings.bin_tokens,
        element=trainee.precision.name,
        checkpointed_layers=trainee.checkpointed,
        world=trainee.world.size,
    )
    return {"estimate": {"memoryBytes": memory.total, "seconds": None}}
