"""Runs the trainer so that it ends with the job that started it: `python -m sealign_trainer.leash train --config …`.

The job holds the other end of stdin open for as long as it lives and never writes to it. When it is gone, however it
went, the pipe closes: the trainer then gets SIGTERM from itself, keeps a state and ends, as it does whenever it is
asked to.
"""

import os
import runpy
import signal
import threading


def hold(stdin: int = 0) -> threading.Thread:
    """Starts to watch the file descriptor `stdin`; at its end this process gets SIGTERM."""
    thread = threading.Thread(target=_watch, args=(stdin,), name="leash", daemon=True)
    thread.start()
    return thread


def _watch(stdin: int) -> None:
    try:
        while os.read(stdin, 4096):
            pass
    except OSError:
        # Closed or never open: nobody holds us either way.
        pass
    _let_go_of_output()
    os.kill(os.getpid(), signal.SIGTERM)


def _let_go_of_output() -> None:
    """Stdout and stderr were the job's too: writing to them would end us before a state is kept.

    events.jsonl has what is said.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


if __name__ == "__main__":
    hold()
    runpy.run_module("sealign_trainer", run_name="__main__", alter_sys=True)
