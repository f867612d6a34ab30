"""Padded pairs: TRL's DPOTrainer as it is installed, its collator and its loss (test dependency only)."""

import copy
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import trl
from datasets import Dataset
from peft import LoraConfig
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl.trainer import utils as trl_utils
from trl.trainer.dpo_trainer import DataCollatorForPreference

from .pair_rows import Action, PairRow

VERSION = trl.__version__


class PaddedPairs:
    """Forward and backward passes over batches `[chosen; rejected]`, right-padded to the longest row of the batch."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        beta: float,
        batch: int,
        checkpointing: bool = False,
        lora: LoraConfig | None = None,
    ) -> None:
        """batch: pairs of a batch. checkpointing: every layer, TRL's own default. lora: train an adapter only."""
        self.batch = batch
        # TRL patches the model's forward; its own copy leaves the other contenders' alone, except where memory forbids.
        own = model if next(model.parameters()).is_cuda else copy.deepcopy(model)
        on_cuda = next(own.parameters()).is_cuda
        self._folder = tempfile.TemporaryDirectory(prefix="sealign-bench-trl-")
        settings = trl.DPOConfig(
            output_dir=self._folder.name,
            beta=beta,
            max_length=None,
            report_to=[],
            use_cpu=not on_cuda,
            bf16=on_cuda,
            gradient_checkpointing=checkpointing,
            # With an adapter TRL keeps no second model, and would hash every weight of this one: minutes for a 14B.
            precompute_ref_log_probs=lora is None,
            per_device_train_batch_size=1,
            disable_tqdm=True,
        )
        one = Dataset.from_list([{"prompt": "a", "chosen": "b", "rejected": "c"}])
        self._trainer = trl.DPOTrainer(
            own, args=settings, train_dataset=one, processing_class=tokenizer, peft_config=lora
        )
        # As ours: the reference is computed once, so only the policy's pass is timed.
        self._trainer.precompute_ref_logps = True
        self._trainer.model.train()
        self._collate = DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id)

    @property
    def model(self) -> torch.nn.Module:
        return self._trainer.model

    def batches(self, rows: Sequence[PairRow], reference: dict[Action, float]) -> list[dict[str, Tensor]]:
        """What TRL's collator makes of the rows, in their order."""
        return [
            self._collate([_example(row, reference) for row in rows[at : at + self.batch]])
            for at in range(0, len(rows), self.batch)
        ]

    def loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Mean of the batch's pair losses."""
        inputs = self._trainer._prepare_inputs(dict(batch))
        with self._trainer.compute_loss_context_manager():
            return self._trainer.compute_loss(self._trainer.model, inputs)

    def close(self) -> None:
        self._folder.cleanup()


@contextmanager
def logits_of_actions_only() -> Iterator[None]:
    """TRL applies the output head to actions alone on a GPU, and elsewhere to every position; here as on a GPU."""
    decide = trl_utils._use_triton
    trl_utils._use_triton = lambda _device: True
    try:
        yield
    finally:
        trl_utils._use_triton = decide


def _example(row: PairRow, reference: dict[Action, float]) -> dict[str, Any]:
    return {
        "prompt_ids": row.prompt.tolist(),
        "chosen_ids": row.chosen.tolist(),
        "rejected_ids": row.rejected.tolist(),
        "ref_chosen_logps": reference[row.chosen_action],
        "ref_rejected_logps": reference[row.rejected_action],
    }
