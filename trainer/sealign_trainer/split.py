"""Which trees are held out for validation: whole repositories, never some pairs of one that is learnt."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from .errors import TrainerError
from .token_tree import TokenTree


def split_trees(trees: Sequence[TokenTree], fraction: float, seed: int) -> tuple[list[TokenTree], list[TokenTree]]:
    """Training trees and validation trees, each in the order of `trees`.

    Groups are repositories, or Tasks where fewer than two repositories are known (a tree without a repository then
    counts by its Task); a group is on one side. A tree's own `split` decides for its group. Of the others, groups are
    held out in an order that hashes of seed and name give: `fraction` in [0, 1) of all groups, at least one where there
    are two. For each stage that has examples in two groups or more, some are learnt and some held out (which may take
    one group more); what only one group has is learnt. With fraction 0 nothing but a tree's own `split` holds out
    anything.
    Raises TrainerError `trees` where trees of one repository (or Task) have different `split`s.
    """
    groups = _groups(trees)
    own = {name: _own_split(name, group) for name, group in groups.items()}
    held_out = {name for name, split in own.items() if split == "val"}
    if fraction > 0:
        free = sorted((name for name, split in own.items() if split is None), key=lambda name: _hash(seed, name))
        _hold_out(groups, free, held_out, max(1, round(fraction * len(groups))))
    chosen = {id(tree) for name in held_out for tree in groups[name]}
    return [tree for tree in trees if id(tree) not in chosen], [tree for tree in trees if id(tree) in chosen]


def _hold_out(groups: dict[str, list[TokenTree]], free: Sequence[str], held_out: set[str], wanted: int) -> None:
    """Adds to `held_out` from `free`, in its order."""
    having = [{name for name, group in groups.items() if has(group)} for has in _KINDS]

    def may_be(name: str) -> bool:
        learnt = groups.keys() - held_out - {name}
        return bool(learnt) and all(name not in names or learnt & names for names in having)

    for name in free:
        if len(held_out) < wanted and may_be(name):
            held_out.add(name)
    for names in having:
        if not names & held_out:
            held_out.update([name for name in free if name in names and may_be(name)][:1])


def _groups(trees: Sequence[TokenTree]) -> dict[str, list[TokenTree]]:
    by_repository = len({tree.repo for tree in trees if tree.repo is not None}) > 1
    groups: dict[str, list[TokenTree]] = {}
    for tree in trees:
        name = f"repository {tree.repo}" if by_repository and tree.repo is not None else f"task {tree.task}"
        groups.setdefault(name, []).append(tree)
    return groups


def _own_split(name: str, group: Iterable[TokenTree]) -> str | None:
    splits = {tree.split for tree in group if tree.split is not None}
    if len(splits) > 1:
        raise TrainerError(
            "trees",
            f"split: {name} has trees for training and trees for validation, expected all of it on one side",
            "Give its trees one split, or null to have the trainer choose.",
        )
    return next(iter(splits), None)


def _hash(seed: int, name: str) -> bytes:
    return hashlib.sha256(json.dumps([seed, name]).encode()).digest()


def _has_resolved(group: Iterable[TokenTree]) -> bool:
    return any(tree.successes[0] > 0 for tree in group)


def _has_pairs(group: Iterable[TokenTree]) -> bool:
    return any(tree.pairs for tree in group)


#: What the stages `sft` and `dpo` learn from.
_KINDS: Final[tuple[Callable[[Iterable[TokenTree]], bool], ...]] = (_has_resolved, _has_pairs)
