"""Floating-point operations of training (trainer.md section 3), and what share of a GPU's peak they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from .bins import Bin
from .decoder import Decoder
from .settings import Method

#: Backward through attention against forward: five products of the size of two, the scores computed anew among them.
_ATTENTION_BACKWARD = 2.5


@dataclass(frozen=True, slots=True)
class Work:
    """What some bins put through a model: padding is no work."""

    #: T: positions with a token.
    tokens: int
    #: T_act: loss edges, each one position of the output head.
    loss_tokens: int
    #: C: over all tokens, the keys each one sees (its ancestors and itself).
    seen: int


@dataclass(frozen=True, slots=True)
class Flops:
    """Operations (a multiplication and an addition are two)."""

    forward: float
    backward: float
    #: What checkpointed layers compute a second time.
    recompute: float

    @property
    def model(self) -> float:
        """What the model asks for: the numerator of MFU."""
        return self.forward + self.backward

    @property
    def hardware(self) -> float:
        """What is computed: the numerator of HFU."""
        return self.forward + self.backward + self.recompute


def work_of(bins: Iterable[Bin]) -> Work:
    tokens = loss_tokens = seen = 0
    for each in bins:
        tokens += each.used
        loss_tokens += each.loss_tokens
        # `position` is the number of ancestors, in tokens.
        seen += int(each.position[: each.used].astype("int64").sum()) + each.used
    return Work(tokens, loss_tokens, seen)


def row_work(lengths: Iterable[int], loss_tokens: int) -> Work:
    """The work of plain rows of these lengths, `loss_tokens` of all their tokens carrying loss."""
    sizes = list(lengths)
    return Work(sum(sizes), loss_tokens, sum(size * (size + 1) // 2 for size in sizes))


def training_flops(
    decoder: Decoder, work: Work, *, method: Method, rank: int = 0, checkpointed_layers: int = 0
) -> Flops:
    """Operations of one forward and backward pass over `work`.

    forward = 2 N_lin T + 2 N_head T_act + 4 d L C; backward with LoRA = 2 N_lin T + 4 N_lora T + 2 N_head T_act
    + 2.5 of attention, with every weight trained 4 N_lin T and 4 N_head T_act. We differ: the adapter's own forward,
    2 N_lora T, counts.
    """
    adapter = decoder.lora_params(rank) if method == "lora" else 0
    layers = 2.0 * (decoder.linear_params + adapter) * work.tokens
    attention = 4.0 * decoder.query_width * decoder.layers * work.seen
    head = 2.0 * decoder.head_params * work.loss_tokens
    if method == "lora":
        linear_backward = (2.0 * decoder.linear_params + 4.0 * adapter) * work.tokens + head
    else:
        linear_backward = 4.0 * decoder.linear_params * work.tokens + 2 * head
    return Flops(
        forward=layers + attention + head,
        backward=linear_backward + _ATTENTION_BACKWARD * attention,
        recompute=(layers + attention) * checkpointed_layers / decoder.layers,
    )


def forward_flops(decoder: Decoder, work: Work) -> float:
    """Operations of one pass without gradients, as the reference's (trainer.md section 3)."""
    return training_flops(decoder, work, method="full").forward


def utilisation(flops: float, seconds: float, peak_flops: float) -> float | None:
    """Share of the peak, in [0, 1]: MFU of `Flops.model`, HFU of `Flops.hardware`. None: the time is not positive."""
    return flops / seconds / peak_flops if seconds > 0 else None
