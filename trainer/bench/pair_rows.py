"""Pairs as rows of token ids: what trainers that know no trees are given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sealign_trainer.token_tree import Ids, TokenPair, TokenTree

#: An action: position of the tree, and the node in it.
Action = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: the prefix, and the two actions that follow it."""

    prompt: Ids
    chosen: Ids
    rejected: Ids
    chosen_action: Action
    rejected_action: Action

    @property
    def padded_tokens(self) -> int:
        """Of two rows without padding: the prefix counts twice."""
        return 2 * len(self.prompt) + self.action_tokens

    @property
    def shared_tokens(self) -> int:
        """Of one row `prompt | chosen | rejected`."""
        return len(self.prompt) + self.action_tokens

    @property
    def action_tokens(self) -> int:
        return len(self.chosen) + len(self.rejected)


def pair_rows(trees: Sequence[TokenTree]) -> list[PairRow]:
    """Every pair of the trees as a row, tree by tree."""
    rows: list[PairRow] = []
    for at, tree in enumerate(trees):
        for pair in tree.pairs:
            prompt = np.concatenate([tree.tokens[node] for node in tree.path(pair.at)])
            chosen, rejected = tree.tokens[pair.chosen], tree.tokens[pair.rejected]
            rows.append(PairRow(prompt, chosen, rejected, (at, pair.chosen), (at, pair.rejected)))
    return rows


def unweighted(tree: TokenTree) -> TokenTree:
    """The tree with pairs that all weigh 1: TRL knows no weights."""
    return replace(tree, pairs=tuple(replace(pair, weight=1.0) for pair in tree.pairs))


def pair_tree(row: PairRow, name: str) -> TokenTree:
    """A tree of one pair: packed, it is the row of pair sharing (arXiv 2410.20305)."""
    return TokenTree(
        id=name,
        repo=None,
        task=name,
        split=None,
        parent=(-1, 0, 0),
        tokens=(row.prompt, row.chosen, row.rejected),
        is_action=(False, True, True),
        successes=(0, 0, 0),
        pairs=(TokenPair(name, 0, 1, 2, 1.0, 0),),
    )


def longest(rows: Iterable[PairRow]) -> int:
    """Tokens of the longest prefix with both its actions: the smallest bin that holds every pair."""
    return max(row.shared_tokens for row in rows)
