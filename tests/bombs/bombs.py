"""Files of some kilobytes, or of a few megabytes, that unpack to far more or are nothing but it."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HEADER = b"account_id,credit_limit,balance,score\n"
_TEXT = b't="inlineStr"><is><t>A</t></is>'
ROW = b"<row><c %s</c><c><v>9</v></c><c><v>1</v></c><c><v>700</v></c></row>" % _TEXT
SHARED_ROW = ROW.replace(_TEXT, b't="s"><v>0</v>')
_NAMES = (b"account_id", b"credit_limit", b"balance", b"score")
TOP = b"<row>%s</row>" % b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % n for n in _NAMES)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'
    ),
}


def accounts(rows: int) -> dict[str, object]:
    """Return good columns of so many accounts."""
    return {
        "account_id": [f"A{place:07d}" for place in range(rows)],
        "credit_limit": np.full(rows, 1000.0),
        "balance": np.full(rows, 100.0),
        "score": np.full(rows, 700),
    }


def one_value(value: str, rows: int) -> pa.DictionaryArray:
    """Return a column that holds one value in every row, and takes no more room than that."""
    places = pa.array(np.zeros(rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(places, pa.array([value]))


def parquet(path: Path, rows: int, **columns: object) -> Path:
    """Write good accounts with further columns, or with others in place of theirs."""
    pq.write_table(pa.table({**accounts(rows), **columns}), path)
    return path


def nested(rows: int) -> pa.ListArray:
    """Return a column of lists of long texts."""
    starts = pa.array(np.arange(0, rows * 20 + 1, 20, dtype=np.int32))
    return pa.ListArray.from_arrays(starts, one_value("y" * 20_000, rows * 20))


def row_groups(path: Path, groups: int) -> Path:
    """Write a file of one row in each row group."""
    table = pa.table(accounts(1))
    with pq.ParquetWriter(path, table.schema, compression="none") as writer:
        for _ in range(groups):
            writer.write_table(table)
    return path


def long_footer(path: Path, length: int) -> Path:
    """Write a file whose footer says that it is as long as that, and is zeros."""
    path.write_bytes(b"PAR1" + bytes(length) + struct.pack("<I", length) + b"PAR1")
    return path


def repeated(piece: bytes, times: int, block: int = 1000) -> Iterator[bytes]:
    """Give a piece so many times, in blocks."""
    for _ in range(times // block):
        yield piece * block


def workbook(path: Path, rows: Iterable[bytes], *, shared: Iterable[bytes] = ()) -> Path:
    """Write a workbook of one sheet, below its header the rows as XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode() + TOP)
            for piece in rows:
                part.write(piece)
            part.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<sst xmlns="{_MAIN}">'.encode())
            for piece in shared:
                part.write(piece)
            part.write(b"</sst>")
    return path


def forged(path: Path, size: int = 1000) -> Path:
    """Say in a zip's directory that each file in it unpacks to so many bytes."""
    data, at = bytearray(path.read_bytes()), 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", size)
        at += 4
    path.write_bytes(data)
    return path


def lines(path: Path, pieces: Iterable[bytes], header: bytes = HEADER) -> Path:
    """Write a text file."""
    with path.open("wb") as file:
        file.write(header)
        file.writelines(pieces)
    return path


def packed(path: Path, **files: Iterable[bytes]) -> Path:
    """Write a zip of files by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in files.items():
            with archive.open(name.replace("__", "."), "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
    return path


def view(path: Path, query: str) -> Path:
    """Write a DuckDB file with a view called accounts, in place of one that is there."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW accounts AS {query}")
    return path
