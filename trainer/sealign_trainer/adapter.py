"""A LoRA adapter in a folder, as PEFT writes it: what it holds, and whether vLLM loads it (trainer.md section 5)."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open

from .errors import TrainerError
from .settings import LORA_RANKS

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
#: What an adapter may hold for vLLM: a low-rank pair of a decoder's linear map.
_KEY: Final = re.compile(
    r"base_model\.model\.(?P<module>.+\.(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj))"
    r"\.lora_(?P<side>[AB])\.weight"
)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A plain LoRA adapter: W + scale · B A for each of its modules."""

    folder: Path
    rank: int
    #: alpha / rank, or alpha / √rank (rsLoRA).
    scale: float
    #: Modules of the base model, `model.layers.0.self_attn.q_proj`, each with (rows, columns) of the weight it fits.
    shapes: dict[str, tuple[int, int]]


def read_adapter(folder: Path) -> Adapter:
    """Reads what an adapter is, not its numbers.

    Raises TrainerError `weights`, saying which rule it breaks, unless vLLM loads it: one rank of `LORA_RANKS` for all
    modules, no DoRA, no biases, no modules saved whole, and low-rank pairs of linear maps alone.
    """
    config = _config(folder)
    rank, alpha = config.get("r"), config.get("lora_alpha")
    place = folder / CONFIG
    if config.get("peft_type") != "LORA" or not isinstance(rank, int) or not isinstance(alpha, int | float):
        raise _refused(f"{place}: expected a LoRA adapter with r and lora_alpha")
    if rank not in LORA_RANKS:
        raise _refused(f"{place}: r: vLLM loads adapters of rank {', '.join(map(str, LORA_RANKS))}, not {rank}")
    for name in ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out", "lora_bias"):
        if config.get(name):
            raise _refused(f"{place}: {name}: expected none, not {json.dumps(config[name])}: vLLM does not load it")
    if config.get("bias", "none") != "none":
        raise _refused(f"{place}: bias: expected none, not {json.dumps(config['bias'])}: vLLM does not load it")
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return Adapter(folder, rank, scale, _shapes(folder / WEIGHTS, rank))


def _config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = f"The folder of an adapter holds {CONFIG} and {WEIGHTS}."
        raise TrainerError("weights", f"{path} cannot be read ({error.strerror})", hint) from error
    except ValueError as error:
        raise TrainerError("weights", f"{path} is not JSON: {error}") from error
    if not isinstance(config, dict):
        raise TrainerError("weights", f"{path}: expected an object")
    return config


def _shapes(path: Path, rank: int) -> dict[str, tuple[int, int]]:
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for key, shape in _tensors(path).items():
        match = _KEY.fullmatch(key)
        if match is None:
            raise _refused(f"{path}: {key}: expected only lora_A and lora_B of linear maps of the layers")
        found.setdefault(match["module"], {})[match["side"]] = shape
    if not found:
        raise _refused(f"{path} holds no weights")
    shapes: dict[str, tuple[int, int]] = {}
    for module, sides in found.items():
        down, up = sides.get("A", ()), sides.get("B", ())
        if len(down) != 2 or len(up) != 2 or down[0] != rank or up[1] != rank:
            raise _refused(f"{path}: {module}: expected lora_A and lora_B of rank {rank}, not {down} and {up}")
        shapes[module] = (up[0], down[1])
    return shapes


def _tensors(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(path, framework="pt") as file:
            return {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError) as error:
        raise TrainerError("weights", f"{path} cannot be read: {error}") from error


def _refused(message: str) -> TrainerError:
    return TrainerError("weights", message)
