"""Figures of trainer.md section 3 for Qwen2.5-7B and 14B, and the formulas on counts done by hand."""

import json

import numpy as np
import pytest
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM

from sealign_trainer.bins import Bin
from sealign_trainer.decoder import Decoder, decoder_of, read_decoder
from sealign_trainer.errors import TrainerError
from sealign_trainer.flops import Work, forward_flops, row_work, training_flops, utilisation, work_of
from sealign_trainer.gpus import gpu_named, known_gpu

QWEN_7B = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "intermediate_size": 18944,
    "vocab_size": 152064,
    "tie_word_embeddings": False,
}
QWEN_14B = {
    **QWEN_7B,
    "hidden_size": 5120,
    "num_hidden_layers": 48,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "intermediate_size": 13824,
}


@pytest.mark.parametrize(
    ("config", "linear", "head", "lora", "params"),
    [
        (QWEN_7B, 6.525e9, 0.545e9, 161.5e6, 7_615_616_512),
        (QWEN_14B, 13.212e9, 0.779e9, 275.2e6, 14_770_033_664),
    ],
)
def test_parameters_are_those_of_qwen(config: dict, linear: float, head: float, lora: float, params: int) -> None:
    decoder = decoder_of(config)
    assert decoder.linear_params == pytest.approx(linear, rel=2e-4)
    assert decoder.head_params == pytest.approx(head, rel=1e-3)
    assert decoder.lora_params(64) == pytest.approx(lora, rel=2e-4)
    # The number of parameters on the models' cards: 7,615,616,512 and 14,770,033,664.
    assert decoder.params == params


def test_parameters_are_those_that_transformers_and_peft_make() -> None:
    config = Qwen2Config(
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=48,
        vocab_size=64,
        tie_word_embeddings=True,
    )
    model = Qwen2ForCausalLM(config)
    decoder = decoder_of(config)
    assert sum(weight.numel() for weight in model.parameters()) == decoder.params
    peft = get_peft_model(model, LoraConfig(r=8, target_modules="all-linear"))
    trained = sum(weight.numel() for weight in peft.parameters() if weight.requires_grad)
    assert trained == decoder.lora_params(8)


def test_a_head_that_is_tied_counts_once() -> None:
    tied = decoder_of({**QWEN_7B, "tie_word_embeddings": True})
    assert decoder_of(QWEN_7B).params - tied.params == tied.head_params


#: Small enough to count by hand: per layer q 4·4, k and v 4·2 each, o 4·4, gate, up, down 4·8 each: 144.
SMALL = Decoder(hidden=4, layers=2, heads=2, kv_heads=1, head_dim=2, intermediate=8, vocab=10, tied=True)


def test_operations_of_a_pass_counted_by_hand() -> None:
    assert SMALL.linear_params == 288
    # Per layer r = 1: q 8, k 6, v 6, o 8, gate 12, up 12, down 12: 64.
    assert SMALL.lora_params(1) == 128
    work = Work(tokens=5, loss_tokens=2, seen=15)
    # Attention: 4 · width 4 · 2 layers · 15 = 480; head: 2 · 40 · 2 = 160.
    lora = training_flops(SMALL, work, method="lora", rank=1, checkpointed_layers=1)
    assert lora.forward == 2 * (288 + 128) * 5 + 480 + 160
    assert lora.backward == 2 * 288 * 5 + 4 * 128 * 5 + 160 + 2.5 * 480
    assert lora.recompute == (2 * (288 + 128) * 5 + 480) / 2
    assert lora.hardware - lora.model == lora.recompute
    full = training_flops(SMALL, work, method="full")
    assert full.forward == forward_flops(SMALL, work) == 2 * 288 * 5 + 480 + 160
    assert full.backward == 4 * 288 * 5 + 320 + 2.5 * 480
    assert full.recompute == 0


def test_a_bin_of_one_row_is_the_work_of_the_row() -> None:
    length, used = 8, 6
    row = Bin(
        length=length,
        used=used,
        tokens=np.zeros(length, np.int32),
        position=np.array([0, 1, 2, 3, 4, 5, 0, 0], np.int32),
        end=np.array([6, 6, 6, 6, 6, 6, 7, 8], np.int32),
        source=np.array([3, 4]),
        target=np.array([1, 1]),
        action=np.array([0, 0]),
        actions=(),
        weight=np.ones(1),
        pairs=(),
        logical_tokens=6,
        examples=(),
    )
    assert work_of([row]) == row_work([6], 2) == Work(6, 2, 21)
    assert work_of([row, row]) == row_work([6, 6], 4)


def test_time_of_a_pass_over_the_papers_pairs_agrees_with_trainer_md() -> None:
    # Scenario "medium": 1.60M packed tokens, depth about 9k, LoRA r = 64: 107-195 s at 390 TFLOP/s without recompute.
    work = Work(tokens=1_600_000, loss_tokens=150_000, seen=1_600_000 * 4_500)
    seconds = training_flops(decoder_of(QWEN_7B), work, method="lora", rank=64).model / 390e12
    assert 107 < seconds < 195


def test_utilisation_is_a_share_of_the_peak() -> None:
    assert utilisation(4e14, 2.0, 1e15) == pytest.approx(0.2)
    assert utilisation(1.0, 0.0, 1e15) is None


@pytest.mark.parametrize(
    ("name", "expected", "tera"),
    [
        ("NVIDIA H200", "H200", 989),
        ("NVIDIA H100 80GB HBM3", "H100", 989),
        ("NVIDIA H100 PCIe", "H100 PCIe", 756),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB", 312),
        ("NVIDIA A100 80GB PCIe", "A100 80GB", 312),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB", 312),
        ("NVIDIA L40S", "L40S", 362),
        ("NVIDIA L4", "L4", 121),
        ("NVIDIA GeForce RTX 4090", "RTX 4090", 165.2),
        ("NVIDIA B200", "B200", 2250),
        ("NVIDIA GB200", "GB200", 2500),
        ("h200", "H200", 989),
    ],
)
def test_gpus_are_known_by_the_names_that_tools_give(name: str, expected: str, tera: float) -> None:
    gpu = known_gpu(name)
    assert gpu is not None
    assert (gpu.name, gpu.peak_flops) == (expected, tera * 1e12)


def test_a_gpu_that_is_not_known_is_none_or_an_error_with_the_names() -> None:
    assert known_gpu("Quadro FX 570") is None
    with pytest.raises(TrainerError, match="no GPU is known as toaster") as caught:
        gpu_named("toaster")
    assert caught.value.name == "usage"
    assert "H200" in (caught.value.hint or "")


def test_a_config_that_cannot_be_used_is_named(tmp_path) -> None:
    with pytest.raises(TrainerError, match=r"config\.json cannot be read"):
        read_decoder(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(TrainerError, match="is not JSON"):
        read_decoder(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**QWEN_7B, "hidden_size": None}))
    with pytest.raises(TrainerError, match="hidden_size: expected a whole number"):
        read_decoder(tmp_path)
    with pytest.raises(TrainerError, match="mixture of experts"):
        decoder_of({**QWEN_7B, "num_experts": 64})
