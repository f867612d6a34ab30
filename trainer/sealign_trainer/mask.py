"""Which key each query sees, from `end` alone: q sees k exactly when k <= q < end[k] (trainer.md section 4)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: Queries that share one gather of keys. Fewer are more calls, more are more keys that most of them do not see.
CHUNK = 128


@dataclass(frozen=True, slots=True, eq=False)
class QueryChunk:
    """Consecutive queries, and all keys that any of them sees."""

    start: int
    stop: int
    #: (n,) int64, ascending.
    keys: Tensor
    #: (1, 1, stop - start, n), to be added to the scores: 0 or -inf.
    mask: Tensor


def dense_mask(end: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(L, L) booleans, [q, k] True where q sees k. Takes L² bytes: for short bins and tests."""
    at = np.arange(len(end))
    return (at[None, :] <= at[:, None]) & (at[:, None] < np.asarray(end)[None, :])


def additive_mask(sees: NDArray[np.bool_], dtype: torch.dtype, device: torch.device | str = "cpu") -> Tensor:
    """The same as numbers that are added to scores: 0 where seen, -inf where not."""
    seen = torch.from_numpy(np.ascontiguousarray(sees)).to(device)
    return torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, float("-inf"))


def query_chunks(
    end: NDArray[np.integer], dtype: torch.dtype, device: torch.device | str = "cpu", size: int = CHUNK
) -> tuple[QueryChunk, ...]:
    """The mask by rows of `size` queries, without the keys that none of them sees.

    A query sees its ancestors only, so this takes (tokens of a bin) × (tokens of a path) numbers rather than L², and so
    does the attention that uses it.
    """
    end = np.asarray(end, np.int64)
    chunks: list[QueryChunk] = []
    for start in range(0, len(end), size):
        stop = min(start + size, len(end))
        keys = np.flatnonzero(end[:stop] > start)
        queries = np.arange(start, stop)
        sees = (keys[None, :] <= queries[:, None]) & (queries[:, None] < end[keys][None, :])
        mask = additive_mask(sees, dtype, device)[None, None]
        chunks.append(QueryChunk(start, stop, torch.from_numpy(keys).to(device), mask))
    return tuple(chunks)
