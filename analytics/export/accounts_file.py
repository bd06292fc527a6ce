"""``accounts.csv``: what happens to each account, for the engine that sets the limits.

It is built from the same stages as the simulation. Nothing in it is ever altered: ids byte for
byte, money as plain decimals with two digits, rows in byte order of the id, UTF-8 without a byte
order mark, LF, cells quoted only where CSV demands it. The same accounts and policy give the same
bytes, whichever database holds them.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.accounts.dialects import ByteOrder
from analytics.accounts.failures import StatementError, Trouble
from analytics.declared.choices import Arm, ConsentMode, Reason, Which
from analytics.declared.columns import MINOR_UNITS, Kind
from analytics.declared.language import say, say_n
from analytics.errors import ExportError
from analytics.method import response
from analytics.method.guardrails import REASONS
from analytics.method.limits import BINDINGS
from analytics.portfolio import Listing, Progress
from analytics.results.simulation import Simulation

ACCOUNTS_COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("account_id", Kind.TEXT),
    ("score", Kind.SCORE),
    ("current_limit", Kind.MONEY),
    ("new_limit", Kind.MONEY),
    ("increase", Kind.MONEY),
    ("decision", Kind.TEXT),
    ("reason", Kind.TEXT),
    ("binding", Kind.TEXT),
    ("would_be_limit", Kind.MONEY),
    ("arm", Kind.TEXT),
    ("end_date", Kind.TEXT),
    ("limit_after_end", Kind.MONEY),
)
HEADER = ",".join(name for name, _ in ACCOUNTS_COLUMNS)
RAISE, OFFER, HOLD = "raise", "offer", "hold"
SUMMED = ("current_limit", "new_limit", "increase", "would_be_limit")
SINCE_2 = ("would_be_limit", "arm")
"""Columns that came with version 2 of the method."""
OF_THE_END = ("end_date", "limit_after_end")
"""Columns of when a temporary raise ends, and which limit holds then; empty without one."""
_LATER = (*SINCE_2, *OF_THE_END)
HEADER_1 = ",".join(name for name, _ in ACCOUNTS_COLUMNS if name not in _LATER)
"""What the file began with before: the beginning of what it begins with now."""
ARMS = {Reason.RAISED: Arm.RAISED, Reason.HELD_OUT: Arm.HELD_OUT}
"""The arm of the trial that an account with a reason is in; all others are in none."""

_RAISED, _TOO_SMALL, _HELD_OUT, _BELOW = (
    reason.code
    for reason in (
        Reason.RAISED,
        Reason.RAISE_TOO_SMALL,
        Reason.HELD_OUT,
        Reason.SCORE_BELOW_THRESHOLD,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the rows add up to: counts, and money in minor units."""

    rows: int
    raised: int
    current_limit: int
    new_limit: int
    increase: int
    would_be_limit: int

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


def accounts_statement(simulation: Simulation, which: Which = Which.ALL) -> sa.Select[Any]:
    """Return the statement of what happens to each account, in no order.

    Columns: ``account_id``, ``score``, ``current_limit`` and ``new_limit`` (minor units),
    ``reason`` (code of the reason), ``binding`` (code of what set it, null unless raised) and
    ``would_be_limit`` (minor units; today's for who is in no arm of the trial).
    """
    portfolio, policy = simulation.portfolio, simulation.policy
    decided = response.decided(response.labelled(portfolio), policy, portfolio)
    assumptions = simulation.assumptions
    sized = response.resized(decided, policy, assumptions, portfolio, passing_only=False).c
    above = sized.score >= policy.score_threshold
    raised = sa.and_(above, sized.outcome == _RAISED)
    statement = sa.select(
        sized.account_id,
        sized.score,
        sized.credit_limit.label("current_limit"),
        sa.case((raised, sized.new_limit), else_=sized.credit_limit).label("new_limit"),
        sa.case((above, sized.outcome), else_=_BELOW).label("reason"),
        sa.case((raised, sized.binding)).label("binding"),
        sa.case((above, sized.would_be_limit), else_=sized.credit_limit).label("would_be_limit"),
    )
    return statement.where(raised) if Which(which) is Which.RAISED else statement


def load_totals(simulation: Simulation, which: Which = Which.ALL) -> Totals:
    """Return what the rows of the file add up to, from the database.

    Raises
    ------
    ExportError
        They do not agree with the simulation, so that the file must not go out.
    """
    rows = accounts_statement(simulation, which).subquery()
    whole = sa.BigInteger()
    sums: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("rows"),
        sa.func.sum(sa.case((rows.c.reason == _RAISED, 1), else_=0)).label("raised"),
        sa.func.sum(rows.c.current_limit, type_=whole).label("current_limit"),
        sa.func.sum(rows.c.new_limit, type_=whole).label("new_limit"),
        sa.func.sum(rows.c.would_be_limit, type_=whole).label("would_be_limit"),
    ]
    found = simulation.portfolio.door.one(sa.select(*sums))
    counted = {name: int(value or 0) for name, value in found.items()}
    increase = counted["new_limit"] - counted["current_limit"]
    totals = Totals(**counted, increase=increase)
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


@contextlib.contextmanager
def accounts_on_disk(
    simulation: Simulation, which: Which = Which.ALL, progress: Progress | None = None
) -> Iterator[AccountsOnDisk]:
    """Give the finished file in a private place; it is removed at the end.

    The embedded database writes it by itself; from any other the rows come in batches. Memory
    does not grow with the number of accounts.

    Raises
    ------
    ExportError, DatabaseError
        The file could not be written, or does not agree with the simulation.
    """
    totals = load_totals(simulation, which)
    list_of = accounts_list(simulation, which)
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


def accounts_list(simulation: Simulation, which: Which = Which.ALL) -> Listing:
    """Return the file as a list that any database can save.

    For DuckDB's own writing, the rows are sorted while they are narrow, and turned into text
    afterwards: it keeps the order of a subquery. Money is multiplied by a decimal 0.01, which is
    exact.
    """
    statement = accounts_statement(simulation, which)
    ordered = statement.order_by(ByteOrder(statement.selected_columns.account_id))
    words = _Words.of(simulation)
    texts = sa.select(sa.text(_duckdb_columns(words))).select_from(ordered.subquery("listed"))
    return Listing(header=HEADER, rows=ordered, line=functools.partial(_row, words), texts=texts)


@dataclass(frozen=True, slots=True)
class _Words:
    """What all raised rows share: the word for a raise, whether it ends, and on which day."""

    made: str
    ends: bool
    end_date: str

    @classmethod
    def of(cls, simulation: Simulation) -> _Words:
        policy = simulation.policy
        day = policy.end_date.isoformat() if policy.end_date else ""
        return cls(made_decision(simulation), policy.temporary_days is not None, day)


def made_decision(simulation: Simulation) -> str:
    """Return what the file calls a raise: an offer where the customer has to accept it."""
    return OFFER if simulation.assumptions.consent_mode is ConsentMode.OPT_IN else RAISE


def money(minor: int) -> str:
    """Return minor units as a plain decimal with two digits, exactly."""
    whole, cents = divmod(abs(minor), MINOR_UNITS)
    return f"{'-' if minor < 0 else ''}{whole}.{cents:02d}"


def _row(
    words: _Words,
    account_id: str,
    score: int,
    current_limit: int,
    new_limit: int,
    reason: int,
    binding: int | None,
    would_be_limit: int,
) -> str:
    if account_id.startswith("#") or any(mark in account_id for mark in ',"\r\n'):
        account_id = '"' + account_id.replace('"', '""') + '"'
    raised = reason == _RAISED
    decision = words.made if raised else Reason.HELD_OUT if reason == _HELD_OUT else HOLD
    ends = raised and words.ends
    return (
        f"{account_id},{score},{money(current_limit)},{money(new_limit)},"
        f"{money(new_limit - current_limit)},{decision},{REASONS[reason]},"
        f"{'' if binding is None else BINDINGS[binding]},"
        f"{money(would_be_limit)},{ARMS.get(REASONS[reason], '')},"
        f"{words.end_date if ends else ''},{money(current_limit) if ends else ''}\n"
    )


def _duckdb_columns(words: _Words) -> str:
    def in_currency(minor: str, name: str) -> str:
        return f"(({minor})::DECIMAL(18, 0) * 0.01::DECIMAL(2, 2)) AS {name}"

    def ended(what: str) -> str:
        return f"CASE reason WHEN {_RAISED} THEN {what} END"

    def named(names: tuple[str, ...], index: str) -> str:
        return "[" + ", ".join(f"'{name}'" for name in names) + f"][{index} + 1] AS {index}"

    decision = (
        f"CASE reason WHEN {_RAISED} THEN '{words.made}' WHEN {_HELD_OUT} THEN '{Reason.HELD_OUT}' "
        f"ELSE '{HOLD}' END AS decision"
    )
    day = ended(f"'{words.end_date}'") if words.ends and words.end_date else "NULL"
    arm = " ".join(f"WHEN {reason.code} THEN '{arm}'" for reason, arm in ARMS.items())
    return ", ".join(
        (
            "account_id",
            "score",
            in_currency("current_limit", "current_limit"),
            in_currency("new_limit", "new_limit"),
            in_currency("new_limit - current_limit", "increase"),
            decision,
            named(REASONS, "reason"),
            named(BINDINGS, "binding"),
            in_currency("would_be_limit", "would_be_limit"),
            f"CASE reason {arm} END AS arm",
            f"{day} AS end_date",
            in_currency(ended("current_limit") if words.ends else "NULL", "limit_after_end"),
        )
    )


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
