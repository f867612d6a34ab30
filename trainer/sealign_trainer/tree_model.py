"""A causal language model that computes a whole bin: one log-probability per loss edge."""

from functools import partial
from types import MethodType
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from .attention import IMPLEMENTATION, register_attention
from .device_bin import Backend, DeviceBin
from .edge_logp import edge_logp
from .errors import TrainerError

#: Settings of models whose logits are not the plain product of the last hidden state and the head.
SCALED_LOGITS: Final = ("final_logit_softcapping", "logits_scaling", "logit_scale", "lm_head_multiplier")

#: Rotary positions that change with the longest position of a batch: a tree would depend on what shares its bin.
CHANGING_POSITIONS: Final = ("dynamic", "longrope")


# A tuple, so that FSDP2 and DDP find the tensors whose gradients they wait for.
class EdgeOutput(NamedTuple):
    """Of every loss edge, in the order of the bin; float64 for float64 models, else float32."""

    #: (E,) log-probability of the target; the only one with a gradient.
    logp: Tensor
    #: (E,) entropy of the predicted distribution, nats.
    entropy: Tensor
    #: (E,) bool: the target is the likeliest token.
    correct: Tensor


class TreeModel(nn.Module):
    """The module that is trained, and that DDP or FSDP2 wraps: all parameters are used inside `forward`.

    With FSDP2 shard the `layers` and then this module; the output head must stay in this module's own group, because
    its weight is used without a call of the head.
    """

    def __init__(self, model: nn.Module, attention: Backend, *, edges_at_once: int | None = None) -> None:
        """model: a Hugging Face causal language model, plain or wrapped by PEFT; from here on its attention is ours.

        Raises TrainerError `weights` for a model that computes what trees cannot: sliding windows, positions that
        change with the batch, scaled logits, a head with a bias or an adapter; `settings` for dropout.
        """
        super().__init__()
        self.model = model
        self.attention: Backend = attention
        self.edges_at_once = edges_at_once
        _refuse(self.causal_lm)
        register_attention()
        self.causal_lm.set_attn_implementation(IMPLEMENTATION[attention])
        if self.causal_lm.dtype == torch.float64:
            keep_double(self.causal_lm)

    @property
    def causal_lm(self) -> PreTrainedModel:
        """The model without the wrapper of PEFT; adapters are inside its layers."""
        return causal_lm_of(self.model)

    @property
    def layers(self) -> nn.ModuleList:
        """Decoder layers, the first one first."""
        return self.causal_lm.get_decoder().layers

    def forward(self, batch: DeviceBin) -> EdgeOutput:
        """Computes a bin that `to_device` made for the same `attention`."""
        causal_lm = self.causal_lm
        decoded = causal_lm.get_decoder()(
            input_ids=batch.tokens,
            attention_mask=batch.mask,
            position_ids=batch.position,
            use_cache=False,
            tree=batch,
        )
        # Indexing, not index_select: its backward sums repeated sources in a fixed order on CUDA as well.
        hidden = decoded.last_hidden_state[0][batch.source]
        head = causal_lm.get_output_embeddings()
        return EdgeOutput(*edge_logp(hidden, head.weight, batch.target, self.edges_at_once))

    def set_checkpointed_layers(self, count: int) -> None:
        """Lets the first `count` decoder layers compute their activations again in the backward pass (0: none)."""
        for number, layer in enumerate(self.layers):
            if not isinstance(layer, GradientCheckpointingLayer):
                raise TrainerError("weights", f"layers of type {type(layer).__name__} cannot be checkpointed")
            layer.gradient_checkpointing = number < count
            # There is no dropout: the state of random numbers need not be kept.
            layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False, preserve_rng_state=False)


def keep_double(model: nn.Module) -> None:
    """Makes the norms of a float64 model compute in float64; transformers' go through float32 whatever the model is.

    That rounding alone moves a loss by 1e-8, which would hide the mistakes that float64 is there to find.
    """
    for module in model.modules():
        if type(module).__name__.endswith("RMSNorm") and hasattr(module, "variance_epsilon"):
            module.forward = MethodType(_rms_norm, module)


def _rms_norm(norm: nn.Module, hidden: Tensor) -> Tensor:
    return norm.weight * (hidden * torch.rsqrt(hidden.pow(2).mean(-1, keepdim=True) + norm.variance_epsilon))


def causal_lm_of(model: nn.Module) -> PreTrainedModel:
    """A model without PEFT's wrapper, if it has one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _refuse(causal_lm: PreTrainedModel) -> None:
    config = causal_lm.config.get_text_config()
    name = type(causal_lm).__name__
    windows = {kind for kind in getattr(config, "layer_types", None) or () if kind != "full_attention"}
    if windows:
        raise TrainerError("weights", f"{name}: layers with {', '.join(sorted(windows))} cannot be trained on trees")
    for setting in SCALED_LOGITS:
        if getattr(config, setting, None) not in (None, 1, 1.0):
            raise TrainerError("weights", f"{name}: models with {setting} are not supported")
    positions = (getattr(config, "rope_parameters", None) or {}).get("rope_type")
    if positions in CHANGING_POSITIONS:
        raise TrainerError("weights", f"{name}: rotary positions of type {positions} cannot be trained on trees")
    head = causal_lm.get_output_embeddings()
    if type(head) is not nn.Linear or head.bias is not None:
        expected = "expected a plain linear output head without a bias or an adapter"
        raise TrainerError("weights", f"{name}: {expected}, not {type(head).__name__}")
    for path, module in causal_lm.named_modules():
        if isinstance(module, nn.Dropout) and module.p > 0:
            raise TrainerError("settings", f"{name}: {path}: dropout must be 0, not {module.p}")
