"""Validation is by repository: no trees of one repository on both sides."""

import dataclasses

import pytest
from trees import random_token_tree

from sealign_trainer.errors import TrainerError
from sealign_trainer.split import split_trees
from sealign_trainer.token_tree import TokenTree


def tree(name: str, repo: str | None = None, split: str | None = None, *, task: str | None = None) -> TokenTree:
    """A tree with pairs and a resolved trajectory."""
    made = next(
        each for seed in range(100) if (each := random_token_tree(seed, actions=5)).pairs and each.successes[0] > 0
    )
    return dataclasses.replace(made, id=name, repo=repo, split=split, task=task or f"task of {name}")


def bare(name: str, *, pairs: bool = False, resolved: bool = False) -> TokenTree:
    full = tree(name)
    successes = full.successes if resolved else (0,) * full.size
    return dataclasses.replace(full, pairs=full.pairs if pairs else (), successes=successes)


def names(trees: list[TokenTree]) -> list[str]:
    return [each.id for each in trees]


def test_repositories_are_on_one_side() -> None:
    trees = [tree(f"t{number}", f"repo-{number % 7}") for number in range(60)]
    seen: set[str | None] = set()
    for seed in range(20):
        train, val = split_trees(trees, 0.3, seed)
        assert {each.repo for each in train}.isdisjoint(each.repo for each in val)
        assert len({each.repo for each in val}) == 2
        assert sorted(names(train) + names(val)) == sorted(names(trees))
        assert names(train) == [each.id for each in trees if each in train]
        seen |= {each.repo for each in val}
    assert len(seen) == 7


def test_the_same_seed_holds_out_the_same_in_any_order_of_the_trees() -> None:
    trees = [tree(f"t{number}", f"repo-{number % 5}") for number in range(20)]
    assert set(names(split_trees(trees, 0.2, 3)[1])) == set(names(split_trees(trees[::-1], 0.2, 3)[1]))
    assert len({tuple(names(split_trees(trees, 0.2, seed)[1])) for seed in range(30)}) > 2


def test_tasks_are_the_groups_where_fewer_than_two_repositories_are_known() -> None:
    for repos in ((None, None), ("only", "only"), ("only", None)):
        trees = [tree(f"t{number}", repos[number % 2], task=f"task-{number // 2}") for number in range(20)]
        train, val = split_trees(trees, 0.1, 0)
        assert len(val) == 2
        assert {each.task for each in train}.isdisjoint(each.task for each in val)


def test_a_tree_without_a_repository_counts_by_its_task_among_repositories() -> None:
    trees = [tree("a", "x"), tree("b", "y"), tree("c"), tree("d")]
    held_out = {name for seed in range(40) for name in names(split_trees(trees, 0.25, seed)[1])}
    assert held_out == {"a", "b", "c", "d"}
    assert all(len(split_trees(trees, 0.25, seed)[1]) == 1 for seed in range(40))


@pytest.mark.parametrize(("fraction", "groups", "expected"), [
    (0.0, 5, 0), (0.01, 5, 1), (0.1, 1, 0), (0.5, 2, 1), (0.99, 2, 1), (0.99, 5, 4), (0.1, 30, 3), (0.25, 10, 2),
])  # fmt: skip
def test_how_many_are_held_out(fraction: float, groups: int, expected: int) -> None:
    train, val = split_trees([tree(f"t{number}") for number in range(groups)], fraction, 1)
    assert (len(train), len(val)) == (groups - expected, expected)


def test_no_trees_are_no_split() -> None:
    assert split_trees([], 0.5, 0) == ([], [])


def test_what_the_file_says_wins_and_takes_its_repository_along() -> None:
    trees = [tree("a", "x", "val"), tree("b", "x"), tree("c", "y", "train"), tree("d", "y"), tree("e", "z", "train")]
    for fraction in (0.0, 0.3, 0.9):
        train, val = split_trees(trees, fraction, 0)
        assert (names(train), names(val)) == (["c", "d", "e"], ["a", "b"])


def test_what_the_file_holds_out_counts_towards_the_fraction() -> None:
    trees = [tree(f"t{number}", split="val" if number < 2 else None) for number in range(10)]
    assert names(split_trees(trees, 0.2, 0)[1]) == ["t0", "t1"]
    assert len(split_trees(trees, 0.4, 0)[1]) == 4


def test_a_repository_on_both_sides_is_refused() -> None:
    trees = [tree("a", "x", "val"), tree("b", "x", "train"), tree("c", "y")]
    with pytest.raises(TrainerError, match="split: repository x has trees for training and trees for") as refused:
        split_trees(trees, 0.1, 0)
    assert refused.value.name == "trees"
    # With one repository, its Tasks are the groups.
    assert names(split_trees(trees[:2], 0.1, 0)[1]) == ["a"]


def test_both_sides_have_examples_of_both_stages_where_they_can() -> None:
    trees = [bare(f"t{number}", pairs=number < 2, resolved=number % 9 == 0) for number in range(30)]
    for seed in range(20):
        train, val = split_trees(trees, 0.1, seed)
        for side in (train, val):
            assert any(each.pairs for each in side)
            assert any(each.successes[0] for each in side)
        assert 3 <= len(val) <= 5


def test_the_only_group_with_pairs_is_learnt() -> None:
    trees = [bare(f"t{number}", pairs=number == 3, resolved=True) for number in range(6)]
    for seed in range(20):
        train, val = split_trees(trees, 0.4, seed)
        assert "t3" in names(train)
        assert len(val) == 2
