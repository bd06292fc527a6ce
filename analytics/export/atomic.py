"""Files that are whole or not there: written beside their place, synced, then put in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from analytics.declared.files import fault_of, writable
from analytics.declared.language import say
from analytics.errors import ExportError

_locks: ModuleType | None
try:
    import fcntl as _locks
except ImportError:  # pragma: no cover - systems without advisory locks go on without one
    _locks = None

PART = ".headroom-part"
"""Ending of a file that is being written. Its writer holds it locked: one whose lock can be had was
left by a killed export, and the next export into the folder removes it.
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file's name, its SHA-256 in hexadecimal, and its size in bytes."""

    name: str
    sha256: str
    bytes: int


class Sink:
    """Takes bytes, passes them on, and knows their count and SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        """Write bytes; return how many."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """Pass on what is held back."""
        self._file.flush()

    def written(self, name: str) -> Written:
        """Return what was written so far, under a name."""
        return Written(name, self._digest.hexdigest(), self._size)


Produce = Callable[[Sink], object]


class Staging:
    """Files on their way into one folder, none of them in its place yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: dict[str, Path] = {}
        self._held: list[int] = []

    def write(self, name: str, produce: Produce) -> Written:
        """Write a file beside its place, down to the disk."""
        writable(self.folder / name)
        _remove_left(self.folder)
        with self._begun(name) as file:
            sink = Sink(file)
            produce(sink)
            file.flush()
            os.fsync(file.fileno())
        return sink.written(name)

    def publish(self, *, last: str | None = None, without: Sequence[str] = ()) -> None:
        """Put every file in its place.

        ``last`` is the file whose presence means that the others are complete: the old one goes
        first and the new one comes last. Files named in ``without`` are removed in between.
        """
        try:
            if last is not None:
                self._remove([last])
            self._remove(without)
            for name in [n for n in self._parts if n != last]:
                self._replace(name)
            sync_folder(self.folder)
            if last is not None:
                self._replace(last)
                sync_folder(self.folder)
        except OSError as error:
            raise ExportError(
                say(
                    "The files could not be put in their place in {folder}: {fault}. Each "
                    "file there is whole, but they may not belong together: export again.",
                    folder=self.folder,
                    fault=fault_of(error),
                )
            ) from error

    def discard(self) -> None:
        """Remove what was not put in its place, and let go of what was."""
        for part in self._parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        while self._held:
            os.close(self._held.pop())

    def _begun(self, name: str) -> BinaryIO:
        """Open a part and hold it locked, beyond its closing, until it is in its place or gone."""
        while True:
            part = self.folder / f".{name}.{secrets.token_hex(4)}{PART}"
            self._parts[name] = part
            file = part.open("xb")
            if _locks is None:
                return file
            self._held.append(os.dup(file.fileno()))
            with contextlib.suppress(OSError):  # a file system without locks holds none
                _locks.flock(file, _locks.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:
                return file
            file.close()  # pragma: no cover - another export was between the part and its lock

    def _replace(self, name: str) -> None:
        self._parts[name].replace(writable(self.folder / name))
        del self._parts[name]

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        if names:
            sync_folder(self.folder)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Staging]:
    """Give a staging of a folder, made if need be, that no other export writes to meanwhile.

    Raises
    ------
    ExportError
        The folder cannot be made or written to, the disk is full, or another export is at work.
    """
    with _in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            files = Staging(folder)
            try:
                yield files
            finally:
                files.discard()


def write_file(path: Path, data: bytes) -> None:
    """Write one file, whole or not at all; what was there before survives a failure.

    Raises
    ------
    ExportError
        It could not be written.
    """
    produce_file(path, lambda sink: sink.write(data))


def produce_file(path: Path, produce: Produce) -> Written:
    """Write one file from what a function writes, whole or not at all."""
    files = Staging(path.parent)
    with _in_words(path):
        try:
            written = files.write(path.name, produce)
            files.publish()
        finally:
            files.discard()
    return written


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(
            say(
                "Nothing was exported to {path}: {fault}. What was there before is as it "
                "was; make room or choose another folder, and export again.",
                path=path,
                fault=fault_of(error),
            )
        ) from error


def _remove_left(folder: Path) -> None:
    """Remove the parts in a folder whose writer has ended."""
    if _locks is None:
        return
    for part in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            handle = os.open(part, os.O_RDWR | os.O_NOFOLLOW)
            try:
                _locks.flock(handle, _locks.LOCK_EX | _locks.LOCK_NB)
                part.unlink()
            finally:
                os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder, so that nobody else exports to it meanwhile."""
    if _locks is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(_locks, handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(locks: ModuleType, handle: int, folder: Path) -> None:
    try:
        locks.flock(handle, locks.LOCK_EX | locks.LOCK_NB)
    except BlockingIOError:
        raise ExportError(
            say(
                "Another export is writing to {folder}: wait for it, or choose another folder.",
                folder=folder,
            )
        ) from None
    except OSError:
        return  # a file system without locks: exports into one folder are the user's to keep apart
