"""Figures of a step or an evaluation, over the bins of all ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .bins import Bin


@dataclass(frozen=True, slots=True)
class Figures:
    #: Mean by weight.
    loss: float
    #: Means by name.
    means: dict[str, float]
    #: Reward margins of all pairs, in the order of the bins; None: the stage has none.
    margins: list[float] | None


def example_ids(bins: Sequence[Bin]) -> list[str]:
    """Of pairs, one for each margin; of trajectories, each once."""
    pairs = [pair.id for each in bins for pair in each.pairs]
    return pairs or list(dict.fromkeys(example for each in bins for example in each.examples))


def margin_places(bins: Sequence[Bin]) -> list[int]:
    """Where the margins of each bin begin, and at the end their number."""
    places = [0]
    for each in bins:
        places.append(places[-1] + len(each.pairs))
    return places


def pair_fields(bins: Sequence[Bin], margins: Sequence[float]) -> dict[str, Any]:
    """`byDepth` and `pairs` of an `eval` event. Ranges of depth double: 0, 1, 2-3, 4-7, …"""
    pairs = [pair for each in bins for pair in each.pairs]
    by_range: dict[int, list[float]] = {}
    for pair, margin in zip(pairs, margins, strict=True):
        by_range.setdefault(pair.depth.bit_length(), []).append(margin)
    return {
        "byDepth": [
            {
                "from": (1 << bits) >> 1,
                "to": (1 << bits) - 1,
                "pairs": len(found),
                "accuracy": sum(margin > 0 for margin in found) / len(found),
                "margin": sum(found) / len(found),
            }
            for bits, found in sorted(by_range.items())
        ],
        "pairs": [{"id": pair.id, "margin": margin} for pair, margin in zip(pairs, margins, strict=True)],
    }
