"""Checksums of Parquet pages, verified without decoding a page.

A reader that does not look at them takes a third of all files with one flipped bit for whole ones.
A page header is a Thrift struct in the compact protocol; field 2 is the page's size once decoded,
field 3 its size in the file and field 4 its CRC-32, where the writer gave one (Spark does, others
on demand).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

HEADER_BYTES = 1 << 16
MAX_FIELDS = 1000
MAX_PAGES = 500_000
PIECE = 1 << 20
_DECODED, _SIZE, _CRC = 2, 3, 4
_BOOLEANS, _BYTE, _WHOLE, _DOUBLE, _BINARY = (1, 2), 3, (4, 5, 6), 7, 8
_LISTS, _STRUCT = (9, 10), 12


@dataclass(slots=True)
class _Cursor:
    data: bytes
    at: int = 0

    def byte(self) -> int:
        value = self.data[self.at]
        self.at += 1
        return value

    def varint(self) -> int:
        shift = value = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 70:
                raise ValueError(shift)

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)


def pages_are_whole(file: BinaryIO, chunks: Iterable[tuple[int, int]], largest: int) -> bool:
    """Return whether every page that carries a checksum agrees with it, and none is a bomb.

    A column whose first page has no checksum is taken as it is, but for the size of its pages.

    Parameters
    ----------
    chunks : iterable of (int, int)
        First byte and number of bytes of each column in each row group, as the footer has them.
    largest : int
        Bytes that a page may have once decoded.
    """
    whole = os.fstat(file.fileno()).st_size
    left = MAX_PAGES
    for start, size in chunks:
        if start < 0 or size < 0 or start + size > whole:
            return False
        try:
            left = _pages_left(file, start, start + size, largest, left)
        except (IndexError, ValueError, OverflowError):
            return False
    return True


def _pages_left(file: BinaryIO, start: int, end: int, largest: int, left: int) -> int:
    """Return how many pages may still be looked at after those of a chunk.

    Raises
    ------
    ValueError
        A page is damaged or too large, or there are too many.
    """
    summed = None
    while start < end:
        file.seek(start)
        cursor = _Cursor(file.read(min(HEADER_BYTES, end - start)))
        try:
            fields = _struct(cursor, depth=0)
        except (IndexError, ValueError):
            if summed is False:
                return left
            raise
        size, crc = fields.get(_SIZE), fields.get(_CRC)
        left -= 1
        if left < 0 or fields.get(_DECODED, 0) > largest:
            raise ValueError(left)
        summed = crc is not None if summed is None else summed
        if size is None or size < 0 or start + cursor.at + size > end:
            if summed is False:
                return left
            raise ValueError(size)
        if summed:
            file.seek(start + cursor.at)
            if crc is None or _crc(file, size) != crc & 0xFFFFFFFF:
                raise ValueError(crc)
        start += cursor.at + size
    return left


def _crc(file: BinaryIO, size: int) -> int:
    found = 0
    while size and (piece := file.read(min(PIECE, size))):
        found = zlib.crc32(piece, found)
        size -= len(piece)
    return found


def _struct(cursor: _Cursor, *, depth: int) -> dict[int, int]:
    """Read a struct and return its whole numbers by field."""
    fields: dict[int, int] = {}
    number = 0
    for _ in range(MAX_FIELDS):
        head = cursor.byte()
        if head == 0:
            return fields
        number = number + (head >> 4) if head >> 4 else cursor.zigzag()
        kind = head & 0x0F
        if kind in _WHOLE:
            fields[number] = cursor.zigzag()
        elif kind not in _BOOLEANS:
            _skip(cursor, kind, depth)
    raise ValueError(number)


def _skip(cursor: _Cursor, kind: int, depth: int) -> None:
    if depth > 8:
        raise ValueError(depth)
    if kind in (*_BOOLEANS, _BYTE):
        cursor.byte()
    elif kind in _WHOLE:
        cursor.varint()
    elif kind == _DOUBLE:
        cursor.at += 8
    elif kind == _BINARY:
        length = cursor.varint()
        cursor.at += length
    elif kind in _LISTS:
        head = cursor.byte()
        size = head >> 4 if head >> 4 < 15 else cursor.varint()
        if size > MAX_FIELDS:
            raise ValueError(size)
        for _ in range(size):
            _skip(cursor, head & 0x0F, depth + 1)
    elif kind == _STRUCT:
        _struct(cursor, depth=depth + 1)
    else:
        raise ValueError(kind)
