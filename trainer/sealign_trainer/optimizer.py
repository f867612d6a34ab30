"""AdamW with a learning rate that rises in a line and falls in one (paper section 5.4)."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

#: Kingma and Ba 2015, section 2; the paper gives none.
BETAS = (0.9, 0.999)
EPSILON = 1e-8


def trained(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that training changes, by name."""
    return {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}


def adamw(parameters: Iterable[nn.Parameter], weight_decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019); the learning rate is set before every step."""
    return torch.optim.AdamW(parameters, lr=0.0, betas=BETAS, eps=EPSILON, weight_decay=weight_decay)


def learning_rate_at(step: int, total: int, peak: float, warmup: float) -> float:
    """The learning rate of `step` (from 1 to `total`): up to `peak` in a line, then down in one, above 0 to the end.

    warmup: share of the steps in which it rises, in [0, 1].
    """
    rising = round(total * warmup)
    if step <= rising:
        return peak * step / rising
    return peak * (total - step + 1) / (total - rising)


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = value


def gradient_norm(parameters: Iterable[nn.Parameter]) -> Tensor:
    """Euclidean length of the whole gradient, also of one that is sharded over ranks; a scalar, at least fp32."""
    norm = torch.nn.utils.get_total_norm([each.grad for each in parameters if each.grad is not None])
    return norm.full_tensor() if isinstance(norm, DTensor) else norm


def clip_gradient(parameters: Iterable[nn.Parameter], norm: Tensor, longest: float) -> None:
    """Scales the gradient, whose length is `norm`, down to `longest` where it is longer."""
    scale = longest / norm
    if scale < 1:
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad.mul_(scale)
