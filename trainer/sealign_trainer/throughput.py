"""How fast a stage goes, and how long it still takes."""

from collections.abc import Sequence

import torch

from .bins import Bin
from .decoder import Decoder, decoder_of
from .distributed import World
from .flops import training_flops, utilisation, work_of
from .gpus import known_gpu
from .settings import RunSettings
from .trainee import Trainee

#: Weight of the newest step in the running mean of their time.
_SHARE = 0.1


class Throughput:
    """Of one stage on all ranks; a pause is no time."""

    def __init__(self, trainee: Trainee, settings: RunSettings) -> None:
        self._settings = settings
        self._world: World = trainee.world
        self._checkpointed = trainee.checkpointed
        self._decoder: Decoder | None = None
        self._peak: float | None = None
        if self._world.device.type == "cuda":
            gpu = known_gpu(torch.cuda.get_device_name(self._world.device))
            if gpu is not None:
                self._decoder = decoder_of(trainee.module.causal_lm.config)
                self._peak = gpu.peak_flops * self._world.size
        self._step_seconds: float | None = None
        self._eval_seconds = 0.0

    def step(self, bins: Sequence[Bin], seconds: float) -> dict[str, float]:
        """Figures of a step that took `seconds` for the bins of all ranks: tokens a second, as packed and as unpacked
        rows would be; MFU and HFU in [0, 1] of a GPU whose peak is known; peak memory of rank 0's GPU."""
        before = seconds if self._step_seconds is None else self._step_seconds
        self._step_seconds = before + _SHARE * (seconds - before)
        figures = {
            "tokens_per_second": sum(each.used for each in bins) / seconds,
            "tokens_per_second_logical": sum(each.logical_tokens for each in bins) / seconds,
        }
        if self._decoder is not None and self._peak is not None:
            flops = training_flops(
                self._decoder,
                work_of(bins),
                method=self._settings.method,
                rank=self._settings.lora.rank,
                checkpointed_layers=self._checkpointed,
            )
            for name, done in (("mfu", flops.model), ("hfu", flops.hardware)):
                share = utilisation(done, seconds, self._peak)
                if share is not None:
                    figures[name] = share
        if self._world.device.type == "cuda":
            figures["memory_peak_gib"] = torch.cuda.max_memory_allocated(self._world.device) / 2**30
        return figures

    def evaluation(self, seconds: float) -> None:
        self._eval_seconds = seconds

    def remaining(self, steps: int, evaluations: float) -> float | None:
        """Seconds that so many steps and evaluations take; None before the first step."""
        return None if self._step_seconds is None else self._step_seconds * steps + self._eval_seconds * evaluations
