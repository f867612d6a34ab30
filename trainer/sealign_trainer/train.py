"""`train`: a whole Run, from run.json to the weights of its last stage."""

import argparse
import os
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from transformers.utils import logging as transformers_logging

from .control import Signals, StopNow
from .distributed import joined, lost_rank
from .errors import EXIT_CODE, TrainerError
from .events import EventLog, Silence, end_event
from .settings import RunSettings, read_settings
from .training import Training

#: Exit code of a process that a second signal ended.
_INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", required=True, metavar="FILE", help="run.json (contract/run.schema.json)")


def run(args: argparse.Namespace) -> int:
    """Trains; stdout says events and nothing else. Returns the exit code."""
    settings = read_settings(Path(args.config))
    with _own_stdout() as out:
        return train(settings, out)


def train(settings: RunSettings, out: TextIO | None) -> int:
    """A whole Run on this rank; rank 0 says what happens, at `out` and in events.jsonl. Returns the exit code.

    Goes on from a kept state where there is one. Raises TrainerError only where the folder cannot be written to, or
    holds a Run that is completed; every other end is said.
    """
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    # PEFT asks transformers by an old name.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)
    is_main = os.environ.get("RANK", "0") == "0"
    if not is_main:
        return _Run(settings, Silence()).go()
    log = EventLog(settings.folder, settings.run, out)
    if log.last is not None and log.last.get("type") == "end" and log.last.get("status") == "completed":
        log.close()
        raise TrainerError(
            "settings", f"{settings.folder} holds a run that is completed", "Give another folder to train again"
        )
    return _Run(settings, log).go()


class _Run:
    """Says how it ends, whatever happens."""

    def __init__(self, settings: RunSettings, events: EventLog | Silence) -> None:
        self._settings = settings
        self._events = events
        self._started = time.time()
        self._training: Training | None = None

    def go(self) -> int:
        signals = Signals()
        with signals.caught():
            try:
                with lost_rank(), joined(self._settings.device) as world:
                    self._training = Training(self._settings, world, self._events, signals)
                    status = self._training.go()
            except StopNow:
                self._end("stopped", "ended at once, by a second signal: what came after the last kept state is lost")
                return _INTERRUPTED
            except TrainerError as error:
                return self._failed(error)
            except Exception as error:
                traceback.print_exc()
                message = f"{type(error).__name__}: {error}".splitlines()[0]
                return self._failed(TrainerError("bug", message, "Please report it, with what was said on stderr"))
        try:
            self._end(status)
        except TrainerError as error:
            return self._failed(error)
        return 0

    def _failed(self, error: TrainerError) -> int:
        print(f"sealign_trainer train: {error.message}", file=sys.stderr)
        if error.hint is not None:
            print(error.hint, file=sys.stderr)
        hint = {} if error.hint is None else {"hint": error.hint}
        self._end("failed", error.message, error={"name": error.name, **hint})
        return EXIT_CODE[error.name]

    def _end(self, status: str, message: str | None = None, **more: Any) -> None:
        best = [] if self._training is None else self._training.best
        said = {} if message is None else {"message": message}
        fields = {
            "status": status,
            "best": [{"stage": e.stage, "step": e.step, "loss": e.loss, "path": e.path} for e in best],
            "seconds": time.time() - self._started,
            **said,
            **more,
        }
        if isinstance(self._events, EventLog):
            end_event(self._events, **fields)


@contextmanager
def _own_stdout() -> Iterator[TextIO]:
    """The real stdout, for events alone: what else writes to stdout (a library, a child) goes to stderr meanwhile."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8") as out:
            yield out
    finally:
        os.dup2(kept, 1)
        os.close(kept)
