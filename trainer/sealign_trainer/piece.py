"""Pieces of trees: what of a TokenTree goes into one bin together (trainer.md section 4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bins import Stage
from .errors import TrainerError
from .token_tree import Dropped, TokenPair, TokenTree

Nodes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TreeShape:
    """Arrays over the nodes of a tree."""

    parent: Nodes
    #: Tokens of the node.
    length: Nodes
    #: Tokens before the node on its path: the position of its first token.
    depth: Nodes
    #: The last node of the subtree; in pre-order a subtree is node..last.
    last: Nodes

    @property
    def row(self) -> Nodes:
        """Tokens of the path that ends with the node: what it takes unpacked."""
        return self.depth + self.length


@dataclass(frozen=True, slots=True)
class Piece:
    """Nodes of one tree, with every ancestor they have, that are laid out in one bin."""

    #: Position of the tree among those that are packed.
    tree: int
    shape: TreeShape
    #: Ascending, hence in pre-order.
    nodes: Nodes
    #: Actions with loss here, ascending, and what a token of each weighs.
    actions: Nodes
    weight: NDArray[np.float64]
    pairs: tuple[TokenPair, ...]
    examples: tuple[str, ...]
    #: Tokens of the nodes, and of the examples unpacked.
    size: int
    logical_tokens: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """Examples that cannot be taken apart: the nodes they need beside their ancestors, and what is learnt there."""

    ends: tuple[int, ...]
    examples: tuple[str, ...]
    logical_tokens: int
    pair: TokenPair | None = None


def tree_shape(tree: TokenTree) -> TreeShape:
    """Measures a tree. Raises TrainerError `bug` where its nodes are not in pre-order or an action has no parent."""
    size = tree.size
    lengths = [len(ids) for ids in tree.tokens]
    depth, subtree = [0] * size, [1] * size
    for node, parent in enumerate(tree.parent):
        if not (-1 <= parent < node) or (parent < 0) != (node == 0):
            raise TrainerError("bug", f"tree {tree.id}: node {node} does not stand after its parent {parent}")
        if parent >= 0:
            depth[node] = depth[parent] + lengths[parent]
        if tree.is_action[node] and (parent < 0 or lengths[parent] == 0):
            raise TrainerError("trees", f"tree {tree.id}: action {_name(tree, node)} has no token before it")
    for node in range(size - 1, 0, -1):
        subtree[tree.parent[node]] += subtree[node]
    parents = np.array(tree.parent, np.int64)
    last = np.arange(size) + np.array(subtree, np.int64) - 1
    # Each child's subtree within its parent's: with parents first, that and the sizes leave no order but pre-order.
    inner = parents[1:]
    if size and bool((last[1:] > last[inner]).any()):
        raise TrainerError("bug", f"tree {tree.id}: its nodes are not in pre-order")
    return TreeShape(parents, np.array(lengths, np.int64), np.array(depth, np.int64), last)


def pieces_of(trees: Sequence[TokenTree], stage: Stage, length: int) -> tuple[list[Piece], list[Dropped]]:
    """Takes every tree apart where it does not fit a bin of `length` tokens: in DFS order over its pairs (dpo) or
    resolved trajectories (sft), ancestors in every piece that needs them.

    An action carries SFT loss in the first piece that has it. Examples that fit no bin are dropped; what they would
    weigh is not learnt.
    """
    pieces: list[Piece] = []
    dropped: list[Dropped] = []
    for index, tree in enumerate(trees):
        shape = tree_shape(tree)
        if stage == "dpo":
            units, left_out = _pair_units(tree, shape, length)
            pieces.extend(_dpo_piece(index, shape, *part) for part in _parts(shape, units, length))
        else:
            units, left_out, weight = _trajectory_units(tree, shape, length)
            learnt: set[int] = set()
            for nodes, members in _parts(shape, units, length):
                actions = np.array([n for n in nodes.tolist() if tree.is_action[n] and n not in learnt], np.int64)
                learnt.update(actions.tolist())
                pieces.append(_sft_piece(index, shape, nodes, members, actions, weight[actions]))
        dropped.extend(left_out)
    return pieces, dropped


class _Part:
    """Units of one tree that share a bin."""

    def __init__(self, shape: TreeShape) -> None:
        self.kept: set[int] = set()
        self.members: list[_Unit] = []
        self.size = 0
        self._parent: list[int] = shape.parent.tolist()
        self._length: list[int] = shape.length.tolist()

    def missing(self, unit: _Unit) -> tuple[int, set[int]]:
        """Nodes that the unit needs and the part lacks, after their tokens."""
        found: set[int] = set()
        for end in unit.ends:
            node = end
            # The part has the ancestors of all it has.
            while node >= 0 and node not in self.kept and node not in found:
                found.add(node)
                node = self._parent[node]
        return sum(self._length[node] for node in found), found

    def add(self, unit: _Unit) -> None:
        tokens, nodes = self.missing(unit)
        self.kept |= nodes
        self.members.append(unit)
        self.size += tokens


def _parts(shape: TreeShape, units: Sequence[_Unit], length: int) -> Iterator[tuple[Nodes, list[_Unit]]]:
    """Nodes and units of every part: units in DFS order, each where it adds the fewest tokens and fits.

    Each unit alone is known to fit. What is a part by DFS order alone takes about 3 % more bins at the paper's shape.
    """
    parts: list[_Part] = []
    for unit in units:
        costs = [(part.missing(unit)[0], number) for number, part in enumerate(parts)]
        fitting = [(tokens, number) for tokens, number in costs if parts[number].size + tokens <= length]
        if not fitting:
            parts.append(_Part(shape))
        parts[min(fitting)[1] if fitting else -1].add(unit)
    for part in parts:
        yield np.array(sorted(part.kept), np.int64), part.members


def _pair_units(tree: TokenTree, shape: TreeShape, length: int) -> tuple[list[_Unit], list[Dropped]]:
    units: list[_Unit] = []
    dropped: list[Dropped] = []
    rows, lengths = shape.row.tolist(), shape.length.tolist()
    for pair in sorted(tree.pairs, key=lambda each: (each.at, each.chosen, each.rejected)):
        if not (tree.parent[pair.chosen] == tree.parent[pair.rejected] == pair.at):
            raise TrainerError("trees", f"tree {tree.id}: pair {pair.id}: its two actions are not children of one node")
        together = rows[pair.chosen] + lengths[pair.rejected]
        if together > length:
            reason = f"its two actions and what comes before them take {together:,} tokens, a bin holds {length:,}"
            dropped.append(Dropped(pair.id, reason))
            continue
        logical = rows[pair.chosen] + rows[pair.rejected]
        units.append(_Unit((pair.chosen, pair.rejected), (pair.id,), logical, pair))
    return units, dropped


def _trajectory_units(
    tree: TokenTree, shape: TreeShape, length: int
) -> tuple[list[_Unit], list[Dropped], NDArray[np.float64]]:
    """Resolved trajectories by the last action of each, and what the tokens of a node weigh: the resolved trajectories
    through it (`successes`) less those that are left out."""
    dropped: list[Dropped] = []
    ids: dict[int, list[str]] = {}
    weight = np.array(tree.successes, np.float64)
    rows = shape.row.tolist()
    for trajectory in tree.trajectories:
        if trajectory.resolved is not True:
            continue
        end = trajectory.leaf
        while end >= 0 and not tree.is_action[end]:
            end = tree.parent[end]
        if end >= 0 and rows[end] <= length:
            if tree.successes[end] < 1:
                where = f"tree {tree.id}: node {_name(tree, end)}"
                message = f"{where}: n_success is 0, but resolved trajectory {trajectory.id} goes through it"
                raise TrainerError("trees", message)
            ids.setdefault(end, []).append(trajectory.id)
            continue
        reason = f"its {rows[end]:,} tokens are more than the {length:,} of a bin" if end >= 0 else "it has no action"
        dropped.append(Dropped(trajectory.id, reason))
        while end >= 0:
            weight[end] -= 1
            end = tree.parent[end]
    units = [_Unit((end,), tuple(ids[end]), rows[end] * len(ids[end])) for end in sorted(ids)]
    return units, dropped, weight


def _dpo_piece(tree: int, shape: TreeShape, nodes: Nodes, units: Sequence[_Unit]) -> Piece:
    pairs = tuple(unit.pair for unit in units if unit.pair is not None)
    actions = np.unique(np.array([node for unit in units for node in unit.ends], np.int64))
    return _piece(tree, shape, nodes, units, actions, np.ones(len(actions)), pairs)


def _sft_piece(
    tree: int, shape: TreeShape, nodes: Nodes, units: Sequence[_Unit], actions: Nodes, weight: NDArray[np.float64]
) -> Piece:
    return _piece(tree, shape, nodes, units, actions, weight, ())


def _piece(
    tree: int,
    shape: TreeShape,
    nodes: Nodes,
    units: Sequence[_Unit],
    actions: Nodes,
    weight: NDArray[np.float64],
    pairs: tuple[TokenPair, ...],
) -> Piece:
    return Piece(
        tree=tree,
        shape=shape,
        nodes=nodes,
        actions=actions,
        weight=weight,
        pairs=pairs,
        examples=tuple(example for unit in units for example in unit.examples),
        size=int(shape.length[nodes].sum()),
        logical_tokens=sum(unit.logical_tokens for unit in units),
    )


def _name(tree: TokenTree, node: int) -> str:
    return tree.names[node] if tree.names else str(node)
