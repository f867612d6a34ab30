"""A Run that is stopped or killed and goes on ends with the weights of one that never was (trainer.md 4, test 7)."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from runs import contract_errors, events_of, of_type, run_json, settings_for, start_train, write_run, write_style_trees

from sealign_trainer.train import train

#: Small enough for a stop in the middle of either stage, with evaluations within a pass.
SMALL: dict[str, Any] = {"evalEvery": 4, "stateEvery": 3, "binTokens": 512}


class Whole(NamedTuple):
    trees: Path
    folder: Path
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Whole:
    """Trained without a break."""
    place = tmp_path_factory.mktemp("whole")
    trees = write_style_trees(place / "trees.jsonl", repos=4, tasks=2)
    assert train(settings_for(place / "run", trees, tiny_folder, **SMALL), None) == 0
    return Whole(trees, place / "run", events_of(place / "run"))


def weights(folder: Path) -> dict[str, bytes]:
    return {stage: (folder / stage / "adapter_model.safetensors").read_bytes() for stage in ("sft", "dpo")}


def figures(events: list[dict[str, Any]]) -> dict[tuple[str, str, int], dict[str, float]]:
    """What was said last of every step and evaluation, without what a clock says."""
    return {
        (event["type"], event["stage"], event["step"]): {
            name: value for name, value in event["metrics"].items() if not name.startswith("tokens_per_second")
        }
        for event in events
        if event["type"] in ("step", "eval")
    }


def ask(folder: Path, *, stop: bool, pause: bool = False) -> None:
    """As the workbench writes it: whole or not at all."""
    fresh = folder / "control.json.new"
    fresh.write_text(json.dumps({"v": 1, "pause": pause, "stop": stop}))
    fresh.rename(folder / "control.json")


def wait_for(process: subprocess.Popen[str], is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first event that is the one, as soon as it is said."""
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if is_it(event):
            return event
    raise AssertionError(f"the process ended before: {process.communicate()[1]}")


def at_step(stage: str, step: int) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["type"] == "step" and (event["stage"], event["step"]) == (stage, step)


def is_same(folder: Path, whole: Whole) -> None:
    events = events_of(folder)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["status"] == "completed"
    assert contract_errors(events) == []
    assert weights(folder) == weights(whole.folder)
    assert figures(events) == figures(whole.events)
    best = [(each["stage"], each["step"], each["loss"]) for each in events[-1]["best"]]
    assert best == [(each["stage"], each["step"], each["loss"]) for each in whole.events[-1]["best"]]
    assert not (folder / "state").exists()


def when(folder: Path, is_it: Callable[[dict[str, Any]], bool], then: Callable[[], None]) -> threading.Thread:
    """Does `then` as soon as events.jsonl holds such an event, beside a training in this process."""

    def watch() -> None:
        while not (folder / "events.jsonl").exists() or not any(map(is_it, whole_lines(folder))):
            time.sleep(0.005)
        then()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def whole_lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "events.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("stage", ["sft", "dpo"])
def test_stopped_by_control_json_it_goes_on_bit_for_bit(
    tmp_path: Path, tiny_folder: Path, whole: Whole, stage: str
) -> None:
    settings = settings_for(tmp_path, whole.trees, tiny_folder, **SMALL)
    thread = when(tmp_path, at_step(stage, 2), lambda: ask(tmp_path, stop=True))
    assert train(settings, None) == 0
    thread.join()
    state, stopped = events_of(tmp_path)[-2:]
    assert (stopped["type"], stopped["status"]) == ("end", "stopped")
    assert (state["type"], state["kind"], state["stage"]) == ("checkpoint", "state", stage)
    assert state["step"] >= 2
    ask(tmp_path, stop=False)
    assert train(settings, None) == 0
    (again,) = [event for event in of_type(events_of(tmp_path), "start") if "resume" in event]
    assert (again["stage"], again["resume"]["step"]) == (stage, state["step"])
    is_same(tmp_path, whole)


def test_stopped_by_sigterm_and_then_killed_it_goes_on_bit_for_bit(
    tmp_path: Path, tiny_folder: Path, whole: Whole
) -> None:
    folder = tmp_path / "run"
    config = write_run(folder, run_json(folder, whole.trees, tiny_folder, **SMALL))
    first = start_train(config)
    wait_for(first, at_step("sft", 4))
    first.send_signal(signal.SIGTERM)
    _, stderr = first.communicate(timeout=60)
    assert first.returncode == 0, stderr
    assert events_of(folder)[-1]["status"] == "stopped"

    second = start_train(config)
    wait_for(second, at_step("dpo", 5))
    second.kill()
    second.communicate(timeout=60)
    assert second.returncode == -signal.SIGKILL
    with (folder / "events.jsonl").open("ab") as file:
        file.write(b'{"v":1,"seq":99')

    assert train(settings_for(folder, whole.trees, tiny_folder, **SMALL), None) == 0
    resumed = [
        (event["stage"], event["resume"]["step"]) for event in of_type(events_of(folder), "start") if "resume" in event
    ]
    assert [stage for stage, _ in resumed] == ["sft", "dpo"]
    assert resumed[0][1] >= 4
    # The state after the evaluation of step 4.
    assert resumed[1][1] >= 4
    is_same(folder, whole)


def test_a_paused_run_rests_and_goes_on(tmp_path: Path, tiny_folder: Path, whole: Whole) -> None:
    ask(tmp_path, stop=False, pause=True)
    rested: list[int] = []

    def go_on() -> None:
        time.sleep(0.7)
        rested.append(len(of_type(whole_lines(tmp_path), "step")))
        ask(tmp_path, stop=False)

    thread = when(tmp_path, lambda event: event.get("kind") == "state", go_on)
    assert train(settings_for(tmp_path, whole.trees, tiny_folder, **SMALL), None) == 0
    thread.join()
    assert rested == [0]
    is_same(tmp_path, whole)


def test_a_second_signal_ends_it_at_once_and_the_kept_state_stays(
    tmp_path: Path, tiny_folder: Path, whole: Whole
) -> None:
    folder = tmp_path / "run"
    config = write_run(folder, run_json(folder, whole.trees, tiny_folder, **SMALL))
    ask(folder, stop=False, pause=True)
    process = start_train(config)
    wait_for(process, lambda event: event.get("kind") == "state")
    os.kill(process.pid, signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    os.kill(process.pid, signal.SIGCONT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    end = events_of(folder)[-1]
    assert (end["type"], end["status"]) == ("end", "stopped")
    assert "second signal" in end["message"]
    assert (folder / "state" / "manifest.json").exists()


def test_a_state_of_other_settings_or_trees_is_refused_by_name(tmp_path: Path, tiny_folder: Path, whole: Whole) -> None:
    folder = tmp_path / "run"
    trees = tmp_path / "trees.jsonl"
    shutil.copy(whole.trees, trees)
    ask_first = run_json(folder, trees, tiny_folder, **SMALL)
    write_run(folder, ask_first)
    ask(folder, stop=True)
    assert train(settings_for(folder, trees, tiny_folder, **SMALL), None) == 0
    # What changes no weight may change: how often a state is kept, how much memory there is.
    assert train(settings_for(folder, trees, tiny_folder, **{**SMALL, "stateEvery": 7, "memoryGib": 9}), None) == 0

    with trees.open("a", encoding="utf-8") as file:
        file.write(whole.trees.read_text(encoding="utf-8").splitlines()[0].replace("r0-0", "r0-9") + "\n")
    changed = {**SMALL, "seed": 1, "sft": {"epochs": 3}}
    assert train(settings_for(folder, trees, tiny_folder, **changed), None) == 2
    end = events_of(folder)[-1]
    assert (end["status"], end["error"]["name"]) == ("failed", "settings")
    assert end["message"].endswith(
        "seed: 0 then, 1 now; sft.epochs: 2 then, 3 now; trees: the file has another content"
    )
    assert f"Remove {folder / 'state'}" in end["error"]["hint"]
