"""What training takes of a GPU's memory, estimated beforehand (trainer.md section 3); how many layers to checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from .decoder import Config, Decoder, decoder_of
from .edge_logp import LOGITS_AT_ONCE
from .errors import TrainerError
from .settings import Method, RunSettings

Element = Literal["bfloat16", "float32", "float64"]

_BYTES: Final[dict[Element, int]] = {"bfloat16": 2, "float32": 4, "float64": 8}
#: Of a GPU that no tensor gets: context of CUDA and its libraries, and what the allocator cannot use.
_CONTEXT_BYTES: Final = 2 * 2**30
_FRAGMENTED: Final = 0.03


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on each GPU at the peak of a step, by what they are for."""

    #: Weights of the model in the dtype that computes; under FSDP this process's share and one whole layer.
    weights: int
    #: What is trained: its fp32 weights, gradients and Adam's two moments.
    training: int
    #: Hidden states that enter each checkpointed layer.
    residuals: int
    #: Activations of the layers that are not checkpointed.
    kept: int
    #: The layer that is being computed, with its gradients.
    layer: int
    #: Logits of one chunk of loss edges, in float32, with what is computed from them.
    logits: int
    checkpointed_layers: int

    @property
    def total(self) -> int:
        return self.weights + self.training + self.residuals + self.kept + self.layer + self.logits


def estimate_memory(
    decoder: Decoder,
    *,
    method: Method,
    rank: int,
    bin_tokens: int,
    element: Element,
    checkpointed_layers: int,
    world: int = 1,
) -> Memory:
    """Bytes a GPU for one bin at a time.

    Weights: 2 bytes each in bfloat16. LoRA: 16 bytes per adapter weight (fp32 weight, gradient, two moments). Every
    weight trained: the same 16 bytes and a bfloat16 copy, divided among `world` processes by FSDP. A token keeps
    `hidden` elements per checkpointed layer, and 4 I + 8 d + 2 kv of a layer that is not (eager Qwen2: fp32 inputs of
    both norms, inputs of the adapters, q, k, v); the layer at work has 2 I more. We differ from section 3's 4.2 MiB
    per token of a 7B without checkpointing (3 I + 6 d + 2 kv): that asks for fused norms and activation.
    """
    size = _BYTES[element]
    if method == "lora":
        weights = decoder.params * size
        training = decoder.lora_params(rank) * 4 * max(1, size // 4) * 4
    else:
        copy = size if size < 4 else 0
        gathered = 2 * size * (decoder.linear_params // decoder.layers) if world > 1 else 0
        weights = decoder.params * copy // world + gathered
        training = decoder.params * 4 * max(4, size) // world
    kept_layer = (4 * decoder.intermediate + 8 * decoder.hidden + 2 * decoder.kv_width) * size
    return Memory(
        weights=weights,
        training=training,
        residuals=checkpointed_layers * decoder.hidden * size * bin_tokens,
        kept=(decoder.layers - checkpointed_layers) * kept_layer * bin_tokens,
        layer=(kept_layer + 2 * decoder.intermediate * size) * bin_tokens,
        logits=3 * min(LOGITS_AT_ONCE, bin_tokens * decoder.vocab) * max(4, size),
        checkpointed_layers=checkpointed_layers,
    )


def usable_bytes(memory_bytes: int) -> int:
    """What of a GPU's memory tensors may take."""
    return max(0, int(memory_bytes * (1 - _FRAGMENTED)) - _CONTEXT_BYTES)


def budget_of(settings: RunSettings, gpu_bytes: int | None) -> int | None:
    """Bytes a run may plan with: `memoryGib` if given, else what the GPU has for tensors; None: nobody knows."""
    if settings.memory_gib is not None:
        return int(settings.memory_gib * 2**30)
    return None if gpu_bytes is None else usable_bytes(gpu_bytes)


def estimates(decoder: Decoder, settings: RunSettings, element: Element, world: int = 1) -> list[Memory]:
    """The estimate for every number of checkpointed layers, 0 … all: each takes less than the one before."""
    return [
        estimate_memory(
            decoder,
            method=settings.method,
            rank=settings.lora.rank,
            bin_tokens=settings.bin_tokens,
            element=element,
            checkpointed_layers=layers,
            world=world,
        )
        for layers in range(decoder.layers + 1)
    ]


def least_checkpointing(candidates: list[Memory], budget_bytes: int) -> Memory | None:
    """Of `estimates`, the one with the fewest checkpointed layers that fits; None: not even the last does."""
    return next((memory for memory in candidates if memory.total <= budget_bytes), None)


def choose_checkpointed_layers(
    config: Decoder | Mapping[str, Any] | Config,
    settings: RunSettings,
    budget_bytes: int,
    *,
    element: Element | None = None,
    world: int = 1,
) -> int:
    """The fewest checkpointed layers with which a bin fits into `budget_bytes`, 0 … all.

    config: of the model, as config.json or as transformers reads it.
    element: what computes; None: the settings' dtype, `auto` as on a GPU.
    Raises TrainerError `memory`, saying what would fit, when checkpointing every layer is not enough.
    """
    decoder = config if isinstance(config, Decoder) else decoder_of(config)
    size = element or ("bfloat16" if settings.dtype == "auto" else settings.dtype)
    candidates = estimates(decoder, settings, size, world)
    chosen = least_checkpointing(candidates, budget_bytes)
    if chosen is None:
        raise does_not_fit(candidates[-1], settings, budget_bytes)
    return chosen.checkpointed_layers


def does_not_fit(least: Memory, settings: RunSettings, budget_bytes: int) -> TrainerError:
    """What to say, and to do, when `least`, every layer checkpointed, is more than there is."""
    fixed = least.weights + least.training + least.logits
    per_token = (least.residuals + least.layer) / settings.bin_tokens
    message = (
        f"a bin of {settings.bin_tokens} tokens takes {_gib(least.total)} GiB with every layer checkpointed, "
        f"and {_gib(budget_bytes)} GiB may be used"
    )
    tokens = int((budget_bytes - fixed) / per_token) // 128 * 128
    if tokens >= 1024:
        return TrainerError("memory", message, f"Set binTokens to {tokens} or less, or use a GPU with more memory.")
    if settings.method == "full":
        hint = (
            "Weights and optimizer alone are too large: train a LoRA adapter (method lora), or on more GPUs (--gpus)."
        )
    else:
        hint = "The model's weights alone are too large: use a smaller model or a GPU with more memory."
    return TrainerError("memory", message, hint)


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"
