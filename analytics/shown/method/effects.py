"""Sections 5 to 7: default probability from the score, the response, and the measures."""

from __future__ import annotations

from analytics.assumptions import PRESETS
from analytics.declared.language import say
from analytics.declared.scales import KNOWN
from analytics.shown.markdown import formulas
from analytics.shown.method import registry
from analytics.shown.method.sections import Section


def curve() -> Section:
    """Return the section on the default probability of a score."""
    body = say(
        """
Used for accounts that bring no default probability:

{formulas}

The three values are declared together or not at all; section 2 has those of the known scales.
""",
        formulas=formulas(
            say("""
odds, good to bad = anchor_odds x 2^((score - anchor_score) / points_to_double_odds)
p = 1 / (1 + odds)
""")
        ),
    )
    return Section(5, say("Default probability from the score"), body.strip())


def response() -> Section:
    """Return the section on what a raise does to balance, risk and attrition."""
    body = say(
        """
The response described here is that of month 12. For a raised account with new limit L1, values by
score band:

{formulas}

The log form is concave: each further percent of raise draws less. Value still rises with the raise
on many books, so that the edge of the evidence binds. No account answers with less than an idle one
would: where elasticity x B is below idle_draw x L, it is counted as idle.

**Default follows debt** (`pd_uplift_driver`): the uplift is declared for the draw that a raise of
+10 % usually brings (`reference_draw`, a share of the old limit), and follows what is drawn, so
that a stronger response defaults more too, and who draws nothing is no riskier than before. With
the driver *limit* it follows the raise itself, drawn or not. The uplift falls on the old balance
too.

With every response at 0 (elasticity, use of new limit, idle draw, uplift and change of attrition)
the policy gives exactly the static result: limits rise and nothing else moves.

The presets {presets} set elasticity and use of new limit, in the form in force; the form is a
choice of its own, log at first. Since default follows debt, a preset moves defaults as well.

Of what is drawn, the **moved share** was owed to other lenders before, and the rest is debt that
the customer did not have anywhere. The lender's figures use all of it.

A **transactor** pays in full each month: the balance earns the yield of transactors (a merchant's
fee) in place of interest.

Where customers have to **opt in**, every measure of a raised account is weighted with the take-up
of its band: take-up x raised + (1 - take-up) x baseline. Counts of offers, the headline and the
effective raise and what set the new limit are not weighted, and an offer costs what a raise does.
Where nobody has to, every raised account takes it.

### By score band

The bands are those of the scale {scale}; another scale has its own edges and the same
values.

{bands}

{assumptions}
""",
        formulas=formulas(
            say("""
log form:     dB = elasticity x B x ln(L1 / L)
              dB = idle_draw x (L1 - L)  where elasticity x B < idle_draw x L
linear form:  dB = mpb x (L1 - L)

B1 = min(B + dB, max(L1, B)), and dB = B1 - B from here on
p1 = min(p x (1 + pd_uplift x x), 1)
     x = (dB / L) / reference_draw   where default follows debt
     x = (L1 / L - 1) / 0.10         where it follows the limit
attrition1 = attrition x max(1 + attrition_change x (L1 / L - 1) / 0.10, 1 - attrition_floor)
new debt = (1 - moved_share) x dB;  moved balance = moved_share x dB
""")
        ),
        presets=tuple(PRESETS),
        scale=KNOWN[0].name,
        bands=registry.bands_tables(),
        assumptions=registry.assumptions_tables(),
    )
    return Section(6, say("What a raise does"), body.strip())


def measures() -> Section:
    """Return the section on every measure and its formula."""
    body = say(
        """
Computed for each account, then summed. Rates are ratios of sums, empty where the denominator is 0;
the increment of a rate is the difference of the two rates.

{measures}

**Net value is a run rate**: a year at the response of month 12, as if it were there from the first
day on and stayed. What a raise is decided on is the **value over the horizon** (`npv`) of section
8. What only an increment has stands with no baseline and no proposal.

*Retained value* counts half of what the fall of attrition keeps, for leavers leave through the
year; it is below 0 for customers who cost more than they bring. *The capital charge* is what
capital has to earn above the funding that it replaces, since the margin pays funding on the whole
balance. *The loss rate* falls where idle lines are raised, by its denominator alone: an appetite is
better held to the loss rate on balance.

The customer's side is known only where the portfolio brings incomes, but for *relieved*; section 10
says what it counts. Of several accounts of a customer the method knows nothing: it counts accounts.

The increment of expected loss falls into three parts that add up to it:

{formulas}
""",
        measures=registry.measures_table(),
        formulas=formulas(
            say("""
new exposure = p g (EAD1 - EAD0)
old balance  = (p1 - p) g EAD0
cross        = (p1 - p) g (EAD1 - EAD0)
""")
        ),
    )
    return Section(7, say("Measures"), body.strip())
