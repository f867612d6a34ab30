"""What a stage wants of a bin: its loss, and the sums its figures are made of."""

from typing import NamedTuple, Protocol

from torch import Tensor

from .bins import Bin, Stage
from .device_bin import DeviceBin
from .losses import action_logp, dpo_figures, dpo_loss, sft_figures, sft_loss
from .reference import Reference
from .tree_model import EdgeOutput

SFT_FIGURES = ("mean_token_accuracy", "entropy")
DPO_FIGURES = (
    "rewards/chosen",
    "rewards/rejected",
    "rewards/accuracies",
    "rewards/margins",
    "logps/chosen",
    "logps/rejected",
)


class BinResult(NamedTuple):
    """Of one bin."""

    #: Sum of weighted losses over `total_weight`; the only one with a gradient.
    loss: Tensor
    #: Sums, in the order of `Objective.figures`; divided by `count_of` the same bins (tokens) they are means.
    figures: list[Tensor]
    #: (P,) reward margins of its pairs; None: there are none in SFT.
    margins: Tensor | None


def count_of(stage: Stage, packed: Bin, *, tokens: bool = False) -> float:
    """Examples of a bin: actions (as often as resolved trajectories take them) or pairs.

    tokens: what the sums of figures are divided by, which for SFT is the weight of all tokens.
    """
    if stage == "dpo":
        return len(packed.pairs)
    return packed.loss_weight if tokens else float(packed.weight.sum())


class Objective(Protocol):
    figures: tuple[str, ...]

    def __call__(self, output: EdgeOutput, batch: DeviceBin, packed: Bin, total_weight: float) -> BinResult: ...


class SftObjective:
    """Equation 3: every token of an action, by the number of resolved trajectories through it."""

    figures = SFT_FIGURES

    def __call__(self, output: EdgeOutput, batch: DeviceBin, packed: Bin, total_weight: float) -> BinResult:  # noqa: ARG002
        sums = sft_figures(output, batch)
        return BinResult(sft_loss(output, batch, total_weight), [sums[name] for name in self.figures], None)


class DpoObjective:
    """Equation 5, against reference log-probabilities that were computed once."""

    figures = DPO_FIGURES

    def __init__(self, beta: float, reference: Reference) -> None:
        self._beta = beta
        self._reference = reference

    def __call__(self, output: EdgeOutput, batch: DeviceBin, packed: Bin, total_weight: float) -> BinResult:
        logps = action_logp(output.logp, batch)
        reference = self._reference.of(packed).to(batch.device)
        result = dpo_loss(logps, batch, reference, self._beta, total_weight)
        sums = dpo_figures(result)
        return BinResult(result.loss, [sums[name] for name in self.figures], result.margin)
