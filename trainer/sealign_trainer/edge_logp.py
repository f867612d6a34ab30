"""Log-probabilities of chosen tokens from hidden states, without the logits of all positions (trainer.md section 3)."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from .device_bin import precise

#: Logits that exist at one time, 512 MiB in float32.
LOGITS_AT_ONCE = 2**27


def edge_logp(
    hidden: Tensor, weight: Tensor, target: Tensor, chunk: int | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """log softmax(hidden @ weight.T) at target, and what the monitor shows of the same distribution.

    hidden: (E, size), weight: (V, size) of one dtype, target: (E,) int64. `chunk`: rows at a time; by default as many
    as LOGITS_AT_ONCE allows. Products are taken in the dtype of the model and summed in float32 (float64 in float64);
    the backward pass computes the logits of a chunk again rather than keep them.
    Returns logp (E,), entropy in nats (E,) and whether the target is the likeliest token (E,); only logp has gradients.
    """
    kind = hidden.device.type
    if torch.is_autocast_enabled(kind):
        dtype = torch.get_autocast_dtype(kind)
        hidden, weight = hidden.to(dtype), weight.to(dtype)
    rows = chunk or max(LOGITS_AT_ONCE // weight.shape[0], 1)
    return _EdgeLogp.apply(hidden.to(weight.dtype), weight, target, rows)


class _EdgeLogp(Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, target: Tensor, rows: int) -> tuple[Tensor, Tensor, Tensor]:
        count = len(target)
        logp = torch.empty(count, dtype=precise(hidden.dtype), device=hidden.device)
        entropy, total = torch.empty_like(logp), torch.empty_like(logp)
        correct = torch.empty(count, dtype=torch.bool, device=hidden.device)
        with torch.autocast(hidden.device.type, enabled=False):
            for at in range(0, count, rows):
                here = slice(at, at + rows)
                logits = _logits(hidden[here], weight)
                total[here] = logits.logsumexp(1)
                correct[here] = logits.argmax(1) == target[here]
                logits -= total[here, None]
                logp[here] = logits.gather(1, target[here, None])[:, 0]
                entropy[here] = -(logits.exp() * logits).sum(1)
        ctx.save_for_backward(hidden, weight, target, total)
        ctx.rows = rows
        ctx.mark_non_differentiable(entropy, correct)
        return logp, entropy, correct

    @staticmethod
    def backward(ctx: Any, slope: Tensor, *_: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        hidden, weight, target, total = ctx.saved_tensors
        to_hidden = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        to_weight = torch.zeros_like(weight, dtype=precise(weight.dtype)) if ctx.needs_input_grad[1] else None
        with torch.autocast(hidden.device.type, enabled=False):
            for at in range(0, len(target), ctx.rows):
                here = slice(at, at + ctx.rows)
                part = slope[here, None].to(total.dtype)
                change = (_logits(hidden[here], weight) - total[here, None]).exp_().mul_(-part)
                change.scatter_add_(1, target[here, None], part)
                change = change.to(weight.dtype)
                if to_hidden is not None:
                    to_hidden[here] = change @ weight
                if to_weight is not None:
                    to_weight += _product(change.t(), hidden[here])
        return to_hidden, None if to_weight is None else to_weight.to(weight.dtype), None, None


def _logits(hidden: Tensor, weight: Tensor) -> Tensor:
    return _product(hidden, weight.t())


def _product(left: Tensor, right: Tensor) -> Tensor:
    """left @ right, summed and returned in float32 (float64 where they are)."""
    exact = precise(left.dtype)
    if left.dtype == exact:
        return left @ right
    if left.is_cuda:
        return torch.mm(left, right, out_dtype=exact)
    return left.to(exact) @ right.to(exact)
