"""Sections 9, 11 to 13: capital, stress and ranges; groups; what is not modelled, what moved."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.declared.language import marked, say
from analytics.declared.parameters import percent_text
from analytics.method.capital import RWA_PER_CAPITAL
from analytics.method.chance import CENTRAL
from analytics.method.proportions import CONFIDENCE
from analytics.results.fairness import FEW, FOUR_FIFTHS
from analytics.results.stress import SHIPPED
from analytics.shown.markdown import code, formulas, table
from analytics.shown.method import registry
from analytics.shown.method.sections import Section
from analytics.shown.words import scenario_source, scenario_title, scenario_words

NOT_MODELLED = (
    marked("merchant fees beyond the yield of transactors"),
    marked("stages 2 and 3 of IFRS 9"),
    marked("prepayment"),
    marked("a customer's debt elsewhere beyond the columns given"),
    marked("that those who take an offer may be the riskier ones (opt-in)"),
    marked("scores that move over the horizon"),
    marked("competitors, except through attrition and the moved share"),
    marked("taxes, and effects of the raise on the economy"),
)

MOVED = (
    marked("the hold-out is drawn last, of the accounts that would be raised"),
    marked("reasons: closed accounts, needed data unknown, and no room under a ceiling"),
    marked("the ceiling of what is affordable is on, the income multiple off"),
    marked("a blank cell that a rule needs holds the account as it is, where it passed before"),
    marked("default follows debt, where it followed the limit"),
    marked("the high preset has an elasticity of its own, and the form is a choice of its own"),
    marked("idle is told by use, where it was told by a balance of 0"),
    marked("retained value is halved, counts losses too, and is after the capital charge"),
    marked("capital is charged above the funding that it replaces"),
    marked("transactors, and the horizon of default probabilities"),
    marked("value over months, payback and provisions"),
    marked("loss rate on balance; cover; new debt and balance moved here; temporary raises"),
    marked("outcomes are never an input, and protected segments never set tiers"),
    marked(
        "marks: the minimum payment of 10 %, the 30 % of income and the conversion factor are "
        "assumptions"
    ),
)
"""What the figures of version 1 of the method did otherwise."""


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

### Rule books

One choice (`--regime`, or the page Assumptions) sets what belongs together, of assumptions and
policy, and says what it moves. Every book sets the same values, so that nothing of one is left when
another is chosen; where a book is silent the value is the one shipped. What was not read at its
source is said to be checked there, and is no established fact.

{packs}

Two smaller sets are taken whole as well:

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
        packs=registry.packs_table(),
        regimes=registry.regimes_table(),
        central=central,
        scenarios=scenarios_table(),
    )
    return Section(9, say("Capital, stress and ranges"), body.strip())


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
Uniform Guidelines, 29 CFR 1607.4 D, by which a difference in small numbers that chance explains is
none): a reason to look, not a finding. Groups of fewer than {few} accounts are shown, not judged,
and not the highest.

A share has its {confidence} interval (Wilson 1927), and so has its ratio to the highest share, made
of the Wilson intervals of both groups, since the highest is as much by chance as the other (squared
and added as in Newcombe 1998; of a ratio, Donner and Zou 2012):

{formulas}

A share is called low where that whole interval lies under {four_fifths:g}. Of groups that stand at
four fifths exactly about one in 40 is called so by chance, so that among many groups one may be. A
mean raise has no such interval, for how much raises differ within a group is not summed: it is
called low by itself, and only over {few} raises or more.
""",
        four_fifths=FOUR_FIFTHS,
        few=FEW,
        confidence=percent_text(CONFIDENCE),
        formulas=formulas(
            say(
                """
share x/n:    (p + z^2/2n +- z sqrt(p (1 - p)/n + z^2/4n^2)) / (1 + z^2/n),  p = x/n, z = 1.96
ratio p1/p2:  R where (p1 - R p2)^2 = (p1 - e1)^2 + R^2 (p2 - e2)^2
              highest R: e1 the upper end of p1, e2 the lower of p2; lowest R: the other way round
"""
            )
        ),
    )
    return Section(11, say("Groups, emptiness, rounding"), body.strip())


def not_modelled() -> Section:
    """Return the section on what the method leaves out."""
    body = say("The figures know nothing of:\n\n{listed}", listed=_listed(NOT_MODELLED))
    return Section(12, say("Not modelled"), body)


def moved() -> Section:
    """Return the section on what moved since version 1 of the method."""
    body = say(
        """
{listed}

The figures of version 1 come back with affordability off, unknown cells passing, default following
the limit and an income multiple of 4, but for retained value, the capital charge, the place of the
hold-out and accounts of tiny balances. A file of version 1 is read, and what it lacks is said.
""",
        listed=_listed(MOVED),
    )
    return Section(13, say("What moved since version 1"), body.strip())


def _listed(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {say(sentence)}" for sentence in sentences)


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
