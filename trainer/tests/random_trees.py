"""Random TokenTrees made directly, without text, and the changes to them that must not change a loss."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sealign_trainer.token_tree import TokenPair, TokenTrajectory, TokenTree


def random_tree(
    seed: int,
    *,
    nodes: int = 12,
    longest: int = 6,
    vocabulary: int = 61,
    deep: float = 0.5,
    repo: str | None = None,
) -> TokenTree:
    """A tree of a prompt and at most `nodes` more, 1 to `longest` tokens each. `deep`, 0 to 1: how often the last node
    grows on. Actions follow actions here and there; every leaf ends a trajectory, and so do some inner nodes."""
    random = np.random.default_rng(seed)
    parent = [-1]
    for node in range(1, nodes + 1):
        parent.append(node - 1 if random.random() < deep else int(random.integers(0, node)))
    # Random attachment is not pre-order; the walk below is.
    is_action = [False]
    for node in range(1, nodes + 1):
        below_action = is_action[parent[node]]
        is_action.append(bool(random.random() < (0.2 if below_action else 0.85)))
    tokens = [random.integers(0, vocabulary, random.integers(1, longest + 1)).astype(np.int32) for _ in parent]
    return _tree(f"tree-{seed}", parent, tokens, is_action, random, repo)


def _tree(
    name: str,
    parent: Sequence[int],
    tokens: Sequence[np.ndarray],
    is_action: Sequence[bool],
    random: np.random.Generator,
    repo: str | None,
) -> TokenTree:
    kids: list[list[int]] = [[] for _ in parent]
    for node, above in enumerate(parent[1:], 1):
        same = [k for k in kids[above] if is_action[k] == is_action[node] and np.array_equal(tokens[k], tokens[node])]
        if not same:
            kids[above].append(node)
    order = _walk(kids)
    place = {old: new for new, old in enumerate(order)}
    above = [place[parent[old]] if parent[old] >= 0 else -1 for old in order]
    ends = [place[old] for old in order if not kids[old] or random.random() < 0.15]
    trajectories = tuple(
        TokenTrajectory(f"{name}/T{number}", end, [True, True, False, None][random.integers(4)])
        for number, end in enumerate(ends)
    )
    depth = [0] * len(order)
    for node in range(1, len(order)):
        depth[node] = depth[above[node]] + is_action[order[above[node]]]
    pairs = []
    for old in order:
        sides = [place[kid] for kid in kids[old] if is_action[kid]]
        for one in range(len(sides)):
            for other in range(one + 1, len(sides)):
                if random.random() < 0.6:
                    chosen, rejected = random.permutation([sides[one], sides[other]]).tolist()
                    weight = float(random.choice([0.5, 1.0, 2.0]))
                    number = f"{name}/P{len(pairs)}"
                    pairs.append(TokenPair(number, place[old], chosen, rejected, weight, depth[chosen]))
    tree = TokenTree(
        id=name,
        repo=repo,
        task=f"task of {name}",
        split=None,
        parent=tuple(above),
        tokens=tuple(tokens[old] for old in order),
        is_action=tuple(is_action[old] for old in order),
        successes=(),
        trajectories=trajectories,
        pairs=tuple(pairs),
        names=tuple(f"n{old}" for old in order),
    )
    return counted(tree)


def counted(tree: TokenTree) -> TokenTree:
    """The tree with `successes` as its trajectories say."""
    successes = [0] * tree.size
    for trajectory in tree.trajectories:
        for node in tree.path(trajectory.leaf) if trajectory.resolved else []:
            successes[node] += 1
    return replace(tree, successes=tuple(successes))


def with_other_siblings_first(tree: TokenTree, seed: int) -> TokenTree:
    """The same tree with siblings, trajectories and pairs in another order."""
    random = np.random.default_rng(seed)
    kids: list[list[int]] = [[] for _ in tree.parent]
    for node, above in enumerate(tree.parent[1:], 1):
        kids[above].append(node)
    order = _walk([random.permutation(below).tolist() for below in kids])
    place = {old: new for new, old in enumerate(order)}
    trajectories = [replace(each, leaf=place[each.leaf]) for each in tree.trajectories]
    pairs = [
        replace(pair, at=place[pair.at], chosen=place[pair.chosen], rejected=place[pair.rejected])
        for pair in tree.pairs
    ]
    return replace(
        tree,
        parent=tuple(place[tree.parent[old]] if old else -1 for old in order),
        tokens=tuple(tree.tokens[old] for old in order),
        is_action=tuple(tree.is_action[old] for old in order),
        successes=tuple(tree.successes[old] for old in order),
        names=tuple(tree.names[old] for old in order),
        trajectories=tuple(trajectories[index] for index in random.permutation(len(trajectories))),
        pairs=tuple(pairs[index] for index in random.permutation(len(pairs))),
    )


def _walk(kids: Sequence[Sequence[int]]) -> list[int]:
    order: list[int] = []
    waiting = [0]
    while waiting:
        order.append(waiting.pop())
        waiting.extend(reversed(kids[order[-1]]))
    return order
