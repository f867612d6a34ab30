"""What a Run keeps: the best weights of each stage, and the state it goes on from (trainer.md section 5)."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from . import __version__
from .disk import disk_errors, mend_folder, sha256_of, sha256_of_files, whole_folder
from .errors import TrainerError
from .settings import RunSettings, StageName

_STATE = "state"
_TENSORS = "state.pt"
MANIFEST = "manifest.json"

#: What decides the weights a Run ends with; where one differs, a kept state is of another Run.
Identity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Best:
    """The evaluation of a stage with the lowest validation loss; without validation, its last step."""

    stage: StageName
    step: int
    loss: float
    #: Folder of the weights, and the hash of their file.
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage that is done."""

    best: Best
    #: Optimizer steps it took.
    steps: int


@dataclass(slots=True)
class Progress:
    """Where a stage stands between two optimizer steps; with the tensors, all it takes to go on bit for bit."""

    stage: StageName
    #: Optimizer steps done, skipped ones included.
    step: int = 0
    #: Step of the last evaluation; -1: none yet.
    evaluated: int = -1
    best: Best | None = None
    #: Evaluations since the best one.
    stale: int = 0
    #: Steps skipped in a row, because their loss or gradient was no finite number.
    skipped: int = 0
    #: DPO: steps in a row in which both sides are less likely than under the reference, and whether that was said.
    falling: int = 0
    told_of_falling: bool = False
    #: Of the training losses of this pass so far: sum of loss x weight, and sum of weights.
    loss_sum: float = 0.0
    loss_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """A kept state. `progress` and `tensors` are None between two stages."""

    finished: tuple[Finished, ...]
    progress: Progress | None
    tensors: dict[str, Any] | None


def identity_of(settings: RunSettings, *, trees: str, model: str, world: int, dtype: str, attention: str) -> Identity:
    """By the names of run.json. trees, model: hashes of their content, which may have moved."""
    flat: Identity = {}
    # What says where and when things are written, or with how much memory, changes no weight.
    silent = {"run", "folder", "trees", "model", "device", "dtype", "attention", "memory_gib", "state_every"}
    for name, value in asdict(settings).items():
        if name in silent:
            continue
        if isinstance(value, dict):
            flat.update({f"{name}.{_json_name(inner)}": each for inner, each in value.items()})
        else:
            flat[_json_name(name)] = list(value) if isinstance(value, tuple) else value
    return {**flat, "trees": trees, "model": model, "processes": world, "dtype": dtype, "attention": attention}


def save_state(folder: Path, identity: Identity, state: State) -> tuple[Path, str]:
    """Takes the place of the state kept before. Returns its folder, and the hash of its tensors or of its manifest."""
    path = folder / _STATE
    with whole_folder(path) as fresh:
        if state.tensors is not None:
            torch.save(state.tensors, fresh / _TENSORS)
        digest = sha256_of(fresh / _TENSORS) if state.tensors is not None else None
        manifest = {
            "v": 1,
            "trainer": __version__,
            "identity": identity,
            "finished": [asdict(each) for each in state.finished],
            "progress": None if state.progress is None else asdict(state.progress),
            "sha256": digest,
        }
        write_json(fresh / MANIFEST, manifest)
    return path, digest or sha256_of(path / MANIFEST)


def load_state(folder: Path, identity: Identity) -> State | None:
    """The state an earlier process kept; None where there is none.

    Raises TrainerError `settings`, naming what differs, for the state of another Run; `disk` for one that is damaged.
    """
    path = folder / _STATE
    mend_folder(path)
    if not path.exists():
        return None
    hint = f"Remove {path} to train from the beginning"
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        kept = manifest["identity"]
        finished = tuple(Finished(Best(**each["best"]), each["steps"]) for each in manifest["finished"])
        progress = _progress(manifest["progress"])
        digest = manifest["sha256"]
        damaged = digest is not None and sha256_of(path / _TENSORS) != digest
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerError("disk", f"{path} is damaged: the run cannot go on from it ({error})", hint) from error
    if damaged:
        raise TrainerError("disk", f"{path / _TENSORS} is damaged: its bytes are not those that were kept", hint)
    changed = [name for name in sorted({*kept, *identity}) if kept.get(name) != identity.get(name)]
    if changed:
        what = "; ".join(_change(name, kept.get(name), identity.get(name)) for name in changed)
        raise TrainerError(
            "settings", f"{path} is the state of a run with other settings: {what}", f"{hint}, or set them back"
        )
    tensors = None if digest is None else torch.load(path / _TENSORS, map_location="cpu", weights_only=True)
    return State(finished, progress, tensors)


def remove_state(folder: Path) -> None:
    with disk_errors(folder / _STATE):
        shutil.rmtree(folder / _STATE, ignore_errors=True)


def save_weights(path: Path, write: Callable[[Path], None], manifest: dict[str, Any]) -> str:
    """Has `write` fill a folder with weights and tokenizer, which takes the place of `path`; returns the weights' hash.

    manifest: what is said of them; `sha256` is added.
    """
    with whole_folder(path) as fresh:
        write(fresh)
        digest = sha256_of_files(weight_files(fresh))
        write_json(fresh / MANIFEST, {"v": 1, "trainer": __version__, **manifest, "sha256": digest})
    return digest


def weight_files(folder: Path) -> list[Path]:
    """Of a model or an adapter, in order of name; other formats than safetensors are not ours."""
    return sorted(folder.glob("*.safetensors"))


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _progress(values: dict[str, Any] | None) -> Progress | None:
    if values is None:
        return None
    known = {each.name for each in fields(Progress)}
    best = values.get("best")
    return Progress(
        **{**{k: v for k, v in values.items() if k in known}, "best": None if best is None else Best(**best)}
    )


def _change(name: str, before: Any, now: Any) -> str:
    if name == "trees":
        return "trees: the file has another content"
    if name == "model":
        return "model: other weights"
    return f"{name}: {json.dumps(before)} then, {json.dumps(now)} now"


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
