"""What a person asks of a Run while it goes: `control.json`, SIGTERM and SIGINT, looked at between optimizer steps."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Literal

import torch

from .distributed import World

Request = Literal["go", "stop"]

#: Seconds between two looks at control.json during a pause.
_LOOK = 0.2
_STOP, _PAUSE = 1, 2


class StopNow(BaseException):
    """A second signal: end at once, without keeping anything. No Exception, so that nothing on the way handles it."""


class Stopped(Exception):  # noqa: N818 - asked for, no error
    """Leaves work that is repeated when the Run goes on (an evaluation, the reference) because a stop was asked for."""


class Signals:
    """SIGTERM and SIGINT: the first asks for a stop, the second raises StopNow in the main thread."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def caught(self) -> Iterator["Signals"]:
        before = {each: signal.signal(each, self._hear) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise StopNow


class Control:
    """Looks at what is asked, together with all ranks: rank 0 reads `control.json`; a signal counts at any rank."""

    def __init__(self, folder: Path, world: World, signals: Signals) -> None:
        self._path = folder / "control.json"
        self._world = world
        self._signals = signals
        self._asked = 0

    def wait(self, on_pause: Callable[[], None] | None = None) -> Request:
        """Returns when the Run may go on or must stop; every rank calls it at the same place.

        on_pause: called once when a pause begins. The ranks look together again and again, so that no collective times
        out.
        """
        paused = False
        while True:
            asked = self._look()
            if asked & _STOP:
                return "stop"
            if not asked & _PAUSE:
                return "go"
            if not paused and on_pause is not None:
                on_pause()
            paused = True
            time.sleep(_LOOK)

    def check(self) -> None:
        """Raises Stopped, at every rank, if a stop was asked for; a pause has to wait for the next step."""
        if self._look() & _STOP:
            raise Stopped

    def _look(self) -> int:
        if self._world.is_main:
            self._asked = self._read()
        own = self._asked if self._world.is_main else 0
        if self._signals.count > 0:
            own |= _STOP
        if self._world.size == 1:
            return own
        flags = torch.tensor([own & _STOP, own & _PAUSE], dtype=torch.int32)
        stop, pause = self._world.max(flags).tolist()
        return stop | pause

    def _read(self) -> int:
        """What control.json asks; absent: nothing; while it is being written: what it asked before."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            return self._asked
        if not isinstance(data, dict):
            return self._asked
        return (_STOP if data.get("stop") is True else 0) | (_PAUSE if data.get("pause") is True else 0)
