"""Tokens, time and losses of the contenders on one set of trees, in one run."""

import gc
import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sealign_trainer.pack import pack
from sealign_trainer.piece import pieces_of
from sealign_trainer.token_tree import TokenTree

from .contenders import Contender, Padded, padded_rows, pairs_in_rows, reference_of, tree_model, trees_in_bins
from .pair_rows import PairRow, pair_rows, unweighted

#: Nats an action by which the reference differs from the policy.
NOISE = 3.0
#: Batches that are enough to see what logits of every position cost.
_FEW = 2
#: Samples that are looked at.
_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward and backward pass over every pair."""

    seconds: float
    #: Of this process on a core: what other programs take of the machine is not in it.
    core_seconds: float
    #: Mean over pairs, or the part of it that the passes so far make.
    loss: float


def tokens_of(trees: Sequence[TokenTree], length: int) -> dict[str, Any]:
    """What each way forwards in a pass over all pairs of a set, without padding: counted, nothing is computed."""
    rows = pair_rows(trees)
    packing = pack(trees, "dpo", length)
    dropped = {each.id for each in packing.dropped}
    if dropped:
        raise ValueError(
            f"{len(dropped)} pairs do not fit {length} tokens: their rows would be counted for one side only"
        )
    padded, shared, packed = (
        sum(r.padded_tokens for r in rows),
        sum(r.shared_tokens for r in rows),
        packing.packed_tokens,
    )
    return {
        "trees": len(trees),
        "pairs": len(rows),
        "binTokens": length,
        "bins": len(packing.bins),
        "fill": round(packing.fill, 4),
        "tokens": {"padded": padded, "pairSharing": shared, "trees": packed},
        "tokensRatio": round(padded / packed, 3),
        "pairSharingTokensRatio": round(shared / packed, 3),
    }


def smallest_bin(trees: Sequence[TokenTree]) -> int:
    """Tokens of the smallest bin in which no tree is taken apart: the dense back end pays for paths, not for bins."""
    return max(piece.size for piece in pieces_of(trees, "dpo", 2**31)[0])


def sample(trees: Sequence[TokenTree], padded_tokens: int) -> list[TokenTree]:
    """Trees with pairs that have at most so many tokens as padded rows, or all of them where these have no more.

    Of many random draws the one whose ratios of tokens come nearest to the whole set's: a few trees hold most pairs.
    """
    with_pairs = [tree for tree in trees if tree.pairs]
    sizes = np.array([_sizes(tree) for tree in with_pairs])
    if sizes[:, 0].sum() <= padded_tokens:
        return with_pairs
    wanted = _ratios(sizes)
    random = np.random.default_rng(0)
    best: NDArray[np.int64] | None = None
    nearest = np.inf
    for _ in range(_DRAWS):
        order = random.permutation(len(sizes))
        chosen = order[: int((np.cumsum(sizes[order, 0]) <= padded_tokens).sum())]
        if len(chosen) == 0:
            continue
        # A small draw that hits the ratios by chance says less than a large one.
        far = float(np.abs(_ratios(sizes[chosen]) / wanted - 1).sum()) + 1 - sizes[chosen, 0].sum() / padded_tokens
        if far < nearest:
            best, nearest = chosen, far
    if best is None:
        raise ValueError(f"the pairs of no tree have {padded_tokens} tokens or fewer")
    return [with_pairs[at] for at in sorted(best.tolist())]


def _sizes(tree: TokenTree) -> tuple[int, int, int]:
    """Tokens of a tree's pairs as padded rows, as shared rows, and as a tree."""
    rows = pair_rows([tree])
    return sum(row.padded_tokens for row in rows), sum(row.shared_tokens for row in rows), smallest_bin([tree])


def _ratios(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    padded, shared, packed = sizes.sum(0)
    return np.array([padded / packed, shared / packed])


def compare(
    trees: Sequence[TokenTree],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    batch: int,
    repeats: int,
    length: int | None = None,
) -> dict[str, Any]:
    """Times every contender on every pair of `trees`, in turn, `repeats` times after a first pass that is not counted.

    length: of our bins; None: the smallest that holds every tree whole.
    Ratios are of medians; `lossDiff` and `gradDiff` are the largest differences from ours, the latter relative.
    """
    trees = [unweighted(tree) for tree in trees]
    rows = pair_rows(trees)
    length = length or smallest_bin(trees)
    ours = tree_model(model, "dense")
    reference = reference_of(ours, pack(trees, "dpo", length).bins, "dense", NOISE)
    padded = padded_rows(model, tokenizer, rows, reference, batch)
    contenders: list[Contender] = [
        trees_in_bins(ours, trees, reference, length, "dense"),
        pairs_in_rows(tree_model(model, "dense"), rows, reference),
        padded,
    ]
    first: list[Pass] = []
    gradients: list[torch.Tensor] = []
    for contender in contenders:
        first.append(_pass(contender))
        gradients.append(_gradient(contender))
    timed: list[list[Pass]] = [[] for _ in contenders]
    for _ in range(repeats):
        for contender, passes in zip(contenders, timed, strict=True):
            passes.append(_pass(contender))
    slower = _every_logit(padded)
    padded.close()
    report = _report(rows, contenders, timed, first, gradients)
    every_logit = {"timeRatioEveryLogit": round(slower * report["timeRatio"], 3)}
    return {"binTokens": length, "batch": batch, "repeats": repeats, **report, **every_logit}


def _report(
    rows: Sequence[PairRow],
    contenders: Sequence[Contender],
    timed: Sequence[Sequence[Pass]],
    first: Sequence[Pass],
    gradients: Sequence[torch.Tensor],
) -> dict[str, Any]:
    trees, sharing, padded = range(3)
    tokens = [each.tokens for each in contenders]
    seconds = [statistics.median(each.seconds for each in passes) for passes in timed]
    core = [statistics.median(each.core_seconds for each in passes) for passes in timed]
    losses = [each.loss for each in first]
    norm = float(gradients[trees].norm())
    return {
        "pairs": len(rows),
        "ways": [
            {
                "way": each.name,
                "tokens": each.tokens,
                "paddedTokens": each.padded_tokens,
                "seconds": round(second, 3),
                "coreSeconds": round(own, 3),
                "loss": loss,
            }
            for each, second, own, loss in zip(contenders, seconds, core, losses, strict=True)
        ],
        "tokensRatio": round(tokens[padded] / tokens[trees], 3),
        "timeRatio": round(seconds[padded] / seconds[trees], 3),
        "coreTimeRatio": round(core[padded] / core[trees], 3),
        "pairSharingTokensRatio": round(tokens[sharing] / tokens[trees], 3),
        "pairSharingTimeRatio": round(seconds[sharing] / seconds[trees], 3),
        "pairSharingCoreTimeRatio": round(core[sharing] / core[trees], 3),
        "lossDiff": max(abs(loss - losses[trees]) for loss in losses),
        "gradDiff": max(float((each - gradients[trees]).norm()) / norm for each in gradients),
    }


def _pass(contender: Contender, most: int | None = None) -> Pass:
    """most: forward passes after which it ends; None: all."""
    for parameter in contender.model.parameters():
        parameter.grad = None
    gc.collect()
    started, core_started = time.perf_counter(), time.process_time()
    total = 0.0
    for loss in itertools.islice(contender.losses(), most):
        loss.backward()
        total += float(loss.detach())
    return Pass(time.perf_counter() - started, time.process_time() - core_started, total)


def _every_logit(padded: Padded) -> float:
    """How many times as long TRL takes on a CPU, where its output head computes every position, on a few batches."""
    lean = _pass(padded, _FEW)
    return _pass(padded.with_every_logit(), _FEW).core_seconds / lean.core_seconds


def _gradient(contender: Contender) -> torch.Tensor:
    """All gradients as one vector, in the order of the parameters, which is the same for every contender."""
    return torch.cat(
        [parameter.grad.flatten() for parameter in contender.model.parameters() if parameter.grad is not None]
    )
