"""A FlexAttention BlockMask from `end`, computed by blocks: no L × L mask exists at any time (trainer.md section 2)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask

#: FlexAttention's own default; at 128 × 128 sparsity loses 1-4 % (trainer.md section 3).
BLOCK = 128


def block_mask(end: NDArray[np.integer], device: torch.device | str = "cpu", block: int = BLOCK) -> BlockMask:
    """The mask of a bin (q sees k exactly when k <= q < end[k]) for one batch entry and all heads.

    Equal to create_block_mask(mask_mod, 1, None, L, L) block by block; memory (L / block)².
    """
    end = np.asarray(end, np.int64)
    length = len(end)
    count = -(-length // block)
    # Beyond the end of a last, incomplete block nothing sees and nothing is seen.
    padded = np.concatenate([end, np.zeros(count * block - length, np.int64)]).reshape(count, block)
    furthest, nearest = padded.max(axis=1), padded.min(axis=1)
    first = np.arange(count) * block
    before = first[None, :] < first[:, None]
    # Below the diagonal every k < q: one is seen if the furthest end lies after the first query, all are by all if the
    # nearest one lies after the last. On the diagonal each sees itself, and never all of its block.
    some = (before & (furthest[None, :] > first[:, None])) | np.eye(count, dtype=bool)
    whole = before & (nearest[None, :] >= first[:, None] + block) & (first[:, None] + block <= length)
    if block == 1:
        whole |= np.eye(count, dtype=bool)
    return BlockMask.from_kv_blocks(
        *_listed(some & ~whole, device),
        *_listed(whole, device),
        BLOCK_SIZE=block,
        mask_mod=_mask_mod(torch.from_numpy(end.astype(np.int32)).to(device)),
        seq_lengths=(length, length),
    )


def _listed(blocks: NDArray[np.bool_], device: torch.device | str) -> tuple[Tensor, Tensor]:
    """How many key blocks each query block has, and which: those first, ascending, then the others."""
    number = blocks.sum(axis=1, dtype=np.int32)
    order = np.argsort(~blocks, axis=1, kind="stable").astype(np.int32)
    return torch.from_numpy(number)[None, None].to(device), torch.from_numpy(order)[None, None].to(device)


def _mask_mod(end: Tensor):
    def sees(batch: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:  # noqa: ARG001
        return (key <= query) & (query < end[key])

    return sees
