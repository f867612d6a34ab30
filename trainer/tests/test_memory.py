"""The table of trainer.md section 3 within a tenth, and the choice of checkpointed layers."""

from dataclasses import replace
from pathlib import Path

import pytest
from test_flops import QWEN_7B, QWEN_14B

from sealign_trainer.decoder import decoder_of
from sealign_trainer.errors import TrainerError
from sealign_trainer.gpus import gpu_named
from sealign_trainer.memory import (
    budget_of,
    choose_checkpointed_layers,
    estimate_memory,
    estimates,
    least_checkpointing,
    usable_bytes,
)
from sealign_trainer.settings import RunSettings

SETTINGS = RunSettings(run="r1", folder=Path("/r"), trees=Path("/t"), model="m")
H200 = usable_bytes(gpu_named("H200").memory_bytes)


@pytest.mark.parametrize(
    ("config", "tokens", "gigabytes"),
    [
        (QWEN_7B, 32_768, 35),
        (QWEN_7B, 65_536, 51),
        (QWEN_7B, 131_072, 83),
        (QWEN_14B, 32_768, 60),
        (QWEN_14B, 65_536, 84),
        (QWEN_14B, 131_072, 133),
    ],
)
def test_lora_with_every_layer_checkpointed_takes_what_the_table_says(
    config: dict, tokens: int, gigabytes: int
) -> None:
    memory = estimate_memory(
        decoder_of(config),
        method="lora",
        rank=64,
        bin_tokens=tokens,
        element="bfloat16",
        checkpointed_layers=config["num_hidden_layers"],
    )
    assert memory.total / 1e9 == pytest.approx(gigabytes, rel=0.1)


@pytest.mark.parametrize(("config", "gigabytes"), [(QWEN_7B, 137), (QWEN_14B, 266)])
def test_states_of_full_fine_tuning_take_what_the_table_says(config: dict, gigabytes: int) -> None:
    memory = estimate_memory(
        decoder_of(config), method="full", rank=64, bin_tokens=1024, element="bfloat16", checkpointed_layers=0
    )
    assert (memory.weights + memory.training) / 1e9 == pytest.approx(gigabytes, rel=0.01)


def test_parts_of_the_7b_are_those_of_the_table() -> None:
    memory = estimate_memory(
        decoder_of(QWEN_7B), method="lora", rank=64, bin_tokens=32_768, element="bfloat16", checkpointed_layers=28
    )
    assert memory.weights / 1e9 == pytest.approx(15.2, rel=0.01)
    assert memory.training / 1e9 == pytest.approx(2.6, rel=0.01)
    assert memory.residuals / 32_768 == 196 * 1024
    assert memory.layer / 32_768 == 280 * 1024
    assert memory.kept == 0


def test_fsdp_shares_the_states_among_the_processes() -> None:
    one, four = (
        estimate_memory(
            decoder_of(QWEN_7B),
            method="full",
            rank=64,
            bin_tokens=32_768,
            element="bfloat16",
            checkpointed_layers=28,
            world=world,
        )
        for world in (1, 4)
    )
    assert four.training * 4 == one.training
    assert four.weights < one.weights / 2
    assert four.layer == one.layer


def test_an_h200_keeps_about_half_the_layers_of_the_7b_at_32k() -> None:
    layers = choose_checkpointed_layers(QWEN_7B, SETTINGS, H200)
    assert 8 <= layers <= 16
    candidates = estimates(decoder_of(QWEN_7B), SETTINGS, "bfloat16")
    assert candidates[layers].total <= H200 < candidates[layers - 1].total


def test_nothing_is_checkpointed_where_everything_fits_and_all_where_only_that_does() -> None:
    assert choose_checkpointed_layers(QWEN_7B, replace(SETTINGS, bin_tokens=1024), H200) == 0
    least = estimates(decoder_of(QWEN_14B), SETTINGS, "bfloat16")[-1].total
    assert choose_checkpointed_layers(QWEN_14B, SETTINGS, least) == 48


def test_what_never_fits_is_an_error_with_advice_that_then_fits() -> None:
    with pytest.raises(TrainerError, match=r"a bin of 131072 tokens takes \d+\.\d GiB") as caught:
        choose_checkpointed_layers(QWEN_7B, replace(SETTINGS, bin_tokens=131_072), 40 * 2**30)
    assert caught.value.name == "memory"
    advised = int((caught.value.hint or "").split("binTokens to ")[1].split(" ")[0])
    assert choose_checkpointed_layers(QWEN_7B, replace(SETTINGS, bin_tokens=advised), 40 * 2**30) == 28
    with pytest.raises(TrainerError) as weights:
        choose_checkpointed_layers(QWEN_14B, SETTINGS, 24 * 2**30)
    assert "smaller model" in (weights.value.hint or "")
    with pytest.raises(TrainerError) as full:
        choose_checkpointed_layers(QWEN_14B, replace(SETTINGS, method="full"), H200)
    assert "LoRA" in (full.value.hint or "")


def test_less_memory_never_checkpoints_fewer_layers() -> None:
    candidates = estimates(decoder_of(QWEN_7B), SETTINGS, "bfloat16")
    totals = [memory.total for memory in candidates]
    assert totals == sorted(totals, reverse=True)
    assert least_checkpointing(candidates, totals[-1] - 1) is None


def test_the_setting_comes_before_the_gpu() -> None:
    assert budget_of(replace(SETTINGS, memory_gib=40.0), 10**12) == 40 * 2**30
    assert budget_of(SETTINGS, 100 * 2**30) == usable_bytes(100 * 2**30) < 100 * 2**30
    assert budget_of(SETTINGS, None) is None
