"""What a stage would see of a few examples: the text of their tokens, and which of it carries loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, TypeVar

from transformers import PreTrainedTokenizerBase

from .bins import Stage
from .corpus import Corpus
from .token_tree import TokenTrajectory, TokenTree

T = TypeVar("T")


class Run(TypedDict):
    """Neighbouring tokens with loss, or without."""

    text: str
    loss: bool


@dataclass(frozen=True, slots=True)
class RenderedSample:
    #: Of the pair (dpo) or the resolved trajectory (sft).
    id: str
    tree: str
    #: dpo only.
    side: Literal["chosen", "rejected"] | None
    runs: tuple[Run, ...]
    tokens: int
    loss_tokens: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "tree": self.tree,
            "side": self.side,
            "tokens": self.tokens,
            "lossTokens": self.loss_tokens,
            "runs": [*self.runs],
        }


def sample(corpus: Corpus, tokenizer: PreTrainedTokenizerBase, stage: Stage, n: int) -> list[RenderedSample]:
    """Up to n examples, spread over the corpus: resolved trajectories for `sft`, pairs (two samples each) for `dpo`.

    The text is decoded from the ids that are trained on, special tokens included.
    """
    if stage == "sft":
        ends = [(tree, each) for tree in corpus.trees for each in tree.trajectories if each.resolved]
        return [_trajectory(tokenizer, tree, each) for tree, each in _spread(ends, n)]
    pairs = [(tree, pair) for tree in corpus.trees for pair in tree.pairs]
    return [
        _rendered(tokenizer, tree, pair.id, side, tree.path(node), {node})
        for tree, pair in _spread(pairs, n)
        for side, node in (("chosen", pair.chosen), ("rejected", pair.rejected))
    ]


def _trajectory(tokenizer: PreTrainedTokenizerBase, tree: TokenTree, each: TokenTrajectory) -> RenderedSample:
    path = tree.path(each.leaf)
    return _rendered(tokenizer, tree, each.id, None, path, {node for node in path if tree.is_action[node]})


def _rendered(
    tokenizer: PreTrainedTokenizerBase,
    tree: TokenTree,
    name: str,
    side: Literal["chosen", "rejected"] | None,
    path: Sequence[int],
    learnt: set[int],
) -> RenderedSample:
    runs: list[Run] = []
    ids: list[int] = []
    for place, node in enumerate(path):
        ids.extend(tree.tokens[node].tolist())
        loss = node in learnt
        if place + 1 == len(path) or (path[place + 1] in learnt) != loss:
            # Decoded together: a character may have several tokens, also across two nodes without loss.
            text = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
            runs.append({"text": text, "loss": loss})
            ids = []
    lengths = {node: len(tree.tokens[node]) for node in path}
    return RenderedSample(
        name, tree.id, side, tuple(runs), sum(lengths.values()), sum(lengths[node] for node in path if node in learnt)
    )


def _spread(values: Sequence[T], n: int) -> list[T]:
    if len(values) <= n:
        return [*values]
    return [values[index * len(values) // n] for index in range(n)]
