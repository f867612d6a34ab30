"""The two losses of the paper over bins (equations 3 and 5), and the figures beside them by the names TRL logs.

Sums, not means: whoever holds all bins of an optimizer step, on all ranks, divides once.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from .device_bin import DeviceBin
from .tree_model import EdgeOutput


class DpoResult(NamedTuple):
    """Of the P pairs of a bin; all but `loss` detached. Rewards are beta × (log-probability − reference), in nats."""

    loss: Tensor
    chosen_reward: Tensor
    rejected_reward: Tensor
    #: Chosen minus rejected reward.
    margin: Tensor
    #: Summed log-probabilities of the actions.
    chosen_logp: Tensor
    rejected_logp: Tensor


def action_logp(logp: Tensor, batch: DeviceBin) -> Tensor:
    """(A,) log-probabilities of whole actions: sums of (E,) those of their tokens, always in the same order."""
    # Unsafe skips a look at the lengths that would wait for the device, and that fails where there is no action.
    return torch.segment_reduce(logp, "sum", lengths=batch.edges, axis=0, unsafe=True)


def sft_loss(output: EdgeOutput, batch: DeviceBin, total_weight: float | Tensor) -> Tensor:
    """Equation 3: − Σ w log p over the tokens of actions, divided by `total_weight`.

    w is the number of resolved trajectories through an action. `total_weight`: Σ of `Bin.loss_weight` over the
    optimizer step and all ranks (a mean over tokens), > 0; 1 gives the sum.
    """
    return -(batch.weight[batch.action] * output.logp).sum() / total_weight


def dpo_loss(
    action_logps: Tensor, batch: DeviceBin, reference: Tensor, beta: float, total_weight: float | Tensor
) -> DpoResult:
    """Equation 5: − Σ w log σ(beta Δ) over pairs, divided by `total_weight`.

    action_logps, reference: (A,) log-probabilities of the bin's actions under the policy and under the frozen model
    after SFT. Δ is the chosen action's difference of the two minus the rejected one's. `total_weight` as in `sft_loss`.
    """
    reward = beta * (action_logps - reference.to(action_logps))
    margin = reward[batch.chosen] - reward[batch.rejected]
    loss = -(batch.pair_weight * logsigmoid(margin)).sum() / total_weight
    reward, logps = reward.detach(), action_logps.detach()
    return DpoResult(
        loss,
        reward[batch.chosen],
        reward[batch.rejected],
        margin.detach(),
        logps[batch.chosen],
        logps[batch.rejected],
    )


def sft_figures(output: EdgeOutput, batch: DeviceBin) -> dict[str, Tensor]:
    """Weighted sums over tokens; divided by the sum of `Bin.loss_weight` they are TRL's means over unpacked rows."""
    weight = batch.weight[batch.action]
    return {
        "mean_token_accuracy": (weight * output.correct).sum(),
        "entropy": (weight * output.entropy).sum(),
    }


def dpo_figures(result: DpoResult) -> dict[str, Tensor]:
    """Sums over pairs, whatever these weigh; divided by the number of pairs they are TRL's means."""
    return {
        "rewards/chosen": result.chosen_reward.sum(),
        "rewards/rejected": result.rejected_reward.sum(),
        "rewards/accuracies": (result.margin > 0).to(result.margin.dtype).sum(),
        "rewards/margins": result.margin.sum(),
        "logps/chosen": result.chosen_logp.sum(),
        "logps/rejected": result.rejected_logp.sum(),
    }
