"""The two losses and their figures against numbers worked out by hand (paper eq. 3, 5; trainer.md 4, tests 4, 5)."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from random_trees import counted, random_tree
from torch import Tensor
from transformers import Qwen2ForCausalLM

from sealign_trainer.bins import Stage
from sealign_trainer.device_bin import DeviceBin, to_device
from sealign_trainer.losses import action_logp, dpo_figures, dpo_loss, sft_figures, sft_loss
from sealign_trainer.pack import pack
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.tree_model import EdgeOutput, TreeModel


@pytest.fixture(scope="module")
def policy(tiny_folder: Path) -> TreeModel:
    return TreeModel(Qwen2ForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32), "dense")


@pytest.fixture(scope="module")
def trees() -> list[TokenTree]:
    return [random_tree(seed, nodes=22, vocabulary=256, deep=0.35) for seed in range(5)]


def batches(
    trees: list[TokenTree], stage: Stage, length: int, dtype: torch.dtype = torch.float32
) -> tuple[list[DeviceBin], float]:
    bins = pack(trees, stage, length).bins
    return [to_device(each, "cpu", dtype, "dense") for each in bins], sum(each.loss_weight for each in bins)


def some_batch(stage: Stage, trees: list[TokenTree]) -> DeviceBin:
    found, _ = batches(trees, stage, 600, torch.float64)
    assert len(found) == 1
    return found[0]


def random_output(batch: DeviceBin, seed: int = 0) -> EdgeOutput:
    generator = torch.Generator().manual_seed(seed)
    logp = -torch.rand(len(batch.source), generator=generator, dtype=torch.float64) * 3
    correct = torch.rand(len(batch.source), generator=generator) < 0.5
    return EdgeOutput(logp.requires_grad_(), logp.detach().abs() / 2, correct)


def test_action_log_probabilities_are_sums_over_their_tokens(trees: list[TokenTree]) -> None:
    batch = some_batch("sft", trees)
    logp = random_output(batch).logp
    sums = action_logp(logp, batch)
    expected = [logp[batch.action == number].sum() for number in range(len(batch.weight))]
    torch.testing.assert_close(sums, torch.stack(expected), rtol=1e-14, atol=0)
    slope = torch.arange(len(sums), dtype=torch.float64)
    (gradient,) = torch.autograd.grad(sums, logp, slope)
    assert torch.equal(gradient, slope[batch.action])


def test_sft_weighs_a_token_by_the_resolved_trajectories_through_it(trees: list[TokenTree]) -> None:
    batch = some_batch("sft", trees)
    output = random_output(batch)
    assert batch.weight.max() > 1
    expected = accuracy = entropy = 0.0
    for edge, action in enumerate(batch.action.tolist()):
        weight = batch.weight[action].item()
        expected -= weight * output.logp[edge].item()
        accuracy += weight * output.correct[edge].item()
        entropy += weight * output.entropy[edge].item()
    assert sft_loss(output, batch, 1.0).item() == pytest.approx(expected, rel=1e-14)
    assert sft_loss(output, batch, 8.0).item() == pytest.approx(expected / 8, rel=1e-14)
    figures = {name: value.item() for name, value in sft_figures(output, batch).items()}
    assert figures == pytest.approx({"mean_token_accuracy": accuracy, "entropy": entropy}, rel=1e-14)


def test_dpo_is_the_paper_s_equation(trees: list[TokenTree]) -> None:
    batch = some_batch("dpo", trees)
    generator = torch.Generator().manual_seed(1)
    policy, reference = torch.randn(2, len(batch.weight), generator=generator, dtype=torch.float64) * 4
    beta, total = 0.25, 7.0
    result = dpo_loss(policy, batch, reference, beta, total)
    loss = 0.0
    for pair, (chosen, rejected) in enumerate(zip(batch.chosen.tolist(), batch.rejected.tolist(), strict=True)):
        better = beta * (policy[chosen] - reference[chosen]).item()
        worse = beta * (policy[rejected] - reference[rejected]).item()
        loss -= batch.pair_weight[pair].item() * math.log(1 / (1 + math.exp(worse - better)))
        assert result.chosen_reward[pair].item() == pytest.approx(better, rel=1e-13)
        assert result.rejected_reward[pair].item() == pytest.approx(worse, rel=1e-13)
        assert result.margin[pair].item() == pytest.approx(better - worse, rel=1e-12)
        assert result.chosen_logp[pair] == policy[chosen]
        assert result.rejected_logp[pair] == policy[rejected]
    assert result.loss.item() == pytest.approx(loss / total, rel=1e-13)
    figures = dpo_figures(result)
    assert figures["rewards/accuracies"].item() == sum(margin > 0 for margin in result.margin.tolist())
    assert figures["rewards/margins"].item() == pytest.approx(sum(result.margin.tolist()))


def test_margins_of_any_size_give_a_finite_loss(trees: list[TokenTree]) -> None:
    batch = some_batch("dpo", trees)
    for size in (1e4, -1e4):
        policy = torch.zeros_like(batch.weight)
        policy[batch.chosen] = size
        policy.requires_grad_()
        loss = dpo_loss(policy, batch, torch.zeros_like(policy), 1.0, 1.0).loss
        (gradient,) = torch.autograd.grad(loss, policy)
        assert loss.isfinite()
        assert gradient.isfinite().all()


def reference_of(policy: TreeModel, batch: DeviceBin) -> Tensor:
    with torch.no_grad():
        return action_logp(policy(batch).logp, batch)


@pytest.mark.parametrize("length", [64, 300])
def test_dpo_begins_at_ln_2_where_the_reference_is_the_same_model(
    policy: TreeModel, trees: list[TokenTree], length: int
) -> None:
    found, total = batches(trees, "dpo", length)
    loss = 0.0
    for batch in found:
        # As from a cache: float32 on the way.
        reference = torch.from_numpy(reference_of(policy, batch).numpy().astype("float32"))
        result = dpo_loss(action_logp(policy(batch).logp, batch), batch, reference, 0.1, total)
        loss += result.loss.item()
        assert result.margin.abs().max() == 0
    assert abs(loss - math.log(2)) <= 1e-6


def total_loss(policy: TreeModel, trees: list[TokenTree], stage: Stage) -> tuple[float, Tensor]:
    """The loss over all bins, and the gradient of the first layer's query weights."""
    found, total = batches(trees, stage, 300)
    terms = []
    for batch in found:
        output = policy(batch)
        if stage == "sft":
            terms.append(sft_loss(output, batch, total))
        else:
            logps = action_logp(output.logp, batch)
            reference = torch.linspace(-9, 3, 256)[batch.tokens[0, batch.source[batch.edges.cumsum(0) - 1]]]
            terms.append(dpo_loss(logps, batch, reference, 0.3, total).loss)
    loss = torch.stack(terms).sum()
    (gradient,) = torch.autograd.grad(loss, [policy.layers[0].self_attn.q_proj.weight])
    return loss.item(), gradient


def test_a_pair_given_k_times_equals_a_pair_of_weight_k(policy: TreeModel, trees: list[TokenTree]) -> None:
    often, heavy = [], []
    for tree in trees:
        copies = tuple(replace(p, id=f"{p.id}/{n}") for k, p in enumerate(tree.pairs) for n in range(1 + k % 3))
        often.append(replace(tree, pairs=copies))
        heavier = tuple(replace(p, weight=p.weight * (1 + k % 3)) for k, p in enumerate(tree.pairs))
        heavy.append(replace(tree, pairs=heavier))
    assert sum(len(tree.pairs) for tree in often) > sum(len(tree.pairs) for tree in heavy)
    one, slope = total_loss(policy, often, "dpo")
    other, other_slope = total_loss(policy, heavy, "dpo")
    plain, _ = total_loss(policy, trees, "dpo")
    assert one == pytest.approx(other, rel=1e-6)
    assert one != pytest.approx(plain, rel=1e-3)
    torch.testing.assert_close(slope, other_slope, rtol=1e-4, atol=1e-7)


def test_a_trajectory_given_k_times_equals_multiplicity_k(policy: TreeModel, trees: list[TokenTree]) -> None:
    often = []
    for tree in trees:
        repeated = [replace(t, id=f"{t.id}/{n}") for k, t in enumerate(tree.trajectories) for n in range(1 + k % 3)]
        often.append(counted(replace(tree, trajectories=tuple(repeated))))
    loss, slope = total_loss(policy, often, "sft")
    # The same by hand: every trajectory's own loss, so many times.
    parts, tokens = torch.zeros(()), 0
    for tree in trees:
        for number, trajectory in enumerate(tree.trajectories):
            alone = counted(replace(tree, trajectories=(trajectory,)))
            for batch in batches([alone], "sft", 300)[0]:
                assert (batch.weight == 1).all()
                times = 1 + number % 3
                parts = parts + times * sft_loss(policy(batch), batch, 1.0)
                tokens += times * len(batch.source)
    expected = parts / tokens
    (wanted,) = torch.autograd.grad(expected, [policy.layers[0].self_attn.q_proj.weight])
    plain, _ = total_loss(policy, trees, "sft")
    assert loss == pytest.approx(expected.item(), rel=1e-6)
    assert loss != pytest.approx(plain, rel=1e-3)
    torch.testing.assert_close(slope, wanted, rtol=1e-4, atol=1e-6)
