"""checkpoint.py and disk.py: what is kept is whole, whatever happens meanwhile."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import settings_for

from sealign_trainer.checkpoint import (
    Best,
    Finished,
    Identity,
    Progress,
    State,
    identity_of,
    load_state,
    remove_state,
    save_state,
    save_weights,
)
from sealign_trainer.disk import (
    disk_errors,
    make_folder,
    mend_folder,
    sha256_of,
    sha256_of_files,
    whole_file,
    whole_folder,
)
from sealign_trainer.errors import TrainerError

SAME: Identity = {"seed": 0, "trees": "a", "stages": ["sft", "dpo"]}
BEST = Best("sft", 4, 1.25, "/runs/r1/sft", "ab")


def a_state(**changes: Any) -> State:
    progress = Progress("dpo", step=7, evaluated=6, best=Best("dpo", 6, 0.5, "/runs/r1/dpo", "cd"), stale=1)
    tensors = {"weights": {"a": torch.arange(3.0)}, "optimizer": {"steps": {"a": 7.0}}, "random": torch.get_rng_state()}
    values = {"finished": (Finished(BEST, 12),), "progress": progress, "tensors": tensors, **changes}
    return State(**values)


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: what a full disk does, without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_state_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = a_state()
    path, digest = save_state(tmp_path, SAME, kept)
    assert digest == sha256_of(path / "state.pt")
    found = load_state(tmp_path, SAME)
    assert found is not None
    assert (found.finished, found.progress) == (kept.finished, kept.progress)
    assert found.tensors is not None
    assert torch.equal(found.tensors["weights"]["a"], torch.arange(3.0))
    remove_state(tmp_path)
    assert load_state(tmp_path, SAME) is None


def test_between_two_stages_a_state_has_no_tensors(tmp_path: Path) -> None:
    path, digest = save_state(tmp_path, SAME, a_state(progress=None, tensors=None))
    assert digest == sha256_of(path / "manifest.json")
    assert load_state(tmp_path, SAME) == State((Finished(BEST, 12),), None, None)


def test_a_state_of_another_run_is_refused_and_says_what_differs(tmp_path: Path) -> None:
    save_state(tmp_path, SAME, a_state())
    with pytest.raises(TrainerError, match="seed: 0 then, 1 now; trees: the file has another content") as caught:
        load_state(tmp_path, {**SAME, "seed": 1, "trees": "b"})
    assert caught.value.name == "settings"
    assert load_state(tmp_path, SAME) is not None


@pytest.mark.parametrize("name", ["state.pt", "manifest.json"])
@pytest.mark.parametrize("size", [0, 40])
def test_a_damaged_state_is_refused(tmp_path: Path, name: str, size: int) -> None:
    path, _ = save_state(tmp_path, SAME, a_state())
    (path / name).write_bytes((path / name).read_bytes()[:size])
    with pytest.raises(TrainerError, match="is damaged") as caught:
        load_state(tmp_path, SAME)
    assert (caught.value.name, caught.value.hint) == ("disk", f"Remove {path} to train from the beginning")


def test_on_a_full_disk_the_state_kept_before_stays(tmp_path: Path) -> None:
    save_state(tmp_path, SAME, a_state())
    large = a_state(tensors={"weights": {"a": torch.zeros(100_000)}, "optimizer": {}, "random": torch.zeros(1)})
    with small_files(100_000), pytest.raises(TrainerError, match="state cannot be written: the disk is full") as caught:
        save_state(tmp_path, SAME, large)
    assert (caught.value.name, caught.value.exit_code) == ("disk", 5)
    found = load_state(tmp_path, SAME)
    assert found is not None
    assert found.progress is not None
    assert found.progress.step == 7
    assert [each.name for each in tmp_path.iterdir()] == ["state"]


def test_a_folder_changes_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "sft"
    for content in ("one", "two"):
        with whole_folder(folder) as fresh:
            (fresh / "weights").write_text(content)
    with pytest.raises(IsADirectoryError), whole_folder(folder) as fresh:
        fresh.write_text("three")
    assert (folder / "weights").read_text() == "two"
    assert [each.name for each in tmp_path.iterdir()] == ["sft"]


def test_a_process_that_died_between_two_renames_is_mended(tmp_path: Path) -> None:
    for name in ("sft.old", "sft.new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text(name)
    mend_folder(tmp_path / "sft")
    assert (tmp_path / "sft" / "weights").read_text() == "sft.old"
    (tmp_path / "sft.new").mkdir()
    mend_folder(tmp_path / "sft")
    assert [each.name for each in tmp_path.iterdir()] == ["sft"]


def test_a_file_changes_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with whole_file(path) as fresh:
        fresh.write_text("one")
    with (
        small_files(10),
        pytest.raises(TrainerError, match="a cannot be written: File too large"),
        whole_file(path) as fresh,
    ):
        fresh.write_text("two" * 10)
    assert path.read_text() == "one"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_weights_come_with_a_manifest(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "adapter_model.safetensors").write_bytes(b"weights")

    digest = save_weights(tmp_path / "sft", write, {"run": "r1", "step": 3})
    manifest = json.loads((tmp_path / "sft" / "manifest.json").read_text())
    assert digest == sha256_of(tmp_path / "sft" / "adapter_model.safetensors")
    assert (manifest["v"], manifest["run"], manifest["step"], manifest["sha256"]) == (1, "r1", 3, digest)


def test_several_files_have_one_hash_whatever_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name)
    assert sha256_of_files(paths) == sha256_of_files(paths[::-1]) != sha256_of_files(paths[:1])


def test_what_is_no_trouble_with_the_disk_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shape"), disk_errors(tmp_path):
        raise ValueError("shape")
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match="is a file or lies below one"):
        make_folder(tmp_path / "file" / "run")


def test_an_identity_names_what_decides_the_weights_and_nothing_else(tmp_path: Path) -> None:
    def identity(**changes: Any) -> Identity:
        settings = settings_for(tmp_path, tmp_path / "trees", tmp_path, **changes)
        return identity_of(settings, trees="t", model="m", world=1, dtype="float32", attention="dense")

    first = identity()
    assert identity(stateEvery=9, run="r2", memoryGib=5, device="auto") == first
    assert {name for name, value in identity(seed=3, dpo={"beta": 0.2}).items() if first[name] != value} == {
        "seed",
        "dpo.beta",
    }
    assert json.loads(json.dumps(first)) == first
