"""What a result says, in one sentence: the titles of charts state their finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import spearmanr

from analytics.appetite import Appetite
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import listed, say, together
from analytics.declared.measures import BY_NAME, Direction
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.results.business import BusinessCase
from analytics.results.fairness import FEW, GroupRaise
from analytics.results.optimum import Dominating, Frontier, best_place, objective_grid
from analytics.results.profile import Concentration, Pattern
from analytics.results.sensitivity import BreakEven, Tornado
from analytics.results.simulation import Group, Simulation, Sweep
from analytics.results.stress import LossDistribution, StressResult
from analytics.results.surface import Surface
from analytics.results.verdicts import within, within_evidence
from analytics.shown import formats, words

MOSTLY = 0.7
"""Rank correlation from which on limits follow risk, or run against it, for the most part."""
NAMED_GROUPS = 4
"""Groups under four fifths of the highest that a sentence names."""
EQUAL = 1e-9
"""What rounding may leave of a rank correlation of 1."""


def policy_title(simulation: Simulation) -> str:
    """Return the policy in words: what is raised, from which score."""
    policy = simulation.policy
    if policy.tiers:
        return say("Raise by tier: {steps}", steps=words.steps_words(policy.tiers))
    return say(
        "Raise {rate} from score {score}",
        rate=formats.stated(policy.raise_rate),
        score=policy.score_threshold,
    )


def thresholds_finding(sweep: Sweep) -> str:
    """Return where the value of this raise over the horizon peaks, or that it never pays."""
    values = sweep.npvs()
    span = formats.span(sweep.assumptions.horizon_months, sweep.policy.temporary_days)
    raised = sweep.increments().raised
    if not raised.any():
        return say("No account can be raised at any threshold")
    best, _ = best_place(values[:, None], raised[:, None] > 0)
    if values[best] < 0:
        return say("At this raise no threshold pays over {period}", period=span)
    if values[best] == 0:
        return say("At this raise the best threshold adds nothing")
    gain = formats.compact(float(values[best]))
    if best == 0:
        return say(
            "Value is highest when everybody is looked at: +{gain} over {period}",
            gain=gain,
            period=span,
        )
    return say(
        "Value peaks at {score}, +{gain} over {period}; no lower threshold adds to it",
        score=int(sweep.baseline.scores[best]),
        gain=gain,
        period=span,
    )


def reasons_finding(group: Group) -> str:
    """Return how many at or above the threshold are not raised."""
    kept = group.at_threshold - group.raised
    if not group.at_threshold:
        return say("Nobody has a score at or above the threshold")
    at_threshold = formats.count(group.at_threshold)
    if not kept:
        return say("All {accounts} at the threshold are raised", accounts=at_threshold)
    return say(
        "{kept} of the {accounts} at the threshold are not raised",
        kept=formats.count(kept),
        accounts=at_threshold,
    )


def bands_finding(simulation: Simulation) -> str:
    """Return which score band takes most of the new exposure."""
    whole = simulation.total.increment
    if whole is None or not whole.ead:
        return say("Where the raise goes: nowhere, no exposure is added")
    band = max(
        (band for band in simulation.bands if band.increment),
        key=lambda band: band.increment.ead if band.increment else 0.0,
    )
    share = (band.increment.ead if band.increment else 0.0) / whole.ead
    return say(
        "{share} of the new exposure goes to scores {band}",
        share=formats.percent(share, 2),
        band=band.label,
    )


def effective_finding(group: Group) -> str:
    """Return what caps, incomes and rounding leave of the headline raise."""
    if not group.headline_raise:
        return say("No raise")
    return say(
        "{effective} of the {headline} headline raise is made ({share})",
        effective=formats.compact(group.effective_raise),
        headline=formats.compact(group.headline_raise),
        share=formats.percent(group.effective_raise / group.headline_raise),
    )


def pattern_finding(found: Pattern) -> str:
    """Return whether limits already follow risk: low where default rates are high."""
    if len(found.scores) < 2:
        return say("All accounts have nearly the same score")
    if np.ptp(found.mean_limit) == 0:
        return say("Limits do not follow risk: every score has the same mean limit")
    if np.ptp(found.default_rate) == 0:
        return say("Every score has the same default rate")
    rank = float(spearmanr(found.default_rate, found.mean_limit).statistic)
    if rank <= -1.0 + EQUAL:
        return say("Limits already follow risk: the riskier the score, the lower the line")
    if rank >= 1.0 - EQUAL:
        return say("Limits run against risk: the riskier the score, the higher the line")
    if rank < -MOSTLY:
        return say("Limits already follow risk for the most part")
    if rank > MOSTLY:
        return say("Limits run against risk for the most part")
    return say("Limits follow risk only in part")


def concentration_finding(found: Concentration) -> str:
    """Return what share of all limit the largest tenth of the lines holds."""
    share = formats.percent(found.limit_of_top(0.10), 2)
    return say("The largest tenth of the lines holds {share} of the limit", share=share)


def best_policy(
    surface: Surface,
    measure: str,
    appetite: Appetite | None = None,
    *,
    beyond_evidence: bool = False,
) -> tuple[int, float] | None:
    """Return threshold and raise of the best policy by a measure that the lender wants high.

    Within the appetite, where there is one, and within the evidence unless what lies beyond it is
    asked for; of equally good policies the one that
    :func:`~analytics.results.optimum.best_single` takes. None for other measures, and where no
    policy gains anything.
    """
    if BY_NAME[measure].direction is not Direction.GOOD:
        return None
    if not BY_NAME[measure].known(incomes=surface.incomes):
        return None
    kept = within(appetite or Appetite(), surface)
    if not beyond_evidence:
        kept = kept & within_evidence(surface)
    if not kept.any():
        return None
    row, column = best_place(objective_grid(surface, measure), kept)
    if not surface.increment(measure)[row, column] > 0:
        return None
    return int(surface.scores[row]), int(surface.raises[column]) / BASIS_POINTS


def policies_finding(
    surface: Surface,
    measure: str,
    best: tuple[int, float] | None,
    appetite: Appetite | None = None,
) -> str:
    """Return which of all policies is best by a measure, or how the measure runs.

    ``best`` is what :func:`best_policy` found; a raise at the edge of the evidence is said to be.
    """
    title = BY_NAME[measure].title
    if not surface.increments.raised.any():
        return say("No policy raises anybody")
    if BY_NAME[measure].direction is not Direction.GOOD:
        return say("{measure}, every policy", measure=title)
    if best is None:
        if appetite:
            return say("No policy adds to {measure} within the appetite", measure=title.lower())
        return say("No policy adds to {measure}", measure=title.lower())
    row, column = surface.index(*best)
    gain = formats.gain(measure, float(surface.increment(measure)[row, column]))
    said = {
        "measure": title.lower(),
        "score": best[0],
        "rate": formats.stated(best[1]),
        "gain": gain,
    }
    if basis_points(best[1]) > basis_points(EVIDENCE_RAISE):
        return say("Beyond the evidence, most {measure}: {score}, {rate} (+{gain})", **said)
    if appetite:
        return say("Within the appetite, most {measure}: {score}, {rate} (+{gain})", **said)
    if best[1] == EVIDENCE_RAISE:
        return say("At the edge of the evidence, most {measure}: {score}, {rate} (+{gain})", **said)
    return say("Within the evidence, most {measure}: {score}, {rate} (+{gain})", **said)


def frontier_finding(
    found: Frontier,
    better: Dominating | None,
    appetite: Appetite | None = None,
    *,
    broken: bool = False,
) -> str:
    """Return which efficient policy beats the one in view, or that none does.

    Within an appetite only policies that keep to it are looked at; one in view that breaks it
    (``broken``) is said to.
    """
    if not len(found.scores):
        return say("No policy keeps to the appetite")
    if better is None and broken:
        return say("This policy breaks the appetite; none within it gains more at no more risk")
    if better is None and appetite:
        return say("No policy within the appetite gains more at no more risk than this one")
    if better is None:
        return say("No policy gains more at no more risk than this one")
    return say(
        "{score}, {rate} beats this policy: {gain} more gain, {risk} less risk",
        score=better.score_threshold,
        rate=formats.stated(better.raise_rate),
        gain=formats.measure(found.gain, better.gain),
        risk=formats.measure(found.risk, better.risk_saved),
    )


def business_finding(case: BusinessCase) -> str:
    """Return whether the policy pays, and what it earns on the capital that it needs."""
    if not case.balance and not case.net_value:
        return say("Nobody is raised: nothing is earned, nothing is lost")
    if case.return_on_capital is None:
        return say("The policy pays") if case.pays else say("The policy does not pay")
    shown = formats.rounded_percent(case.return_on_capital)
    hurdle = formats.stated(case.hurdle_rate)
    if case.pays:
        return say(
            "The policy pays: {shown} on the capital it needs, against {hurdle}",
            shown=shown,
            hurdle=hurdle,
        )
    return say(
        "The policy does not pay: {shown} on the capital it needs, against {hurdle}",
        shown=shown,
        hurdle=hurdle,
    )


def payback_finding(total: Group, under: Mapping[str, Group]) -> str:
    """Return from which month the policy has paid, and from which under the slowest response."""
    if not total.raised:
        return say("Nobody is raised: there is nothing to pay back")
    paid = total.timeline.payback_months if total.timeline else None
    others = {n: group.timeline.payback_months for n, group in under.items() if group.timeline}
    never = [name for name, month in others.items() if month is None]
    if paid is None:
        return say("It never pays back within the horizon")
    if never:
        return say(
            "Pays from {month}; under the {response} response never",
            month=formats.month(paid),
            response=together(map(words.choice_title, never)),
        )
    slowest = max(others.items(), key=lambda item: item[1] or 0, default=None)
    if slowest is None or slowest[1] == paid:
        return say("Pays from {month}", month=formats.month(paid))
    return say(
        "Pays from {month}; under the {response} response from {other}",
        month=formats.month(paid),
        response=words.choice_title(slowest[0]),
        other=formats.month(slowest[1]),
    )


def tornado_finding(found: Tornado) -> str:
    """Return what the increment of a measure hangs on most."""
    title = BY_NAME[found.measure].title.lower()
    if not found.bars or not found.bars[0].swing:
        return say("Nothing moves the increment of {measure}", measure=title)
    return say(
        "The increment of {measure} hangs most on: {driver}",
        measure=title,
        driver=found.bars[0].driver.title.lower(),
    )


def break_evens_finding(found: Sequence[BreakEven]) -> str:
    """Return the break-even that is nearest to the setting in force, or that there is none."""
    near = min(
        (item for item in found if item.value is not None),
        key=lambda item: np.inf if item.room is None else abs(item.room),
        default=None,
    )
    if near is None or near.value is None:
        return say("None of these alone turns the sign")
    return say(
        "The sign turns soonest where {driver} is {value}",
        driver=near.driver.title.lower(),
        value=near.driver.show(formats.short(near.value)),
    )


def stress_finding(result: StressResult) -> str:
    """Return how much of the largest stressed loss is the policy's doing."""
    worst = max(result.outcomes, key=lambda outcome: outcome.proposed.expected_loss)
    if not any(outcome.policy_share for outcome in result.outcomes):
        return say("The policy adds nothing to any stressed loss")
    if not worst.policy_share:
        return say(
            "The policy adds nothing to the loss under {scenario}, the largest",
            scenario=words.scenario_title(worst.scenario),
        )
    return say(
        "The policy adds {share} of the loss under {scenario}",
        share=formats.percent(worst.policy_share),
        scenario=words.scenario_title(worst.scenario),
    )


def distribution_finding(found: LossDistribution) -> str:
    """Return what economic capital the policy needs on top."""
    more = found.more_capital
    return say(
        "Economic capital {before} {arrow} {after} ({more})",
        before=formats.compact(found.baseline.economic_capital),
        arrow=formats.ARROW,
        after=formats.compact(found.proposed.economic_capital),
        more=formats.signed(formats.compact(more), more),
    )


def fairness_finding(found: Sequence[GroupRaise], segment: str) -> str:
    """Return which groups are judged under four fifths of the highest, or that none is.

    Only so many groups are named; the others are counted, and so are those too small to judge.
    """
    few = sum(group.is_few for group in found)
    if few == len(found):
        return say(
            "No group of {segment} has the {few} accounts that a judgement takes",
            segment=segment,
            few=FEW,
        )
    if not any(group.raised for group in found if not group.is_few):
        said = say("Nobody is raised: no group of {segment} is behind another", segment=segment)
    else:
        said = _low_groups([group for group in found if group.is_low], segment)
    if not few:
        return said
    return say(
        "{finding}; {few} of {groups} are too small to judge",
        finding=said,
        few=few,
        groups=len(found),
    )


def _low_groups(low: Sequence[GroupRaise], segment: str) -> str:
    if not low:
        return say(
            "No group of {segment} is clearly under four fifths of the highest", segment=segment
        )
    named = listed(words.low_words(group) for group in low[:NAMED_GROUPS])
    if more := low[NAMED_GROUPS:]:
        named = say("{named} and {count} more", named=named, count=len(more))
    return say(
        "Under four fifths of the highest, by {segment}: {groups}", segment=segment, groups=named
    )
