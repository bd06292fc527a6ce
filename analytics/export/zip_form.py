"""Whether a zip has one reading alone: each file once, one after another, and nothing else in it.

Programs differ in what they take from a zip with two files of one name, with files between those
that its directory lists, or with headers that do not agree. An export's zip has none of these.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection

from analytics.declared.language import say

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)
"""What reading a damaged, encrypted or unusual zip raises."""
_LOCAL = struct.Struct("<4s5H3L2H")
"""The header before each file: signature, version, flags, method, time, date, CRC-32, sizes of the
data as packed and unpacked, lengths of name and extra field."""
_END = 22
"""Bytes of the record that a zip ends with, where it has no comment."""
_DESCRIBED = 0x08
"""The flag of a file whose CRC-32 and sizes stand behind its data, in 12 to 24 bytes."""
_BEHIND = (12, 16, 20, 24)
_ELSEWHERE = 0xFFFFFFFF
"""Stands for a size that the extra field holds."""


class ZipError(Exception):
    """A zip that reads in several ways; its text says why, to follow a colon."""


def check_zip(archive: zipfile.ZipFile, names: Collection[str]) -> None:
    """Refuse a zip that is not written as an export's is.

    Parameters
    ----------
    names : collection of str
        What the files of an export may be called.

    Raises
    ------
    ZipError
        It is not.
    """
    entries = archive.infolist()
    counts = Counter(entry.orig_filename for entry in entries)
    for name, count in counts.items():
        if name not in names:
            raise ZipError(say("it holds {name!r}, which no export writes", name=name))
        if count > 1:
            raise ZipError(say("it holds {name} more than once", name=name))
    place = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        place = _end_of(archive, entry, place)
    if archive.fp is None or place != archive.start_dir or archive.comment:
        raise ZipError(say("there is something between or behind its files"))
    archive.fp.seek(-_END, 2)
    if not archive.fp.read().startswith(b"PK\x05\x06"):
        raise ZipError(say("there is something between or behind its files"))


def _end_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, begin: int) -> int:
    """Return where a file of the zip ends; it begins where the one before ended."""
    if archive.fp is None or entry.header_offset != begin:
        raise ZipError(say("there is something between or behind its files"))
    archive.fp.seek(begin)
    head = _LOCAL.unpack(archive.fp.read(_LOCAL.size))
    name = archive.fp.read(head[9])
    told = (entry.flag_bits, entry.compress_type)
    inside = (head[6], head[7], head[8])
    listed = (entry.CRC, entry.compress_size, entry.file_size)
    described = bool(entry.flag_bits & _DESCRIBED)
    agree = all(
        own in (other, _ELSEWHERE) or (described and own == 0)
        for own, other in zip(inside, listed, strict=True)
    )
    same_name = name == entry.orig_filename.encode("utf-8")
    if head[0] != b"PK\x03\x04" or (head[2], head[3]) != told or not same_name or not agree:
        raise ZipError(
            say("the header of {name} does not agree with its directory", name=entry.filename)
        )
    end: int = begin + _LOCAL.size + head[9] + head[10] + entry.compress_size
    if not described:
        return end
    following = [one.header_offset for one in archive.infolist() if one.header_offset > begin]
    behind = min(following, default=archive.start_dir) - end
    return end + (behind if behind in _BEHIND else 0)
