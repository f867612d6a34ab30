"""optimizer.py: the schedule by hand, AdamW against the formula, clipping."""

import math

import pytest
import torch
from torch import nn

from sealign_trainer.optimizer import (
    adamw,
    clip_gradient,
    gradient_norm,
    learning_rate_at,
    set_learning_rate,
    trained,
)


def test_the_learning_rate_rises_in_a_line_then_falls_in_one() -> None:
    rates = [learning_rate_at(step, 10, 1.0, 0.2) for step in range(1, 11)]
    assert rates == pytest.approx([0.5, 1.0, 1.0, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8])


def test_without_warm_up_the_first_step_has_the_peak() -> None:
    assert learning_rate_at(1, 4, 3e-7, 0.0) == 3e-7


def test_all_warm_up_ends_at_the_peak() -> None:
    assert [learning_rate_at(step, 4, 4.0, 1.0) for step in range(1, 5)] == [1.0, 2.0, 3.0, 4.0]


def test_a_step_is_that_of_adamw_by_its_formula() -> None:
    weight = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    optimizer = adamw([weight], weight_decay=0.1)
    value, mean, square = 2.0, 0.0, 0.0
    for step, slope in enumerate((0.3, -0.7), 1):
        set_learning_rate(optimizer, 0.01)
        weight.grad = torch.tensor([slope], dtype=torch.float64)
        optimizer.step()
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        update = (mean / (1 - 0.9**step)) / (math.sqrt(square / (1 - 0.999**step)) + 1e-8)
        value = value - 0.01 * 0.1 * value - 0.01 * update
    assert weight.item() == pytest.approx(value, rel=1e-12)


def test_only_what_requires_a_gradient_is_trained() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    module[0].requires_grad_(False)
    assert list(trained(module)) == ["1.weight", "1.bias"]


def test_a_long_gradient_is_scaled_to_the_longest_and_a_short_one_stays() -> None:
    weights = [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))]
    weights[0].grad, weights[1].grad = torch.tensor([3.0]), torch.tensor([4.0])
    norm = gradient_norm(weights)
    assert norm.item() == 5.0
    clip_gradient(weights, norm, 10.0)
    assert [weights[0].grad.item(), weights[1].grad.item()] == [3.0, 4.0]
    clip_gradient(weights, norm, 1.0)
    assert [weights[0].grad.item(), weights[1].grad.item()] == pytest.approx([0.6, 0.8])
    assert weights[2].grad is None
