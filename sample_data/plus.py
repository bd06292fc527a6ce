"""Generate the second sample, ``huabei_plus``: a book like the first, and what a bureau adds.

No row describes a real customer. The accounts are drawn as ``sample_data.generate`` draws them,
from a seed of their own; then, in this order: which accounts are no longer open, who pays in full
each month, credit lines and balances with other lenders, payments on them, and which cells are
blank. ``python -m sample_data.plus`` writes the file; ``README.md`` says what follows from what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sample_data import generate
from sample_data.draws import (
    Booleans,
    Floats,
    Integers,
    count_column,
    label_column,
    logistic,
    money_column,
    pick,
    save_table,
)

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_ACCOUNTS = 120_000
DEFAULT_SEED = 20261101
PARQUET_FILE = Path(__file__).resolve().parent / "huabei_plus.parquet"

STATUSES = ("active", "charged off", "closed", "frozen", "lost", "deceased")
STATUS_RATES = (0.003, 0.024, 0.015, 0.004, 0.001)  # of all but the first
CHARGE_OFF_DAYS = 180
CHARGED_OFF_USE = 0.99
MONTHS_OF_A_TRANSACTOR = 12
MONTHS_OF_A_MODEL = 3

EXTERNAL_LIMIT_STEP = 1_000
EXTERNAL_LIMIT_MAX = 300_000
EXTERNAL_IDLE_RATE = 0.15
TRANSACTOR_BALANCE_RATE = 0.60
MINIMUM_PAYMENT_RATE = 0.10
INSTALMENT_RATE = 0.14
PAYMENTS_INCOME_MAX = 0.60

NEW_INCOME_UNKNOWN_RATE = 0.09
REPORT_UNKNOWN_RATES = (0.15, 0.04)  # of customers in their first year; of the others
CHANGE_UNKNOWN_RATE = 0.02
LOSS_UNKNOWN_RATE = 0.015
REGION_UNKNOWN_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Book:
    """The columns of the book that the further ones are drawn from, one entry an account.

    Money is in CNY, an unknown income NaN; ``merit`` is the score in hundreds above 650 and ``age``
    the place of the age band.
    """

    merit: Floats
    limit: Floats
    balance: Floats
    default_probability: Floats
    months_on_book: Floats
    days_past_due: Floats
    worst_days: Floats
    minimum_payments: Floats
    is_student: Booleans
    age: Integers
    income: Floats

    def __len__(self) -> int:
        return len(self.limit)

    @property
    def utilization(self) -> Floats:
        """Balance as a share of the limit."""
        return self.balance / self.limit

    @property
    def means(self) -> Floats:
        """Monthly income, that of the middle customer of the score where it is unknown."""
        middle = 6_400 * np.exp(0.52 * self.merit)
        return np.where(np.isnan(self.income), middle, self.income)


def plus_accounts(accounts: int = DEFAULT_ACCOUNTS, seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """Return the accounts of ``plus_table`` as a frame: money as float64, unknown cells missing."""
    return generate.accounts_frame(plus_table(accounts, seed))


def plus_table(accounts: int = DEFAULT_ACCOUNTS, seed: int = DEFAULT_SEED) -> pa.Table:
    """Return a synthetic portfolio, one row an account, money as DECIMAL(12, 2) in CNY.

    Parameters
    ----------
    accounts
        How many accounts, at least 1.
    seed
        Fixes every value; the same number of accounts and seed give the same table.

    Returns
    -------
    pyarrow.Table
        Shape (accounts, 23), in account_id order: the columns of ``generate.sample_table``,
        ``other_payments``, ``external_limit`` and ``external_balance`` after the income,
        ``is_transactor`` after ``is_student``. An unknown cell is null.

    Raises
    ------
    ValueError
        When ``accounts`` is below 1.

    """
    table = generate.sample_table(accounts, seed)
    streams = iter(np.random.Generator(np.random.PCG64(seed + 1)).spawn(4))
    drawn = _read(table)
    status = _statuses(next(streams), drawn)
    drawn = _settled(drawn, status)
    transacts = _transactors(next(streams), drawn)
    limit, balance, payments = _elsewhere(next(streams), drawn, transacts)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    columns |= {
        "balance": money_column(drawn.balance),
        "default_probability": pa.array(drawn.default_probability),
        "days_past_due": count_column(drawn.days_past_due.astype(np.int64)),
        "max_days_past_due_12m": count_column(drawn.worst_days.astype(np.int64)),
        "account_status": label_column(status, STATUSES),
        "other_payments": money_column(payments),
        "external_limit": money_column(limit),
        "external_balance": money_column(balance),
        "is_transactor": pa.array(transacts),
    }
    for name, blank in _blanks(next(streams), drawn).items():
        columns[name] = _blanked(columns[name], blank)
    return pa.table({name: columns[name] for name in _order(table.column_names)})


def main() -> None:
    """Write the Parquet file beside this script."""
    about = {
        "as_of_date": generate.AS_OF_DATE.isoformat(),
        "currency": generate.CURRENCY,
        "score_scale": f"{generate.SCORE_MIN}-{generate.SCORE_MAX}",
        "origin": f"synthetic, sample_data/plus.py, seed {DEFAULT_SEED}",
    }
    save_table(plus_table(), PARQUET_FILE, about, plain=("balance",))


def _read(table: pa.Table) -> Book:
    """Return the accounts of ``generate.sample_table``."""
    return Book(
        merit=(_numbers(table, "score") - 650) / 100,
        limit=_numbers(table, "credit_limit"),
        balance=_numbers(table, "balance"),
        default_probability=_numbers(table, "default_probability"),
        months_on_book=_numbers(table, "months_on_book"),
        days_past_due=_numbers(table, "days_past_due"),
        worst_days=_numbers(table, "max_days_past_due_12m"),
        minimum_payments=_numbers(table, "minimum_payment_months_6"),
        is_student=table.column("is_student").to_numpy(),
        age=np.searchsorted(generate.AGE_BANDS, table.column("age_band").to_numpy()),
        income=_numbers(table, "monthly_income"),
    )


def _order(first: list[str]) -> list[str]:
    """Return the columns in the order of the column dictionary, segments last."""
    order = list(first)
    place = order.index("monthly_income") + 1
    order[place:place] = ["other_payments", "external_limit", "external_balance"]
    order.insert(order.index("is_student") + 1, "is_transactor")
    return order


def _statuses(rng: np.random.Generator, accounts: Book) -> Integers:
    """Return the place of each account's status in ``STATUSES``.

    Charged off and frozen accounts are picked by default probability, closed ones among clean
    accounts of little use, lost ones evenly, deceased ones by age.
    """
    risk = accounts.default_probability
    clean = (accounts.days_past_due == 0) & (accounts.minimum_payments == 0)
    little_used = np.select([accounts.balance == 0, accounts.utilization < 0.2], [3.0, 1.0], 0.0)
    weights = (
        np.where(accounts.months_on_book >= CHARGE_OFF_DAYS / 30, risk**1.2, 0.0),
        np.where(clean, little_used, 0.0),
        np.where(accounts.days_past_due > 0, 6.0, 1.0) * risk**0.6,
        np.ones(len(accounts)),
        np.array([0.2, 0.3, 0.7, 1.6, 6.0])[accounts.age],
    )
    status = np.zeros(len(accounts), dtype=np.int64)
    for place, (rate, weight) in enumerate(zip(STATUS_RATES, weights, strict=True), start=1):
        status[pick(rng, rate, np.where(status == 0, weight, 0.0))] = place
    return status


def _settled(accounts: Book, status: Integers) -> Book:
    """Return the accounts with what each owes, as its status has it.

    A charged-off account is in default: 180 days past due, its line drawn, its probability 1. A
    closed account owes nothing, or the tenth that is left of its balance.
    """
    off = status == STATUSES.index("charged off")
    closed = status == STATUSES.index("closed")
    left = np.where(closed, 0.1 * accounts.balance, accounts.balance)
    return replace(
        accounts,
        balance=np.rint(100 * np.where(off, CHARGED_OFF_USE * accounts.limit, left)) / 100,
        default_probability=np.where(off, 1.0, accounts.default_probability),
        days_past_due=np.where(off, CHARGE_OFF_DAYS, accounts.days_past_due),
        worst_days=np.where(off, CHARGE_OFF_DAYS, accounts.worst_days),
    )


def _transactors(rng: np.random.Generator, accounts: Book) -> Booleans:
    """Return who pays in full each month: likelier the higher the score and the lower the use.

    Nobody does who paid only the minimum in one of the last months, was ever 30 days late in the
    year, is past due or over the limit.
    """
    able = (
        (accounts.minimum_payments == 0)
        & (accounts.days_past_due == 0)
        & (accounts.worst_days < 30)
        & (accounts.utilization <= 1)
    )
    level = 0.9 + 0.3 * accounts.merit - 5 * accounts.utilization
    chosen: Booleans = able & (rng.random(len(accounts)) < logistic(level))
    return chosen


def _elsewhere(
    rng: np.random.Generator, accounts: Book, transacts: Booleans
) -> tuple[Floats, Floats, Floats]:
    """Return limits, balances and monthly payments with other lenders, in CNY.

    Who has a line elsewhere, and how large it is, rises with score and income; its use falls with
    the score, rises with the use of the own line, and is lower for who pays in full. Payments are
    about the minimum payment on the balance, and an instalment loan of some.
    """
    size = len(accounts)
    income, merit = accounts.means, accounts.merit
    wealth = np.log(income / 6_500)
    level = 0.6 + 0.5 * merit + 0.7 * wealth - 1.6 * accounts.is_student
    has_line = rng.random(size) < logistic(level)
    raw = 2.0 * income * np.exp(0.15 * merit + 0.6 * rng.standard_normal(size))
    steps = np.rint(np.minimum(raw, EXTERNAL_LIMIT_MAX) / EXTERNAL_LIMIT_STEP)
    limit = np.where(has_line, np.maximum(steps, 1) * EXTERNAL_LIMIT_STEP, 0.0)
    use = -0.05 - 0.55 * merit + 1.5 * (np.minimum(accounts.utilization, 1) - 0.25)
    used = logistic(use + 0.9 * rng.standard_normal(size))
    used = np.where(transacts, TRANSACTOR_BALANCE_RATE, 1.0) * used
    used = np.where(rng.random(size) < EXTERNAL_IDLE_RATE, 0.0, used)
    balance = np.rint(used * limit)
    paid = MINIMUM_PAYMENT_RATE * balance * np.exp(0.25 * rng.standard_normal(size))
    borrows = pick(rng, INSTALMENT_RATE, np.array([0.3, 1.0, 1.3, 1.0, 0.5])[accounts.age])
    paid += np.where(borrows, rng.uniform(0.04, 0.14, size) * income, 0.0)
    return limit, balance, np.rint(np.minimum(paid, PAYMENTS_INCOME_MAX * income) / 10) * 10


def _blanks(rng: np.random.Generator, accounts: Book) -> dict[str, Booleans]:
    """Return which cells are unknown, by column; an income may be unknown beforehand."""
    size = len(accounts)
    is_new = accounts.months_on_book < MONTHS_OF_A_TRANSACTOR
    no_report = rng.random(size) < np.where(is_new, *REPORT_UNKNOWN_RATES)
    no_income = is_new & (rng.random(size) < NEW_INCOME_UNKNOWN_RATE)
    is_old = accounts.months_on_book > 60
    unscored = (accounts.months_on_book < MONTHS_OF_A_MODEL) & (accounts.default_probability < 1)
    return {
        "monthly_income": no_income,
        "other_payments": no_report,
        "external_limit": no_report,
        "external_balance": no_report,
        "is_transactor": is_new,
        "default_probability": unscored,
        "months_since_limit_change": is_old & (rng.random(size) < CHANGE_UNKNOWN_RATE),
        "loss_given_default": rng.random(size) < LOSS_UNKNOWN_RATE,
        "region": rng.random(size) < REGION_UNKNOWN_RATE,
    }


def _blanked(column: pa.Array | pa.ChunkedArray, blank: Booleans) -> pa.Array:
    """Return a column with nulls where it is to be blank."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.compute.if_else(pa.array(blank), pa.nulls(1, whole.type)[0], whole)


def _numbers(table: pa.Table, name: str) -> Floats:
    """Return a column as float64, NaN where it is unknown."""
    numbers: Floats = table.column(name).cast(pa.float64()).to_numpy()
    return numbers


if __name__ == "__main__":
    main()
