"""Section 2: the columns of a portfolio, read into plain Python values.

A missing cell becomes None, as does every cell of a column that is absent. A column that is blank
throughout counts as absent, and a column that is absent applies no rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

BASIS_POINTS = 10_000
MINOR_UNITS = 100
REQUIRED = ("account_id", "score", "credit_limit", "balance")
# Section 2: what account_status counts as. Any other word is asked about, so here it is an error.
CLOSED_WORDS = (
    "closed",
    "charged off",
    "lost",
    "stolen",
    "frozen",
    "blocked",
    "deceased",
    "bankrupt",
    "written off",
    "销户",
    "冻结",
    "核销",
    "挂失",
    "死亡",
)
OPEN_WORDS = ("active", "open", "normal", "current", "正常")


@dataclass(frozen=True, slots=True)
class Columns:
    """One list per column, in row order. Money is in minor units."""

    account_id: list[str]
    score: list[int]
    credit_limit: list[int]
    balance: list[int]
    default_probability: list[float | None]
    loss_given_default: list[float | None]
    monthly_income: list[int | None]
    months_on_book: list[int | None]
    days_past_due: list[int | None]
    max_days_past_due_12m: list[int | None]
    months_since_limit_change: list[int | None]
    minimum_payment_months_6: list[int | None]
    closed: list[bool | None]
    opted_out: list[bool | None]
    in_hardship: list[bool | None]
    is_student: list[bool | None]
    is_transactor: list[bool | None]
    other_payments: list[int | None]
    external_limit: list[int | None]

    def has(self, name: str) -> bool:
        """Tell whether a column has any cell that is not blank."""
        return any(cell is not None for cell in getattr(self, name))

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.account_id)


def read_columns(accounts: pd.DataFrame) -> Columns:
    """Return the canonical columns; ValueError if a required column or cell is missing."""
    absent = [name for name in REQUIRED if name not in accounts.columns]
    if absent:
        raise ValueError(f"the accounts lack the required columns {absent}")
    return Columns(
        account_id=[str(value) for value in _required(accounts, "account_id")],
        score=[_integer(value) for value in _required(accounts, "score")],
        credit_limit=[_integer(value) for value in _required(accounts, "credit_limit")],
        balance=[_integer(value) for value in _required(accounts, "balance")],
        default_probability=_floats(accounts, "default_probability"),
        loss_given_default=_floats(accounts, "loss_given_default"),
        monthly_income=_integers(accounts, "monthly_income"),
        months_on_book=_integers(accounts, "months_on_book"),
        days_past_due=_integers(accounts, "days_past_due"),
        max_days_past_due_12m=_integers(accounts, "max_days_past_due_12m"),
        months_since_limit_change=_integers(accounts, "months_since_limit_change"),
        minimum_payment_months_6=_integers(accounts, "minimum_payment_months_6"),
        closed=[_closed(value) for value in _cells(accounts, "account_status")],
        opted_out=_flags(accounts, "opted_out"),
        in_hardship=_flags(accounts, "in_hardship"),
        is_student=_flags(accounts, "is_student"),
        is_transactor=_flags(accounts, "is_transactor"),
        other_payments=_integers(accounts, "other_payments"),
        external_limit=_integers(accounts, "external_limit"),
    )


def segment_labels(accounts: pd.DataFrame, by: str) -> list[str]:
    """Name the group of every account; a missing, empty or all-space cell is "(blank)"."""
    if by not in accounts.columns:
        raise ValueError(f"the accounts have no column {by!r} to group by")
    labels = ["" if _is_missing(value) else str(value) for value in accounts[by]]
    return [label if label.strip() else "(blank)" for label in labels]


def basis_points(rate: float | Decimal) -> int:
    """Return a rate as whole basis points; ValueError when it has more than four decimals."""
    scaled = float(rate) * BASIS_POINTS
    whole = round(scaled)
    if abs(scaled - whole) > 1e-6:
        raise ValueError(f"the rate {rate} is not a whole number of basis points")
    return whole


def minor_units(money: Decimal | float) -> int:
    """Return money in currency units as whole minor units; ValueError beyond two decimals."""
    scaled = Decimal(str(money)) * MINOR_UNITS
    if scaled != round(scaled):
        raise ValueError(f"the amount {money} has more than two decimals")
    return int(scaled)


def require_keys(given: Mapping[str, Any], expected: Iterable[str], what: str) -> None:
    """Raise ValueError when a key is missing or unknown: no typing error passes unseen."""
    names = set(expected)
    missing, unknown = sorted(names - set(given)), sorted(set(given) - names)
    if missing or unknown:
        raise ValueError(f"{what}: missing keys {missing}, unknown keys {unknown}")


def _required(accounts: pd.DataFrame, name: str) -> list[Any]:
    cells = accounts[name].tolist()
    if any(_is_missing(value) for value in cells):
        raise ValueError(f"the required column {name} has a missing cell")
    return cells


def _cells(accounts: pd.DataFrame, name: str) -> list[Any]:
    """List the cells of an optional column, None where missing or where the column is absent."""
    if name not in accounts.columns:
        return [None] * len(accounts)
    return [None if _is_missing(value) else value for value in accounts[name]]


def _integers(accounts: pd.DataFrame, name: str) -> list[int | None]:
    return [None if value is None else _integer(value) for value in _cells(accounts, name)]


def _floats(accounts: pd.DataFrame, name: str) -> list[float | None]:
    return [None if value is None else float(value) for value in _cells(accounts, name)]


def _flags(accounts: pd.DataFrame, name: str) -> list[bool | None]:
    return [_flag(value) for value in _cells(accounts, name)]


def _integer(value: Any) -> int:
    whole = int(value)
    if whole != value:
        raise ValueError(f"{value!r} is not a whole number")
    return whole


def _flag(value: Any) -> bool | None:
    if value is None:
        return None
    if isinstance(value, bool | np.bool_) or value in (0, 1):
        return bool(value)
    raise ValueError(f"{value!r} is neither true nor false")


def _closed(value: Any) -> bool | None:
    """Tell whether a status counts as closed; a blank one is unknown."""
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if value in OPEN_WORDS:
        return False
    if value in CLOSED_WORDS:
        return True
    raise ValueError(f"{value!r} is no word for an open or a closed account")


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
