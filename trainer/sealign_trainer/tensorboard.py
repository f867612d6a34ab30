"""TensorBoard event files, written without the tensorboard package (trainer.md section 6)."""

import os
import socket
import struct
import time
from pathlib import Path
from typing import Final

from .disk import disk_errors, make_folder, write_all

_CASTAGNOLI: Final = 0x82F63B78
_MASK_DELTA: Final = 0xA282EAD8
#: SessionLog.START: what an earlier process said of this step and later ones no longer counts.
_SESSION_START: Final = 1


def _crc_table() -> tuple[int, ...]:
    table: list[int] = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CASTAGNOLI if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE: Final = _crc_table()


def masked_crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), rotated and shifted as TFRecord wants it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


class TensorBoardFile:
    """An event file of its own for each process, below `folder`. Numbers are stored as 32-bit floats."""

    def __init__(self, folder: Path, clock: float | None = None) -> None:
        now = time.time() if clock is None else clock
        make_folder(folder)
        self.path = folder / f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}.0"
        with disk_errors(self.path):
            self._file = self.path.open("ab", buffering=0)
        self._write(now, _text(3, b"brain.Event:2"))

    def start(self, t: float, step: int) -> None:
        """A process begins (again) after `step` steps: readers forget later ones of earlier files."""
        self._write(t, _varint_field(2, step + 1) + _text(7, _varint_field(1, _SESSION_START)))

    def scalars(self, t: float, step: int, values: dict[str, float]) -> None:
        """Numbers by tag at a step, at `t` seconds since the epoch."""
        entries = [_text(1, _text(1, tag.encode()) + _float_field(2, value)) for tag, value in values.items()]
        self._write(t, _varint_field(2, step) + _text(5, b"".join(entries)))

    def sync(self) -> None:
        with disk_errors(self.path):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        with disk_errors(self.path):
            self._file.close()

    def _write(self, t: float, fields: bytes) -> None:
        data = struct.pack("<Bd", 0x09, t) + fields
        length = struct.pack("<Q", len(data))
        record = length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))
        with disk_errors(self.path):
            write_all(self._file, record)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append((value & 0x7F) | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _text(number: int, data: bytes) -> bytes:
    """A field of bytes, text or a nested message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _float_field(number: int, value: float) -> bytes:
    """Beyond the range of 32-bit floats: infinity, as TensorBoard itself stores it."""
    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        packed = struct.pack("<f", float("inf") if value > 0 else float("-inf"))
    return _varint(number << 3 | 5) + packed
