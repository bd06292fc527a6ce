"""What is summed over accounts: each sum that a measure needs, and no more than is known."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.method.totals import baseline_sums

COLUMNS = ("credit_limit", "balance", "default_probability", "loss_given_default")


def accounts(*further: str) -> sa.CTE:
    table = sa.table("accounts", *(sa.column(name, sa.Float) for name in (*COLUMNS, *further)))
    return sa.select(*table.c).cte("priced")


PLAIN = {
    "accounts",
    "limit",
    "balance",
    "headroom",
    "projected_defaults",
    "defaulted_exposure",
    "expected_loss",
}


@pytest.mark.parametrize(
    ("further", "assumptions", "more"),
    [
        ((), Assumptions(), set()),
        (("is_transactor",), Assumptions(), {"transactor_balance"}),
        ((), Assumptions(capital_approach="irb_qrre"), {"rwa"}),  # type: ignore[arg-type]
        (
            ("monthly_income", "other_payments"),
            Assumptions(),
            {"strained", "over_indebted", "thin_cover", "short_cover"},
        ),
    ],
    ids=["plain", "transactors", "irb", "incomes"],
)
def test_only_what_is_known_and_needed_is_summed(
    further: tuple[str, ...], assumptions: Assumptions, more: set[str]
) -> None:
    incomes = "monthly_income" in further
    found = baseline_sums(accounts(*further), assumptions, incomes=incomes)
    assert set(found) == PLAIN | more


def test_money_is_summed_as_whole_numbers() -> None:
    found = baseline_sums(accounts(), Assumptions(), incomes=False)
    for name in ("limit", "balance", "headroom"):
        assert isinstance(found[name].type, sa.BigInteger)
