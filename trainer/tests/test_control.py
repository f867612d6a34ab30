"""control.py: what control.json and signals ask, between two steps."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

from sealign_trainer.control import Control, Signals, StopNow, Stopped
from sealign_trainer.distributed import World

ALONE = World(torch.device("cpu"))


def ask(folder: Path, *, pause: bool = False, stop: bool = False) -> None:
    (folder / "control.json").write_text(json.dumps({"v": 1, "pause": pause, "stop": stop}))


def test_without_a_request_the_run_goes_on(tmp_path: Path) -> None:
    assert Control(tmp_path, ALONE, Signals()).wait() == "go"


def test_a_stop_is_obeyed(tmp_path: Path) -> None:
    control = Control(tmp_path, ALONE, Signals())
    ask(tmp_path, stop=True)
    assert control.wait() == "stop"
    with pytest.raises(Stopped):
        control.check()


def test_a_pause_lasts_until_it_is_taken_back(tmp_path: Path) -> None:
    control = Control(tmp_path, ALONE, Signals())
    ask(tmp_path, pause=True)
    control.check()
    threading.Timer(0.5, lambda: ask(tmp_path)).start()
    begun: list[float] = []
    started = time.monotonic()
    assert control.wait(lambda: begun.append(time.monotonic())) == "go"
    assert time.monotonic() - started >= 0.4
    assert len(begun) == 1


def test_a_pause_still_obeys_stop(tmp_path: Path) -> None:
    control = Control(tmp_path, ALONE, Signals())
    ask(tmp_path, pause=True)
    threading.Timer(0.3, lambda: ask(tmp_path, pause=True, stop=True)).start()
    assert control.wait() == "stop"


@pytest.mark.parametrize("text", ["", '{"v":1,"pa', "[]"])
def test_a_file_that_is_being_written_asks_what_it_asked_before(tmp_path: Path, text: str) -> None:
    control = Control(tmp_path, ALONE, Signals())
    ask(tmp_path, stop=True)
    assert control.wait() == "stop"
    (tmp_path / "control.json").write_text(text)
    assert control.wait() == "stop"
    (tmp_path / "control.json").unlink()
    assert control.wait() == "go"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_asks_for_a_stop_and_a_second_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    signals = Signals()
    with signals.caught():
        control = Control(tmp_path, ALONE, signals)
        assert control.wait() == "go"
        os.kill(os.getpid(), number)
        assert control.wait() == "stop"
        with pytest.raises(StopNow):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before
