"""tensorboard.py: read back by the tensorboard package."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer.record_writer import masked_crc32c as reference

from sealign_trainer.tensorboard import TensorBoardFile, masked_crc32c


@pytest.mark.parametrize("data", [b"", b"\x00" * 32, b"123456789", bytes(range(256)) * 3])
def test_checksums_are_those_of_tensorboard(data: bytes) -> None:
    assert masked_crc32c(data) == reference(data)


def test_scalars_are_read_back_with_step_and_time(tmp_path: Path) -> None:
    file = TensorBoardFile(tmp_path, 1_700_000_000.0)
    file.scalars(1_700_000_001.5, 0, {"eval/loss": 0.6931471824645996})
    file.scalars(1_700_000_002.5, 300, {"train/loss": 0.5, "train/rewards/margins": -2.0, "train/huge": 1e300})
    file.sync()
    file.close()
    board = EventAccumulator(str(tmp_path))
    board.Reload()
    (loss,) = board.Scalars("eval/loss")
    assert (loss.wall_time, loss.step, loss.value) == (1_700_000_001.5, 0, 0.6931471824645996)
    assert [(each.step, each.value) for each in board.Scalars("train/rewards/margins")] == [(300, -2.0)]
    assert board.Scalars("train/huge")[0].value == float("inf")


def test_a_torn_last_record_leaves_the_earlier_ones_readable(tmp_path: Path) -> None:
    file = TensorBoardFile(tmp_path, 1_700_000_000.0)
    for step in range(1, 4):
        file.scalars(1_700_000_000.0 + step, step, {"train/loss": float(step)})
    file.close()
    data = file.path.read_bytes()
    file.path.write_bytes(data[:-7])
    board = EventAccumulator(str(tmp_path))
    board.Reload()
    assert [each.value for each in board.Scalars("train/loss")] == [1.0, 2.0]
