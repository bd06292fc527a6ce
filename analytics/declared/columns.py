"""The column dictionary: what one account's row may hold, and how money is held.

One row is one account at one as-of date. Money is held as whole minor units (1/100 of the
currency unit) in 64-bit integers, so that limits, raises and their sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analytics.declared.language import say

MINOR_UNITS = 100
"""Minor units in one currency unit; money has at most two decimals."""

MAX_MONEY = 10**12
"""Largest amount of one account, in currency units: keeps all exact arithmetic within 64 bits."""

MAX_INCOME = 10**11
"""Largest monthly income: multiplied by the largest income multiple, it stays within 64 bits."""

MAX_TOTAL = 2**61
"""Largest sum of limits or of balances of a portfolio, in minor units: doubled by a raise of 100 %,
limits still sum to at most half of what 64 bits hold."""

PD_HORIZON_MONTHS = 12
"""Months that a default probability is over, unless declared."""

LONGEST_PD_HORIZON = 24

BLANK_SEGMENT = "(blank)"
"""Label of the group of accounts whose segment cell is empty."""


class Kind(Enum):
    """What a column's cells are."""

    TEXT = "text"
    SCORE = "score"
    MONEY = "money"
    RATE = "rate"
    COUNT = "count"
    FLAG = "flag"
    STATUS = "status"
    """A word for open or closed in the source; in the portfolio, whether the account is closed."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that the product knows: its name, kind, and what it is for.

    ``highest`` is the most that a cell can be, where it is less than its kind can be.
    """

    name: str
    english_title: str
    kind: Kind
    required: bool
    english_help: str
    highest: int | None = None

    @property
    def title(self) -> str:
        """The column's label."""
        return say(self.english_title)

    @property
    def help(self) -> str:
        """What the column is for."""
        return say(self.english_help)


COLUMNS: tuple[Column, ...] = (
    Column("account_id", "Account id", Kind.TEXT, True, "Unique; kept byte for byte."),
    Column("score", "Score", Kind.SCORE, True, "Whole number on the scale; higher is better."),
    Column("credit_limit", "Credit limit", Kind.MONEY, True, "Credit granted."),
    Column("balance", "Balance", Kind.MONEY, True, "Drawn now; may be over the limit."),
    Column(
        "default_probability",
        "Default probability",
        Kind.RATE,
        False,
        "Over 12 months, 0 to 1; where absent it comes from the PD curve.",
    ),
    Column(
        "loss_given_default",
        "Loss given default",
        Kind.RATE,
        False,
        "Share of the exposure lost, 0 to 1; where absent, the assumption.",
    ),
    Column(
        "monthly_income",
        "Monthly income",
        Kind.MONEY,
        False,
        "Money a month, where known.",
        highest=MAX_INCOME,
    ),
    Column(
        "other_payments",
        "Other payments",
        Kind.MONEY,
        False,
        "Money a month that the customer pays on debts elsewhere; blank is none.",
        highest=MAX_INCOME,
    ),
    Column(
        "external_limit",
        "Limits elsewhere",
        Kind.MONEY,
        False,
        "Credit lines with other lenders.",
    ),
    Column(
        "external_balance",
        "Balances elsewhere",
        Kind.MONEY,
        False,
        "Drawn with other lenders.",
    ),
    Column("months_on_book", "Months on book", Kind.COUNT, False, "Age of the account."),
    Column("days_past_due", "Days past due", Kind.COUNT, False, "Arrears today."),
    Column(
        "max_days_past_due_12m",
        "Worst arrears in 12 months",
        Kind.COUNT,
        False,
        "Highest days past due in the last 12 months.",
    ),
    Column(
        "months_since_limit_change",
        "Months since limit change",
        Kind.COUNT,
        False,
        "Since the limit last moved.",
    ),
    Column(
        "minimum_payment_months_6",
        "Minimum payments in 6 months",
        Kind.COUNT,
        False,
        "Months of the last 6 in which only the minimum was paid.",
        highest=6,
    ),
    Column(
        "account_status",
        "Account status",
        Kind.STATUS,
        False,
        "Closed (charged off, lost, stolen, frozen, blocked, deceased, bankrupt, written off) or "
        "open (active, normal, current); other words are asked about.",
    ),
    Column("opted_out", "Opted out", Kind.FLAG, False, "Wants no raises."),
    Column("in_hardship", "In hardship", Kind.FLAG, False, "Known or likely financial difficulty."),
    Column("is_student", "Student", Kind.FLAG, False, "Is a student."),
    Column(
        "is_transactor",
        "Transactor",
        Kind.FLAG,
        False,
        "Pays in full each month and earns no interest; blank is no.",
    ),
)

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
OPTIONAL: tuple[str, ...] = tuple(column.name for column in COLUMNS if not column.required)
