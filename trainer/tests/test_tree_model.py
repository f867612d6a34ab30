"""A packed tree and the same examples as ordinary rows: one loss, one gradient, in float64 (trainer.md 4, test 2)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from random_trees import random_tree, with_other_siblings_first
from torch import Tensor, nn
from transformers import Qwen2Config, Qwen2ForCausalLM

from sealign_trainer.bins import Stage
from sealign_trainer.device_bin import to_device
from sealign_trainer.edge_logp import edge_logp
from sealign_trainer.errors import TrainerError
from sealign_trainer.losses import action_logp, dpo_figures, dpo_loss, sft_figures, sft_loss
from sealign_trainer.pack import pack
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.tree_model import TreeModel
from sealign_trainer.unpacked import (
    pair_rows,
    plain_attention,
    row_logp,
    trajectory_rows,
    unpacked_dpo_loss,
    unpacked_pair_logps,
    unpacked_sft_loss,
)

BETA = 0.3
Method = str
Load = Callable[..., TreeModel]


@pytest.fixture(scope="module")
def load(tiny_folder: Path) -> Load:
    """Tiny Qwen2 (grouped queries, rotary positions, biases) with every weight or an adapter trained."""

    def loaded(method: Method = "full", dtype: torch.dtype = torch.float64, seed: int = 0, **options) -> TreeModel:
        model: nn.Module = Qwen2ForCausalLM.from_pretrained(tiny_folder, dtype=dtype)
        if method == "lora":
            config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
            model = get_peft_model(model, config)
            generator = torch.Generator().manual_seed(seed)
            with torch.no_grad():
                for name, weight in model.named_parameters():
                    # B starts at zero, which would hide A's gradients.
                    if "lora_" in name:
                        weight.copy_(torch.randn(weight.shape, generator=generator, dtype=torch.float64) * 0.1)
            model = model.to(dtype)
        return TreeModel(model, "dense", **options).train()

    return loaded


@pytest.fixture(scope="module")
def trees() -> list[TokenTree]:
    return [random_tree(seed, nodes=22, vocabulary=256, deep=0.35) for seed in range(5)]


def gradients(model: nn.Module, loss: Tensor) -> dict[str, Tensor]:
    named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    found = torch.autograd.grad(loss, named.values(), retain_graph=True)
    return dict(zip(named, found, strict=True))


def packed_loss(
    tree_model: TreeModel, trees: Sequence[TokenTree], stage: Stage, length: int, reference_of: nn.Module | None = None
) -> tuple[Tensor, int]:
    """The loss of all bins together, and how many there are."""
    bins = pack(trees, stage, length).bins
    assert sum(len(each.examples) for each in bins) == len(
        pair_rows(trees) if stage == "dpo" else trajectory_rows(trees)
    )
    total = sum(each.loss_weight for each in bins)
    dtype = tree_model.causal_lm.dtype
    terms = []
    for each in bins:
        batch = to_device(each, "cpu", dtype, "dense")
        output = tree_model(batch)
        if stage == "sft":
            terms.append(sft_loss(output, batch, total))
            continue
        assert reference_of is not None
        with torch.no_grad():
            reference = action_logp(reference_of(batch).logp, batch)
        terms.append(dpo_loss(action_logp(output.logp, batch), batch, reference, BETA, total).loss)
    return torch.stack(terms).sum(), len(bins)


def unpacked_loss(model: nn.Module, trees: Sequence[TokenTree], stage: Stage, reference_of: nn.Module) -> Tensor:
    if stage == "sft":
        return unpacked_sft_loss(model, trajectory_rows(trees))
    rows = pair_rows(trees)
    with torch.no_grad():
        reference = unpacked_pair_logps(reference_of, rows)
    return unpacked_dpo_loss(unpacked_pair_logps(model, rows), reference, rows, BETA)


def check_equal(loss: Tensor, expected: Tensor, found: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    assert loss.dtype == torch.float64
    assert abs(loss.item() - expected.item()) <= 1e-12 * abs(expected.item())
    assert found.keys() == wanted.keys()
    for name, gradient in wanted.items():
        # A key's bias moves all scores of a query alike, so its gradient is zero but for rounding.
        scale = 1.0 if name.endswith("k_proj.bias") else gradient.norm().item()
        assert scale > 0, name
        assert (found[name] - gradient).norm().item() <= 1e-10 * scale, name


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("stage", ["sft", "dpo"])
def test_a_packed_tree_equals_unpacked_rows(load: Load, trees: list[TokenTree], method: Method, stage: Stage) -> None:
    policy, reference = load(method), load("lora", seed=1)
    expected = unpacked_loss(policy.model, trees, stage, reference.model)
    wanted = gradients(policy, expected)
    whole, one = packed_loss(policy, trees, stage, 1500, reference)
    check_equal(whole, expected, gradients(policy, whole), wanted)
    assert one == 1
    longest = max(len(row.tokens) for row in trajectory_rows(trees))
    widest = max(len(pair.chosen.tokens) + int(pair.rejected.learnt.sum()) for pair in pair_rows(trees))
    # Bins so short that trees are taken apart and their ancestors computed more than once.
    short = longest if stage == "sft" else widest
    assert pack(trees, stage, short).packed_tokens > pack(trees, stage, 1500).packed_tokens
    split, many = packed_loss(policy, trees, stage, short, reference)
    assert many > 2
    check_equal(split, expected, gradients(policy, split), wanted)


@pytest.mark.parametrize("stage", ["sft", "dpo"])
def test_order_of_siblings_and_length_of_bins_change_nothing(load: Load, trees: list[TokenTree], stage: Stage) -> None:
    policy, reference = load("full"), load("lora", seed=1)
    expected, _ = packed_loss(policy, trees, stage, 1000, reference)
    wanted = gradients(policy, expected)
    turned = [with_other_siblings_first(tree, seed) for seed, tree in enumerate(trees)]
    assert any(one.parent != other.parent for one, other in zip(trees, turned, strict=True))
    for some, length in ((turned, 1000), (trees, 300), (turned[::-1], 128)):
        loss, _ = packed_loss(policy, some, stage, length, reference)
        check_equal(loss, expected, gradients(policy, loss), wanted)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_checkpointed_layers_and_chunks_of_edges_change_nothing(
    load: Load, trees: list[TokenTree], method: Method
) -> None:
    policy = load(method)
    expected, _ = packed_loss(policy, trees, "sft", 400)
    wanted = gradients(policy, expected)
    calls = []
    for count in (1, 2):
        again = load(method, edges_at_once=7)
        again.set_checkpointed_layers(count)
        handles = [layer.mlp.register_forward_pre_hook(lambda *_: calls.append(1)) for layer in again.layers]
        loss, bins = packed_loss(again, trees, "sft", 400)
        calls.clear()
        found = gradients(again, loss)
        # The backward pass computes those layers again, and only those.
        assert len(calls) == count * bins
        for handle in handles:
            handle.remove()
        check_equal(loss, expected, found, wanted)
    again.set_checkpointed_layers(0)
    assert not any(layer.gradient_checkpointing for layer in again.layers)


def test_figures_equal_those_of_unpacked_rows(load: Load, trees: list[TokenTree]) -> None:
    policy, reference = load("full"), load("lora", seed=1)
    bins = [to_device(each, "cpu", torch.float64, "dense") for each in pack(trees, "sft", 200).bins]
    found = [sft_figures(policy(batch), batch) for batch in bins]
    total = sum(each.loss_weight for each in pack(trees, "sft", 200).bins)
    entropy = correct = tokens = 0.0
    with torch.no_grad(), plain_attention(policy.model):
        for row in trajectory_rows(trees):
            ids = torch.from_numpy(row.tokens).long()
            at = torch.from_numpy(row.learnt).nonzero()[:, 0]
            logp = policy.model(input_ids=ids[None]).logits[0, at - 1].log_softmax(-1)
            entropy -= (logp.exp() * logp).sum().item()
            correct += (logp.argmax(-1) == ids[at]).sum().item()
            tokens += len(at)
    assert total == tokens
    assert sum(each["entropy"].item() for each in found) == pytest.approx(entropy, rel=1e-12)
    assert sum(each["mean_token_accuracy"].item() for each in found) == correct

    rows = pair_rows(trees)
    with torch.no_grad():
        policy_logps = unpacked_pair_logps(policy.model, rows)
        reward = BETA * (policy_logps - unpacked_pair_logps(reference.model, rows))
    margin = reward[:, 0] - reward[:, 1]
    expected = {
        "rewards/chosen": reward[:, 0],
        "rewards/rejected": reward[:, 1],
        "rewards/accuracies": margin > 0,
        "rewards/margins": margin,
        "logps/chosen": policy_logps[:, 0],
        "logps/rejected": policy_logps[:, 1],
    }
    sums = dict.fromkeys(expected, 0.0)
    for packed in pack(trees, "dpo", 200).bins:
        batch = to_device(packed, "cpu", torch.float64, "dense")
        with torch.no_grad():
            before = action_logp(reference(batch).logp, batch)
        result = dpo_loss(action_logp(policy(batch).logp, batch), batch, before, BETA, 1.0)
        assert not any(each.requires_grad for each in result[1:])
        for name, value in dpo_figures(result).items():
            sums[name] += value.item()
    assert sums == pytest.approx({name: value.sum().item() for name, value in expected.items()}, rel=1e-11)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_bin_without_loss_reaches_every_parameter_with_zero(
    load: Load, trees: list[TokenTree], method: Method
) -> None:
    policy = load(method)
    (packed,) = pack(trees, "dpo", 600).bins
    empty = np.zeros(0, np.int64)
    nothing = {"source": empty, "target": empty, "action": empty, "actions": (), "weight": np.zeros(0), "pairs": ()}
    batch = to_device(replace(packed, **nothing), "cpu", torch.float64, "dense")
    output = policy(batch)
    for loss in (
        sft_loss(output, batch, 1.0),
        dpo_loss(action_logp(output.logp, batch), batch, torch.zeros(0), BETA, 1.0).loss,
    ):
        assert loss.item() == 0
        assert all((slope == 0).all() for slope in gradients(policy, loss).values())


def test_single_precision_stays_near_double(load: Load, trees: list[TokenTree]) -> None:
    exact, _ = packed_loss(load("full"), trees, "sft", 400)
    single, _ = packed_loss(load("full", torch.float32), trees, "sft", 400)
    half, _ = packed_loss(load("full", torch.bfloat16), trees, "sft", 400)
    assert single.dtype == half.dtype == torch.float32
    assert single.item() == pytest.approx(exact.item(), rel=1e-6)
    assert half.item() == pytest.approx(exact.item(), rel=2e-2)


def test_autocast_computes_in_its_own_type(load: Load, trees: list[TokenTree]) -> None:
    policy = load("full", torch.float32)
    exact, _ = packed_loss(policy, trees, "sft", 400)
    with torch.autocast("cpu", torch.bfloat16):
        loss, _ = packed_loss(policy, trees, "sft", 400)
    assert loss.dtype == torch.float32
    assert loss.item() != exact.item()
    assert loss.item() == pytest.approx(exact.item(), rel=2e-2)
    assert all(gradient.dtype == torch.float32 for gradient in gradients(policy, loss).values())


def test_edge_logp_is_a_log_softmax_at_the_target() -> None:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(11, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(17, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    target = torch.randint(17, (11,), generator=generator)
    for chunk in (None, 1, 4, 11, 50):
        logp, entropy, correct = edge_logp(hidden, weight, target, chunk)
        expected = (hidden @ weight.t()).log_softmax(-1)
        torch.testing.assert_close(logp, expected.gather(1, target[:, None])[:, 0], rtol=1e-14, atol=1e-14)
        torch.testing.assert_close(entropy, -(expected.exp() * expected).sum(1), rtol=1e-13, atol=1e-13)
        assert torch.equal(correct, expected.argmax(1) == target)
        assert not entropy.requires_grad
        assert torch.autograd.gradcheck(lambda h, w, c=chunk: edge_logp(h, w, target, c)[0], (hidden, weight))
    none = edge_logp(hidden[:0], weight, target[:0])[0]
    # A bin without a loss still reaches every parameter, as DDP demands.
    assert [gradient.abs().sum().item() for gradient in torch.autograd.grad(none.sum(), (hidden, weight))] == [0, 0]


def test_edge_logp_sums_products_of_bfloat16_in_float32() -> None:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(9, 256, generator=generator).bfloat16().requires_grad_()
    weight = (torch.randn(400, 256, generator=generator) / 4).bfloat16().requires_grad_()
    target = torch.randint(400, (9,), generator=generator)
    wide = [hidden.detach().double().requires_grad_(), weight.detach().double().requires_grad_()]
    exact = edge_logp(*wide, target)[0]
    logp = edge_logp(hidden, weight, target)[0]
    assert logp.dtype == torch.float32
    # Logits rounded to bfloat16 would be wrong by 0.03 here.
    torch.testing.assert_close(logp.double(), exact, rtol=0, atol=1e-4)
    for found, wanted in zip(torch.autograd.grad(logp.sum(), (hidden, weight)), wide, strict=True):
        expected = torch.autograd.grad(exact.sum(), wanted, retain_graph=True)[0]
        assert ((found - expected).norm() / expected.norm()).item() < 1e-2


def test_the_model_refuses_attention_without_its_mask(load: Load, trees: list[TokenTree]) -> None:
    policy = load("full")
    (packed,) = pack(trees, "sft", 600).bins
    batch = to_device(packed, "cpu", torch.float64, "dense")
    decoder = policy.causal_lm.get_decoder()
    places = {"input_ids": batch.tokens, "position_ids": batch.position}
    with pytest.raises(TrainerError, match="layer 0: tree attention was called from outside a TreeModel"):
        decoder(**places, attention_mask=batch.mask)
    with pytest.raises(TrainerError, match="layer 0: the attention mask that arrived is not the one of the bin"):
        decoder(**places, tree=batch)
    with pytest.raises(TrainerError, match="layer 0: the attention mask that arrived is not the one of the bin"):
        decoder(**places, attention_mask=batch.mask.clone(), tree=batch)
    short = {name: value[:, :9] for name, value in places.items()}
    with pytest.raises(TrainerError, match="layer 0: queries of shape"):
        decoder(**short, attention_mask=batch.mask, tree=batch)


def test_a_row_is_computed_by_transformers_alone(load: Load, trees: list[TokenTree]) -> None:
    policy = load("full")
    row = trajectory_rows(trees)[0]
    with plain_attention(policy.model):
        assert policy.causal_lm.config._attn_implementation == "sdpa"
        logp = row_logp(policy.model, row)
    assert policy.causal_lm.config._attn_implementation == "sealign_dense"
    ids = torch.from_numpy(row.tokens).long()
    with plain_attention(policy.model):
        everything = policy.model(input_ids=ids[None]).logits[0].log_softmax(-1)
    expected = everything[:-1].gather(1, ids[1:, None])[:, 0][torch.from_numpy(row.learnt[1:])]
    assert torch.equal(logp, expected)


def small(**config: object) -> Qwen2ForCausalLM:
    sizes = {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    return Qwen2ForCausalLM(Qwen2Config(**{**sizes, **heads, **config}))


def test_models_that_trees_cannot_train_are_refused() -> None:
    with pytest.raises(TrainerError, match="layers with sliding_attention cannot be trained on trees"):
        TreeModel(small(use_sliding_window=True, sliding_window=8, max_window_layers=1), "dense")
    with pytest.raises(TrainerError, match="models with final_logit_softcapping are not supported"):
        TreeModel(small(final_logit_softcapping=30.0), "dense")
    rope = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}
    with pytest.raises(TrainerError, match="rotary positions of type dynamic cannot be trained on trees"):
        TreeModel(small(rope_parameters=rope), "dense")
    adapted = get_peft_model(small(), LoraConfig(r=2, target_modules=["lm_head"]))
    with pytest.raises(TrainerError, match="expected a plain linear output head"):
        TreeModel(adapted, "dense")
    dropping = get_peft_model(small(), LoraConfig(r=2, target_modules=["q_proj"], lora_dropout=0.1))
    with pytest.raises(TrainerError, match=r"dropout must be 0, not 0\.1"):
        TreeModel(dropping, "dense")
    model = TreeModel(small(attention_dropout=0.1), "dense").train()
    (packed,) = pack([random_tree(1, vocabulary=20)], "sft", 200).bins
    with pytest.raises(TrainerError, match="layer 0: attention with dropout cannot be trained on trees"):
        model(to_device(packed, "cpu", torch.float32, "dense"))
