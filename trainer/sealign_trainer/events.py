"""What a Run says while it goes: one JSON object a line (contract/event.schema.json), and TensorBoard files."""

import json
import math
import os
import time
from io import FileIO
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO

from .disk import disk_errors, make_folder, write_all
from .errors import TrainerError
from .tensorboard import TensorBoardFile

EventType = Literal["start", "phase", "step", "eval", "gpu", "checkpoint", "warning", "end"]

_FILE = "events.jsonl"
#: A line longer than this at the end of a file is looked for in steps of it.
_TAIL = 1 << 16


class EventLog:
    """Writes every event to `out` and to `<folder>/events.jsonl`, numbered over all processes of the Run.

    The file is the truth: where nobody listens at `out` any more, the Run goes on.
    """

    def __init__(self, folder: Path, run: str, out: TextIO | None) -> None:
        make_folder(folder)
        self.path = folder / _FILE
        self._run = run
        self._out = out
        #: Last event of an earlier process.
        self.last: dict[str, Any] | None
        with disk_errors(self.path):
            self._file, self.last = _opened(self.path)
        self._seq = 0 if self.last is None else int(self.last["seq"])
        self._folder = folder / "tensorboard"
        self._board: TensorBoardFile | None = None
        self._offset = 0

    def say(self, kind: EventType, /, **fields: Any) -> None:
        """Says an event; numbers that are not finite become null. Raises TrainerError `disk`, `out` having heard it."""
        self._seq += 1
        t = time.time()
        event = {"v": 1, "seq": self._seq, "t": round(t, 3), "run": self._run, "type": kind, **fields}
        line = json.dumps(_finite(event), ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
        self._tell(line)
        with disk_errors(self.path):
            write_all(self._file, line.encode())
        self._draw(t, kind, fields)

    def place(self, offset: int) -> None:
        """From here on, step s of the stage is step `offset` + s of the Run, which is what TensorBoard counts."""
        self._offset = offset

    def sync(self) -> None:
        """Waits until everything said is on the disk."""
        with disk_errors(self.path):
            os.fsync(self._file.fileno())
        if self._board is not None:
            self._board.sync()

    def close(self) -> None:
        with disk_errors(self.path):
            self._file.close()
        if self._board is not None:
            self._board.close()

    def _tell(self, line: str) -> None:
        if self._out is None:
            return
        try:
            self._out.write(line)
            self._out.flush()
        except (OSError, ValueError):
            self._out = None

    def _draw(self, t: float, kind: EventType, fields: dict[str, Any]) -> None:
        if kind not in ("start", "step", "eval"):
            return
        self._board = self._board or TensorBoardFile(self._folder)
        if kind == "start":
            self._board.start(t, self._offset + int(fields.get("resume", {}).get("step", 0)))
            return
        part, prefix = ("train", "") if kind == "step" else ("eval", "eval_")
        values = {
            f"{part}/{name.removeprefix(prefix)}": float(value)
            for name, value in fields["metrics"].items()
            if value is not None and math.isfinite(value)
        }
        self._board.scalars(t, self._offset + int(fields["step"]), values)


def end_event(events: EventLog, **fields: Any) -> None:
    """Says the last event also where the disk is full: whoever listens at `out` still learns why."""
    try:
        events.say("end", **fields)
        events.sync()
    except TrainerError as error:
        if error.name != "disk":
            raise


def _opened(path: Path) -> tuple[FileIO, dict[str, Any] | None]:
    """The file to append to, and its last event.

    A torn end, of a process that was killed while it wrote, is cut off: a reader has not taken it for a line yet.
    """
    file = path.open("a+b", buffering=0)
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return file, None
    start, line = _last_line(file, size)
    if not line.endswith(b"\n"):
        if _event(line) is None:
            file.truncate(start)
        else:
            write_all(file, b"\n")
    while (event := _event(line)) is None and start > 0:
        start, line = _last_line(file, start)
    return file, event


def _last_line(file: FileIO, size: int) -> tuple[int, bytes]:
    """Where the last line of the first `size` bytes starts, and the line."""
    tail = b""
    start = size
    while start > 0 and b"\n" not in tail[:-1]:
        step = min(_TAIL, start)
        start -= step
        file.seek(start)
        tail = file.read(step) + tail
    at = tail[:-1].rfind(b"\n") + 1
    return start + at, tail[at:]


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("seq"), int) else None


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


class Events(Protocol):
    """Where a rank says what happens."""

    def say(self, kind: EventType, /, **fields: Any) -> None: ...

    def place(self, offset: int) -> None: ...

    def sync(self) -> None: ...


class Silence:
    """Of ranks other than 0."""

    def say(self, kind: EventType, /, **fields: Any) -> None:
        pass

    def place(self, offset: int) -> None:
        pass

    def sync(self) -> None:
        pass
