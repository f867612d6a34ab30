"""Loads what is trained: a model of a folder, with a LoRA adapter or with every weight (trainer.md sections 3-5)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from .bins import Bin
from .checkpoint import weight_files
from .errors import TrainerError
from .settings import RunSettings

_DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64}
#: One of these is there in every folder with a tokenizer; without any, transformers makes an empty one.
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
#: Of a file's bytes, this many pieces of this size stand for it.
_SAMPLES, _SAMPLE = 64, 1 << 16


@dataclass(frozen=True, slots=True)
class Precision:
    """Types of number."""

    #: Of activations and products.
    compute: torch.dtype
    #: Of the model's own parameters.
    weights: torch.dtype

    @property
    def autocast(self) -> bool:
        """Whether products are computed in fewer bits than some parameters have."""
        return self.compute == torch.bfloat16

    @property
    def name(self) -> str:
        return str(self.compute).removeprefix("torch.")


def precision_of(settings: RunSettings, device: torch.device) -> Precision:
    """`auto`: bfloat16 on CUDA, float32 on a CPU.

    Full fine-tuning keeps its parameters in at least float32: at its learning rate of 3e-7 a bfloat16 parameter does
    not move (relative step 1e-5, against 2^-8 between two neighbours).
    """
    name = settings.dtype if settings.dtype != "auto" else "bfloat16" if device.type == "cuda" else "float32"
    compute = _DTYPES[name]
    wide = settings.method == "full" and compute == torch.bfloat16
    return Precision(compute, torch.float32 if wide else compute)


def read_config(settings: RunSettings) -> PretrainedConfig:
    """The model's config.json. Raises TrainerError `weights` or `tokenizer` where something of the model is missing."""
    folder = Path(settings.model)
    hint = "Give the folder of a model: config.json, tokenizer files and weights (*.safetensors)"
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise TrainerError("weights", f"{folder}: config.json is missing", hint)
        if not weight_files(folder) and not any(folder.glob("pytorch_model*.bin")):
            raise TrainerError("weights", f"{folder}: the weights (*.safetensors) are missing", hint)
        _check_index(folder, hint)
        if not any((folder / name).is_file() for name in _TOKENIZERS):
            raise TrainerError("tokenizer", f"{folder}: the tokenizer (tokenizer.json) is missing", hint)
    elif folder.is_absolute() or settings.model.startswith("."):
        raise TrainerError("weights", f"{folder} is no folder: there is no model", hint)
    try:
        return AutoConfig.from_pretrained(settings.model)
    except (OSError, ValueError) as error:
        raise TrainerError("weights", f"{settings.model}: no model can be read: {_first_line(error)}", hint) from error


def _check_index(folder: Path, hint: str) -> None:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise TrainerError("weights", f"{index} cannot be read: {_first_line(error)}", hint) from error
    missing = sorted(name for name in names if not (folder / name).is_file())
    if missing:
        raise TrainerError("weights", f"{folder}: {missing[0]} is missing ({len(missing)} of {len(names)} files)", hint)


def check_tokens(config: PretrainedConfig, bins: Iterable[Bin], model: str) -> None:
    """Raises TrainerError `tokenizer` where the tokenizer makes ids that the model has no embedding for."""
    highest = max((int(each.tokens.max()) for each in bins), default=0)
    if highest >= config.vocab_size:
        raise TrainerError(
            "tokenizer",
            f"{model}: the tokenizer makes the id {highest}, and the model has {config.vocab_size} embeddings",
            "Tokenizer and weights are of different models, or tokens were added without resizing the embeddings",
        )


def load_model(settings: RunSettings, device: torch.device, precision: Precision) -> nn.Module:
    """The model on `device`, ready to be trained: nothing but what is trained requires a gradient; no dropout anywhere.

    Returns a PeftModel for LoRA, else the model itself. Raises TrainerError `weights`, or `settings` for an adapter
    where every weight is trained.
    """
    if settings.method == "full" and settings.adapter is not None:
        raise TrainerError(
            "settings",
            f"adapter: {settings.adapter} cannot be gone on from while every weight is trained",
            "Merge it first (sealign_trainer merge), and give the merged model",
        )
    try:
        model = AutoModelForCausalLM.from_pretrained(settings.model, dtype=precision.weights, use_safetensors=True)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise TrainerError("weights", f"{settings.model}: the weights cannot be read: {_first_line(error)}") from error
    except Exception as error:
        # safetensors has an error of its own that derives from nothing else.
        if type(error).__name__ != "SafetensorError":
            raise
        raise TrainerError("weights", f"{settings.model}: the weights are damaged: {_first_line(error)}") from error
    model.config.use_cache = False
    model.requires_grad_(settings.method == "full")
    trained = model if settings.method == "full" else _with_adapter(model, settings)
    _without_dropout(trained)
    return trained.to(device)


def linear_names(model: PreTrainedModel) -> list[str]:
    """Last parts of the names of all linear layers of the decoder: `q_proj`, …; never the head or the embeddings."""
    modules = model.get_decoder().named_modules()
    return sorted({name.rsplit(".", 1)[-1] for name, each in modules if isinstance(each, nn.Linear)})


def model_digest(model: str) -> str:
    """Hash of what stands for a model's content: its config and samples of its weights; of a hub's model: its name."""
    folder = Path(model)
    if not folder.is_dir():
        return model
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for path in weight_files(folder):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}".encode())
        with path.open("rb") as file:
            for sample in range(_SAMPLES):
                file.seek(sample * max(0, size - _SAMPLE) // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def _with_adapter(model: PreTrainedModel, settings: RunSettings) -> PeftModel:
    if settings.adapter is not None:
        return _existing_adapter(model, settings)
    config = LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        target_modules=linear_names(model),
        lora_dropout=0.0,
        bias="none",
        use_rslora=False,
        use_dora=False,
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        trained = get_peft_model(model, config)
    trained.peft_config["default"].base_model_name_or_path = settings.model
    return trained


def _existing_adapter(model: PreTrainedModel, settings: RunSettings) -> PeftModel:
    folder = Path(settings.adapter or "")
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise TrainerError("weights", f"{folder}: {name} is missing", "Give the folder of a LoRA adapter, or none")
    try:
        config = PeftConfig.from_pretrained(str(folder))
        if not isinstance(config, LoraConfig) or config.use_dora or config.modules_to_save or config.bias != "none":
            raise TrainerError(
                "weights", f"{folder} is no plain LoRA adapter (DoRA, biases or whole modules): vLLM does not load it"
            )
        trained = PeftModel.from_pretrained(model, str(folder), is_trainable=True)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise TrainerError("weights", f"{folder}: the adapter does not fit the model: {_first_line(error)}") from error
    trained.peft_config["default"].base_model_name_or_path = settings.model
    trained.peft_config["default"].lora_dropout = 0.0
    return trained


def _without_dropout(model: PreTrainedModel | PeftModel) -> None:
    """Dropout would make the policy differ from its own reference (trainer.md section 4)."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    if hasattr(model.config, "attention_dropout"):
        model.config.attention_dropout = 0.0


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
