"""Log-probabilities of every action under the frozen reference, computed once and kept (trainer.md section 4)."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .bins import Bin
from .control import Control, Stopped
from .device_bin import precise
from .disk import make_folder, whole_file
from .losses import action_logp
from .out_of_memory import out_of_memory
from .trainee import Trainee

#: Of the layout of bins and of this file: another number makes every kept value unknown.
LAYOUT_VERSION = 1


class Reference:
    """Values of bins, by their content."""

    def __init__(self, values: dict[str, Tensor]) -> None:
        self._values = values

    def of(self, packed: Bin) -> Tensor:
        """(A,) log-probabilities of the bin's actions, float32 (float64 in float64 runs), on the CPU."""
        return self._values[bin_digest(packed)]


def bin_digest(packed: Bin) -> str:
    """Hash of what decides an action's log-probability in a bin: the ids of prefixes and actions, and their places."""
    digest = hashlib.sha256(f"{packed.length} {packed.used} {len(packed.actions)}".encode())
    for values in (packed.tokens, packed.position, packed.end, packed.source, packed.target, packed.action):
        digest.update(values.tobytes())
    return digest.hexdigest()


def reference_key(*, model: str, start: str, dtype: str, attention: str) -> str:
    """Hash of everything else that decides them. start: hash of the adapter or the weights the stage begins with."""
    return hashlib.sha256("\n".join([str(LAYOUT_VERSION), model, start, dtype, attention]).encode()).hexdigest()


def compute_reference(
    trainee: Trainee,
    bins: Sequence[Bin],
    *,
    folder: Path,
    key: str,
    control: Control,
    said: Callable[[int, int], None],
) -> Reference:
    """The values under the policy as it is now, on the very bins it is trained on: the same kernels on the same shapes.

    folder: `<run>/reference`, where rank 0 finds and keeps them; a file that is torn, or of another key, is no file.
    said: is told how many bins are done, and of how many. Raises Stopped, having kept what is known, if one was asked.
    """
    world = trainee.world
    digests = [bin_digest(each) for each in bins]
    path = folder / f"{key[:16]}.safetensors"
    kept = _read(path, key) if world.is_main else {}
    kept = {d: v for d, v, b in ((d, kept.get(d), b) for d, b in zip(digests, bins, strict=True)) if _fits(v, b)}
    known: set[str] = world.object(set(kept))
    missing = [(digest, packed) for digest, packed in zip(digests, bins, strict=True) if digest not in known]
    if not missing:
        return Reference(_shared(trainee, bins, digests, kept))
    stopped = False
    for begin in range(0, len(missing), world.size):
        said(begin, len(missing))
        mine = begin + world.rank
        # Sharded ranks compute together: one that has no bin left computes the last one, and forgets it.
        if mine < len(missing) or trainee.sharded:
            digest, packed = missing[min(mine, len(missing) - 1)]
            values = _values(trainee, packed)
            if mine < len(missing):
                kept[digest] = values
        try:
            control.check()
        except Stopped:
            stopped = True
            known |= {digest for digest, _ in missing[: begin + world.size]}
            break
    else:
        known = set(digests)
    whole = _shared(trainee, bins, digests, kept)
    if world.is_main:
        _write(path, key, {digest: values for digest, values in whole.items() if digest in known})
    if stopped:
        raise Stopped
    said(len(missing), len(missing))
    return Reference(whole)


def _values(trainee: Trainee, packed: Bin) -> Tensor:
    batch = trainee.to_device(packed)
    trainee.module.eval()
    with torch.no_grad(), out_of_memory("computing the reference", trainee.world.device):
        return action_logp(trainee.forward(batch).logp, batch).cpu()


def _shared(
    trainee: Trainee, bins: Sequence[Bin], digests: Sequence[str], kept: dict[str, Tensor]
) -> dict[str, Tensor]:
    """What all ranks know together: each value is known to one rank, the others add 0."""
    sizes = [len(packed.actions) for packed in bins]
    places: dict[str, slice] = {}
    at = 0
    for digest, size in zip(digests, sizes, strict=True):
        places.setdefault(digest, slice(at, at + size))
        at += size
    flat = torch.zeros(at, dtype=precise(trainee.precision.compute))
    for digest, values in kept.items():
        flat[places[digest]] = values
    flat = trainee.world.sum(flat)
    return {digest: flat[place].clone() for digest, place in places.items()}


def _fits(values: Tensor | None, packed: Bin) -> bool:
    return values is not None and values.shape == (len(packed.actions),) and bool(values.isfinite().all())


def _read(path: Path, key: str) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
            values = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError):
        return {}
    return values if said == {"key": key, "sha256": _digest(values)} else {}


def _write(path: Path, key: str, values: dict[str, Tensor]) -> None:
    make_folder(path.parent)
    with whole_file(path) as fresh:
        save_file(values, fresh, metadata={"key": key, "sha256": _digest(values)})
    for old in path.parent.glob("*.safetensors"):
        if old != path:
            old.unlink()


def _digest(values: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(values):
        digest.update(name.encode())
        digest.update(values[name].numpy().tobytes())
    return digest.hexdigest()
