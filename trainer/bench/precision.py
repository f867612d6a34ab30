"""How far bfloat16 is from float64: trees through our attention against plain rows (trainer.md section 4, test 8)."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from sealign_trainer.device_bin import Backend, to_device
from sealign_trainer.losses import action_logp, dpo_loss
from sealign_trainer.pack import pack
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.tree_model import TreeModel
from sealign_trainer.unpacked import pair_rows, unpacked_dpo_loss, unpacked_pair_logps

from .contenders import BETA


@dataclass(frozen=True, slots=True)
class Errors:
    """Of bfloat16 against float64: largest of an action's log-probability (nats); of the whole gradient, relative."""

    tree_logp: float
    row_logp: float
    tree_gradient: float
    row_gradient: float

    @property
    def holds(self) -> bool:
        """Trees are at most half as wrong again as rows."""
        return self.tree_logp <= 1.5 * self.row_logp and self.tree_gradient <= 1.5 * self.row_gradient


def bfloat16_errors(
    model: PreTrainedModel, trees: Sequence[TokenTree], length: int, device: torch.device, attention: Backend
) -> Errors:
    """model: float32 on the CPU. All pairs must fit bins of `length`."""
    half = copy.deepcopy(model).to(device, torch.bfloat16)
    # Both start from the weights that bfloat16 has: what differs is the computing.
    exact = copy.deepcopy(half).to(torch.float64)
    true_logp, true_gradient = _trees(exact, trees, length, "dense")
    tree_logp, tree_gradient = _trees(copy.deepcopy(half), trees, length, attention)
    row_logp, row_gradient = _rows(half, trees)
    norm = true_gradient.norm()
    return Errors(
        float((tree_logp - true_logp).abs().max()),
        float((row_logp - true_logp).abs().max()),
        float((tree_gradient - true_gradient).norm() / norm),
        float((row_gradient - true_gradient).norm() / norm),
    )


def _trees(
    model: PreTrainedModel, trees: Sequence[TokenTree], length: int, attention: Backend
) -> tuple[Tensor, Tensor]:
    """(2P,) log-probabilities of chosen and rejected actions in the order of the pairs' ids, and the gradient."""
    tree_model = TreeModel(model, attention)
    bins = pack(trees, "dpo", length).bins
    pairs = sum(len(each.pairs) for each in bins)
    found: dict[str, tuple[Tensor, Tensor]] = {}
    for each in bins:
        batch = to_device(each, model.device, model.dtype, attention)
        logp = action_logp(tree_model(batch).logp, batch)
        dpo_loss(logp, batch, torch.zeros_like(logp), BETA, pairs).loss.backward()
        for pair in each.pairs:
            found[pair.id] = (logp[pair.chosen].detach(), logp[pair.rejected].detach())
    values = torch.stack([side for name in sorted(found) for side in found[name]])
    return values.double(), _gradient(model)


def _rows(model: PreTrainedModel, trees: Sequence[TokenTree]) -> tuple[Tensor, Tensor]:
    pairs = sorted(pair_rows(trees), key=lambda pair: pair.id)
    values: list[Tensor] = []
    for pair in pairs:
        logps = unpacked_pair_logps(model, [pair])
        (unpacked_dpo_loss(logps, torch.zeros_like(logps), [pair], BETA) / len(pairs)).backward()
        values.append(logps.detach().flatten())
    return torch.cat(values).double(), _gradient(model)


def _gradient(model: nn.Module) -> Tensor:
    return torch.cat([each.grad.flatten().double() for each in model.parameters() if each.grad is not None])
