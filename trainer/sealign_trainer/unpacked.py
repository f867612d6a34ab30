"""The same examples as ordinary rows, one after the other, by transformers' own attention and logits.

What the trees must equal: tests and benches compare with it, training never uses it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from .device_bin import precise
from .token_tree import TokenTree
from .tree_model import causal_lm_of


@dataclass(frozen=True, slots=True)
class Row:
    """A path from the root, as a trainer without trees forwards it."""

    id: str
    tokens: NDArray[np.int32]
    #: Which tokens carry loss; never the first one.
    learnt: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RowPair:
    """Two rows with the same beginning; loss on their last actions."""

    id: str
    chosen: Row
    rejected: Row
    weight: float


def trajectory_rows(trees: Iterable[TokenTree]) -> list[Row]:
    """Resolved trajectories up to their last actions, with loss on every action (eq. 3)."""
    rows: list[Row] = []
    for tree in trees:
        for trajectory in tree.trajectories:
            path = tree.path(trajectory.leaf) if trajectory.resolved else []
            while path and not tree.is_action[path[-1]]:
                path.pop()
            if path:
                rows.append(_row(trajectory.id, tree, path, [tree.is_action[node] for node in path]))
    return rows


def pair_rows(trees: Iterable[TokenTree]) -> list[RowPair]:
    """Pairs with loss on the two actions alone (eq. 5)."""
    pairs: list[RowPair] = []
    for tree in trees:
        for pair in tree.pairs:
            sides = []
            for node in (pair.chosen, pair.rejected):
                path = tree.path(node)
                sides.append(_row(pair.id, tree, path, [False] * (len(path) - 1) + [True]))
            pairs.append(RowPair(pair.id, sides[0], sides[1], pair.weight))
    return pairs


def _row(name: str, tree: TokenTree, path: Sequence[int], learnt: Sequence[bool]) -> Row:
    tokens = [tree.tokens[node] for node in path]
    return Row(name, np.concatenate(tokens), np.repeat(learnt, [len(ids) for ids in tokens]))


@contextmanager
def plain_attention(model: nn.Module) -> Iterator[None]:
    """transformers' SDPA attention for a while, also in a model that a TreeModel has taken over."""
    causal_lm = causal_lm_of(model)
    before = causal_lm.config._attn_implementation
    causal_lm.set_attn_implementation("sdpa")
    try:
        yield
    finally:
        causal_lm.set_attn_implementation(before)


def row_logp(model: nn.Module, row: Row) -> Tensor:
    """Log-probabilities of the row's learnt tokens; float64 for a float64 model, else float32."""
    device = next(model.parameters()).device
    tokens = torch.from_numpy(row.tokens.astype(np.int64)).to(device)
    targets = torch.from_numpy(np.flatnonzero(row.learnt)).to(device)
    logits = model(input_ids=tokens[None], use_cache=False).logits[0, targets - 1]
    return logits.to(precise(logits.dtype)).log_softmax(-1).gather(1, tokens[targets, None])[:, 0]


def unpacked_sft_loss(model: nn.Module, rows: Sequence[Row]) -> Tensor:
    """Mean over the learnt tokens of all rows: `sft_loss` over all bins with their whole weight."""
    with plain_attention(model):
        terms = [-row_logp(model, row).sum() for row in rows]
    return torch.stack(terms).sum() / sum(int(row.learnt.sum()) for row in rows)


def unpacked_pair_logps(model: nn.Module, pairs: Sequence[RowPair]) -> Tensor:
    """(P, 2) log-probabilities of the chosen and the rejected action of each pair."""
    with plain_attention(model):
        sides = [row_logp(model, side).sum() for pair in pairs for side in (pair.chosen, pair.rejected)]
    return torch.stack(sides).reshape(-1, 2)


def unpacked_dpo_loss(logps: Tensor, reference: Tensor, pairs: Sequence[RowPair], beta: float) -> Tensor:
    """Weighted mean over pairs; `logps` and `reference` as `unpacked_pair_logps` gives them."""
    margin = beta * ((logps - reference)[:, 0] - (logps - reference)[:, 1])
    weight = torch.tensor([pair.weight for pair in pairs], dtype=margin.dtype, device=margin.device)
    return -(weight * logsigmoid(margin)).sum() / weight.sum()
