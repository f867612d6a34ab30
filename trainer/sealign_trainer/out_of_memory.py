"""Too little memory, as an error with advice."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .errors import TrainerError

_ASKED = re.compile(r"[Tt]ried to allocate ([\d.]+ ?[KMGT]?i?B|\d+ bytes)")
_ADVICE = (
    "Set binTokens lower, or have more layers checkpointed (memoryGib lower than what the GPU has), or train on more "
    "GPUs; then start the run again in a new folder"
)


@contextmanager
def out_of_memory(doing: str, device: torch.device) -> Iterator[None]:
    """Names what an allocation failed at: raises TrainerError `memory`, with what is taken and what was asked for."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _named(doing, device, str(error)) from error
    except RuntimeError as error:
        if "DefaultCPUAllocator" not in str(error) and "out of memory" not in str(error):
            raise
        raise _named(doing, device, str(error)) from error


def _named(doing: str, device: torch.device, text: str) -> TrainerError:
    found = _ASKED.search(text)
    asked = f", and {_readable(found.group(1))} more were asked for" if found else ""
    if device.type == "cuda":
        taken = torch.cuda.memory_allocated(device) / 2**30
        name = torch.cuda.get_device_name(device)
        return TrainerError(
            "memory", f"out of memory while {doing}: {taken:.1f} GiB are taken on {name}{asked}", _ADVICE
        )
    return TrainerError("memory", f"out of memory while {doing}: this machine has no more{asked}", _ADVICE)


def _readable(amount: str) -> str:
    return f"{int(amount.split(maxsplit=1)[0]) / 2**30:.1f} GiB" if amount.endswith("bytes") else amount
