"""Long texts of a table: those of a column that is read are refused, other columns left aside."""

from __future__ import annotations

import dataclasses

from analytics.accounts.catalogue import Shape
from analytics.accounts.database import Database
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.tables.plan import TablePlan

MOST_BYTES = 10_000
"""Bytes of a text that are read; an account's id has 64 characters."""
_LABELS = (Shape.TEXT, Shape.INTEGER, Shape.BOOLEAN)
"""What a column may hold that is grouped by."""


def know_long_texts(database: Database, plan: TablePlan) -> TablePlan:
    """Return the plan with the columns known whose texts are too long to group by.

    Raises
    ------
    DatabaseError
        To read the columns takes more memory or time than there is.
    PortfolioError
        A column that is read holds long texts; every one is named.
    """
    read = {one.source.name: one.source for one in plan.bound}
    read |= {column.name: column for column in plan.others if column.shape in _LABELS}
    longest = database.longest_texts(
        plan.table.clause(),
        texts=[name for name, column in read.items() if column.shape is Shape.TEXT],
        others=[name for name, column in read.items() if column.shape is not Shape.TEXT],
    )
    too_long = {name: length for name, length in longest.items() if length > MOST_BYTES}
    faults = [
        say(
            "The column {header!r} holds a text of {length:,} bytes, more than the {most:,} that "
            "are read for {column}: map another column, or make a view that cuts it.",
            header=one.source.name,
            length=too_long[one.source.name],
            most=MOST_BYTES,
            column=one.name,
        )
        for one in plan.bound
        if one.source.name in too_long
    ]
    if faults:
        raise PortfolioError(faults)
    return dataclasses.replace(plan, too_long=frozenset(too_long))
