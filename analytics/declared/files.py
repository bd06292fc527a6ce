"""Files by their paths: what stands in the way of one, in words, and what is no file at all."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from analytics.declared.language import marked, say

_WORDS = {
    errno.ENOSPC: marked("the disk is full"),
    errno.EDQUOT: marked("the disk quota is used up"),
    errno.EFBIG: marked("the file is too large for this disk"),
    errno.EACCES: marked("the permission is missing"),
    errno.EPERM: marked("the permission is missing"),
    errno.EROFS: marked("the disk is read-only"),
    errno.ENOENT: marked("there is no such file or folder"),
    errno.EEXIST: marked("something of that name is there already"),
    errno.ENOTDIR: marked("a part of the path is not a folder"),
    errno.EISDIR: marked("it is a folder"),
    errno.ENXIO: marked("it is a pipe, a socket or a device, not a file"),
    errno.ELOOP: marked("its links lead round in a circle"),
    errno.EIO: marked("the disk reports a fault"),
    errno.ENAMETOOLONG: marked("the name is too long"),
}


def fault_of(error: OSError) -> str:
    """Return what went wrong with a file, in words without paths."""
    known = _WORDS.get(error.errno or 0)
    return say(known) if known else (error.strerror or type(error).__name__).lower()


def regular(path: Path) -> Path:
    """Return the path of a file; opening anything else may wait without end.

    Raises
    ------
    OSError
        There is no file: nothing, a folder, a pipe, a socket or a device.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO, "")
    return path


def writable(path: Path) -> Path:
    """Return the path of a file or of nothing: putting a file in the place of a device removes it.

    Raises
    ------
    OSError
        Something else is there, links that lead round in a circle among them.
    """
    try:
        return regular(path)
    except OSError as error:
        if exists(path) or error.errno == errno.ELOOP:
            raise
    return path


def exists(path: Path) -> bool:
    """Return whether a path leads anywhere; one that cannot be followed does not."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def resolved(path: Path) -> Path:
    """Return a path without links in it; one whose links lead round in a circle as it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()
