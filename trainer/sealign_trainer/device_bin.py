"""A Bin on the device that computes it."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask

from .bins import Bin
from .block_mask import block_mask
from .mask import QueryChunk, query_chunks

Backend = Literal["dense", "flex"]


# Not a tuple, nor registered as a pytree: FSDP2 and DDP hand it on as it is, and never cast or copy its tensors.
@dataclass(frozen=True, slots=True, eq=False)
class DeviceBin:
    """Tensors of one forward pass over T tokens: all positions of the bin (flex), or the used ones alone (dense)."""

    #: (1, T) int64.
    tokens: Tensor
    #: (1, T) int64: depth in tokens.
    position: Tensor
    #: What the model gets as attention mask. flex: a BlockMask. dense: `end` as (1, 1, 1, T), for identification; what
    #: attention uses are the chunks.
    mask: Tensor | BlockMask
    #: dense only.
    chunks: tuple[QueryChunk, ...]
    #: (E,) int64 each: loss edges, as in Bin; `action` ascends.
    source: Tensor
    target: Tensor
    action: Tensor
    #: (A,) int64: loss edges of each action, at least one.
    edges: Tensor
    #: (A,) what every token of an action weighs; float64 in float64 models, else float32. (P,) of pairs likewise.
    weight: Tensor
    pair_weight: Tensor
    #: (P,) int64: actions.
    chosen: Tensor
    rejected: Tensor

    @property
    def device(self) -> torch.device:
        return self.tokens.device


def precise(dtype: torch.dtype) -> torch.dtype:
    """What log-probabilities and losses of a model of `dtype` are computed in."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def to_device(packed: Bin, device: torch.device | str, dtype: torch.dtype, attention: Backend) -> DeviceBin:
    """Copies a bin to a device for a model that computes in `dtype`.

    `flex` keeps the padding, so that every bin of a packing has the one length that its kernels are compiled for.
    """
    size = packed.length if attention == "flex" else max(packed.used, 1)
    end = packed.end[:size]
    if attention == "flex":
        mask: Tensor | BlockMask = block_mask(end, device)
        chunks: tuple[QueryChunk, ...] = ()
    else:
        mask = torch.from_numpy(end.copy()).to(device)[None, None, None]
        chunks = query_chunks(end, dtype, device)

    def whole(values: object) -> Tensor:
        return torch.as_tensor(values, dtype=torch.int64).to(device)

    def real(values: object) -> Tensor:
        return torch.as_tensor(values, dtype=precise(dtype)).to(device)

    action = torch.as_tensor(packed.action, dtype=torch.int64)
    return DeviceBin(
        tokens=whole(packed.tokens[:size])[None],
        position=whole(packed.position[:size])[None],
        mask=mask,
        chunks=chunks,
        source=whole(packed.source),
        target=whole(packed.target),
        action=action.to(device),
        edges=torch.bincount(action, minlength=len(packed.actions)).to(device),
        weight=real(packed.weight),
        pair_weight=real([pair.weight for pair in packed.pairs]),
        chosen=whole([pair.chosen for pair in packed.pairs]),
        rejected=whole([pair.rejected for pair in packed.pairs]),
    )
