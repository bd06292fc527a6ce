"""Private folders for what a session needs on disk: gone at its end, or at the next start.

A folder holds a file that its process keeps locked as long as it lives; the system lets go of the
lock when the process ends, however it ends. So what a killed process left is known by a lock that
can be had, without numbers of processes, which are given out again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from types import ModuleType, TracebackType

from analytics.declared.language import say
from analytics.errors import DatabaseError

_locks: ModuleType | None
try:
    import fcntl as _locks
except ImportError:  # pragma: no cover - without locks nobody can tell what is left, so it stays
    _locks = None

PREFIX = "headroom-work-"
"""How the name of every private folder begins, in the temporary folder (``TMPDIR``)."""
LAST_RESORT = Path("/dev/shm")  # noqa: S108 - private folders are made in it, of random names
"""Memory that a container whose disk is read-only still has."""

_ALIVE = ".alive"
_NEWBORN_SECONDS = 600
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLEANED: set[str] = set()
"""The temporary folders that this process has looked through."""


class PrivateFolder:
    """A folder that only this user may enter, removed when it is no longer used.

    The first one of a process removes what ended processes have left.

    Parameters
    ----------
    purpose : str
        A word for the folder's name.

    Raises
    ------
    DatabaseError
        The temporary folder is full or cannot be written to.
    """

    def __init__(self, purpose: str) -> None:
        try:
            place = base()
            if str(place) not in _CLEANED:
                _CLEANED.add(str(place))
                clean(place)
            self.path, alive = _made(place, purpose)
        except OSError as error:
            raise DatabaseError(refusal(error)) from None
        self._finalizer = weakref.finalize(self, _remove, self.path, alive)

    def remove(self) -> None:
        """Remove the folder and all in it."""
        self._finalizer()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def base() -> Path:
    """Return the temporary folder: ``TMPDIR``, else the system's, else memory.

    Raises
    ------
    OSError
        None of them can be written to.
    """
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        if not os.access(LAST_RESORT, os.W_OK | os.X_OK):
            raise
        # Whatever else needs a temporary file, an upload on its way in say, finds this one too.
        tempfile.tempdir = str(LAST_RESORT)
        return LAST_RESORT


def refusal(error: OSError) -> str:
    """Return why the temporary folder is of no use, and what to do, in a sentence without paths."""
    if error.errno in _FULL:
        return say(
            "The temporary folder of this machine is full: make room there, or name another "
            "one in TMPDIR and start again."
        )
    return say(
        "The temporary folder of this machine cannot be written to: name another one in TMPDIR "
        "and start again."
    )


def clean(place: Path | None = None) -> None:
    """Remove private folders of this user's whose process has ended; all others stay."""
    if _locks is None:
        return
    with contextlib.suppress(OSError):
        for folder in sorted((place or base()).glob(f"{PREFIX}*")):
            with contextlib.suppress(OSError):
                _clean_one(_locks, folder)


def _clean_one(locks: ModuleType, folder: Path) -> None:
    # Never through a link: the temporary folder is everybody's.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            return
        try:
            alive = os.open(_ALIVE, os.O_RDWR | os.O_NOFOLLOW, dir_fd=handle)
        except FileNotFoundError:
            # Killed before it was locked, or not locked yet: it is empty.
            if time.time() - found.st_mtime > _NEWBORN_SECONDS:
                folder.rmdir()
            return
        try:
            locks.flock(alive, locks.LOCK_EX | locks.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(alive)
    finally:
        os.close(handle)


def _made(place: Path, purpose: str) -> tuple[Path, int]:
    """Make a folder and lock it; return its path and the handle that holds the lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-", dir=place))
        try:
            alive = os.open(folder / _ALIVE, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:  # pragma: no cover - another start took it for left over
            continue
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if _locks is not None:
            # A file system without locks holds none: what is there is never taken for left over.
            with contextlib.suppress(OSError):
                _locks.flock(alive, _locks.LOCK_EX)
        if os.fstat(alive).st_nlink:
            return folder, alive
        os.close(alive)  # pragma: no cover - another start was between the file and its lock


def _remove(folder: Path, alive: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(alive)
