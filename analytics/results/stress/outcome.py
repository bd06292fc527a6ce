"""A portfolio under scenarios: as it stands and as proposed, and what is the policy's doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.declared.choices import CapitalApproach
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method import formulas
from analytics.results.stress.scenarios import BASE, SHIPPED, Scenario
from analytics.results.whatif.evaluate import Evaluator
from analytics.results.whatif.figures import ADDITIVE, Figures, Shift
from analytics.results.whatif.pools import StressPools

ACCURACY = 0.005
"""How closely stressed sums agree with those of the accounts one by one (relative)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StressSide:
    """A portfolio under a scenario; money in currency units, ``loss_rate`` None without exposure.

    Of an increment, ``loss_rate`` is the difference of the two sides' rates.
    """

    projected_defaults: float
    expected_loss: float
    ead: float
    loss_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioOutcome:
    """What one scenario does, and how much of its loss is the policy's doing.

    ``policy_share`` is the increment as a share of the proposal's stressed loss;
    ``policy_share_of_rise`` the part of the rise of the proposal's loss over the base scenario
    that would not have come without the policy. None where there is nothing to share.
    """

    scenario: Scenario
    baseline: StressSide
    proposed: StressSide
    increment: StressSide
    policy_share: float | None
    policy_share_of_rise: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StressResult:
    """Outcomes by scenario, in the order asked for."""

    score_threshold: int
    outcomes: tuple[ScenarioOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalSide:
    """Risk-weighted assets and capital of one approach, currency units."""

    approach: CapitalApproach
    baseline_rwa: float
    proposed_rwa: float
    baseline_capital: float
    proposed_capital: float

    @property
    def increment(self) -> float:
        """Capital that the policy needs on top."""
        return self.proposed_capital - self.baseline_capital


def stress(
    pools: StressPools,
    score_threshold: int,
    assumptions: Assumptions,
    scenarios: Sequence[Scenario] = SHIPPED,
) -> StressResult:
    """Return what scenarios do to a portfolio with the policy's raise from a score on.

    No statement is run. Stressed sums agree with an evaluation account by account to
    ``ACCURACY`` (a default probability under stress is taken at the mean of a pool).

    Raises
    ------
    ParameterError
        The threshold is off the scale, or two scenarios share a name.
    """
    _check_names(scenarios)
    evaluator = Evaluator(pools, score_threshold, assumptions.band_edges)
    base = evaluator.figures(assumptions, BASE.shift())
    outcomes = tuple(
        _outcome(scenario, evaluator.figures(assumptions, scenario.shift()), base)
        for scenario in scenarios
    )
    return StressResult(score_threshold=score_threshold, outcomes=outcomes)


def capital_by_approach(
    pools: StressPools, score_threshold: int, assumptions: Assumptions
) -> tuple[CapitalSide, ...]:
    """Return risk-weighted assets and capital under each approach, floors included.

    The standardised approach is exact. The IRB formula is taken at the mean default probability of
    a pool and agrees with the accounts one by one to 0.3 %.
    """
    evaluator = Evaluator(pools, score_threshold, assumptions.band_edges)
    sides = []
    for approach in CapitalApproach:
        found = evaluator.figures(assumptions.with_changes(capital_approach=approach))
        before = found.baseline["rwa"]
        after = before + found.increment["rwa"]
        sides.append(
            CapitalSide(
                approach=approach,
                baseline_rwa=before,
                proposed_rwa=after,
                baseline_capital=formulas.capital(before, assumptions.capital_ratio),
                proposed_capital=formulas.capital(after, assumptions.capital_ratio),
            )
        )
    return tuple(sides)


def _outcome(scenario: Scenario, found: Figures, base: Figures) -> ScenarioOutcome:
    proposed = {name: found.baseline[name] + found.increment[name] for name in ADDITIVE}
    loss, before = proposed["expected_loss"], base.baseline["expected_loss"]
    rise = loss - before - base.increment["expected_loss"]
    of_policy = found.increment["expected_loss"] - base.increment["expected_loss"]
    rates = found.of_baseline("loss_rate"), found.of_proposed("loss_rate")
    difference = None if None in rates else (rates[1] or 0.0) - (rates[0] or 0.0)
    return ScenarioOutcome(
        scenario=scenario,
        baseline=_side(found.baseline, rates[0]),
        proposed=_side(proposed, rates[1]),
        increment=_side(found.increment, difference),
        policy_share=found.increment["expected_loss"] / loss if loss else None,
        policy_share_of_rise=of_policy / rise if abs(rise) > 1e-9 * abs(loss) else None,
    )


def _side(sums: dict[str, float], rate: float | None) -> StressSide:
    return StressSide(
        projected_defaults=sums["projected_defaults"],
        expected_loss=sums["expected_loss"],
        ead=sums["ead"],
        loss_rate=rate,
    )


def _check_names(scenarios: Sequence[Scenario]) -> None:
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(
            say("Two scenarios are called {name}: rename one.", name=name) for name in twice
        )


__all__ = [
    "ACCURACY",
    "CapitalSide",
    "ScenarioOutcome",
    "Shift",
    "StressResult",
    "StressSide",
    "capital_by_approach",
    "stress",
]
