"""events.py: the lines of a Run, their numbers over restarts, and what they draw for TensorBoard."""

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sealign_trainer.errors import TrainerError
from sealign_trainer.events import EventLog, end_event


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def step(number: int, **metrics: float) -> dict[str, Any]:
    return {"stage": "sft", "step": number, "epoch": 0.5, "metrics": metrics, "batch": ["t"], "etaSeconds": None}


def test_an_event_goes_to_the_listener_and_into_the_file_with_its_place(tmp_path: Path) -> None:
    out = io.StringIO()
    log = EventLog(tmp_path, "r3", out)
    log.say("phase", name="load")
    log.say("warning", message="déjà vu")
    log.close()
    assert out.getvalue() == (tmp_path / "events.jsonl").read_text(encoding="utf-8")
    first, second = lines(tmp_path)
    assert {**first, "t": 0} == {"v": 1, "seq": 1, "t": 0, "run": "r3", "type": "phase", "name": "load"}
    assert (second["seq"], second["message"]) == (2, "déjà vu")


def test_numbers_that_are_not_finite_are_null_at_every_depth(tmp_path: Path) -> None:
    log = EventLog(tmp_path, "r", None)
    log.say("step", **step(1, loss=math.nan, grad_norm=math.inf), margins=[1.5, -math.inf])
    log.close()
    (event,) = lines(tmp_path)
    assert event["metrics"] == {"loss": None, "grad_norm": None}
    assert event["margins"] == [1.5, None]


def test_numbers_of_events_go_on_over_processes(tmp_path: Path) -> None:
    for expected in (None, 1, 2):
        log = EventLog(tmp_path, "r", None)
        assert (log.last or {}).get("seq") == expected
        log.say("phase", name="load")
        log.close()
    assert [line["seq"] for line in lines(tmp_path)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("tail", "kept", "next_seq"),
    [
        (b'{"v":1,"seq":3,"t":1.0,"ru', 2, 3),
        (b'{"v":1,"seq":3,"t":1.0,"run":"r","type":"phase","name":"load"}', 3, 4),
        (b"\x00\x00\x00", 2, 3),
    ],
)
def test_a_torn_end_is_cut_off_and_a_whole_line_without_its_end_is_ended(
    tmp_path: Path, tail: bytes, kept: int, next_seq: int
) -> None:
    log = EventLog(tmp_path, "r", None)
    # Longer than what is read at once from the end.
    log.say("warning", message="x" * 100_000)
    log.say("warning", message="y" * 100_000)
    log.close()
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(tail)
    log = EventLog(tmp_path, "r", None)
    log.say("phase", name="train")
    log.close()
    found = lines(tmp_path)
    assert len(found) == kept + 1
    assert found[-1]["seq"] == next_seq


def test_a_run_goes_on_when_nobody_listens_any_more(tmp_path: Path) -> None:
    out = io.StringIO()
    log = EventLog(tmp_path, "r", out)
    out.close()
    log.say("phase", name="load")
    log.say("phase", name="train")
    log.close()
    assert [line["name"] for line in lines(tmp_path)] == ["load", "train"]


def test_a_full_disk_is_named_and_the_end_is_still_heard(tmp_path: Path) -> None:
    out = io.StringIO()
    log = EventLog(tmp_path, "r", out)
    full = open("/dev/full", "ab", buffering=0)  # noqa: SIM115 - closed below
    log._file.close()
    log._file = full
    with pytest.raises(TrainerError, match=r"events\.jsonl cannot be written: No space left") as caught:
        log.say("phase", name="load")
    assert (caught.value.name, caught.value.exit_code) == ("disk", 5)
    end_event(log, status="failed", best=[], seconds=1.0)
    full.close()
    assert [json.loads(line)["type"] for line in out.getvalue().splitlines()] == ["phase", "end"]


def test_tensorboard_counts_steps_of_the_run_and_forgets_what_a_resumed_run_does_again(tmp_path: Path) -> None:
    log = EventLog(tmp_path, "r", None)
    log.say("start", stage="sft")
    for number in (1, 2, 3):
        log.say("step", **step(number, loss=float(number), grad_norm=math.nan))
    log.say("eval", stage="sft", step=3, metrics={"eval_loss": 0.25}, best=True)
    log.close()
    again = EventLog(tmp_path, "r", None)
    again.say("start", stage="sft", resume={"step": 2})
    again.say("step", **step(3, loss=30.0))
    again.place(3)
    again.say("start", stage="dpo")
    again.say("step", **{**step(1, **{"rewards/margins": 0.5}), "stage": "dpo"})
    again.close()
    files = sorted((tmp_path / "tensorboard").iterdir())
    board = EventAccumulator(str(tmp_path / "tensorboard"))
    board.Reload()
    assert files
    assert [(each.step, each.value) for each in board.Scalars("train/loss")] == [(1, 1.0), (2, 2.0), (3, 30.0)]
    assert [(each.step, each.value) for each in board.Scalars("train/rewards/margins")] == [(4, 0.5)]
    assert "train/grad_norm" not in board.Tags()["scalars"]
