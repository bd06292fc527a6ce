"""What each column of a table is for, as declared or by its name."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, CatalogueTable
from analytics.declared.columns import BY_NAME, COLUMNS, OPTIONAL
from analytics.declared.language import listed, marked, say
from analytics.errors import PortfolioError
from analytics.ingest.choice import argument
from analytics.ingest.declaration import Declaration
from analytics.ingest.misuse import misused
from analytics.ingest.plan import folded, free_headers, unseen_headers
from analytics.ingest.proposals import propose_mapping
from analytics.ingest.tables.columns import read_column

FILES_ALONE: dict[str, str] = {
    "encoding": marked("A table has no encoding to state: its database reads its text."),
    "delimiter": marked("A table has no delimiter to state: its database knows its columns."),
    "decimal": marked(
        "A table has no decimal sign to state: its numbers are numbers. Make a view that casts "
        "amounts that stand as text."
    ),
    "header_line": marked("A table has no line of headers to state: its columns have names."),
    "sheet": marked("A table has no sheet to state: name the table itself."),
    "blank_words": marked(
        "A table has no words that mean unknown to state: what is unknown is null. Make a view "
        "that says so."
    ),
    "duplicates": marked(
        "A table has no first and last row: rows that share an account id are left "
        "out, all of them. Make a view that keeps the right one."
    ),
    "derive_score": marked("A score is not derived in a database: make a view that has one."),
}
"""What may be declared of a file and means nothing for a table, and what is said of it."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A product column and the table's column that it is read from."""

    name: str
    source: CatalogueColumn


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What each column of a table is for; ``too_long`` are others whose texts are not read."""

    table: CatalogueTable
    bound: tuple[Bound, ...]
    others: tuple[CatalogueColumn, ...]
    too_long: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the product columns that are read, in the order of the column dictionary."""
        return tuple(bound.name for bound in self.bound)

    @property
    def readable(self) -> tuple[CatalogueColumn, ...]:
        """The others whose cells may be read."""
        return tuple(column for column in self.others if column.name not in self.too_long)

    @property
    def optional(self) -> tuple[str, ...]:
        """The same without the required ones."""
        return tuple(name for name in OPTIONAL if name in self.columns)

    def source(self, name: str) -> CatalogueColumn:
        """Return the table's column that a product column is read from."""
        return next(one.source for one in self.bound if one.name == name)

    @property
    def unique_ids(self) -> bool:
        """Whether the database itself keeps account ids unique."""
        return self.source("account_id").name in self.table.unique


def plan_table(table: CatalogueTable, declaration: Declaration) -> TablePlan:
    """Return what each column of a table is for, as declared or by its name.

    Raises
    ------
    PortfolioError
        A declared column is not there, a required one is missing, or a type does not fit; every
        fault is named.
    """
    declared = dict(declaration.mapping)
    by_name = {column.name: column for column in table.columns}
    by_folded: dict[str, list[CatalogueColumn]] = {}
    for column in table.columns:
        by_folded.setdefault(folded(column.name), []).append(column)
    names = [column.name for column in table.columns]
    proposed = {one.column: one.header for one in propose_mapping(names) if one.column}
    bound, faults = [], unseen_headers(names)
    for product in COLUMNS:
        wanted = declared.get(product.name)
        like = by_folded.get(product.name, [])
        own = by_name.get(product.name) or (like[0] if len(like) == 1 else None)
        source = by_name.get(wanted) if wanted else own
        if wanted and source is None:
            faults.append(_absent(product.name, wanted, table))
        elif wanted != "" and source is not None:
            bound.append(Bound(product.name, source))
            faults += misused(product, [source.name], free_headers(product, declaration))
        elif product.required:
            faults.append(_lacking(product.name, table, proposed.get(product.name)))
    faults += [fault for one in bound if (fault := _misfit(one))]
    if faults:
        raise PortfolioError(faults)
    used = {one.source.name for one in bound}
    others = tuple(
        column
        for column in table.columns
        if column.name not in used and folded(column.name) not in BY_NAME
    )
    return TablePlan(table, tuple(bound), others)


def refuse_what_tables_lack(declaration: Declaration) -> None:
    """Refuse what may be declared of a file and means nothing for a table; all faults at once."""
    plain = Declaration()
    faults = [
        say(sentence)
        for name, sentence in FILES_ALONE.items()
        if getattr(declaration, name) != getattr(plain, name)
    ]
    if faults:
        raise PortfolioError(faults)


def _absent(name: str, wanted: str, table: CatalogueTable) -> str:
    names = listed(column.name for column in table.columns[:12])
    more = len(table.columns) - 12
    if more > 0:
        names = say("{names} and {more} more", names=names, more=more)
    return say(
        "--map {name}={wanted}: the table has no column of exactly this name. Its columns are "
        "{columns}. For arithmetic make a view.",
        name=name,
        wanted=wanted,
        columns=names,
    )


def _lacking(name: str, table: CatalogueTable, proposed: str | None) -> str:
    if proposed:
        return say(
            "The table has no column {name}; {proposed!r} looks like it: give --map {argument}.",
            name=name,
            proposed=proposed,
            argument=argument(f"{name}={proposed}"),
        )
    names = listed(column.name for column in table.columns[:12])
    return say(
        "The table has no column {name} ({title}): give --map {name}=COLUMN for the "
        "column that holds it. Its columns are {listed}.",
        name=name,
        title=BY_NAME[name].title.lower(),
        listed=names,
    )


def _misfit(bound: Bound) -> str | None:
    try:
        read_column(BY_NAME[bound.name], bound.source, sa.null(), Declaration())
    except PortfolioError as error:
        return str(error)
    return None
