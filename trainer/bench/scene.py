"""Where bench.gpu measures, and how large everything is there."""

from dataclasses import dataclass
from typing import Any

import torch

from bench.paper_set import PaperShape
from sealign_trainer.device_bin import Backend
from sealign_trainer.model import Precision

_COMMON = {"vocab_size": 152_064, "max_position_embeddings": 131_072, "rope_theta": 1e6, "tie_word_embeddings": False}
MODELS: dict[str, dict[str, Any]] = {
    "Qwen2.5-Coder-7B": {
        **_COMMON,
        "hidden_size": 3584,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "intermediate_size": 18_944,
    },
    "Qwen2.5-Coder-14B": {
        **_COMMON,
        "hidden_size": 5120,
        "num_hidden_layers": 48,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
        "intermediate_size": 13_824,
    },
}
TINY: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and how large everything is."""

    device: torch.device
    attention: Backend
    precision: Precision
    models: dict[str, dict[str, Any]]
    shape: PaperShape
    bin_tokens: int
    rank: int
    #: Bins that are timed, after one that compiles.
    bins: int
    #: Seconds that TRL's batches of one model may take, and in all.
    padded_seconds: float
    total_seconds: float

    def synchronize(self) -> None:
        """Waits for the device: what was asked of it is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def reset_peak(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak_gib(self) -> float | None:
        """Memory that tensors took at most since the last reset; None on a CPU."""
        return torch.cuda.max_memory_allocated(self.device) / 2**30 if self.device.type == "cuda" else None


GPU_SCENE = Scene(
    device=torch.device("cuda"),
    attention="flex",
    precision=Precision(torch.bfloat16, torch.bfloat16),
    models=MODELS,
    shape=PaperShape(trees=24),
    bin_tokens=32_768,
    rank=64,
    bins=3,
    padded_seconds=45.0,
    total_seconds=540.0,
)
DRY_SCENE = Scene(
    device=torch.device("cpu"),
    attention="dense",
    precision=Precision(torch.float32, torch.float32),
    models={"tiny": TINY},
    shape=PaperShape(trees=24, vocabulary=512).scaled(0.02),
    bin_tokens=512,
    rank=8,
    bins=2,
    padded_seconds=2.0,
    total_seconds=60.0,
)
