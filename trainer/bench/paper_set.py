"""Trees of the paper's shape, as token ids: 186 Tasks, 17.0 Trajectories each, 41 Steps (paper table 1)."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from sealign_trainer.token_tree import Ids, TokenPair, TokenTrajectory, TokenTree


@dataclass(frozen=True, slots=True)
class PaperShape:
    """Statistics of a set; lengths are trainer.md section 3's estimates, which add up to 19.9k tokens a Trajectory."""

    trees: int = 186
    #: Mean of a gamma distribution.
    trajectories: float = 17.0
    steps: float = 41.0
    #: Probability that two Trajectories at a Node take the same action, in (0, 1).
    same: float = 0.65
    prompt_tokens: int = 4_500
    action_tokens: float = 130.0
    observation_tokens: float = 245.0
    vocabulary: int = 152_064
    #: Quality of a branch adds to the Node's with this standard deviation (logits).
    branch_noise: float = 2.0
    #: Mean quality of a Task in logits; with the noise about 21.4 % of the Trajectories are resolved, as in the paper.
    #: The set then has 500 to 700 pairs rather than 983: fewer pairs a Tree, so less to share than the paper's set has.
    quality: float = -3.9
    #: Difference of success rates that makes a pair (section 5.2).
    threshold: float = 0.5

    def scaled(self, factor: float) -> "PaperShape":
        """The same trees with every length times `factor`."""
        return replace(
            self,
            prompt_tokens=max(1, round(self.prompt_tokens * factor)),
            action_tokens=self.action_tokens * factor,
            observation_tokens=self.observation_tokens * factor,
        )


def paper_trees(shape: PaperShape | None = None, seed: int = 0) -> list[TokenTree]:
    """Trees of a shape; the same seed gives the same trees, and each tree depends on its place alone."""
    shape = shape or PaperShape()
    sizes = np.random.default_rng([seed, 0]).gamma(2.0, 1.0, shape.trees)
    sizes *= shape.trajectories / sizes.mean()
    return [
        _tree(shape, f"t{at}", max(2, round(size)), np.random.default_rng([seed, 1, at]))
        for at, size in enumerate(sizes)
    ]


@dataclass(slots=True)
class _Growing:
    """A tree in pre-order while it grows."""

    shape: PaperShape
    random: Generator
    parent: list[int] = field(default_factory=list)
    tokens: list[Ids] = field(default_factory=list)
    is_action: list[bool] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)
    successes: list[int] = field(default_factory=list)
    trajectories: list[TokenTrajectory] = field(default_factory=list)

    def add(self, parent: int, length: int, *, is_action: bool, visits: int) -> int:
        self.parent.append(parent)
        self.tokens.append(self.random.integers(0, self.shape.vocabulary, length, dtype=np.int32))
        self.is_action.append(is_action)
        self.visits.append(visits)
        self.successes.append(0)
        return len(self.parent) - 1


def _tree(shape: PaperShape, name: str, trajectories: int, random: Generator) -> TokenTree:
    growing = _Growing(shape, random)
    root = growing.add(-1, shape.prompt_tokens, is_action=False, visits=trajectories)
    lengths = np.maximum(4, np.round(random.gamma(9.0, shape.steps / 9.0, trajectories))).astype(int)
    _grow(growing, root, list(lengths), random.normal(shape.quality, 1.5), 0)
    return TokenTree(
        id=name,
        repo=f"owner/{name}",
        task=name,
        split=None,
        parent=tuple(growing.parent),
        tokens=tuple(growing.tokens),
        is_action=tuple(growing.is_action),
        successes=tuple(growing.successes),
        trajectories=tuple(growing.trajectories),
        pairs=tuple(_pairs(growing, name)),
    )


def _grow(growing: _Growing, at: int, remaining: list[int], quality: float, depth: int) -> None:
    """Below `at`: Trajectories with `remaining` Steps to go choose actions as guests of a Chinese restaurant do."""
    groups = _seated(growing.random, remaining, growing.shape.same)
    for group in groups:
        # A branch alone has no quality of its own: noise enters where Trajectories part.
        noise = growing.random.normal(0.0, growing.shape.branch_noise) if len(groups) > 1 else 0.0
        action = growing.add(
            at, _length(growing.random, growing.shape.action_tokens, 0.9), is_action=True, visits=len(group)
        )
        ending = [steps for steps in group if steps <= 1]
        for _ in ending:
            resolved = bool(growing.random.random() < 1 / (1 + np.exp(-(quality + noise))))
            growing.trajectories.append(TokenTrajectory(f"r{len(growing.trajectories)}", action, resolved))
            if resolved:
                _count_success(growing, action)
        onward = [steps - 1 for steps in group if steps > 1]
        if onward:
            length = _length(growing.random, growing.shape.observation_tokens, 1.3)
            seen = growing.add(action, length, is_action=False, visits=len(onward))
            _grow(growing, seen, onward, quality + noise, depth + 1)


def _seated(random: Generator, guests: list[int], same: float) -> list[list[int]]:
    """Tables of a Chinese restaurant process in which two guests share one with probability `same`."""
    concentration = 1 / same - 1
    tables: list[list[int]] = []
    for seated, guest in enumerate(guests):
        spot = random.random() * (seated + concentration)
        for table in tables:
            spot -= len(table)
            if spot < 0:
                table.append(guest)
                break
        else:
            tables.append([guest])
    return tables


def _length(random: Generator, mean: float, variation: float) -> int:
    """A gamma-distributed length of at least 2 tokens; `variation`: standard deviation over mean."""
    shape = 1 / variation**2
    return max(2, round(float(random.gamma(shape, mean / shape))))


def _count_success(growing: _Growing, node: int) -> None:
    while node >= 0:
        growing.successes[node] += 1
        node = growing.parent[node]


def _pairs(growing: _Growing, name: str) -> list[TokenPair]:
    """Every two actions below one Node, neither the last of its Trajectories, whose success rates differ enough."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(growing.parent):
        children.setdefault(parent, []).append(node)
    depth = [0] * len(growing.parent)
    pairs: list[TokenPair] = []
    for at, parent in enumerate(growing.parent):
        depth[at] = 0 if parent < 0 else depth[parent] + int(growing.is_action[at])
        branches = [node for node in children.get(at, []) if growing.is_action[node] and node in children]
        rate = {node: growing.successes[node] / growing.visits[node] for node in branches}
        for chosen in branches:
            for rejected in branches:
                if rate[chosen] - rate[rejected] > growing.shape.threshold:
                    pairs.append(TokenPair(f"{name}-{chosen}-{rejected}", at, chosen, rejected, 1.0, depth[at]))
    return pairs
