"""Sections 8 to 10: capital, stress and ranges; groups and emptiness; what is not modelled."""

from __future__ import annotations

from analytics.declared.language import marked, say
from analytics.declared.parameters import percent_text
from analytics.method.capital import RWA_PER_CAPITAL
from analytics.method.chance import CENTRAL
from analytics.results.fairness import FEW, FOUR_FIFTHS
from analytics.results.stress import SHIPPED
from analytics.shown.markdown import code, formulas, table
from analytics.shown.method import registry
from analytics.shown.method.sections import Section
from analytics.shown.words import scenario_source, scenario_title, scenario_words

NOT_MODELLED = (
    marked("spending that never revolves, and its merchant fee"),
    marked("loss over a lifetime and the stages of IFRS 9"),
    marked("prepayment"),
    marked("a customer's debt elsewhere beyond the columns given"),
    marked("that those who take an offer may be the riskier ones (opt-in)"),
    marked("scores that move over the year"),
    marked("competitors, except through attrition"),
    marked("taxes, and effects of the raise on the economy"),
)


def capital() -> Section:
    """Return the section on regulatory capital, ranges and stress."""
    central = percent_text(CENTRAL[1] - CENTRAL[0])
    body = say(
        """
N and G are the standard normal distribution and its inverse, R the asset correlation, z the common
factor of a year, standard normal; **low z is bad**. Given z, accounts default independently.

{formulas}

K has no factor 1.06. The floors on default probability and loss given default, off at first,
enter this capital alone. Ranges and stress use the declared asset correlation under every capital
approach.

{regimes}

### Ranges

Beside projected defaults and expected loss stands what they may come to in a year: the central
{central} of the sum under the common factor **and** the chance of each account, so that three
raised accounts get a wide range and three million get the factor's. The two sides are coupled:
the same factor, and who defaults under the baseline defaults under the proposal too; given z an
increment's extra default is a draw with probability p1(z) - p(z). The range of expected loss is
that of realised loss, the sum of default x g EAD under the same draws. The loss distribution is
the mixture over z of the portfolio's loss given z; economic capital is the loss not exceeded with
99.9 % less the mean.

### Stress

A scenario sets the factor or multiplies the odds of default, adds to loss given default (which
stays within 0 and 1), and draws part of the unused line on top of the conversion factor. Baseline
and proposal are stressed alike. *Policy's share* is the increment as a share of the proposal's
stressed loss.

{scenarios}
""",
        formulas=formulas(
            say(
                """
p(z) = N((G(p) - sqrt(R) z) / sqrt(1 - R));  its mean over z is p
K    = g x [N((G(p) + sqrt(R) G(0.999)) / sqrt(1 - R)) - p]
RWA  = {rwa_per_capital:g} K EAD

irb_qrre          R = asset_correlation
irb_other_retail  R = 0.03 w + 0.16 (1 - w),  w = (1 - e^(-35 p)) / (1 - e^(-35))
""",
                rwa_per_capital=RWA_PER_CAPITAL,
            )
        ),
        regimes=registry.regimes_table(),
        central=central,
        scenarios=scenarios_table(),
    )
    return Section(8, say("Capital, stress and ranges"), body.strip())


def groups() -> Section:
    """Return the section on groups, emptiness, rounding and fairness."""
    body = say(
        """
Groups are formed on how accounts stand today. A group without accounts is empty on every side,
not 0; so is an empty portfolio. Parts sum to the whole by construction, and totals come from the
accounts, not from the groups.

Any two databases agree on every count exactly and on every sum to 1e-9 of it. Figures are rounded
only where they are shown.

Between the groups of a segment, a group's share of raised accounts and its mean raise are held
against the highest group's. Under {four_fifths:g} of it is the usual sign of adverse impact (US
Uniform Guidelines, 29 CFR 1607.4 D): a reason to look, not a finding. Groups of fewer than {few}
accounts are shown and not judged.
""",
        four_fifths=FOUR_FIFTHS,
        few=FEW,
    )
    return Section(9, say("Groups, emptiness, rounding"), body.strip())


def not_modelled() -> Section:
    """Return the section on what the method leaves out."""
    listed = "\n".join(f"- {say(what)}" for what in NOT_MODELLED)
    body = say("The figures know nothing of:\n\n{listed}", listed=listed)
    return Section(10, say("Not modelled"), body)


def scenarios_table() -> str:
    """Return the scenarios that are shipped, with what they do and where they come from."""
    rows = (
        (
            scenario_title(scenario),
            code(scenario.name),
            scenario_words(scenario),
            registry.supported(scenario.mark, scenario_source(scenario)),
        )
        for scenario in SHIPPED
    )
    return table((say("scenario"), say("name"), say("what it does"), say("support")), rows)
