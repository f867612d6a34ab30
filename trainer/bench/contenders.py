"""Three ways to compute the same DPO loss of the same pairs: padded rows (TRL), a row a pair, trees in bins."""

import copy
import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sealign_trainer.bins import ActionRef, Bin
from sealign_trainer.device_bin import Backend, to_device
from sealign_trainer.losses import action_logp, dpo_loss
from sealign_trainer.pack import Packing, pack
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.tree_model import TreeModel

from .padded import PaddedPairs, logits_of_actions_only
from .pair_rows import Action, PairRow, longest, pair_tree

BETA = 0.1
#: Actions by the tree that a bin's own trees stand for.
Reference = dict[Action, float]


class Contender(Protocol):
    """One way."""

    name: str

    @property
    def tokens(self) -> int:
        """Forwarded by a pass over the pairs, without padding."""

    @property
    def padded_tokens(self) -> int:
        """And with it."""

    @property
    def model(self) -> torch.nn.Module: ...

    def losses(self) -> Iterator[Tensor]:
        """Parts of the mean loss over all pairs, one per forward pass; each is to be backpropagated before the next."""


class Binned:
    """Bins of trees, or of pairs as trees of their own, through TreeModel."""

    def __init__(
        self,
        name: str,
        model: TreeModel,
        packings: Sequence[Packing],
        actions: dict[int, dict[int, Action]] | None,
        reference: Reference,
        attention: Backend,
    ) -> None:
        self.name = name
        self._tree_model = model
        self._bins = [each for packing in packings for each in packing.bins]
        self._reference = reference
        self._actions = actions
        self._attention: Backend = attention
        self._pairs = sum(len(each.pairs) for each in self._bins)

    @property
    def model(self) -> torch.nn.Module:
        return self._tree_model

    @property
    def bins(self) -> list[Bin]:
        return self._bins

    @property
    def tokens(self) -> int:
        return sum(each.used for each in self._bins)

    @property
    def padded_tokens(self) -> int:
        # The dense back end forwards the used positions alone.
        return self.tokens if self._attention == "dense" else sum(each.length for each in self._bins)

    def losses(self) -> Iterator[Tensor]:
        parameter = next(self._tree_model.parameters())
        for each in self._bins:
            batch = to_device(each, parameter.device, parameter.dtype, self._attention)
            reference = torch.tensor([self._reference[self._original(ref)] for ref in each.actions])
            logp = action_logp(self._tree_model(batch).logp, batch)
            yield dpo_loss(logp, batch, reference, BETA, self._pairs).loss

    def _original(self, ref: ActionRef) -> Action:
        return (ref.tree, ref.node) if self._actions is None else self._actions[ref.tree][ref.node]


class Padded:
    """TRL's DPOTrainer, pairs in random order as a trainer draws them."""

    def __init__(
        self,
        name: str,
        padded: PaddedPairs,
        rows: Sequence[PairRow],
        reference: Reference,
    ) -> None:
        self.name = name
        self._padded = padded
        self._rows = list(rows)
        random.Random(0).shuffle(self._rows)
        self._batches = padded.batches(self._rows, reference)
        self._head_on_actions = True

    @property
    def model(self) -> torch.nn.Module:
        return self._padded.model

    @property
    def tokens(self) -> int:
        return sum(row.padded_tokens for row in self._rows)

    @property
    def padded_tokens(self) -> int:
        return sum(batch["input_ids"].numel() for batch in self._batches)

    def with_every_logit(self) -> "Padded":
        """The same as TRL computes it on a CPU: output head on every position."""
        other = copy.copy(self)
        other._head_on_actions = False
        return other

    def close(self) -> None:
        self._padded.close()

    def losses(self) -> Iterator[Tensor]:
        with logits_of_actions_only() if self._head_on_actions else nullcontext():
            for batch in self._batches:
                yield self._padded.loss(batch) * (len(batch["input_ids"]) / 2 / len(self._rows))


def trees_in_bins(
    model: TreeModel, trees: Sequence[TokenTree], reference: Reference, length: int, attention: Backend
) -> Binned:
    return Binned("trees", model, [pack(trees, "dpo", length)], None, reference, attention)


def pairs_in_rows(model: TreeModel, rows: Sequence[PairRow], reference: Reference) -> Binned:
    """Each pair a row `prompt | chosen | rejected` of its own length: pair sharing without any padding."""
    length = longest(rows)
    trees = [pair_tree(row, f"p{at}") for at, row in enumerate(rows)]
    packings = [pack([tree], "dpo", length) for tree in trees]
    bins = [_of_tree(packing, at) for at, packing in enumerate(packings)]
    actions = {at: {1: row.chosen_action, 2: row.rejected_action} for at, row in enumerate(rows)}
    return Binned("pair sharing", model, bins, actions, reference, "dense")


def _of_tree(packing: Packing, tree: int) -> Packing:
    """The packing of one tree, its actions ascribed to that tree of a longer list."""
    bins = [replace(each, actions=tuple(ActionRef(tree, ref.node) for ref in each.actions)) for each in packing.bins]
    return Packing(bins, packing.dropped)


def padded_rows(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[PairRow],
    reference: Reference,
    batch: int,
) -> Padded:
    """TRL as it computes on a GPU: output head on actions alone."""
    return Padded("padded pairs", PaddedPairs(model, tokenizer, beta=BETA, batch=batch), rows, reference)


def reference_of(model: TreeModel, bins: Sequence[Bin], attention: Backend, noise: float) -> Reference:
    """Log-probabilities of every action as a reference that differs from the policy by N(0, noise²) nats an action.

    With the policy itself as reference every pair's loss would be ln 2, whatever the forward pass gave.
    """
    drawn = random.Random(0)
    reference: Reference = {}
    parameter = next(model.parameters())
    with torch.no_grad():
        for each in bins:
            batch = to_device(each, parameter.device, parameter.dtype, attention)
            values = action_logp(model(batch).logp, batch).tolist()
            for ref, value in zip(each.actions, values, strict=True):
                key = (ref.tree, ref.node)
                if key not in reference:
                    reference[key] = value + drawn.gauss(0.0, noise)
    return reference


def tree_model(model: PreTrainedModel, attention: Backend) -> TreeModel:
    """A TreeModel on a copy: it changes the model's attention."""
    return TreeModel(copy.deepcopy(model), attention)
