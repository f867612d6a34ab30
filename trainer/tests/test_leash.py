"""A trainer on its leash ends with the job that holds it, and is not disturbed while it lives."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

TRAINER = Path(__file__).resolve().parent.parent

PROGRAM = """
import signal, sys, time
from pathlib import Path
from sealign_trainer.leash import hold

state = Path(sys.argv[1])
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
hold()
state.write_text("begun")
while not stopped:
    time.sleep(0.01)
print("nobody hears this")
print("nor this", file=sys.stderr, flush=True)
state.write_text("kept")
"""


def _wait_for(path: Path, text: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.read_text() == text):
        assert time.monotonic() < deadline, f"waited for {text!r}"
        time.sleep(0.02)


def test_a_trainer_whose_job_is_gone_asks_itself_to_stop_and_can_still_keep_a_state(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(state)],
        cwd=TRAINER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _wait_for(state, "begun")
    time.sleep(0.3)
    assert process.poll() is None
    # A job that dies closes all three.
    process.stdout.close()
    process.stderr.close()
    process.stdin.close()
    assert process.wait(20) == 0
    assert state.read_text() == "kept"


def test_the_program_runs_as_it_would_without_a_leash() -> None:
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sealign_trainer.leash", "nonsense"],
            cwd=TRAINER,
            stdin=reader,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 2
    assert "nonsense: no such command" in done.stderr


def test_a_trainer_that_has_not_begun_ends_at_once() -> None:
    program = "import time; from sealign_trainer.leash import hold; hold(); time.sleep(30)"
    process = subprocess.Popen([sys.executable, "-c", program], cwd=TRAINER, stdin=subprocess.DEVNULL)
    assert process.wait(20) == -signal.SIGTERM
