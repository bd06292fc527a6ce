"""Files of other kinds: known by how they begin, named, and how to save them for this tool.

Nothing of such a file is opened; of an archive the names of its members are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from analytics.declared.language import marked, say
from analytics.errors import PortfolioError

HEAD = 512
"""Bytes of a file by which its kind is known."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_DIRECTORY = 48
"""Where the header of such a file says in which sector its directory begins."""
_SAS = (
    b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c\x18\x1f\x10\x11"
)


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind of file that is not read: what it is, and how it is saved for this tool."""

    what: str
    way: str

    def error(self) -> PortfolioError:
        """Return the refusal of a file of this kind."""
        what, way = say(self.what), say(self.way)
        return PortfolioError(
            say("The file is {what}, which is not read here: {way}.", what=what, way=way)
        )


_PLAIN = marked("save it as CSV (UTF-8), Parquet or xlsx")
_UNPACK = marked("unpack it and give the file that was in it, or pack that with gzip or zip")
_FROM_SHEET = marked("open it and save the sheet of accounts as xlsx or as CSV (UTF-8)")
_FROM_TABLE = marked(
    "export the table of accounts as CSV (UTF-8) or Parquet, or connect the database that holds it"
)
_TEXTUAL = marked("export the accounts as a table: CSV (UTF-8), Parquet or xlsx")

ENCRYPTED = OtherKind(
    marked("an encrypted workbook"), marked("open it and save it again without a password")
)
OLD_WORKBOOK = OtherKind(marked("an old Excel workbook (.xls)"), _FROM_SHEET)
BINARY_WORKBOOK = OtherKind(marked("a binary Excel workbook (.xlsb)"), _FROM_SHEET)
OPEN_DOCUMENT = OtherKind(marked("an OpenDocument spreadsheet (.ods)"), _FROM_SHEET)
NUMBERS = OtherKind(marked("an Apple Numbers document"), _FROM_SHEET)
DOCUMENT = OtherKind(marked("an office document"), _TEXTUAL)
PICKLE = OtherKind(
    marked("a pickle"),
    marked(
        "it is never opened, for opening one runs whatever is in it; let whoever made it save the "
        "table as Parquet: table.to_parquet('accounts.parquet')"
    ),
)
JSON = OtherKind(
    marked("JSON or JSON lines"),
    marked(
        "save it as Parquet, for example with DuckDB: "
        "COPY (FROM read_json('accounts.json')) TO 'accounts.parquet'"
    ),
)
XML = OtherKind(marked("XML"), _TEXTUAL)
HTML = OtherKind(
    marked("a web page (HTML), perhaps under the name of a workbook (.xls)"), _FROM_SHEET
)
STATA = OtherKind(
    marked("a Stata data set (.dta)"),
    marked('save it as CSV, in Stata: export delimited using "accounts.csv"'),
)
SPSS = OtherKind(
    marked("an SPSS data set (.sav)"),
    marked("save it as CSV, in SPSS: SAVE TRANSLATE /OUTFILE='accounts.csv' /TYPE=CSV /FIELDNAMES"),
)
SAS = OtherKind(
    marked("a SAS data set (.sas7bdat or .xpt)"),
    marked(
        "save it as CSV, in SAS: proc export data=accounts outfile='accounts.csv' dbms=csv; run"
    ),
)
R_DATA = OtherKind(
    marked("an R data file (.rds or .RData)"),
    marked("save it as CSV, in R: write.csv(accounts, 'accounts.csv', row.names = FALSE)"),
)
ARROW = OtherKind(
    marked("an Arrow or Feather file"),
    marked(
        "save it as Parquet, for example with pandas: "
        "read_feather('accounts.feather').to_parquet('accounts.parquet')"
    ),
)
ORC = OtherKind(
    marked("an ORC file"),
    marked(
        "save it as Parquet, for example with pandas: "
        "read_orc('accounts.orc').to_parquet('accounts.parquet')"
    ),
)
HDF = OtherKind(
    marked("an HDF5 file"),
    marked(
        "save it as Parquet, for example with pandas: "
        "read_hdf('accounts.h5').to_parquet('accounts.parquet')"
    ),
)
NUMPY = OtherKind(marked("a NumPy array"), _PLAIN)
MATLAB = OtherKind(marked("a MATLAB file"), _PLAIN)
AVRO = OtherKind(marked("an Avro file"), _PLAIN)
DBASE = OtherKind(marked("a dBase table (.dbf)"), _PLAIN)
ENCRYPTED_PARQUET = OtherKind(
    marked("an encrypted Parquet file"), marked("save it as Parquet without encryption")
)
SQLITE = OtherKind(marked("an SQLite database"), _FROM_TABLE)
DUCKDB = OtherKind(marked("a DuckDB database"), _FROM_TABLE)
ACCESS = OtherKind(marked("an Access database"), _FROM_TABLE)
_AT_THE_SOURCE = marked(
    "get the accounts as CSV (UTF-8), Parquet or xlsx from where they come from"
)
PDF = OtherKind(marked("a PDF"), _AT_THE_SOURCE)
PICTURE = OtherKind(marked("a picture"), _AT_THE_SOURCE)
RICH_TEXT = OtherKind(marked("a text document (RTF)"), _TEXTUAL)
ENCIPHERED = OtherKind(marked("encrypted (PGP)"), marked("decrypt it and give the file itself"))


def _packed(what: str) -> OtherKind:
    return OtherKind(what, _UNPACK)


SEVEN_ZIP = _packed(marked("a 7z archive"))
RAR = _packed(marked("a RAR archive"))
TAR = _packed(marked("a tar archive"))

_BEGINNINGS: tuple[tuple[bytes, OtherKind], ...] = (
    *((bytes([0x80, protocol]), PICKLE) for protocol in range(2, 6)),
    *((start, PICKLE) for start in (b"(dp", b"(lp", b"ccopy_reg\n", b"ccopyreg\n", b"cpandas")),
    (b"\x89HDF\r\n\x1a\n", HDF),
    (b"Obj\x01", AVRO),
    (b"\x93NUMPY", NUMPY),
    (b"MATLAB 5.0 MAT-file", MATLAB),
    (b"SQLite format 3\x00", SQLITE),
    (b"\0\x01\0\0Standard ", ACCESS),
    (b"<stata_dta>", STATA),
    (_SAS, SAS),
    (b"HEADER RECORD*******LIB", SAS),
    (b"RDX2\n", R_DATA),
    (b"RDX3\n", R_DATA),
    (b"X\n\0\0\0", R_DATA),
    (b"A\n2\n", R_DATA),
    (b"A\n3\n", R_DATA),
    (b"%PDF", PDF),
    (b"{\\rtf", RICH_TEXT),
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"-----BEGIN PGP", ENCIPHERED),
    (b"\xfd7zXZ\x00", _packed(marked("compressed with xz"))),
    (b"\x28\xb5\x2f\xfd", _packed(marked("compressed with zstd"))),
    (b"\x04\x22\x4d\x18", _packed(marked("compressed with lz4"))),
    (b"\xff\x06\0\0sNaPpY", _packed(marked("compressed with snappy"))),
    (b"\x1f\x9d", _packed(marked("compressed with compress (.Z)"))),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
)
_WORDS: tuple[tuple[bytes, OtherKind], ...] = (
    (b"PARE", ENCRYPTED_PARQUET),
    (b"ARROW1", ARROW),
    (b"FEA1", ARROW),
    (b"ORC", ORC),
    (b"$FL2", SPSS),
    (b"$FL3", SPSS),
    (b"GIF8", PICTURE),
    (b"BZh", _packed(marked("compressed with bzip2"))),
    (b"Rar!", RAR),
)
"""Beginnings that may as well be a header's (PARENT_ID): binary data has to follow them."""
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that stand in no text."""
_SHAPES: tuple[tuple[Callable[[bytes], bool], OtherKind], ...] = (
    (lambda head: head[8:12] == b"DUCK", DUCKDB),
    (lambda head: head[257:262] == b"ustar", TAR),
    (lambda head: re.match(rb"[\x69-\x73][\x01\x02]\x01\0", head) is not None, STATA),
    (lambda head: re.match(rb"\x03.[\x01-\x0c][\x01-\x1f]", head, re.DOTALL) is not None, DBASE),
    (lambda head: b"ASCII SPSS PORT FILE" in head, SPSS),
)
_MEMBERS: tuple[tuple[str, OtherKind], ...] = (
    ("xl/workbook.bin", BINARY_WORKBOOK),
    ("Index/Document.iwa", NUMBERS),
    ("word/document.xml", DOCUMENT),
    ("ppt/presentation.xml", DOCUMENT),
    ("content.xml", OPEN_DOCUMENT),
)
_JSON = re.compile(r'\{\s*(["}]|$)|\[\s*[\[{\]]')
_HTML = re.compile(r"<(!doctype html|html|head|body|table|meta|style|script)\b", re.IGNORECASE)
_XML = re.compile(r"<(\?xml|!doctype|!--|[\w:]+[\s>/])", re.IGNORECASE)


def refuse_other_kinds(path: Path) -> None:
    """Refuse a file that is known to be no table of text.

    Raises
    ------
    PortfolioError
        What it is, and how to save it for this tool.
    """
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith(_OLE):
        raise (ENCRYPTED if b"E\0n\0c\0r\0y\0p\0t" in _directory(path) else OLD_WORKBOOK).error()
    kind = _by_beginning(head) or _by_text(head)
    if kind is not None:
        raise kind.error()


def refuse_other_archives(names: Collection[str]) -> None:
    """Refuse a zip that is an office document of another kind, by the names of its members.

    Raises
    ------
    PortfolioError
        What it is, and how to save it for this tool.
    """
    for name, kind in _MEMBERS:
        if name in names:
            raise kind.error()
    if names and all(name.endswith(".npy") for name in names):
        raise NUMPY.error()


def _by_beginning(head: bytes) -> OtherKind | None:
    for start, kind in _BEGINNINGS:
        if head.startswith(start):
            return kind
    for start, kind in _WORDS:
        if head.startswith(start) and _BINARY.search(head):
            return kind
    return next((kind for fits, kind in _SHAPES if fits(head)), None)


def _by_text(head: bytes) -> OtherKind | None:
    """Return the kind of a text that is marked up; in UTF-8 or UTF-16, by its first characters."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="ignore").lstrip()
    if _JSON.match(text):
        return JSON
    if _HTML.match(text) or (_XML.match(text) and re.search(r"<html\b", text, re.IGNORECASE)):
        return HTML
    return XML if _XML.match(text) else None


def _directory(path: Path) -> bytes:
    """Return the sector that lists what an OLE file holds; nothing where it has none."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
        size = 1 << min(int.from_bytes(head[30:32], "little"), 16)
        sector = int.from_bytes(head[_OLE_DIRECTORY : _OLE_DIRECTORY + 4], "little")
        handle.seek((sector + 1) * size)
        return handle.read(size)
