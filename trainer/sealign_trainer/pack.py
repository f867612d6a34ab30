"""Packs trees into bins of one static length (trainer.md section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bins import ActionRef, Bin, BinPair, Stage
from .fit import fit
from .piece import Piece, pieces_of
from .token_tree import Dropped, TokenTree

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Packing:
    """Everything that one stage learns, in bins, and what it cannot learn."""

    bins: list[Bin]
    dropped: list[Dropped]

    @property
    def packed_tokens(self) -> int:
        """Tokens forwarded, without padding."""
        return sum(each.used for each in self.bins)

    @property
    def logical_tokens(self) -> int:
        """Tokens that the same examples would take unpacked."""
        return sum(each.logical_tokens for each in self.bins)

    @property
    def fill(self) -> float:
        """Part of the bins that is not padding, 0 to 1; 1 where there are none."""
        room = sum(each.length for each in self.bins)
        return self.packed_tokens / room if room else 1.0


def pack(trees: Sequence[TokenTree], stage: Stage, length: int, *, seed: int = 0) -> Packing:
    """Lays trees out in bins of `length` tokens; deterministic, and other neighbours with another seed.

    `dpo` keeps the nodes on paths to the sides of pairs, `sft` those on paths to the last actions of resolved
    trajectories. Both sides of a pair share a bin. A tree larger than a bin is taken apart (`piece.pieces_of`); an
    example larger than a bin is dropped, with its reason.
    """
    pieces, dropped = pieces_of(trees, stage, length)
    groups = fit([piece.size for piece in pieces], length, seed)
    return Packing([_bin(trees, [pieces[index] for index in group], length) for group in groups], dropped)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A piece at its place in a bin."""

    tokens: NDArray[np.int32]
    position: Positions
    end: Positions
    source: Positions
    target: NDArray[np.int32]
    #: Loss edges of every action.
    edges: Positions


def _layout(tree: TokenTree, piece: Piece, base: int) -> _Layout:
    shape, nodes, actions = piece.shape, piece.nodes, piece.actions
    lengths = shape.length[nodes]
    # bounds[i]..bounds[i + 1] are the tokens of the i-th kept node.
    bounds = base + np.concatenate(([0], np.cumsum(lengths)))
    start = bounds[:-1]
    tokens = np.concatenate([tree.tokens[node] for node in nodes.tolist()])
    position = np.arange(base, bounds[-1]) - np.repeat(start - shape.depth[nodes], lengths)
    # The kept part of a subtree ends where the kept nodes after its last one begin.
    end = np.repeat(bounds[np.searchsorted(nodes, shape.last[nodes], side="right")], lengths)

    edges = shape.length[actions]
    first = start[np.searchsorted(nodes, actions)]
    # A branch's first token is predicted by its parent's last one, wherever that stands; the others by the one before.
    parent_last = bounds[np.searchsorted(nodes, shape.parent[actions]) + 1] - 1
    offset = np.arange(int(edges.sum())) - np.repeat(np.cumsum(edges) - edges, edges)
    own = np.repeat(first, edges) + offset
    source = np.where(offset == 0, np.repeat(parent_last, edges), own - 1)
    return _Layout(tokens, position, end, source, tokens[own - base], edges)


def _bin(trees: Sequence[TokenTree], pieces: Sequence[Piece], length: int) -> Bin:
    base = 0
    layouts: list[_Layout] = []
    actions: list[ActionRef] = []
    pairs: list[BinPair] = []
    for piece in pieces:
        layouts.append(_layout(trees[piece.tree], piece, base))
        number = {node: len(actions) + index for index, node in enumerate(piece.actions.tolist())}
        pairs.extend(
            BinPair(pair.id, number[pair.chosen], number[pair.rejected], pair.weight, pair.depth)
            for pair in piece.pairs
        )
        actions.extend(ActionRef(piece.tree, node) for node in number)
        base += piece.size
    padding = length - base
    edges = np.concatenate([layout.edges for layout in layouts])
    return Bin(
        length=length,
        used=base,
        tokens=_joined([layout.tokens for layout in layouts], np.zeros(padding)),
        position=_joined([layout.position for layout in layouts], np.zeros(padding)),
        end=_joined([layout.end for layout in layouts], np.arange(base, length) + 1),
        source=np.concatenate([layout.source for layout in layouts]),
        target=np.concatenate([layout.target for layout in layouts]).astype(np.int64),
        action=np.repeat(np.arange(len(actions)), edges),
        actions=tuple(actions),
        weight=np.concatenate([piece.weight for piece in pieces]),
        pairs=tuple(pairs),
        logical_tokens=sum(piece.logical_tokens for piece in pieces),
        examples=tuple(example for piece in pieces for example in piece.examples),
    )


def _joined(parts: Sequence[NDArray[np.integer]], padding: NDArray[np.generic]) -> NDArray[np.int32]:
    return np.concatenate([*parts, padding]).astype(np.int32)
