"""`merge`: an adapter added to a model's weights, as a model of its own."""

import argparse
import json
import shutil
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from .adapter import WEIGHTS, Adapter, read_adapter
from .disk import make_folder, whole_folder
from .errors import TrainerError

#: Files of a model that are not weights of PyTorch or of another format.
_NOT_COPIED: Final = {".safetensors", ".bin", ".pt", ".pth", ".gguf", ".onnx", ".h5", ".msgpack"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="folder of the base model")
    parser.add_argument("--adapter", type=Path, required=True, metavar="DIR", help="folder of the LoRA adapter")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the merged model")


def run(args: argparse.Namespace) -> int:
    merge(args.model, args.adapter, args.out)
    print(f"merged model written to {args.out}")
    return 0


def merge(model: Path, adapter: Path, out: Path) -> None:
    """Writes the model in `out`: W + scale · B A in float32, rounded once to the dtype of W; everything else is copied.

    File by file, so that a model needs the memory of its largest file alone. `out` appears when it is whole.
    Raises TrainerError `weights` where the adapter is of another base or the model has no safetensors, `usage` where
    `out` is there already, `disk` where it cannot be written.
    """
    if out.exists():
        raise TrainerError("usage", f"{out} is there already", "Name a folder that is not, or remove it.")
    part = read_adapter(adapter)
    files = _weight_files(model)
    _check_fit(part, files, model)
    make_folder(out.parent)
    with whole_folder(out) as fresh:
        for path in sorted(model.iterdir()):
            if path.is_file() and path.suffix not in _NOT_COPIED:
                shutil.copyfile(path, fresh / path.name)
        _merge_files(part, files, fresh)


def _weight_files(model: Path) -> list[Path]:
    if not model.is_dir():
        raise TrainerError("weights", f"{model} is no folder", "Give the folder of the base model.")
    files = sorted(model.glob("*.safetensors"))
    index = model / "model.safetensors.index.json"
    if index.is_file():
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        missing = sorted(named - {path.name for path in files})
        if missing:
            raise TrainerError("weights", f"{model}: {missing[0]} is missing", "Fetch the model's files again.")
        files = [path for path in files if path.name in named]
    if not files:
        raise TrainerError("weights", f"{model} holds no weights (*.safetensors)", "Give the folder of the base model.")
    return files


def _check_fit(adapter: Adapter, files: list[Path], model: Path) -> None:
    """Raises TrainerError `weights` unless the model has a weight of the right shape for each module of the adapter."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in files:
        try:
            with safe_open(path, framework="pt") as file:
                shapes.update({key: tuple(file.get_slice(key).get_shape()) for key in file.keys()})  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise TrainerError("weights", f"{path} cannot be read: {error}") from error
    for module, expected in adapter.shapes.items():
        found = shapes.get(f"{module}.weight")
        if found != expected:
            has = f"one of {found[0]} × {found[1]}" if found is not None and len(found) == 2 else "none there"
            fits = f"{expected[0]} × {expected[1]}"
            raise TrainerError(
                "weights",
                f"{adapter.folder} is an adapter of another base model than {model}: for {module} it fits a weight of "
                f"{fits}, and the model has {has}",
            )


def _merge_files(adapter: Adapter, files: list[Path], out: Path) -> None:
    low_rank = load_file(adapter.folder / WEIGHTS)
    for path in files:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: _merged(adapter, low_rank, key, file.get_tensor(key)) for key in file.keys()}  # noqa: SIM118
        save_file(tensors, out / path.name, metadata={"format": "pt", **metadata})


def _merged(adapter: Adapter, low_rank: dict[str, Tensor], key: str, weight: Tensor) -> Tensor:
    module = key.removesuffix(".weight")
    if module not in adapter.shapes:
        return weight
    # As PEFT computes it, except that it adds in the weight's own dtype.
    down, up = (low_rank[f"base_model.model.{module}.lora_{side}.weight"] for side in "AB")
    exact = torch.float64 if weight.dtype == torch.float64 else torch.float32
    return (weight.to(exact) + adapter.scale * (up.to(exact) @ down.to(exact))).to(weight.dtype)
