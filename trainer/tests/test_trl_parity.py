"""TRL's DPOTrainer and SFTTrainer on the same model and token ids: the same numbers (trainer.md section 4, test 3)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from random_trees import random_tree
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from sealign_trainer.bins import Stage
from sealign_trainer.device_bin import DeviceBin, to_device
from sealign_trainer.losses import action_logp, dpo_figures, dpo_loss, sft_figures, sft_loss
from sealign_trainer.pack import pack
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.tree_model import TreeModel
from sealign_trainer.unpacked import pair_rows, trajectory_rows

trl = pytest.importorskip(
    "trl", reason="TRL is not installed (requirements-test.txt); there is nothing to compare with"
)

BETA = 0.3
END_OF_TURN = 258


@pytest.fixture(scope="module")
def trees() -> list[TokenTree]:
    """Of printable letters, which the byte tokenizer reads back as they are; actions end a turn; pairs weigh 1."""
    made = []
    for seed in range(4):
        tree = random_tree(seed, nodes=22, vocabulary=94, deep=0.35)
        tokens = [
            np.append(ids + 33, [END_OF_TURN] * action).astype(np.int32)
            for ids, action in zip(tree.tokens, tree.is_action, strict=True)
        ]
        made.append(replace(tree, tokens=tuple(tokens), pairs=tuple(replace(pair, weight=1.0) for pair in tree.pairs)))
    return made


def text(ids: np.ndarray) -> str:
    return "".join("<|im_end|>" if token == END_OF_TURN else chr(token) for token in ids.tolist())


def model_of(folder: Path, change: int | None = None) -> Qwen2ForCausalLM:
    model = Qwen2ForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if change is not None:
        generator = torch.Generator().manual_seed(change)
        with torch.no_grad():
            for weight in model.parameters():
                weight.add_(0.02 * torch.randn(weight.shape, generator=generator))
    return model


def flat_gradient(model: nn.Module) -> Tensor:
    return torch.cat([weight.grad.flatten().double() for weight in model.parameters()])


def check_gradients(found: Tensor, expected: Tensor) -> None:
    assert torch.nn.functional.cosine_similarity(found, expected, dim=0).item() > 1 - 1e-6
    assert found.norm().item() == pytest.approx(expected.norm().item(), rel=1e-4)


def batches(trees: list[TokenTree], stage: Stage) -> tuple[list[DeviceBin], float]:
    bins = pack(trees, stage, 64).bins
    assert len(bins) > 1
    return [to_device(each, "cpu", torch.float32, "dense") for each in bins], sum(each.loss_weight for each in bins)


def arguments(folder: Path, batch: int, **more: object) -> dict[str, object]:
    plain = {"bf16": False, "gradient_checkpointing": False, "use_cpu": True, "report_to": [], "max_length": None}
    return {"output_dir": str(folder), "per_device_train_batch_size": batch, **plain, **more}


def test_dpo_equals_trl_s(
    tiny_folder: Path, tiny_tokenizer: PreTrainedTokenizerBase, tmp_path: Path, trees: list[TokenTree]
) -> None:
    from datasets import Dataset  # noqa: PLC0415

    rows = pair_rows(trees)
    prompts = [int(np.argmax(pair.chosen.learnt)) for pair in rows]
    dataset = Dataset.from_list(
        [
            {
                "prompt": text(pair.chosen.tokens[:at]),
                "chosen": text(pair.chosen.tokens[at:]),
                "rejected": text(pair.rejected.tokens[at:]),
            }
            for pair, at in zip(rows, prompts, strict=True)
        ]
    )
    oracle = model_of(tiny_folder, change=1)
    trainer = trl.DPOTrainer(
        model=oracle,
        ref_model=model_of(tiny_folder),
        args=trl.DPOConfig(**arguments(tmp_path, len(rows), beta=BETA)),
        train_dataset=dataset,
        processing_class=tiny_tokenizer,
    )
    examples = [trainer.train_dataset[at] for at in range(len(rows))]
    for example, pair in zip(examples, rows, strict=True):
        assert example["prompt_ids"] + example["chosen_ids"] == pair.chosen.tokens.tolist()
        assert example["prompt_ids"] + example["rejected_ids"] == pair.rejected.tokens.tolist()
    oracle.train()
    inputs = trainer.data_collator(examples)
    loss = trainer.compute_loss(oracle, inputs)
    loss.backward()
    logged = {name: values[-1] for name, values in trainer._metrics["train"].items()}
    with torch.no_grad():
        trl_reference = torch.stack(trainer.compute_ref_log_probs(trainer.ref_model, inputs), dim=1)

    policy = TreeModel(model_of(tiny_folder, change=1), "dense")
    reference = TreeModel(model_of(tiny_folder), "dense")
    found, total = batches(trees, "dpo")
    assert total == len(rows)
    ours = 0.0
    sums = dict.fromkeys(
        [
            "rewards/chosen",
            "rewards/rejected",
            "rewards/accuracies",
            "rewards/margins",
            "logps/chosen",
            "logps/rejected",
        ],
        0.0,
    )
    reference_logps: dict[str, Tensor] = {}
    for batch, packed in zip(found, pack(trees, "dpo", 64).bins, strict=True):
        with torch.no_grad():
            before = action_logp(reference(batch).logp, batch)
        for pair in packed.pairs:
            reference_logps[pair.id] = before[[pair.chosen, pair.rejected]]
        result = dpo_loss(action_logp(policy(batch).logp, batch), batch, before, BETA, total)
        result.loss.backward()
        ours += result.loss.item()
        for name, value in dpo_figures(result).items():
            sums[name] += value.item() / len(rows)

    assert ours == pytest.approx(loss.item(), abs=1e-5)
    assert abs(ours - np.log(2)) > 1e-2
    assert sums == pytest.approx({name: logged[name] for name in sums}, abs=1e-5)
    for pair, expected in zip(rows, trl_reference, strict=True):
        torch.testing.assert_close(reference_logps[pair.id], expected, rtol=0, atol=1e-5)
    check_gradients(flat_gradient(policy.model), flat_gradient(oracle))


def test_sft_equals_trl_s(
    tiny_folder: Path, tiny_tokenizer: PreTrainedTokenizerBase, tmp_path: Path, trees: list[TokenTree]
) -> None:
    from datasets import Dataset  # noqa: PLC0415

    rows = trajectory_rows(trees)
    dataset = Dataset.from_list(
        [{"input_ids": row.tokens.tolist(), "labels": np.where(row.learnt, row.tokens, -100).tolist()} for row in rows]
    )
    oracle = model_of(tiny_folder)
    trainer = trl.SFTTrainer(
        model=oracle,
        args=trl.SFTConfig(**arguments(tmp_path, len(rows))),
        train_dataset=dataset,
        processing_class=tiny_tokenizer,
    )
    oracle.train()
    inputs = trainer.data_collator([trainer.train_dataset[at] for at in range(len(rows))])
    assert int((inputs["labels"] != -100).sum()) == sum(int(row.learnt.sum()) for row in rows)
    loss = trainer.compute_loss(oracle, inputs)
    loss.backward()
    logged = {name: values[-1] for name, values in trainer._metrics["train"].items()}

    policy = TreeModel(model_of(tiny_folder), "dense")
    found, total = batches(trees, "sft")
    ours = 0.0
    sums = {"mean_token_accuracy": 0.0, "entropy": 0.0}
    for batch in found:
        output = policy(batch)
        term = sft_loss(output, batch, total)
        term.backward()
        ours += term.item()
        for name, value in sft_figures(output, batch).items():
            sums[name] += value.item() / total

    assert ours == pytest.approx(loss.item(), abs=1e-5)
    assert sums == pytest.approx({name: logged[name] for name in sums}, abs=1e-5)
    check_gradients(flat_gradient(policy.model), flat_gradient(oracle))
