"""The mask against ancestors found by walking (trainer.md section 4, test 1)."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from random_trees import random_tree

from sealign_trainer.bins import Stage
from sealign_trainer.mask import additive_mask, dense_mask, query_chunks
from sealign_trainer.pack import pack
from sealign_trainer.token_tree import TokenTree


def needed(tree: TokenTree, stage: Stage) -> list[int]:
    """Nodes that examples need, in pre-order."""
    kept: set[int] = set()
    for pair in tree.pairs if stage == "dpo" else ():
        kept.update(tree.path(pair.chosen), tree.path(pair.rejected))
    for trajectory in tree.trajectories if stage == "sft" else ():
        path = tree.path(trajectory.leaf) if trajectory.resolved else []
        while path and not tree.is_action[path[-1]]:
            path.pop()
        kept.update(path)
    return sorted(kept)


def seen_by_walking(tree: TokenTree, nodes: list[int]) -> NDArray[np.bool_]:
    """Token by token: one sees itself and what its parent token sees."""
    first, above = {}, []
    for node in nodes:
        parent = tree.parent[node]
        first[node] = len(above)
        before = first[parent] + len(tree.tokens[parent]) - 1 if parent >= 0 else -1
        above += [before, *range(len(above), len(above) + len(tree.tokens[node]) - 1)]
    seen = np.zeros((len(above), len(above)), bool)
    for token, parent in enumerate(above):
        if parent >= 0:
            seen[token] = seen[parent]
        seen[token, token] = True
    return seen


@pytest.mark.parametrize("stage", ["sft", "dpo"])
def test_a_token_sees_exactly_itself_and_its_ancestors_in_1000_random_trees(stage: Stage) -> None:
    compared = 0
    for seed in range(1000):
        tree = random_tree(seed, nodes=3 + seed % 20, longest=4, deep=(seed % 7) / 6)
        nodes = needed(tree, stage)
        for packed in pack([tree], stage, 128).bins:
            mask = dense_mask(packed.end)
            expected = np.eye(128, dtype=bool)
            expected[: packed.used, : packed.used] = seen_by_walking(tree, nodes)
            assert (mask == expected).all()
            depth = mask[: packed.used].sum(axis=1) - 1
            assert (packed.position[: packed.used] == depth).all()
            compared += 1
    assert compared > 500


def test_trees_in_one_bin_do_not_see_each_other() -> None:
    trees = [random_tree(seed, nodes=10) for seed in range(30)]
    for packed in pack(trees, "sft", 400).bins:
        mask = dense_mask(packed.end)
        roots = np.flatnonzero(packed.position[: packed.used] == 0)
        assert len(roots) > 1
        for start, stop in zip(roots, [*roots[1:], packed.used], strict=True):
            assert not mask[start:stop, :start].any()
            assert not mask[stop:, start:stop].any()


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_chunks_of_queries_are_the_dense_mask_without_unseen_keys(size: int) -> None:
    trees = [random_tree(seed, nodes=25) for seed in range(8)]
    for packed in pack(trees, "sft", 300).bins:
        mask = dense_mask(packed.end)
        chunks = query_chunks(packed.end, torch.float64, size=size)
        assert [chunk.start for chunk in chunks] == list(range(0, 300, size))
        again = np.zeros_like(mask)
        for chunk in chunks:
            keys = chunk.keys.numpy()
            assert chunk.mask.shape == (1, 1, chunk.stop - chunk.start, len(keys))
            assert set(chunk.mask.unique().tolist()) <= {0.0, float("-inf")}
            # No key is gathered for nothing.
            assert (chunk.mask[0, 0] == 0).any(dim=0).all()
            again[chunk.start : chunk.stop, keys] = (chunk.mask[0, 0] == 0).numpy()
        assert (again == mask).all()


def test_the_additive_mask_is_zero_where_seen() -> None:
    sees = dense_mask(np.array([3, 2, 3]))
    assert sees.tolist() == [[True, False, False], [True, True, False], [True, False, True]]
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        mask = additive_mask(sees, dtype)
        assert mask.dtype == dtype
        assert torch.equal(mask == 0, torch.from_numpy(sees))
        assert torch.isinf(mask[~torch.from_numpy(sees)]).all()
