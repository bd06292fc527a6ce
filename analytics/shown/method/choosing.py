"""Sections 14 and 15: which policy to take, and what a result hangs on."""

from __future__ import annotations

from analytics.appetite import ROOM
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.declared.parameters import percent_text
from analytics.declared.scales import KNOWN
from analytics.results.optimum.robustness import NEARLY
from analytics.results.optimum.tiered import GAP
from analytics.results.sensitivity.drivers import PROBABILITY, SCALES, SEVERITY
from analytics.results.surface import EVERY_PERCENT
from analytics.shown.markdown import code, table
from analytics.shown.method import registry
from analytics.shown.method.sections import Section


def policies() -> Section:
    """Return the section on the surface, the appetite and the best policy."""
    scale = KNOWN[0]
    thresholds, raises = scale.highest - scale.lowest + 1, len(EVERY_PERCENT)
    body = say(
        """
The **surface** holds every threshold of the scale with every whole percent of raise from 0 to 100
%: {thresholds:,} x {raises} = {policies:,} policies on the scale {scale}. Each figure
is that of the policy run alone, exact to the account; nothing is interpolated.

The **risk appetite** is a list of constraints that all have to hold. A measure's name alone
bounds the proposed side, with `_increment` the increment, with `_increment_rate` the increment as
a share of the baseline: `ead_increment_rate<=5%`, `net_value_increment>=0`. What is beyond a
bound by one part in {parts:,.0f} is still on it; what is undefined breaks nothing, but a policy
that never pays back breaks every bound of payback; a constraint that the portfolio's columns do not
let apply is said by name.

The **best single** policy is found by looking at all of them; of equally good ones it is that
with the lowest raise, then the highest threshold. The **best tiered** policy chooses a raise for
each score band (and segment), proven by an integer program to within {gap} of the best.
What a constraint costs is the best value without it less the best with it. Where nothing keeps to
all constraints, the least that would help is said. The **efficient frontier** holds the policies
that no other beats on gain without more risk. A plan counts as **best under a preset** of the
response too where it comes within {nearly} of the best there.

What is made as large as can be is the value over the horizon (`npv`), unless another measure is
named. The best policy **within the evidence** (raises of up to {evidence}) is shown first, the best
beyond it only where it is asked for.
""",
        thresholds=thresholds,
        raises=raises,
        policies=thresholds * raises,
        scale=scale,
        parts=1 / ROOM,
        gap=percent_text(GAP),
        nearly=percent_text(NEARLY),
        evidence=percent_text(EVIDENCE_RAISE),
    )
    return Section(14, say("Choosing a policy"), body.strip())


def sensitivity() -> Section:
    """Return the section on cases, break-evens and the tornado."""
    body = say(
        """
The tornado moves each assumption alone between a low and a high case and ranks them by how far
the result moves. The cases are what is plausible, neither bounds nor presets. Break-evens are the
values at which the value over the horizon becomes 0. What cannot act on the portfolio in view is
left out. All of it follows from sums over pools of accounts, without another statement.

{cases}

These multiply a quantity of all accounts at once:

{drivers}
""",
        cases=registry.cases_table(),
        drivers=drivers_table(),
    )
    return Section(15, say("What a result hangs on"), body.strip())


def drivers_table() -> str:
    """Return what multiplies all accounts alike, between its cases."""
    rows = (
        (
            driver.title,
            code(driver.name),
            driver.show(driver.low),
            driver.show(driver.high),
            registry.supported(driver.mark, driver.source),
        )
        for driver in (PROBABILITY, SEVERITY, *SCALES.values())
    )
    return table(
        (say("what is multiplied"), say("name"), say("low"), say("high"), say("support")), rows
    )
