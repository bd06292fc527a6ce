"""A look at a file before it is used: what was understood, its headers, cells and proposals."""

# Statements are built from this package's own names.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analytics.accounts.database import EmbeddedDatabase
from analytics.ingest.caps import LOCAL, UPLOAD, Caps
from analytics.ingest.declaration import Declaration
from analytics.ingest.opening import open_raw, readable
from analytics.ingest.proposals import Proposal, propose_mapping
from analytics.ingest.samples import samples_of
from analytics.ingest.source import Source, open_bytes, open_file
from analytics.ingest.staging import is_blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file looks like, before anything of it is believed.

    Parameters
    ----------
    rows : int
        Rows that split into the header's columns; blank ones are none.
    proposals : tuple of Proposal
        One a header: three of its cells and the column that it is likely to be.
    """

    name: str
    format: str
    encoding: str | None
    delimiter: str | None
    decimal: str | None
    rows: int
    proposals: tuple[Proposal, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The file's headers, in its order."""
        return tuple(proposal.header for proposal in self.proposals)

    @property
    def mapping(self) -> tuple[tuple[str, str], ...]:
        """The mapping proposed: product column, and header or arithmetic over it."""
        return tuple((p.column, p.source) for p in self.proposals if p.column)


def inspect_bytes(
    name: str,
    data: bytes | BinaryIO,
    declaration: Declaration | None = None,
    *,
    caps: Caps = UPLOAD,
) -> Preview:
    """Return what an upload looks like; raises as :func:`load_bytes` does where it is none."""
    with open_bytes(name, data, caps) as source:
        return _inspect(source, declaration or Declaration(), caps)


def inspect_file(
    path: Path, declaration: Declaration | None = None, *, caps: Caps = LOCAL
) -> Preview:
    """Return what a file looks like; raises as :func:`load_file` does where it is none."""
    with open_file(path, caps) as source:
        return _inspect(source, declaration or Declaration(), caps)


def _inspect(source: Source, declaration: Declaration, caps: Caps) -> Preview:
    database = EmbeddedDatabase()
    try:
        with database.loading() as cursor, readable(source):
            raw = open_raw(source, declaration, caps, cursor)
            counted = cursor.execute(
                f"SELECT count(*) FILTER (NOT {is_blank(raw)}) FROM {raw.relation}"
            ).fetchall()[0][0]
            raw.forget(cursor)
            samples = samples_of(cursor, raw)
    finally:
        database.close()
    return Preview(
        name=source.name,
        format=raw.format,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        decimal=declaration.decimal,
        rows=int(counted),
        proposals=propose_mapping(raw.headers, samples),
    )
