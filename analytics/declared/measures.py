"""The measures of the method: their names, words, units and directions (METHOD 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from analytics.declared.language import say
from analytics.declared.near import hint
from analytics.errors import ParameterError


class Direction(Enum):
    """What more of a measure means for the lender."""

    GOOD = 1
    NEUTRAL = 0
    BAD = -1


class MeasureUnit(Enum):
    """What a measure counts."""

    ACCOUNTS = "accounts"
    MONTHS = "months"
    MONEY = "money"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a rate is the quotient of: sums added up, less others, over one more.

    The names are those of additive measures; ``CAPITAL`` is the capital behind them.
    """

    plus: tuple[str, ...]
    over: str
    minus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, declared once.

    Parameters
    ----------
    name, title, help : str
        The name in files, the label on screen, and one sentence on what it is.
    unit, direction : MeasureUnit, Direction
        What it counts, and whether more of it is good for the lender.
    ratio : Ratio, optional
        What it is the quotient of; without one, it adds up over accounts.
    of_increment : bool
        Only an increment has it, neither side does.
    column : str, optional
        The portfolio's column without which it is not known.
    lowest, highest : float, optional
        What a side's figure is never below and never above; None where there is no such bound.
    """

    name: str
    english_title: str
    english_help: str
    unit: MeasureUnit
    direction: Direction
    ratio: Ratio | None = None
    of_increment: bool = False
    column: str | None = None
    lowest: float | None = 0.0
    highest: float | None = None

    @property
    def is_rate(self) -> bool:
        """Whether it is a quotient of sums."""
        return self.ratio is not None

    def known(self, *, incomes: bool) -> bool:
        """Whether a portfolio gives it, with the monthly incomes known or not."""
        return incomes or self.column is None

    @property
    def title(self) -> str:
        """What the measure is called."""
        return say(self.english_title)

    @property
    def help(self) -> str:
        """One sentence on what it is."""
        return say(self.english_help)


_A, _M, _R = MeasureUnit.ACCOUNTS, MeasureUnit.MONEY, MeasureUnit.RATE
CAPITAL = "capital"
"""The capital held, as the denominator of a rate."""
CAPITAL_FUNDING = "capital_funding"
"""What funding the capital held would cost instead, a year: a part of its return."""
_INCOME = "monthly_income"
_GOOD, _NEUTRAL, _BAD = Direction.GOOD, Direction.NEUTRAL, Direction.BAD

MEASURES: tuple[Measure, ...] = (
    Measure("accounts", "Accounts", "Accounts in the portfolio.", _A, _NEUTRAL),
    Measure("raised", "Accounts raised", "Accounts whose limit is raised.", _A, _NEUTRAL),
    Measure(
        "raised_share",
        "Share raised",
        "Raised accounts as a share of all.",
        _R,
        _NEUTRAL,
        ratio=Ratio(("raised",), over="accounts"),
        highest=1.0,
    ),
    Measure("limit", "Credit limit", "Credit granted.", _M, _NEUTRAL),
    Measure("balance", "Balance", "Credit drawn.", _M, _NEUTRAL),
    Measure("headroom", "Headroom", "Unused part of the limits.", _M, _NEUTRAL),
    Measure(
        "ead",
        "Exposure (EAD)",
        "Exposure at default: balance plus the part of headroom drawn by then.",
        _M,
        _NEUTRAL,
    ),
    Measure(
        "projected_defaults",
        "Projected defaults",
        "Accounts expected to default within 12 months.",
        _A,
        _BAD,
    ),
    Measure(
        "defaulted_exposure",
        "Defaulted exposure",
        "Exposure at default of the accounts expected to default.",
        _M,
        _BAD,
    ),
    Measure(
        "expected_loss",
        "Expected loss",
        "Default probability x loss given default x exposure at default, over 12 months.",
        _M,
        _BAD,
    ),
    Measure(
        "default_rate",
        "Default rate",
        "Projected defaults per account.",
        _R,
        _BAD,
        ratio=Ratio(("projected_defaults",), over="accounts"),
        highest=1.0,
    ),
    Measure(
        "loss_rate",
        "Loss rate",
        "Expected loss per exposure at default.",
        _R,
        _BAD,
        ratio=Ratio(("expected_loss",), over="ead"),
    ),
    Measure(
        "loss_rate_on_balance",
        "Loss rate on balance",
        "Expected loss per balance: a raise of idle lines does not lower it.",
        _R,
        _BAD,
        ratio=Ratio(("expected_loss",), over="balance"),
    ),
    Measure(
        "new_debt",
        "New debt",
        "Of what is drawn of the raises, what customers owed nowhere before.",
        _M,
        _NEUTRAL,
    ),
    Measure(
        "moved_balance",
        "Balance moved here",
        "Of what is drawn of the raises, what was owed to other lenders before.",
        _M,
        _NEUTRAL,
    ),
    Measure(
        "margin",
        "Margin",
        "Yield less funding and operating cost, a year.",
        _M,
        _GOOD,
        lowest=None,
    ),
    Measure("rwa", "Risk-weighted assets", "What capital is held against.", _M, _NEUTRAL),
    Measure(
        "capital_charge",
        "Capital charge",
        "Return that the capital held has to earn above the funding it replaces, a year.",
        _M,
        _BAD,
    ),
    Measure(
        "retained",
        "Retained value",
        "Value of customers who stay because of the raise, a year; below 0 where they cost more "
        "than they bring.",
        _M,
        _GOOD,
        lowest=None,
    ),
    Measure("action_cost", "Cost of raising", "Cost of making the raises.", _M, _BAD),
    Measure(
        "net_value",
        "Net value, run rate",
        "Margin and retained value less expected loss, capital charge and cost: a year at the "
        "response of month 12.",
        _M,
        _GOOD,
        lowest=None,
    ),
    Measure(
        "return_on_capital",
        "Return on capital",
        "Margin and retained value less expected loss and cost, per capital held, and the funding "
        "that capital replaces.",
        _R,
        _GOOD,
        ratio=Ratio(
            ("margin", "retained", CAPITAL_FUNDING),
            minus=("expected_loss", "action_cost"),
            over=CAPITAL,
        ),
        lowest=None,
    ),
    Measure(
        "npv",
        "Value over the horizon",
        "What the raises bring month by month over the horizon, with what defaults within it, "
        "discounted to today.",
        _M,
        _GOOD,
        of_increment=True,
        lowest=None,
    ),
    Measure(
        "first_year_value",
        "Value of the first year",
        "What the raises bring in the first twelve months, not discounted.",
        _M,
        _GOOD,
        of_increment=True,
        lowest=None,
    ),
    Measure(
        "payback_months",
        "Payback",
        "First month from which the cumulated value stays at or above 0.",
        MeasureUnit.MONTHS,
        _BAD,
        of_increment=True,
        lowest=1.0,
    ),
    Measure(
        "provision_day_one",
        "Provision on day one",
        "Provision against losses to come that the raises need at once.",
        _M,
        _BAD,
        of_increment=True,
        lowest=None,
    ),
    Measure(
        "first_year_profit",
        "Profit of the first year",
        "Margin and retained value less losses at default and provisions, before tax and without "
        "a charge for capital.",
        _M,
        _GOOD,
        of_increment=True,
        lowest=None,
    ),
    Measure(
        "loss_per_new_exposure",
        "Loss per new exposure",
        "Increment of expected loss per increment of exposure at default.",
        _R,
        _BAD,
        ratio=Ratio(("expected_loss",), over="ead"),
        of_increment=True,
        lowest=None,
    ),
    Measure(
        "relieved",
        "Relieved",
        "Raised customers whose utilization was high, as assumed, before and no longer is after.",
        _A,
        _GOOD,
    ),
    Measure(
        "strained",
        "Strained",
        "Customers whose minimum payment on the full limit, with payments elsewhere, is too much "
        "for their income.",
        _A,
        _BAD,
        column=_INCOME,
    ),
    Measure(
        "thin_cover",
        "Thin cover",
        "Customers who cannot bridge a week: headroom below a quarter of a monthly income.",
        _A,
        _BAD,
        column=_INCOME,
    ),
    Measure(
        "short_cover",
        "Short cover",
        "Customers who cannot bridge a month: headroom below a monthly income.",
        _A,
        _BAD,
        column=_INCOME,
    ),
    Measure(
        "over_indebted",
        "Over-indebted",
        "Customers whose balance is above a multiple of their monthly income.",
        _A,
        _BAD,
        column=_INCOME,
    ),
)
BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}

UTILIZATION = Ratio(("balance",), over="limit")
"""How much of the limits is drawn: shown, and no measure, so that no file has it."""
MEAN_LIMIT = Ratio(("limit",), over="accounts")
"""Credit granted per account: shown, and no measure."""

RATES: tuple[str, ...] = tuple(measure.name for measure in MEASURES if measure.is_rate)
"""Measures that are quotients of sums."""


def find_measure(name: str) -> Measure:
    """Return the measure of that name.

    Raises
    ------
    ParameterError
        No measure has that name; the nearest are suggested.
    """
    found = BY_NAME.get(name)
    if found is None:
        raise no_measure(name, BY_NAME)
    return found


def no_measure(name: str, known: Iterable[str]) -> ParameterError:
    """Return the error that no measure has a name; the nearest of the known are suggested."""
    listed = say("measures: {names}.", names=tuple(BY_NAME))
    meant = hint(name, known, otherwise=listed)
    return ParameterError(say("There is no measure {name!r}: {hint}", name=name, hint=meant))
