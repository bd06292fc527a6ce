"""Portfolios from CSV files in the product's columns, in the form that ``simulate`` takes."""

from decimal import Decimal
from pathlib import Path

import pandas as pd

from tests.oracle.columns import minor_units

CASES = Path(__file__).resolve().parents[1] / "cases" / "accounts.csv"
MONEY = (
    "credit_limit",
    "balance",
    "monthly_income",
    "other_payments",
    "external_limit",
    "external_balance",
)
WHOLE_NUMBERS = (
    "score",
    "months_on_book",
    "days_past_due",
    "max_days_past_due_12m",
    "months_since_limit_change",
    "minimum_payment_months_6",
)
PROBABILITIES = ("default_probability", "loss_given_default")
FLAGS = ("opted_out", "in_hardship", "is_student", "is_transactor")


def load_cases() -> pd.DataFrame:
    """Read the stylised accounts of ``tests/cases``, money as whole minor units."""
    return portfolio_from_csv(CASES)


def portfolio_from_csv(path: Path) -> pd.DataFrame:
    """Read a portfolio without floats: money as whole minor units, in nullable integers.

    Account ids stay text, byte for byte; an empty cell is missing.
    """
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    read = {name: _read_column(name, text[name].tolist()) for name in text.columns}
    return pd.DataFrame(read)


def portfolio_from_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file whose money is DECIMAL in currency units, as whole minor units."""
    accounts = pd.read_parquet(path)
    for name in MONEY:
        if name in accounts.columns:
            money = [None if cell is None else minor_units(cell) for cell in accounts[name]]
            accounts[name] = pd.array(money, dtype="Int64")
    return accounts


def _read_column(name: str, cells: list[str]) -> pd.Series:
    if name in MONEY:
        money = [_minor_units_or_none(cell) for cell in cells]
        return pd.Series(pd.array(money, dtype="Int64"))
    if name in WHOLE_NUMBERS:
        return pd.Series(pd.array([int(cell) if cell else None for cell in cells], dtype="Int64"))
    if name in PROBABILITIES:
        return pd.Series([float(cell) if cell else None for cell in cells], dtype="float64")
    if name in FLAGS:
        flags = [{"true": True, "false": False, "": None}[cell] for cell in cells]
        return pd.Series(pd.array(flags, dtype="boolean"))
    return pd.Series([cell or None for cell in cells], dtype="object")


def _minor_units_or_none(cell: str) -> int | None:
    """Turn decimal text in currency units into whole minor units; None for an empty cell."""
    return minor_units(Decimal(cell)) if cell else None
