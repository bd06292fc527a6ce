"""Section 10: what the customer's side counts, the rival, and whether a book is plausible."""

from __future__ import annotations

from analytics.declared.language import marked, say
from analytics.declared.parameters import percent_text
from analytics.method.customers import COVERS
from analytics.shown.markdown import table
from analytics.shown.method.rival import rival_words
from analytics.shown.method.sections import Section
from analytics.shown.method.treatments import treatment_words

CALIBRATION: tuple[tuple[str, str], ...] = (
    (
        marked("default probability, weighted with balances, below 0.1 % or above 25 %"),
        marked("another horizon than 12 months; percent read as decimals, or the reverse"),
    ),
    (marked("margin / balance outside 0 to 25 %"), marked("yields of another product")),
    (marked("expected loss / balance above 30 %"), marked("default probabilities or losses")),
    (
        marked("median of limit / monthly income below 0.2 or above 20"),
        marked("incomes of a year, or in another currency"),
    ),
    (marked("default probability rises with the score"), marked("a score where lower is better")),
    (marked("more than 20 % of accounts over their limit"), marked("limit and balance swapped")),
    (marked("currency or score scale assumed, not declared"), marked("declare it")),
)
"""What makes a book implausible, and what usually causes it."""


def customers() -> Section:
    """Return the section on the customer's side and the check of the book."""
    body = say(
        """
The point of a raise is that both sides win. **Relieved** are raised customers who were tight and no
longer are. **Strained** are customers of whom the minimum payment on the full limit, drawn or not,
with what they pay elsewhere, is too much for the income; with the ceiling of what is affordable on,
a policy adds none. **Cover** is what headroom bridges until pay-day: *thin* below {thin} of a
month's income, *short* below {short}; a raise lifts it. **Over-indebted** are customers whose
balance is above a multiple of their income. All are counted before and after, of the accounts whose
income is known.

{treatments}

{rival}

### Is the book plausible?

When a portfolio is loaded, its baseline is looked at. What makes it implausible is said, with what
usually causes it:

{calibration}
""",
        thin=percent_text(COVERS["thin_cover"]),
        short=percent_text(COVERS["short_cover"]),
        treatments=treatment_words(),
        rival=rival_words(),
        calibration=table(
            (say("looked at"), say("usual cause")),
            ((say(what), say(cause)) for what, cause in CALIBRATION),
        ),
    )
    return Section(10, say("The customers, and a check of the book"), body.strip())
