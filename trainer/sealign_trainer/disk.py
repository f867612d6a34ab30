"""Files and folders that are whole or not there: written beside their place, synced, then renamed."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path

from .errors import TrainerError

#: No space, quota, limit on the size of a file, read-only: nothing but a person can help.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
#: How libraries that write by themselves say the same: safetensors, and torch's writer in two ways.
_FULL_TEXTS = (
    "No space left",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
    "iostream error",
    "unexpected pos",
)
_CHUNK = 1 << 22


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Names what stopped a write to `path`: raises TrainerError `disk` for a full or unwritable disk."""
    try:
        yield
    except TrainerError:
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in _FULL
        denied = isinstance(error, PermissionError)
        if not (full or denied or any(text in str(error) for text in _FULL_TEXTS)):
            raise
        known = isinstance(error, OSError) and error.strerror
        # torch says no more than that it could not write; then there is one reason that is likely.
        why = error.strerror if known else f"the disk is full, it seems ({str(error).splitlines()[0]})"
        raise TrainerError(
            "disk",
            f"{path} cannot be written: {why}",
            "Free some space, or make the folder writable, and start the run again: it goes on from its last state",
        ) from error


def make_folder(path: Path) -> None:
    """The folder and its parents. Raises TrainerError `disk` where that is not possible."""
    with disk_errors(path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise TrainerError("disk", f"{path} is a file or lies below one, where a folder is needed") from error


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to write into; it takes the place of `path` when the block ends well: until then `path` stays."""
    fresh, old = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.old")
    with disk_errors(path):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            yield fresh
            _sync_tree(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        fresh.rename(path)
        sync(path.parent)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write, which takes the place of `path` when the block ends well."""
    fresh = path.with_name(f"{path.name}.new")
    with disk_errors(path):
        try:
            yield fresh
            sync(fresh)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        fresh.replace(path)
        sync(path.parent)


def mend_folder(path: Path) -> None:
    """Puts the old folder back where a process died between the two renames of `whole_folder`."""
    old = path.with_name(f"{path.name}.old")
    if old.is_dir() and not path.exists():
        old.rename(path)
    for rest in (old, path.with_name(f"{path.name}.new")):
        shutil.rmtree(rest, ignore_errors=True)


def write_all(file: RawIOBase, data: bytes) -> None:
    """Writes every byte, also where the disk takes only some at first; raises OSError where it takes no more."""
    rest = memoryview(data)
    while len(rest) > 0:
        rest = rest[file.write(rest) or 0 :]


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of_files(paths: list[Path]) -> str:
    """One file: of its bytes. Several: of their names and hashes, in order of name."""
    if len(paths) == 1:
        return sha256_of(paths[0])
    lines = [f"{path.name} {sha256_of(path)}\n" for path in sorted(paths)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def sync(path: Path) -> None:
    """Waits until a file or a folder's list of names is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
