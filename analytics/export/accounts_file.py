"""``accounts.csv``: what happens to each account, for the engine that sets the limits.

It is built from the same stages as the simulation. Nothing in it is ever altered: ids byte for
byte, money as plain decimals with two digits, rows in byte order of the id, UTF-8 without a byte
order mark, LF, cells quoted only where CSV demands it. The same accounts and policy give the same
bytes, whichever database holds them.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.accounts.dialects import ByteOrder
from analytics.accounts.failures import StatementError, Trouble
from analytics.declared.choices import MessageArm, Reason, Treatment, Which
from analytics.declared.language import say, say_n
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import ExportError
from analytics.export.accounts_lines import HEADER, Wording, duckdb_columns, money, row_line
from analytics.method import response
from analytics.method.treated_accounts import TREATED, treated_accounts
from analytics.portfolio import Listing, Progress
from analytics.results.simulation import Simulation

SUMMED = ("current_limit", "new_limit", "increase", "would_be_limit")
_RAISED = Reason.RAISED.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the rows add up to: counts, also by treatment and arm of the messages; minor units."""

    rows: int
    raised: int
    current_limit: int
    new_limit: int
    increase: int
    would_be_limit: int
    treatments: Mapping[Treatment, int]
    messages: Mapping[MessageArm, int]

    def control_sums(self) -> dict[str, str]:
        """Return the sums of the money columns as decimal texts."""
        return {name: money(getattr(self, name)) for name in SUMMED}


@dataclass(frozen=True, slots=True)
class AccountsOnDisk:
    """The finished ``accounts.csv`` in a private place, and what its rows add up to."""

    path: Path
    totals: Totals

    def copy_to(self, write: Callable[[bytes], object], progress: Progress | None = None) -> None:
        """Pass the file's bytes on in pieces."""
        done = 0
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                write(piece)
                done += piece.count(b"\n")
                if progress:
                    progress(min(done, self.totals.rows), self.totals.rows)


def accounts_statement(
    simulation: Simulation, which: Which = Which.ALL, table: Treatments = SHIPPED
) -> sa.Select[Any]:
    """Return the statement of what happens to each account, in no order.

    Columns: ``account_id``, ``score``, ``current_limit`` and ``new_limit`` (minor units),
    ``reason`` (code of the reason), ``binding`` (code of what set it, null unless raised),
    ``would_be_limit`` (minor units; today's for who is in no arm of the trial), and those of
    :func:`~analytics.method.treated_accounts.treated_accounts`.
    """
    portfolio, policy = simulation.portfolio, simulation.policy
    decided = response.decided(response.labelled(portfolio), policy, portfolio)
    assumptions = simulation.assumptions
    sized = response.resized(decided, policy, assumptions, portfolio, passing_only=False)
    found = treated_accounts(sized, policy, assumptions, portfolio, table).c
    raised = found.outcome == _RAISED
    statement = sa.select(
        found.account_id,
        found.score,
        found.credit_limit.label("current_limit"),
        sa.case((raised, found.would_be_limit), else_=found.credit_limit).label("new_limit"),
        found.outcome.label("reason"),
        sa.case((raised, found.binding)).label("binding"),
        found.would_be_limit,
        *(found[name] for name in TREATED),
    )
    return statement.where(raised) if Which(which) is Which.RAISED else statement


def load_totals(
    simulation: Simulation, which: Which = Which.ALL, table: Treatments = SHIPPED
) -> Totals:
    """Return what the rows of the file add up to, from the database.

    Raises
    ------
    ExportError
        They do not agree with the simulation, so that the file must not go out.
    """
    rows = accounts_statement(simulation, which, table).subquery()
    whole = sa.BigInteger()
    sums: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("rows"),
        sa.func.sum(sa.case((rows.c.reason == _RAISED, 1), else_=0)).label("raised"),
        sa.func.sum(rows.c.current_limit, type_=whole).label("current_limit"),
        sa.func.sum(rows.c.new_limit, type_=whole).label("new_limit"),
        sa.func.sum(rows.c.would_be_limit, type_=whole).label("would_be_limit"),
        *(_counted(rows.c.treatment, treatment) for treatment in Treatment),
        *(_counted(rows.c.message_arm, arm) for arm in MessageArm),
    ]
    found = simulation.portfolio.door.one(sa.select(*sums))
    counted = {name: int(value or 0) for name, value in found.items()}
    totals = Totals(
        increase=counted["new_limit"] - counted["current_limit"],
        treatments={treatment: counted.pop(_key(treatment)) for treatment in Treatment},
        messages={arm: counted.pop(_key(arm)) for arm in MessageArm},
        **counted,
    )
    expected = simulation.total
    all_there = Which(which) is Which.RAISED or totals.rows == simulation.portfolio.accounts
    effective = expected.effective_raise_minor
    if not all_there or (totals.raised, totals.increase) != (expected.raised, effective):
        raise ExportError(
            say(
                "The list of accounts does not add up to the simulation, so it was not "
                "written: {listed:,} accounts raised by {increase} in the list, "
                "{expected:,} by {effective} in the simulation. The accounts changed "
                "meanwhile: run the simulation again.",
                listed=totals.raised,
                increase=money(totals.increase),
                expected=expected.raised,
                effective=money(effective),
            )
        )
    return totals


def _counted(code: sa.ColumnElement[int], choice: Treatment | MessageArm) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((code == choice.code, 1), else_=0)).label(_key(choice))


def _key(choice: Treatment | MessageArm) -> str:
    return f"{'message' if isinstance(choice, MessageArm) else 'treatment'}_{choice}"


@contextlib.contextmanager
def accounts_on_disk(
    simulation: Simulation,
    which: Which = Which.ALL,
    progress: Progress | None = None,
    *,
    table: Treatments = SHIPPED,
) -> Iterator[AccountsOnDisk]:
    """Give the finished file in a private place; it is removed at the end.

    ``table`` says which treatments are given, and what their messages are called. The embedded
    database writes the file by itself; from any other the rows come in batches. Memory does not
    grow with the number of accounts.

    Raises
    ------
    ExportError, DatabaseError
        The file could not be written, or does not agree with the simulation.
    """
    totals = load_totals(simulation, which, table)
    list_of = accounts_list(simulation, which, table)
    door = simulation.portfolio.door
    with contextlib.ExitStack() as stack:
        with _room():
            saved = stack.enter_context(door.saved(list_of, total=totals.rows, progress=progress))
        if saved.rows != totals.rows:
            raise ExportError(
                say_n(
                    "The list of accounts has {count:,} row and not {expected:,}, so it was "
                    "not exported: the accounts changed meanwhile. Run the simulation again.",
                    "The list of accounts has {count:,} rows and not {expected:,}, so it was "
                    "not exported: the accounts changed meanwhile. Run the simulation again.",
                    saved.rows,
                    expected=totals.rows,
                )
            )
        if not door.unchanged():
            raise ExportError(
                say(
                    "An account is no longer what it was when the portfolio was opened, so nothing "
                    "was exported: open the portfolio and run the simulation again."
                )
            )
        yield AccountsOnDisk(saved.path, totals)


def accounts_list(
    simulation: Simulation, which: Which = Which.ALL, table: Treatments = SHIPPED
) -> Listing:
    """Return the file as a list that any database can save.

    For DuckDB's own writing, the rows are sorted while they are narrow, and turned into text
    afterwards: it keeps the order of a subquery. Money is multiplied by a decimal 0.01, which is
    exact.
    """
    statement = accounts_statement(simulation, which, table)
    ordered = statement.order_by(ByteOrder(statement.selected_columns.account_id))
    of = simulation
    wording = Wording.of(of.portfolio, of.policy, of.assumptions, table)
    texts = sa.select(sa.text(duckdb_columns(wording))).select_from(ordered.subquery("listed"))
    line = functools.partial(row_line, wording)
    return Listing(header=HEADER, rows=ordered, line=line, texts=texts)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Say that it was the export which found no room on the disk."""
    try:
        yield
    except StatementError as error:
        if error.trouble is not Trouble.NO_ROOM:
            raise
        raise ExportError(
            say(
                "The list of accounts could not be written: the disk of the temporary folder "
                "is full or refuses. Make room there and export again."
            )
        ) from None
