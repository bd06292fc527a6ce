"""What the oracle's own tests share: one plain account, and settings changed from the defaults."""

from typing import Any

import pandas as pd

from tests.oracle.defaults import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY
from tests.oracle.simulation import simulate

BANDS = len(DEFAULT_ASSUMPTIONS["band_edges"])
# Quotients of sums: they neither add up over groups nor scale with what is summed.
QUOTIENTS = {
    "raised_share",
    "default_rate",
    "loss_rate",
    "loss_rate_on_balance",
    "return_on_capital",
    "loss_per_new_exposure",
}


def policy(**changes: Any) -> dict[str, Any]:
    """Return the default policy, changed."""
    return DEFAULT_POLICY | changes


def assumptions(**changes: Any) -> dict[str, Any]:
    """Return the default assumptions, changed."""
    return DEFAULT_ASSUMPTIONS | changes


def in_all_bands(value: float) -> tuple[float, ...]:
    """Return one value for every band."""
    return (value,) * BANDS


# Section 6: zero response is the static run.
NO_RESPONSE: dict[str, Any] = {
    "elasticity": in_all_bands(0.0),
    "mpb": in_all_bands(0.0),
    "idle_draw": 0.0,
    "pd_uplift": in_all_bands(0.0),
    "attrition_change": in_all_bands(0.0),
}


def one_account(**cells: Any) -> pd.DataFrame:
    """Make one account: score 820, limit 10,000.00, balance 3,000.00 unless told otherwise."""
    plain = {"account_id": "A", "score": 820, "credit_limit": 1_000_000, "balance": 300_000}
    return pd.DataFrame([plain | cells])


def two_accounts(first: dict[str, Any], second: dict[str, Any]) -> pd.DataFrame:
    """Make two accounts, A and B: a column that is blank in one is known in the other."""
    rows = [one_account(**first), one_account(account_id="B", **second)]
    cells = [row.iloc[0].to_dict() for row in rows]
    names = list(dict.fromkeys(name for row in cells for name in row))
    table = {name: [row.get(name) for row in cells] for name in names}
    return pd.DataFrame(table, dtype="object")


# An account that fails no rule and has every cell that one looks at.
PLAIN: dict[str, Any] = {
    "score": 820,
    "credit_limit": 1_000_000,
    "balance": 300_000,
    "default_probability": 0.02,
    "monthly_income": 1_000_000,
    "other_payments": 0,
    "days_past_due": 0,
    "max_days_past_due_12m": 0,
    "minimum_payment_months_6": 0,
    "months_on_book": 36,
    "months_since_limit_change": 36,
    "account_status": "active",
    "opted_out": False,
    "in_hardship": False,
    "is_student": False,
}
# A raise from 10,000 to 12,000 of a customer who answers nothing, p 2 %: expected loss +6.80
# (0.02 x 0.85 x 0.20 x 2,000), capital charge +1.49625 (0.095 x 0.105 x 0.75 x 0.10 x 2,000).
PLAIN_VALUE = -(6.80 + 1.49625)


def many(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make accounts like ``PLAIN``, changed; they are called 0, 1, ... unless told otherwise."""
    cells = [{"account_id": str(number), **PLAIN, **row} for number, row in enumerate(rows)]
    return pd.DataFrame(cells, dtype="object")


def detail(accounts: pd.DataFrame, **changes: Any) -> tuple[str, int, str]:
    """Return the reason, new limit (minor units) and binding of the first account."""
    found = simulate(accounts, policy(**changes), DEFAULT_ASSUMPTIONS)["accounts_detail"]
    return found["reason"][0], found["new_limit"][0], found["binding"][0]
