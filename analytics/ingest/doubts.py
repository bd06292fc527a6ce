"""Values that can hardly be what their column says: counted and said, of files and tables alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from analytics.declared.columns import BY_NAME
from analytics.declared.language import Sentence, later, later_n

MONTHS = 600
"""Months that no account is old: a spreadsheet's serial number of a date is about 45,000."""
DAYS = 3_650
"""Days past due after which no account is on the books."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of a column with a number or with another column.

    Parameters
    ----------
    sign : str
        ``>`` or ``=``.
    times : int
        How many times the other it is compared with.
    """

    column: str
    sign: str
    other: str | int
    times: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return (self.column, self.other) if isinstance(self.other, str) else (self.column,)

    @property
    def sql(self) -> str:
        """The comparison as SQL; every part of it is a name or a number of this package's own."""
        times = f"{self.times} * " if self.times != 1 else ""
        return f"{self.column} {self.sign} {times}{self.other}"


_LONG = {
    "months_on_book": MONTHS,
    "months_since_limit_change": MONTHS,
    "days_past_due": DAYS,
    "max_days_past_due_12m": DAYS,
}
_ARREARS = "worst_arrears_below_todays"
_PAYMENTS, _NO_INCOME = "payments_above_income", "income_is_zero"
_ELSEWHERE = "limits_elsewhere_above_incomes"
YEARS_OF_INCOME = 20
"""Yearly incomes above which no credit lines elsewhere are: an amount in minor units would be."""
_ONE, _ZERO = "probability_is_one", "probability_is_zero"
_COUNTED: Mapping[str, Compared] = {
    **{f"long_{name}": Compared(name, ">", most) for name, most in _LONG.items()},
    _ARREARS: Compared("days_past_due", ">", "max_days_past_due_12m"),
    _PAYMENTS: Compared("other_payments", ">", "monthly_income"),
    _ELSEWHERE: Compared("external_limit", ">", "monthly_income", times=12 * YEARS_OF_INCOME),
    _NO_INCOME: Compared("monthly_income", "=", 0),
    _ONE: Compared("default_probability", "=", 1),
    _ZERO: Compared("default_probability", "=", 0),
}


def doubts(columns: Collection[str]) -> dict[str, Compared]:
    """Return what is to be counted of a portfolio with these columns, by a name of each count."""
    return {
        name: compared
        for name, compared in _COUNTED.items()
        if all(column in columns for column in compared.columns)
    }


def doubt_sentences(counts: Mapping[str, int], *, known: int) -> tuple[Sentence, ...]:
    """Return what is to be said of the counts of :func:`doubts`.

    Parameters
    ----------
    known : int
        Rows whose default probability is known.
    """
    return (*_long(counts), *_arrears(counts), *_incomes(counts), *_outcome(counts, known))


def _long(counts: Mapping[str, int]) -> Iterable[Sentence]:
    for name, most in _LONG.items():
        number = counts.get(f"long_{name}", 0)
        if number:
            yield later_n(
                "{count:,} row has more than {most:,} in {column} ({title}): it may be a date as a "
                "spreadsheet holds it, or a number that means unknown.",
                "{count:,} rows have more than {most:,} in {column} ({title}): they may be dates "
                "as a spreadsheet holds them, or a number that means unknown.",
                number,
                most=most,
                column=name,
                title=later(BY_NAME[name].english_title),
            )


def _arrears(counts: Mapping[str, int]) -> Iterable[Sentence]:
    number = counts.get(_ARREARS, 0)
    if number:
        yield later_n(
            "{count:,} row has more in days_past_due than in max_days_past_due_12m: the worst "
            "arrears of 12 months cannot be below today's.",
            "{count:,} rows have more in days_past_due than in max_days_past_due_12m: the worst "
            "arrears of 12 months cannot be below today's.",
            number,
        )


def _incomes(counts: Mapping[str, int]) -> Iterable[Sentence]:
    number = counts.get(_PAYMENTS, 0)
    if number:
        yield later_n(
            "{count:,} row has more in other_payments than in monthly_income: no limit is "
            "affordable there. Are the payments those of a year, or the income net of them?",
            "{count:,} rows have more in other_payments than in monthly_income: no limit is "
            "affordable there. Are the payments those of a year, or the income net of them?",
            number,
        )
    number = counts.get(_ELSEWHERE, 0)
    if number:
        yield later_n(
            "{count:,} row has more than {years} yearly incomes in external_limit: it is kept, and "
            "counts as a line elsewhere. Is it in another unit than monthly_income, or is that a "
            "yearly one?",
            "{count:,} rows have more than {years} yearly incomes in external_limit: they are "
            "kept, and count as lines elsewhere. Are they in another unit than monthly_income, or "
            "is that a yearly one?",
            number,
            years=YEARS_OF_INCOME,
        )
    number = counts.get(_NO_INCOME, 0)
    if number:
        yield later_n(
            "{count:,} row has a monthly_income of 0: it counts as known, so that no limit is "
            "affordable there. Leave the cell empty where the income is unknown.",
            "{count:,} rows have a monthly_income of 0: it counts as known, so that no limit is "
            "affordable there. Leave the cells empty where the income is unknown.",
            number,
        )


def _outcome(counts: Mapping[str, int], known: int) -> Iterable[Sentence]:
    ones, zeros = counts.get(_ONE, 0), counts.get(_ZERO, 0)
    if ones and zeros and ones + zeros == known:
        yield later_n(
            "Every default_probability is 0 or 1 ({count:,} is 1): it looks like an outcome, not a "
            "probability. Leave it out (the PD curve is used then), or map a column with one.",
            "Every default_probability is 0 or 1 ({count:,} are 1): it looks like an outcome, not "
            "a probability. Leave it out (the PD curve is used then), or map a column with one.",
            ones,
        )
