"""What a database's own catalogue says: its tables and views, their columns and types.

Every name in a statement over a user's table was looked up here; none is taken from a user, a
file or a session. So a name can only ever be a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

from analytics.accounts.database import Database
from analytics.declared.language import listed, marked, say, say_n
from analytics.declared.near import hint
from analytics.errors import DatabaseError

_OWN_SCHEMAS = frozenset({"information_schema", "pg_catalog", "pg_toast"})


class Shape(Enum):
    """What a column's type is to us."""

    TEXT = marked("text")
    INTEGER = marked("whole numbers")
    DECIMAL = marked("decimal numbers")
    DOUBLE = marked("floating point numbers")
    SINGLE = marked("floating point numbers of single precision")
    BOOLEAN = marked("true or false")
    OTHER = marked("neither text nor numbers")


@dataclass(frozen=True, slots=True)
class TableName:
    """A table or view, as the catalogue spells it."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class CatalogueColumn:
    """A column: its name as the catalogue spells it, its shape, and the database's own type.

    ``scale`` is how many decimals a decimal number has, where the catalogue says so.
    """

    name: str
    shape: Shape
    type_name: str
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogueTable:
    """A table or view with its columns.

    Parameters
    ----------
    unique : tuple of str
        Columns that the database itself keeps unique.
    """

    name: TableName
    columns: tuple[CatalogueColumn, ...]
    unique: tuple[str, ...] = ()

    def clause(self) -> sa.TableClause:
        """Return the table for statements; its columns have no type of the product's yet."""
        columns = [sa.column(column.name, sa.types.NullType()) for column in self.columns]
        return sa.table(
            _literal_name(self.name.name), *columns, schema=_literal_name(self.name.schema)
        )


def tables(database: Database) -> tuple[TableName, ...]:
    """Return the tables and views that the user may see, sorted; the catalogue's own left out."""
    if database.dialect == "duckdb":
        return tuple(sorted(_duckdb_columns(database), key=str))
    with database.sending() as connection:
        inspector = sa.inspect(connection)
        found = set()
        for schema in inspector.get_schema_names():
            if schema in _OWN_SCHEMAS or schema.startswith("pg_temp"):
                continue
            names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
            if database.dialect == "postgresql":
                names += inspector.get_materialized_view_names(schema)
            found |= {TableName(schema, name) for name in names}
    return tuple(sorted(found, key=str))


def find_table(database: Database, name: str) -> CatalogueTable:
    """Return the table or view of a name: ``schema.table``, or ``table`` where only one has it.

    Raises
    ------
    DatabaseError
        There is none of exactly this name, or several; near matches are named.
    """
    known = tables(database)
    matches = [table for table in known if str(table) == name] or [
        table for table in known if table.name == name
    ]
    if len(matches) == 1:
        return _described(database, matches[0])
    if matches:
        choices = listed(str(match) for match in matches)
        raise DatabaseError(
            say(
                "The database {label} has several tables {name!r}: give one of {choices}.",
                label=database.label,
                name=name,
                choices=choices,
            )
        )
    raise DatabaseError(_no_table(database, name, [str(table) for table in known]))


def _no_table(database: Database, name: str, known: list[str]) -> str:
    if not known:
        return say("The database {label} shows this user no table at all.", label=database.label)
    bare = {table.split(".", 1)[1].casefold(): table for table in known}
    bare |= {table.casefold(): table for table in known}
    others = say_n("it has {count} other.", "it has {count} others.", len(known))
    return say(
        "The database {label} has no table {name!r} that this user may read: {hint}",
        label=database.label,
        name=name,
        hint=hint(name.casefold(), bare, meaning=bare, otherwise=others, most=3, cutoff=0.5),
    )


def _described(database: Database, table: TableName) -> CatalogueTable:
    if database.dialect == "duckdb":
        return CatalogueTable(table, tuple(_duckdb_columns(database)[table]))
    with database.sending() as connection:
        inspector = sa.inspect(connection)
        columns = tuple(
            _column(column["name"], column["type"])
            for column in inspector.get_columns(table.name, schema=table.schema)
        )
        unique: tuple[str, ...] = ()
        if database.dialect == "postgresql":
            unique = _unique(inspector, table)
    return CatalogueTable(table, columns, unique)


def _unique(inspector: sa.Inspector, table: TableName) -> tuple[str, ...]:
    """Return the columns that are a primary key or a unique constraint of their own."""
    place = {"table_name": table.name, "schema": table.schema}
    keys = [inspector.get_pk_constraint(**place)["constrained_columns"]]
    keys += [unique["column_names"] for unique in inspector.get_unique_constraints(**place)]
    return tuple(key[0] for key in keys if len(key) == 1)


def _duckdb_columns(database: Database) -> dict[TableName, list[CatalogueColumn]]:
    """Return every table's columns; SQLAlchemy's inspector spells DuckDB's schemas otherwise."""
    names = ("table_schema", "table_name", "column_name", "data_type", "ordinal_position")
    catalogue = sa.table(
        "columns",
        *(sa.column(name, sa.String()) for name in (*names, "table_catalog")),
        schema="information_schema",
    ).c
    statement = (
        sa.select(*(catalogue[name] for name in names[:-1]))
        .where(catalogue.table_catalog == sa.func.current_database())
        .order_by(*(catalogue[name] for name in ("table_schema", "table_name", "ordinal_position")))
    )
    found: dict[TableName, list[CatalogueColumn]] = {}
    rows = (column.tolist() for column in database.sums(statement).values())
    for schema, table, column, kind in zip(*rows, strict=True):
        cells = found.setdefault(TableName(schema, table), [])
        cells.append(CatalogueColumn(column, _duckdb_shape(kind), kind, _duckdb_scale(kind)))
    return found


_DUCKDB_SHAPES: tuple[tuple[Shape, Iterable[str]], ...] = (
    (Shape.TEXT, ("VARCHAR", "ENUM", "UUID")),
    (Shape.INTEGER, ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")),
    (Shape.INTEGER, ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")),
    (Shape.DECIMAL, ("DECIMAL",)),
    (Shape.DOUBLE, ("DOUBLE",)),
    (Shape.SINGLE, ("FLOAT",)),
    (Shape.BOOLEAN, ("BOOLEAN",)),
)


def _duckdb_shape(kind: str) -> Shape:
    bare = kind.split("(", maxsplit=1)[0]
    if kind.endswith("]"):
        return Shape.OTHER
    return next((shape for shape, names in _DUCKDB_SHAPES if bare in names), Shape.OTHER)


def _duckdb_scale(kind: str) -> int | None:
    decimal = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
    return int(decimal[1]) if decimal else None


def _shape(kind: sa.types.TypeEngine[Any]) -> Shape:
    name = type(kind).__name__.upper()
    if isinstance(kind, DOMAIN):
        return _shape(kind.data_type)
    if isinstance(kind, sa.Boolean):
        return Shape.BOOLEAN
    if isinstance(kind, sa.Integer):
        return Shape.INTEGER
    if isinstance(kind, sa.REAL) or name in ("FLOAT4", "REAL"):
        return Shape.SINGLE
    if isinstance(kind, sa.Float):
        return Shape.DOUBLE
    if isinstance(kind, sa.Numeric):
        return Shape.DECIMAL
    if isinstance(kind, sa.String | sa.Uuid | sa.Enum):
        return Shape.TEXT
    return Shape.OTHER


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> CatalogueColumn:
    scale = kind.scale if isinstance(kind, sa.Numeric) and kind.precision else None
    return CatalogueColumn(name, _shape(kind), repr(kind), scale)


def _literal_name(name: str) -> sa.sql.elements.quoted_name:
    return sa.sql.elements.quoted_name(name, quote=True)
