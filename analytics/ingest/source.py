"""The file as given: what it is by its content, made readable in a private place, within caps."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, BinaryIO

from analytics.accounts.temporary import PrivateFolder, refusal
from analytics.declared.files import fault_of, regular, resolved
from analytics.declared.language import say, say_n
from analytics.declared.visible import as_seen
from analytics.errors import DatabaseError, PortfolioError
from analytics.ingest.caps import MEGABYTE, Caps
from analytics.ingest.kinds import refuse_other_archives, refuse_other_kinds

CHUNK = 1 << 20
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    RuntimeError,
    OverflowError,
)
"""What reading a damaged or unusual archive raises; NotImplementedError is a RuntimeError."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""How the address of a database begins; a path has lost its second slash."""


class Format(Enum):
    """What a file is, by its content."""

    TEXT = "text"
    PARQUET = "parquet"
    WORKBOOK = "xlsx"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read: where a readable copy is, and what it was.

    Parameters
    ----------
    name : str
        The file's own name without folder and ending; for show.
    path : Path
        A private path without characters that a reader would expand.
    folder : Path
        A private folder for further copies, removed with the source.
    sha256 : str
        Over the bytes as given, before any inflating.
    """

    name: str
    path: Path
    folder: Path
    format: Format
    sha256: str


@contextlib.contextmanager
def open_file(path: Path, caps: Caps) -> Iterator[Source]:
    """Give a file of this machine as a source.

    Raises
    ------
    PortfolioError
        There is no such file, or it is empty, beyond the caps, or nothing that is read here.
    """
    _check_no_address(path)
    with _workspace() as folder:
        before = _facts(path)
        given = folder / "given"
        given.symlink_to(resolved(path))
        yield _identify(given, path.name, folder, caps)
        after = _facts(path)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise PortfolioError(
                say("{name} changed while it was read: load it again.", name=path.name)
            )


def _facts(path: Path) -> os.stat_result:
    """Return what the system knows of a file, before a byte of it is read."""
    try:
        found = regular(path).stat()
        with path.open("rb"):
            return found
    except FileNotFoundError:
        raise PortfolioError(
            say("There is no file {name}: check its path.", name=path.name)
        ) from None
    except PermissionError:
        raise PortfolioError(
            say("{name} may not be read: check its permissions.", name=path.name)
        ) from None
    except OSError as error:
        raise PortfolioError(
            say(
                "{name} cannot be read: {fault}. Give a CSV, Parquet or xlsx file.",
                name=path.name,
                fault=fault_of(error),
            )
        ) from None


def _check_no_address(path: Path) -> None:
    """Refuse the address of a database without a word of it: it may hold a password."""
    if _ADDRESS.search(str(path)):
        raise PortfolioError(
            say(
                "Addresses of databases belong into the setting HEADROOM_DATABASES: name the "
                "portfolio as alias:table."
            )
        )


@contextlib.contextmanager
def open_bytes(name: str, data: bytes | BinaryIO, caps: Caps) -> Iterator[Source]:
    """Give an upload as a source; its bytes are spooled to a private file within the caps."""
    with _workspace() as folder:
        given = folder / "given"
        try:
            with given.open("wb") as out:
                if isinstance(data, bytes):
                    _check_size(len(data), caps)
                    out.write(data)
                else:
                    _spool(data, out, caps)
        except OSError as error:
            raise PortfolioError(refusal(error)) from None
        yield _identify(given, Path(name.replace("\\", "/")).name, folder, caps)


@contextlib.contextmanager
def _workspace() -> Iterator[Path]:
    try:
        private = PrivateFolder("load")
    except DatabaseError as error:
        raise PortfolioError(error.faults) from None
    with private as folder:
        yield folder


def _spool(data: BinaryIO, out: IO[bytes], caps: Caps) -> None:
    size = 0
    while chunk := data.read(CHUNK):
        size += len(chunk)
        _check_size(size, caps)
        out.write(chunk)


def _check_size(size: int, caps: Caps) -> None:
    if size > caps.size:
        raise PortfolioError(
            say(
                "The file is larger than {most:,} MB: load it from the command line, as "
                "Parquet, or connect the database that holds it.",
                most=caps.size // MEGABYTE,
            )
        )


def _identify(given: Path, name: str, folder: Path, caps: Caps) -> Source:
    size = given.stat().st_size
    if size == 0:
        raise PortfolioError(
            say("The file is empty: give a file with a header and rows of accounts.")
        )
    _check_size(size, caps)
    with given.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    readable, kind = _readable(given, folder, caps)
    stem = as_seen(name.strip().split(".")[0])
    return Source(stem or say("Portfolio"), readable, folder, kind, sha256)


def _readable(given: Path, folder: Path, caps: Caps) -> tuple[Path, Format]:
    with given.open("rb") as handle:
        head = handle.read(64)
    if head.startswith(b"\x1f\x8b"):
        return _inflated(_gunzip(given), given, folder, caps)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzip(given, folder, caps)
    return given, _plain_format(given, head)


def _plain_format(path: Path, head: bytes) -> Format:
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    refuse_other_kinds(path)
    return Format.TEXT


@contextlib.contextmanager
def _gunzip(given: Path) -> Iterator[gzip.GzipFile]:
    with gzip.open(given, "rb") as handle:
        yield handle


def _unzip(given: Path, folder: Path, caps: Caps) -> tuple[Path, Format]:
    try:
        with zipfile.ZipFile(given) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            if any(entry.filename == "xl/workbook.xml" for entry in files):
                return given, Format.WORKBOOK
            refuse_other_archives([entry.filename for entry in files])
            files = [f for f in files if not f.filename.startswith("__MACOSX/")]
            if len(files) != 1:
                raise PortfolioError(
                    say_n(
                        "The zip holds {count:,} file: give a zip of one file, or the file itself.",
                        "The zip holds {count:,} files: give a zip of one file, or the file "
                        "itself.",
                        len(files),
                    )
                )
            if files[0].flag_bits & 1:
                raise PortfolioError(say("The zip is encrypted: give the file itself."))
            return _inflated(archive.open(files[0]), given, folder, caps)
    except DAMAGED:
        raise PortfolioError(
            say("The zip is damaged or cut short: make it again, or give the file itself.")
        ) from None


def _inflated(
    opened: contextlib.AbstractContextManager[IO[bytes] | gzip.GzipFile],
    given: Path,
    folder: Path,
    caps: Caps,
) -> tuple[Path, Format]:
    size, out_size, target = given.stat().st_size, 0, folder / "inflated"
    try:
        with opened as handle, target.open("wb") as out:
            while chunk := _inflate(handle):
                out_size += len(chunk)
                check_inflated(out_size, size, caps.inflated, caps)
                out.write(chunk)
    except OSError:
        raise PortfolioError(
            say(
                "The file could not be unpacked on this machine: free some space, or give "
                "the file itself."
            )
        ) from None
    if out_size == 0:
        raise PortfolioError(
            say("The compressed file is empty: give a file with a header and rows.")
        )
    with target.open("rb") as handle:
        head = handle.read(64)
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise PortfolioError(say("The file is compressed twice: unpack it once and load that."))
    return target, _plain_format(target, head)


def _inflate(handle: IO[bytes] | gzip.GzipFile) -> bytes:
    try:
        return handle.read(CHUNK)
    except DAMAGED:
        raise PortfolioError(
            say(
                "The compressed file is damaged or cut short: make it again, or give the "
                "file itself."
            )
        ) from None


def check_inflated(inflated: int, size: int, most: int, caps: Caps) -> None:
    """Refuse a file of so many bytes that unpacks to more than most, or to far more than it is.

    Raises
    ------
    PortfolioError
        It does.
    """
    if inflated > most or (inflated > caps.ratio_from and inflated > caps.ratio * size):
        raise _too_inflated()


def _too_inflated() -> PortfolioError:
    return PortfolioError(
        say(
            "The file unpacks to far more than an account list would: unpack it yourself and "
            "load what comes out, if you trust it."
        )
    )
