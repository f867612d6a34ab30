"""Ranks that train together (torch.distributed.run): who this process is, and the sums over all of them."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from .errors import TrainerError

#: How long a rank waits for the others: a rank that saves a large model is slow, not lost.
_PATIENCE = timedelta(minutes=20)
#: How gloo and NCCL say that another rank is gone.
_LOST = (
    "Connection closed by peer",
    "Connection reset by peer",
    "Broken pipe",
    "Timed out waiting",
    "Connection refused",
    "NCCL communicator was aborted",
    "ncclRemoteError",
    "ncclSystemError",
    "failed to recv",
    "gloo",
)


@dataclass(frozen=True, slots=True)
class World:
    """All ranks, as one of them sees them."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Rank 0 speaks and writes for all."""
        return self.rank == 0

    def sum(self, values: Tensor) -> Tensor:
        """Sum over all ranks, element by element, in place where it can be; back on the device of `values`."""
        return self._reduced(values, dist.ReduceOp.SUM)

    def max(self, values: Tensor) -> Tensor:
        return self._reduced(values, dist.ReduceOp.MAX)

    def object(self, value: Any) -> Any:
        """What rank 0 has."""
        if self.size == 1:
            return value
        box = [value]
        with lost_rank():
            dist.broadcast_object_list(box, src=0, device=self.device)
        return box[0]

    def _reduced(self, values: Tensor, operation: dist.ReduceOp.RedOpType) -> Tensor:
        if self.size == 1:
            return values
        with lost_rank():
            shared = values.to(self.device)
            dist.all_reduce(shared, op=operation)
            return shared.to(values.device)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Sums every parameter's gradient over all ranks, one call for each type of number; absent ones count as zeros.

        Not DistributedDataParallel: losses are already divided by the weight of the whole step, several bins are added
        up before one sum, and adapters are small enough to be sent at once.
        """
        if self.size == 1:
            return
        by_type: dict[torch.dtype, list[nn.Parameter]] = {}
        for parameter in parameters:
            if isinstance(parameter, DTensor):
                continue
            by_type.setdefault(parameter.dtype, []).append(parameter)
        for group in by_type.values():
            for parameter in group:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
            flat = self.sum(torch.cat([parameter.grad.flatten() for parameter in group]))
            at = 0
            for parameter in group:
                parameter.grad.copy_(flat[at : at + parameter.numel()].view_as(parameter))
                at += parameter.numel()


@contextmanager
def lost_rank() -> Iterator[None]:
    """Names what a collective fails with when another rank is gone: raises TrainerError `lost-rank`."""
    try:
        yield
    except RuntimeError as error:
        if not _says_lost(error):
            raise
        raise TrainerError(
            "lost-rank",
            f"another rank is gone ({str(error).splitlines()[0][:160]})",
            "Look at that rank's last words on stderr; start the run again: it goes on from its last kept state",
        ) from error


def _says_lost(error: RuntimeError) -> bool:
    return isinstance(error, dist.DistBackendError | dist.DistNetworkError) or any(text in str(error) for text in _LOST)


@contextmanager
def joined(device: str) -> Iterator[World]:
    """The world this process belongs to, from the environment that torch.distributed.run sets; without it: alone.

    device: `auto`, `cpu` or `cuda`. Raises TrainerError `settings` where CUDA is asked for and absent.
    """
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    place = _device(device, local_rank)
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World(place)
        return
    if place.type == "cuda":
        torch.cuda.set_device(place)
    with lost_rank():
        dist.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=_PATIENCE)
    # Not in a `finally`: where a rank is lost, taking leave of it can wait for ever.
    yield World(place, dist.get_rank(), size)
    with lost_rank():
        # Nobody closes connections that another rank still waits on.
        dist.barrier()
    if place.type == "cuda":
        dist.destroy_process_group()


def leave(code: int) -> NoReturn:
    """Ends this process; one of several ranks at once.

    gloo's threads may still run when C++ tidies up at an ordinary exit, which then aborts ("terminate called without an
    active exception"), and a Run that is done would count as failed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _device(asked: str, local_rank: int) -> torch.device:
    found = torch.cuda.is_available()
    if asked == "cuda" and not found:
        raise TrainerError(
            "settings",
            "device: cuda is asked for, and PyTorch finds no CUDA GPU",
            "Set device to auto or cpu, or install a PyTorch build for CUDA (sealign doctor says how)",
        )
    return torch.device("cuda", local_rank) if asked != "cpu" and found else torch.device("cpu")
