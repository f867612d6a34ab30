"""Trees packed into bins of one static length, in pre-order with depth positions (trainer.md section 4)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Stage = Literal["sft", "dpo"]


@dataclass(frozen=True, slots=True)
class ActionRef:
    """Which action of which tree carries loss."""

    #: Position of the tree in the list that was packed, and the node in it.
    tree: int
    node: int


@dataclass(frozen=True, slots=True)
class BinPair:
    """A pair whose two sides are actions of the same bin."""

    id: str
    #: Positions in `Bin.actions`.
    chosen: int
    rejected: int
    weight: float
    #: Actions before the two.
    depth: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One forward pass. Arrays over positions have `length` entries; those after `used` are padding.

    A query at q sees the key at k exactly when k <= q < end[k]; padding sees itself alone.
    """

    length: int
    used: int
    tokens: NDArray[np.int32]
    #: Depth in tokens: what the position embedding gets.
    position: NDArray[np.int32]
    #: First position after the subtree of the node that the token belongs to: end[k] > k.
    end: NDArray[np.int32]
    #: Loss edges: the hidden state at `source` predicts `target`, a token of action number `action` (of `actions`).
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    action: NDArray[np.int64]
    #: Actions with loss in this bin, each once. Over all bins of a packing an action carries SFT loss once.
    actions: tuple[ActionRef, ...]
    #: SFT: what every token of an action weighs, one per action (resolved trajectories through it). DPO: ones.
    weight: NDArray[np.float64]
    #: DPO only.
    pairs: tuple[BinPair, ...]
    #: Tokens that the same examples would take unpacked: DPO two rows a pair, SFT one row a trajectory learnt here.
    logical_tokens: int
    #: Ids of what is learnt here: pairs (dpo) or resolved trajectories (sft).
    examples: tuple[str, ...]

    @property
    def loss_tokens(self) -> int:
        return len(self.target)

    @property
    def loss_weight(self) -> float:
        """What the losses of this bin weigh together: SFT tokens by weight, DPO pairs by weight."""
        if self.pairs:
            return float(sum(pair.weight for pair in self.pairs))
        return float(self.weight[self.action].sum()) if len(self.action) else 0.0
