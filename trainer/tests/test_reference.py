"""reference.py: log-probabilities under the frozen policy, computed once and kept by content."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from runs import random_bins, settings_for

from sealign_trainer.bins import Bin
from sealign_trainer.control import Control, Signals, Stopped
from sealign_trainer.distributed import World
from sealign_trainer.losses import action_logp
from sealign_trainer.model import load_model, precision_of
from sealign_trainer.reference import Reference, bin_digest, compute_reference, reference_key
from sealign_trainer.trainee import Trainee

CPU = torch.device("cpu")
KEY = reference_key(model="m", start="base", dtype="float32", attention="dense")


class Parts(NamedTuple):
    trainee: Trainee
    bins: list[Bin]


@pytest.fixture(scope="module")
def parts(tiny_folder: Path) -> Parts:
    settings = settings_for(Path("/nowhere"), Path("/nowhere/trees"), tiny_folder)
    precision = precision_of(settings, CPU)
    model = load_model(settings, CPU, precision)
    trainee = Trainee(model, attention="dense", precision=precision, world=World(CPU))
    return Parts(trainee, random_bins(4, "dpo"))


def compute(parts: Parts, folder: Path, key: str = KEY, control: Control | None = None) -> tuple[Reference, int]:
    """The reference, and how many bins were computed for it."""
    told: list[int] = []
    control = control or Control(folder, World(CPU), Signals())
    reference = compute_reference(
        parts.trainee,
        parts.bins,
        folder=folder / "reference",
        key=key,
        control=control,
        said=lambda done, _: told.append(done),
    )
    return reference, max(told, default=0)


def test_values_are_those_of_the_policy_and_are_kept(tmp_path: Path, parts: Parts) -> None:
    first, computed = compute(parts, tmp_path)
    assert computed == len(parts.bins) == 4
    for packed in parts.bins:
        batch = parts.trainee.to_device(packed)
        with torch.no_grad():
            expected = action_logp(parts.trainee.forward(batch).logp, batch)
        assert first.of(packed).dtype == torch.float32
        assert torch.equal(first.of(packed), expected)
    again, computed = compute(parts, tmp_path)
    assert computed == 0
    assert all(torch.equal(again.of(each), first.of(each)) for each in parts.bins)


def test_other_weights_type_or_back_end_are_another_key_and_computed_anew(tmp_path: Path, parts: Parts) -> None:
    compute(parts, tmp_path)
    keys = {
        reference_key(model=model, start=start, dtype=dtype, attention=attention)
        for model in ("m", "n")
        for start in ("base", "adapter")
        for dtype in ("float32", "float64")
        for attention in ("dense", "flex")
    }
    assert len(keys) == 16
    (other,) = {reference_key(model="m", start="adapter", dtype="float32", attention="dense")}
    _, computed = compute(parts, tmp_path, other)
    assert computed == 4
    assert [path.name for path in (tmp_path / "reference").iterdir()] == [f"{other[:16]}.safetensors"]


@pytest.mark.parametrize("damage", ["torn", "changed", "empty", "of another key"])
def test_a_damaged_file_is_computed_anew(tmp_path: Path, parts: Parts, damage: str) -> None:
    first, _ = compute(parts, tmp_path)
    (path,) = (tmp_path / "reference").iterdir()
    data = path.read_bytes()
    if damage == "of another key":
        compute(parts, tmp_path, KEY[:16] + "0" * 48)
    else:
        path.write_bytes({"torn": data[:-9], "changed": data[:-1] + bytes([data[-1] ^ 1]), "empty": b""}[damage])
    again, computed = compute(parts, tmp_path)
    assert computed == 4
    assert all(torch.equal(again.of(each), first.of(each)) for each in parts.bins)


def test_new_bins_are_computed_and_known_ones_are_not(tmp_path: Path, parts: Parts) -> None:
    compute(Parts(parts.trainee, parts.bins[:3]), tmp_path)
    _, computed = compute(parts, tmp_path)
    assert computed == 1
    assert len({bin_digest(each) for each in parts.bins}) == 4


def test_a_stop_keeps_what_is_known(tmp_path: Path, parts: Parts) -> None:
    (tmp_path / "control.json").write_text('{"v":1,"pause":false,"stop":true}')
    with pytest.raises(Stopped):
        compute(parts, tmp_path)
    (tmp_path / "control.json").unlink()
    _, computed = compute(parts, tmp_path)
    assert computed == 3
