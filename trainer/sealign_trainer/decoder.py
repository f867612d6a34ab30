"""The measures of a Llama-like decoder (Qwen2, Qwen3, Llama, Mistral) that cost depends on, from its config.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .errors import TrainerError

#: Mixtures of experts and the like: their parameters do not follow from these measures.
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")


class Config(Protocol):
    """A transformers config."""

    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Decoder:
    """Sizes of one decoder; all of them counts."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    #: The embedding is also the output head.
    tied: bool
    #: Biases of the query, key and value projections (Qwen2).
    qkv_bias: bool = False

    @property
    def query_width(self) -> int:
        return self.heads * self.head_dim

    @property
    def kv_width(self) -> int:
        return self.kv_heads * self.head_dim

    @property
    def linears(self) -> tuple[tuple[int, int], ...]:
        """(in, out) of the linear maps of one layer: q, k, v, o, gate, up, down."""
        hidden, query, kv, inner = self.hidden, self.query_width, self.kv_width, self.intermediate
        return (
            (hidden, query),
            (hidden, kv),
            (hidden, kv),
            (query, hidden),
            (hidden, inner),
            (hidden, inner),
            (inner, hidden),
        )

    @property
    def linear_params(self) -> int:
        """N_lin of trainer.md section 3: weights of every layer's linear maps, no head, no biases."""
        return self.layers * sum(width * out for width, out in self.linears)

    @property
    def head_params(self) -> int:
        return self.hidden * self.vocab

    @property
    def params(self) -> int:
        """All of them: layers, biases, norms, embedding, and the head where it is not tied."""
        biases = self.query_width + 2 * self.kv_width if self.qkv_bias else 0
        small = self.layers * (2 * self.hidden + biases) + self.hidden
        return self.linear_params + small + self.head_params * (1 if self.tied else 2)

    def lora_params(self, rank: int) -> int:
        """Weights of a LoRA adapter on every linear map of the layers."""
        return self.layers * rank * sum(width + out for width, out in self.linears)


def decoder_of(config: Mapping[str, Any] | Config, place: str = "config.json") -> Decoder:
    """The measures in a parsed config.json or a transformers config; `place` names it in errors.

    Raises TrainerError `weights` where a measure is missing or the model is no dense decoder.
    """
    values = config if isinstance(config, Mapping) else config.to_dict()
    if any((values.get(name) or 0) > 1 for name in _EXPERTS):
        raise TrainerError("weights", f"{place}: the model is a mixture of experts, which this trainer does not train")

    def size(name: str, default: int | None = None) -> int:
        value = values.get(name)
        if value is None:
            value = default
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise TrainerError(
                "weights", f"{place}: {name}: expected a whole number, at least 1, not {json.dumps(value)}"
            )
        return value

    hidden, heads = size("hidden_size"), size("num_attention_heads")
    kind = values.get("model_type")
    return Decoder(
        hidden=hidden,
        layers=size("num_hidden_layers"),
        heads=heads,
        kv_heads=size("num_key_value_heads", heads),
        head_dim=size("head_dim", hidden // heads),
        intermediate=size("intermediate_size"),
        vocab=size("vocab_size"),
        tied=bool(values.get("tie_word_embeddings", False)),
        qkv_bias=kind == "qwen2" or bool(values.get("attention_bias")),
    )


def read_decoder(model: Path) -> Decoder:
    """The measures of the model in a folder; its weights need not be there."""
    path = model / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "Give the folder of a model: config.json, tokenizer files and weights."
        raise TrainerError("weights", f"{path} cannot be read ({error.strerror})", hint) from error
    except ValueError as error:
        raise TrainerError("weights", f"{path} is not JSON: {error}") from error
    if not isinstance(config, dict):
        raise TrainerError("weights", f"{path}: expected an object")
    return decoder_of(config, str(path))
