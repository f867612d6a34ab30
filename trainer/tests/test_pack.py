"""What a packing keeps, leaves out and weighs, compared with walks over the trees."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from random_trees import counted, random_tree, with_other_siblings_first

from sealign_trainer.bins import Bin, Stage
from sealign_trainer.errors import TrainerError
from sealign_trainer.fit import fit
from sealign_trainer.pack import Packing, pack
from sealign_trainer.token_tree import TokenPair, TokenTrajectory, TokenTree

STAGES: tuple[Stage, ...] = ("sft", "dpo")


def ids(tree: TokenTree, nodes: list[int]) -> list[int]:
    return [int(token) for node in nodes for token in tree.tokens[node]]


def learnt_end(tree: TokenTree, trajectory: TokenTrajectory) -> int:
    node = trajectory.leaf
    while node >= 0 and not tree.is_action[node]:
        node = tree.parent[node]
    return node


def check_edges(trees: list[TokenTree], packed: Bin) -> None:
    """Every loss edge predicts its action's next token from exactly the path before it."""
    at = np.arange(packed.length)
    edge = 0
    for number, ref in enumerate(packed.actions):
        tree = trees[ref.tree]
        path = ids(tree, tree.path(ref.node))
        own = len(tree.tokens[ref.node])
        for offset in range(own):
            source, before = int(packed.source[edge]), len(path) - own + offset
            seen = (at <= source) & (source < packed.end)
            assert packed.tokens[seen].tolist() == path[:before]
            assert packed.position[seen].tolist() == list(range(before))
            assert packed.target[edge] == path[before]
            assert packed.action[edge] == number
            edge += 1
    assert edge == packed.loss_tokens == len(packed.source) == len(packed.action)


def check_arrays(packed: Bin) -> None:
    assert packed.tokens.shape == packed.position.shape == packed.end.shape == (packed.length,)
    assert 0 < packed.used <= packed.length
    at = np.arange(packed.length)
    assert (packed.end > at).all()
    assert packed.end[: packed.used].max() <= packed.used
    assert (packed.end[packed.used :] == at[packed.used :] + 1).all()
    assert (np.diff(packed.action) >= 0).all()


def check_dpo(trees: list[TokenTree], packing: Packing) -> None:
    pairs = {pair.id: (number, tree, pair) for number, tree in enumerate(trees) for pair in tree.pairs}
    found = []
    for packed in packing.bins:
        logical = 0
        for pair in packed.pairs:
            number, tree, original = pairs[pair.id]
            chosen, rejected = packed.actions[pair.chosen], packed.actions[pair.rejected]
            assert (chosen.tree, chosen.node) == (number, original.chosen)
            assert (rejected.tree, rejected.node) == (number, original.rejected)
            assert (pair.weight, pair.depth) == (original.weight, original.depth)
            logical += sum(len(ids(tree, tree.path(node))) for node in (original.chosen, original.rejected))
            found.append(pair.id)
        assert packed.logical_tokens == logical
        assert packed.examples == tuple(pair.id for pair in packed.pairs)
        assert len(set(packed.actions)) == len(packed.actions)
        assert set(range(len(packed.actions))) == {side for p in packed.pairs for side in (p.chosen, p.rejected)}
        assert (packed.weight == 1).all()
        assert packed.loss_weight == sum(pair.weight for pair in packed.pairs)
    assert sorted([*found, *(each.id for each in packing.dropped)]) == sorted(pairs)


def check_sft(trees: list[TokenTree], packing: Packing) -> None:
    dropped = {each.id for each in packing.dropped}
    weights: Counter[tuple[int, int]] = Counter()
    logical = 0
    learnt = []
    for number, tree in enumerate(trees):
        for trajectory in tree.trajectories:
            if trajectory.resolved and trajectory.id not in dropped:
                path = tree.path(learnt_end(tree, trajectory))
                weights.update((number, node) for node in path if tree.is_action[node])
                logical += len(ids(tree, path))
                learnt.append(trajectory.id)
    found = [(ref.tree, ref.node) for packed in packing.bins for ref in packed.actions]
    assert Counter(found) == Counter(weights.keys())
    for packed in packing.bins:
        assert packed.weight.tolist() == [weights[ref.tree, ref.node] for ref in packed.actions]
        assert packed.pairs == ()
        tokens = [len(trees[ref.tree].tokens[ref.node]) for ref in packed.actions]
        assert packed.loss_weight == float(np.dot(tokens, packed.weight))
    assert packing.logical_tokens == logical
    assert sorted(each for packed in packing.bins for each in packed.examples) == sorted(learnt)


@pytest.mark.parametrize("stage", STAGES)
def test_every_example_is_learnt_once_from_exactly_its_history(stage: Stage) -> None:
    split = dropped = 0
    for seed in range(120):
        random = np.random.default_rng(seed)
        trees = [random_tree(10 * seed + n, nodes=int(random.integers(1, 25))) for n in range(random.integers(1, 5))]
        packing = pack(trees, stage, int(random.choice([12, 25, 40, 80, 200])), seed=seed % 3)
        for packed in packing.bins:
            check_arrays(packed)
            check_edges(trees, packed)
        (check_dpo if stage == "dpo" else check_sft)(trees, packing)
        dropped += len(packing.dropped)
        split += len(packing.bins) > len(trees)
    assert split > 3
    assert dropped > 3


@pytest.mark.parametrize("stage", STAGES)
def test_only_what_an_example_needs_is_kept(stage: Stage) -> None:
    for seed in range(200):
        tree = random_tree(seed, nodes=20)
        kept: set[int] = set()
        if stage == "dpo":
            for pair in tree.pairs:
                kept.update(tree.path(pair.chosen), tree.path(pair.rejected))
        else:
            for trajectory in tree.trajectories:
                end = learnt_end(tree, trajectory)
                kept.update(tree.path(end) if trajectory.resolved and end >= 0 else [])
        packing = pack([tree], stage, 500)
        tokens = [packed.tokens[: packed.used].tolist() for packed in packing.bins]
        assert tokens == ([ids(tree, sorted(kept))] if kept else [])


def chain(lengths: list[int], *, resolved: int = 1) -> TokenTree:
    """A prompt, then actions and observations in turn; `resolved` trajectories end at the last node."""
    nodes = len(lengths)
    tree = TokenTree(
        id="chain",
        repo=None,
        task="t",
        split=None,
        parent=tuple(range(-1, nodes - 1)),
        tokens=tuple(np.full(length, node, np.int32) for node, length in enumerate(lengths)),
        is_action=tuple(node % 2 == 1 for node in range(nodes)),
        successes=(),
        trajectories=tuple(TokenTrajectory(f"T{n}", nodes - 1, True) for n in range(resolved)),
    )
    return counted(tree)


def test_an_observation_below_the_last_action_is_not_forwarded() -> None:
    (packed,) = pack([chain([3, 2, 4, 2, 50])], "sft", 20).bins
    assert packed.used == 11
    assert packed.source.tolist() == [2, 3, 8, 9]
    assert packed.target.tolist() == [1, 1, 3, 3]
    assert packed.end[:11].tolist() == [11] * 11


def test_an_example_longer_than_a_bin_is_dropped_with_both_lengths_and_weighs_nothing() -> None:
    long = chain([3, 2, 4, 1500], resolved=2)
    tree = counted(replace(long, trajectories=(*long.trajectories, TokenTrajectory("short", 2, True))))
    packing = pack([tree], "sft", 1024)
    assert [(each.id, each.reason) for each in packing.dropped] == [
        ("T0", "its 1,509 tokens are more than the 1,024 of a bin"),
        ("T1", "its 1,509 tokens are more than the 1,024 of a bin"),
    ]
    (packed,) = packing.bins
    assert packed.examples == ("short",)
    assert packed.weight.tolist() == [1.0]
    assert packed.logical_tokens == packed.used == 5


def test_a_pair_needs_room_for_both_sides() -> None:
    tree = TokenTree(
        "t",
        None,
        "t",
        None,
        parent=(-1, 0, 0),
        tokens=tuple(np.ones(length, np.int32) for length in (10, 6, 5)),
        is_action=(False, True, True),
        successes=(0, 0, 0),
        pairs=(TokenPair("P", 0, 1, 2, 1.0, 0),),
    )
    assert len(pack([tree], "dpo", 21).bins) == 1
    packing = pack([tree], "dpo", 20)
    assert packing.bins == []
    reason = "its two actions and what comes before them take 21 tokens, a bin holds 20"
    assert [(each.id, each.reason) for each in packing.dropped] == [("P", reason)]


def test_a_resolved_trajectory_without_an_action_is_dropped() -> None:
    tree = counted(replace(chain([3]), trajectories=(TokenTrajectory("T", 0, True),)))
    packing = pack([tree], "sft", 64)
    assert packing.bins == []
    assert [(each.id, each.reason) for each in packing.dropped] == [("T", "it has no action")]


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_to_learn_is_no_bins(stage: Stage) -> None:
    tree = replace(chain([3, 2]), trajectories=(), successes=(0, 0))
    assert pack([], stage, 64) == pack([tree], stage, 64) == Packing([], [])
    assert pack([], stage, 64).fill == 1


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_arguments_give_the_same_bins(stage: Stage) -> None:
    trees = [random_tree(seed, nodes=14) for seed in range(40)]

    def layout(seed: int) -> list[list[int]]:
        return [packed.tokens.tolist() for packed in pack(trees, stage, 150, seed=seed).bins]

    assert layout(0) == layout(0)
    assert layout(1) == layout(1)
    assert layout(0) != layout(1)
    assert {tuple(packed.examples) for packed in pack(trees, stage, 150).bins} != set()


def test_order_of_siblings_changes_no_count() -> None:
    trees = [random_tree(seed, nodes=20) for seed in range(20)]
    turned = [with_other_siblings_first(tree, seed) for seed, tree in enumerate(trees)]
    for stage in STAGES:
        one, other = pack(trees, stage, 400), pack(turned, stage, 400)
        assert one.packed_tokens == other.packed_tokens
        assert one.logical_tokens == other.logical_tokens
        assert sum(b.loss_weight for b in one.bins) == sum(b.loss_weight for b in other.bins)


def test_bins_of_many_trees_are_full() -> None:
    trees = [random_tree(seed, nodes=18, longest=12) for seed in range(150)]
    for stage in STAGES:
        packing = pack(trees, stage, 512)
        assert len(packing.bins) > 5
        assert packing.fill >= 0.95


def test_best_fit_reaches_the_least_number_of_bins_here() -> None:
    assert fit([6, 5, 4, 3, 2], 10) == [[0, 2], [1, 3, 4]]
    assert fit([], 10) == []
    sizes = np.random.default_rng(0).integers(1, 40, 300).tolist()
    groups = fit(sizes, 100)
    assert sorted(item for group in groups for item in group) == list(range(300))
    assert all(sum(sizes[item] for item in group) <= 100 for group in groups)
    assert len(groups) == -(-sum(sizes) // 100)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parent": (-1, 0, 1, 0), "trajectories": ()}, None),
        ({"parent": (-1, 0, 0, 1)}, "tree chain: its nodes are not in pre-order"),
        ({"parent": (-1, 2, 0, 2)}, "tree chain: node 1 does not stand after its parent 2"),
        ({"parent": (-1, 0, -1, 2)}, "tree chain: node 2 does not stand after its parent -1"),
        ({"is_action": (True, False, False, True)}, "tree chain: action 0 has no token before it"),
        (
            {"successes": (1, 1, 1, 0), "names": ("p", "a", "o", "b")},
            "tree chain: node b: n_success is 0, but resolved trajectory T0 goes through it",
        ),
        (
            {"pairs": (TokenPair("P", 0, 1, 3, 1.0, 0),)},
            "tree chain: pair P: its two actions are not children of one node",
        ),
    ],
)
def test_a_tree_that_breaks_its_contract_is_refused(change: dict, message: str | None) -> None:
    tree = replace(chain([3, 2, 4, 2]), **change)
    stage: Stage = "dpo" if "pairs" in change else "sft"
    if message is None:
        pack([tree], stage, 64)
        return
    with pytest.raises(TrainerError) as caught:
        pack([tree], stage, 64)
    assert caught.value.message == message
