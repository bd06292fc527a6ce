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
The response describes 12 months. For a raised account with new limit L1, values by score band:

{formulas}

With every response at 0 the policy gives exactly the static result: limits rise and nothing else
moves. The uplift falls on the old balance too.

The presets {presets} set elasticity and use of new limit, nothing else. *High* is known for the
linear form only, so choosing it sets that form.

Where customers have to **opt in**, every measure of a raised account is weighted with the take-up
of its band: take-up x raised + (1 - take-up) x baseline. Counts of offers, the headline and the
effective raise and what set the new limit are not weighted. Where nobody has to, every raised
account takes it.

### By score band

The bands are those of the scale {scale}; another scale has its own edges and the same
values.

{bands}

{assumptions}
""",
        formulas=formulas(
            say("""
log form:     dB = elasticity x B x ln(L1 / L);  an account without a balance draws
              idle_draw x (L1 - L)
linear form:  dB = mpb x (L1 - L)

B1 = min(B + dB, max(L1, B))
p1 = min(p x (1 + pd_uplift x (L1 / L - 1) / 0.10), 1)
attrition1 = attrition x max(1 + attrition_change x (L1 / L - 1) / 0.10, 1 - attrition_floor)
""")
        ),
        presets=", ".join(PRESETS),
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

Strained and over-indebted are known only where the portfolio brings incomes. Of several accounts
of a customer the method knows nothing: it counts accounts.

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
