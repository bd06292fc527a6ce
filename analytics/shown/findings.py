"""What a result says, in one sentence: the titles of charts state their finding."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from analytics.appetite import Appetite
from analytics.declared.measures import BY_NAME, Direction, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS
from analytics.results.optimum import best_place
from analytics.results.profile import Concentration, Pattern
from analytics.results.simulation import Group, Simulation, Sweep
from analytics.results.surface import Surface
from analytics.results.verdicts import within
from analytics.shown import formats


def policy_title(simulation: Simulation) -> str:
    """Return the policy in words: what is raised, from which score."""
    policy = simulation.policy
    if policy.tiers:
        steps = ", ".join(
            f"{tier.raise_rate * 100:g} % from {tier.score_from}" for tier in policy.tiers
        )
        return f"Raise by tier: {steps}"
    return f"Raise {policy.raise_rate * 100:g} % from score {policy.score_threshold}"


def thresholds_finding(sweep: Sweep) -> str:
    """Return where the net value of this raise peaks, or that it never pays."""
    values = sweep.net_values()
    raised = sweep.increments().raised
    if not raised.any():
        return "No account can be raised at any threshold"
    best = int(np.argmax(np.where(raised > 0, values, -np.inf)))
    if values[best] < 0:
        return "At this raise every threshold loses net value"
    if values[best] == 0:
        return "At this raise the best threshold adds nothing"
    score = int(sweep.baseline.scores[best])
    gain = formats.compact(float(values[best]))
    if best == 0:
        return f"Net value is highest when everybody is looked at: +{gain} a year"
    return f"Net value peaks at {score}, +{gain} a year; each lower threshold costs value"


def reasons_finding(group: Group) -> str:
    """Return how many at or above the threshold are not raised."""
    kept = group.at_threshold - group.raised
    if not group.at_threshold:
        return "Nobody has a score at or above the threshold"
    if not kept:
        return f"All {formats.count(group.at_threshold)} at the threshold are raised"
    return (
        f"{formats.count(kept)} of the {formats.count(group.at_threshold)} at the threshold are "
        "not raised"
    )


def bands_finding(simulation: Simulation) -> str:
    """Return which score band takes most of the new exposure."""
    whole = simulation.total.increment
    if whole is None or not whole.ead:
        return "Where the raise goes: nowhere, no exposure is added"
    band = max(
        (band for band in simulation.bands if band.increment),
        key=lambda band: band.increment.ead if band.increment else 0.0,
    )
    share = (band.increment.ead if band.increment else 0.0) / whole.ead
    return f"{formats.percent(share, 2)} of the new exposure goes to scores {band.label}"


def effective_finding(group: Group) -> str:
    """Return what caps, incomes and rounding leave of the headline raise."""
    if not group.headline_raise:
        return "No raise"
    return (
        f"{formats.compact(group.effective_raise)} of the {formats.compact(group.headline_raise)} "
        f"headline raise is made ({formats.percent(group.effective_raise / group.headline_raise)})"
    )


def pattern_finding(found: Pattern) -> str:
    """Return whether limits already follow risk: low where default rates are high."""
    if len(found.scores) < 2:
        return "All accounts have nearly the same score"
    if np.ptp(found.mean_limit) == 0:
        return "Limits do not follow risk: every score has the same mean limit"
    if np.ptp(found.default_rate) == 0:
        return "Every score has the same default rate"
    rank = float(spearmanr(found.default_rate, found.mean_limit).statistic)
    if rank < -0.7:
        return "Limits already follow risk: the riskier the score, the lower the line"
    if rank > 0.7:
        return "Limits run against risk: the riskier the score, the higher the line"
    return "Limits follow risk only in part"


def concentration_finding(found: Concentration) -> str:
    """Return what share of all limit the largest tenth of the lines holds."""
    share = formats.percent(found.limit_of_top(0.10), 2)
    return f"The largest tenth of the lines holds {share} of the limit"


def best_policy(
    surface: Surface, measure: str, appetite: Appetite | None = None
) -> tuple[int, float] | None:
    """Return threshold and raise of the best policy by a measure that the lender wants high.

    Within the appetite, where there is one; of equally good policies the one that
    :func:`~analytics.results.optimum.best_single` takes. None for other measures, and where no
    policy gains anything.
    """
    if BY_NAME[measure].direction is not Direction.GOOD:
        return None
    values = np.nan_to_num(surface.increment(measure), nan=-np.inf)
    kept = within(appetite or Appetite(), surface)
    if not kept.any():
        return None
    row, column = best_place(values, kept)
    if not values[row, column] > 0:
        return None
    return int(surface.scores[row]), int(surface.raises[column]) / BASIS_POINTS


def policies_finding(
    surface: Surface,
    measure: str,
    best: tuple[int, float] | None,
    appetite: Appetite | None = None,
) -> str:
    """Return which of all policies is best by a measure, or how the measure runs."""
    title = BY_NAME[measure].title
    if not surface.increments.raised.any():
        return "No policy raises anybody"
    if BY_NAME[measure].direction is not Direction.GOOD:
        return f"{title}, every policy"
    within = " within the appetite" if appetite else ""
    if best is None:
        return f"No policy adds to {title.lower()}{within}"
    row, column = surface.index(*best)
    gain = float(surface.increment(measure)[row, column])
    return f"Most {title.lower()}{within}: {best[0]}, {best[1] * 100:g} % (+{_gain(measure, gain)})"


def _gain(measure: str, value: float) -> str:
    unit = BY_NAME[measure].unit
    if unit is MeasureUnit.RATE:
        return formats.percentage_points(value).removeprefix("+")
    return formats.count(value) if unit is MeasureUnit.ACCOUNTS else formats.compact(value)
