"""Which pieces share a bin: bin packing by best fit, the largest first."""

from bisect import bisect_left, insort
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Orders tried before the best one is taken; the packing of a whole dataset stays well below a second.
ATTEMPTS = 16


def fit(sizes: Sequence[int], length: int, seed: int = 0) -> list[list[int]]:
    """Puts items of `sizes` (each at most `length`) into as few bins of `length` as it finds.

    Returns the items of every bin, ascending; bins in the order of their first item. The same arguments give the same
    bins; another seed gives the items other neighbours.
    """
    if not sizes:
        return []
    amounts = np.array(sizes, np.int64)
    least = -(-int(amounts.sum()) // length)
    random = np.random.default_rng(seed)
    best: list[list[int]] | None = None
    for attempt in range(ATTEMPTS):
        plain = seed == 0 and attempt == 0
        keys = amounts if plain else amounts * random.uniform(0.85, 1.15, len(amounts))
        bins = _best_fit(amounts, np.argsort(-keys, kind="stable"), length)
        if best is None or len(bins) < len(best):
            best = bins
        if len(best) == least:
            break
    return sorted(sorted(items) for items in best or [])


def _best_fit(amounts: NDArray[np.int64], order: NDArray[np.int64], length: int) -> list[list[int]]:
    bins: list[list[int]] = []
    # What is free in a bin, and the bin; ascending.
    free: list[tuple[int, int]] = []
    for item in order.tolist():
        amount = int(amounts[item])
        at = bisect_left(free, (amount, -1))
        if at == len(free):
            bins.append([item])
            insort(free, (length - amount, len(bins) - 1))
        else:
            room, index = free.pop(at)
            bins[index].append(item)
            insort(free, (room - amount, index))
    return bins
