"""Words that change what a name measures: two names that differ by one are not alike."""

from __future__ import annotations

QUALIFIERS: frozenset[str] = frozenset(
    {
        # counts, marks and classes
        *("number", "num", "no", "nbr", "nr", "n", "of", "count", "counts", "cnt", "ct", "times"),
        *("qty", "flag", "ind", "indicator", "is", "has", "band", "bucket", "segment", "class"),
        *("status", "category", "type", "code", "score", "grade", "rating"),
        # changes, shares and rates
        *("change", "changed", "chg", "delta", "diff", "growth", "trend", "ratio", "rate", "pct"),
        *("percent", "perc", "percentage", "share", "utilization", "utilisation", "util", "usage"),
        *("use", "interest", "frequency", "freq"),
        # what is left, and what was
        *("open", "unused", "available", "avail", "remaining", "free", "spare", "previous", "prev"),
        *("prior", "old", "first", "last", "next", "requested", "proposed", "applied", "target"),
        *("new", "other", "household", "joint", "spouse", "co"),
        # of several
        *("avg", "average", "mean", "median", "max", "maximum", "min", "minimum", "worst"),
        *("lines", "limits", "loans", "cards", "accounts", "balances", "payments", "inquiries"),
        # spans of time
        *("annual", "annually", "yearly", "year", "years", "yr", "yrs", "month", "months"),
        *("monthly", "mth", "mths", "mo", "mob", "day", "days", "week", "date", "time"),
        # other products
        *("installment", "mortgage", "auto", "student", "savings", "deposit", "checking", "cash"),
    }
)
QUALIFYING_SIGNS = "率数次变化年月日可剩低高均标志否新旧"
"""The same in Chinese, sign by sign."""


def qualified(one: str, other: str) -> bool:
    """Whether one of two names measures something else, by a word that the other lacks."""
    if QUALIFIERS & (set(one.split()) ^ set(other.split())):
        return True
    return any((sign in one) != (sign in other) for sign in QUALIFYING_SIGNS)
