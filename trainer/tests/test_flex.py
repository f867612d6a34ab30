"""The BlockMask made of the tree, and FlexAttention with it."""

import copy
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from random_trees import random_tree
from torch.nn.attention.flex_attention import create_block_mask
from transformers import Qwen2ForCausalLM

from sealign_trainer.bins import Bin
from sealign_trainer.block_mask import block_mask
from sealign_trainer.device_bin import to_device
from sealign_trainer.losses import sft_loss
from sealign_trainer.mask import dense_mask
from sealign_trainer.pack import pack
from sealign_trainer.tree_model import TreeModel

needs_compiler = pytest.mark.skipif(
    shutil.which("g++") is None and shutil.which("clang++") is None,
    reason="FlexAttention on a CPU is compiled, and there is no C++ compiler",
)
needs_cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="FlexAttention has no backward pass on a CPU, and there is no CUDA device"
)


def forests(length: int, count: int, seed: int = 0, *, nodes: int = 30, longest: int = 40) -> list[Bin]:
    trees = [random_tree(100 * seed + n, nodes=nodes, longest=longest, deep=0.7) for n in range(count)]
    return pack(trees, "sft", length, seed=seed).bins


@pytest.mark.parametrize(("length", "block"), [(1024, 128), (1024, 64), (1000, 128), (96, 16), (100, 16), (40, 64)])
def test_a_block_mask_equals_the_one_that_torch_computes_from_all_positions(length: int, block: int) -> None:
    partial = whole = 0
    small = {"nodes": 12, "longest": 5} if length < 200 else {}
    for seed in range(4):
        for packed in forests(length, 12, seed, **small):
            ours = block_mask(packed.end, block=block)
            end = torch.from_numpy(packed.end)
            theirs = create_block_mask(
                lambda _batch, _head, q, k, end=end: (k <= q) & (q < end[k]),
                1,
                None,
                length,
                length,
                device="cpu",
                BLOCK_SIZE=block,
            )
            assert ours.shape == theirs.shape == (1, 1, length, length)
            assert ours.BLOCK_SIZE == theirs.BLOCK_SIZE
            for one in ("", "full_"):
                for side in ("kv", "q"):
                    number = getattr(ours, f"{one}{side}_num_blocks")
                    assert torch.equal(number, getattr(theirs, f"{one}{side}_num_blocks"))
                    assert number.dtype == torch.int32
                    found, expected = (getattr(mask, f"{one}{side}_indices") for mask in (ours, theirs))
                    for row, listed in enumerate(number[0, 0].tolist()):
                        assert found[0, 0, row, :listed].tolist() == expected[0, 0, row, :listed].tolist()
            assert torch.equal(ours.to_dense(), theirs.to_dense())
            at = torch.arange(length)
            sees = ours.mask_mod(torch.tensor(0), torch.tensor(0), at[:, None], at[None, :])
            assert (sees.numpy() == dense_mask(packed.end)).all()
            partial += int(ours.kv_num_blocks.sum())
            whole += int(ours.full_kv_num_blocks.sum())
    assert partial > 0
    assert whole > 0 or block >= length


def test_the_block_mask_of_a_long_bin_never_holds_all_pairs_of_positions() -> None:
    mask = block_mask(np.full(131_072, 131_072))
    assert mask.kv_indices.shape == (1, 1, 1024, 1024)
    assert int(mask.kv_num_blocks.sum()) == 1024
    assert int(mask.full_kv_num_blocks.sum()) == 1024 * 1023 // 2


@needs_compiler
def test_flex_computes_on_a_cpu_what_dense_does(tiny_folder: Path) -> None:
    model = Qwen2ForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32)
    dense, flex = TreeModel(model, "dense"), TreeModel(copy.deepcopy(model), "flex")
    bins = forests(384, 20, 1, nodes=14, longest=12)[:3]
    assert len(bins) == 3
    assert all(packed.used < packed.length for packed in bins)
    counted = torch._dynamo.utils.counters["stats"]
    before = counted["unique_graphs"]
    for packed in bins:
        with torch.no_grad():
            expected = dense(to_device(packed, "cpu", torch.float32, "dense"))
            found = flex(to_device(packed, "cpu", torch.float32, "flex"))
        assert packed.loss_tokens > 100
        torch.testing.assert_close(found.logp, expected.logp, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(found.entropy, expected.entropy, rtol=1e-5, atol=1e-5)
    # One length: other trees need no other kernel.
    assert counted["unique_graphs"] == before + 1


@needs_cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_flex_trains_on_cuda_as_dense_does_in_double(tiny_folder: Path, dtype: torch.dtype) -> None:
    exact = TreeModel(Qwen2ForCausalLM.from_pretrained(tiny_folder, dtype=torch.float64), "dense")
    flex = TreeModel(Qwen2ForCausalLM.from_pretrained(tiny_folder, dtype=dtype).cuda(), "flex").train()
    flex.set_checkpointed_layers(1)
    for packed in forests(512, 10, 2, nodes=14, longest=12)[:2]:
        expected = to_device(packed, "cpu", torch.float64, "dense")
        wanted = sft_loss(exact(expected), expected, packed.loss_weight)
        batch = to_device(packed, "cuda", dtype, "flex")
        loss = sft_loss(flex(batch), batch, packed.loss_weight)
        near = 1e-4 if dtype == torch.float32 else 2e-2
        assert loss.item() == pytest.approx(wanted.item(), rel=near)
        slopes = torch.autograd.grad(loss, list(flex.parameters()))
        for found, slope in zip(slopes, torch.autograd.grad(wanted, list(exact.parameters())), strict=True):
            assert found.isfinite().all()
            if slope.norm() > 1e-6:
                assert ((found.cpu() - slope).norm() / slope.norm()).item() < 10 * near
