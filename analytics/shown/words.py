"""Results in words: constraints and verdicts, plans and optima, break-evens."""

from __future__ import annotations

from analytics.appetite import Constraint, Kind
from analytics.declared.measures import BY_NAME
from analytics.results.optimum import Infeasible, Optimum, Plan, Relaxation
from analytics.results.sensitivity import BreakEven
from analytics.results.verdicts import State, Verdict
from analytics.shown import formats


def constraint_words(constraint: Constraint) -> str:
    """Return a constraint in words: Exposure (EAD), increment: at most 5 % of baseline."""
    title = BY_NAME[constraint.measure].title
    most = "at most" if constraint.is_upper else "at least"
    what = {Kind.LEVEL: title, Kind.INCREMENT: f"{title}, increment"}.get(
        constraint.kind, f"{title}, increment as a share of baseline"
    )
    return f"{what}: {most} {constraint_figure(constraint, constraint.bound)}"


def constraint_figure(constraint: Constraint, value: float) -> str:
    """Return a figure that a constraint bounds as a person reads it."""
    if constraint.is_rate:
        return formats.percent(value)
    return formats.measure(constraint.measure, value)


def verdict_sentence(verdict: Verdict) -> str:
    """Return how a policy stands to a constraint, in words."""
    constraint, words = verdict.constraint, constraint_words(verdict.constraint)
    if verdict.state is State.UNKNOWN:
        return f"{words}: not applied, the portfolio has no monthly_income"
    if verdict.figure is None:
        return f"{words}: met, there is nothing to measure"
    shown = constraint_figure(constraint, verdict.figure)
    if verdict.state is State.MET:
        return f"{words}: met, {shown}"
    return f"{words}: broken by {constraint_figure(constraint, verdict.excess)}, {shown}"


def plan_words(plan: Plan) -> str:
    """Return a plan in words: 5 % from 650, 20 % from 800."""
    said = []
    for group, tiers in plan.tiers:
        steps = ", ".join(f"{t.raise_rate * 100:g} % from {t.score_from}" for t in tiers)
        said.append(f"{group}: {steps or 'none'}" if plan.by else steps or "nobody is raised")
    return "; ".join(said)


def optimum_sentence(found: Optimum | Infeasible) -> str:
    """Return the best plan in one sentence, or why there is none and the least that helps."""
    if isinstance(found, Infeasible):
        if not found.helpful:
            return "No policy keeps to all constraints, and loosening one alone does not help."
        ways = "; or ".join(_relaxation_words(relaxation) for relaxation in found.helpful)
        return f"No policy keeps to all constraints. {ways}."
    title = BY_NAME[found.maximise].title.lower()
    if not found.point.increment.raised:
        return f"Nothing beats raising nobody for the {title} within these constraints."
    value = formats.measure(found.maximise, found.value)
    return f"Best {title}: {value}, with {plan_words(found.plan)}."


def _relaxation_words(relaxation: Relaxation) -> str:
    """Return what would help, in words that can be typed in."""
    return f"{constraint_words(relaxation.constraint)}: {relaxation.eased} would do"


def break_even_sentence(found: BreakEven) -> str:
    """Return a break-even in words."""
    title = found.driver.title
    if found.value is None:
        return f"{title}: {break_even_reason(found)}"
    turns = "stops" if found.pays else "starts"
    return (
        f"{title}: the policy {turns} paying at {found.driver.show(found.value)} "
        f"(now {found.driver.show(found.current)})"
    )


def break_even_reason(found: BreakEven) -> str:
    """Return why there is no break-even; nothing where there is one."""
    if found.value is not None:
        return ""
    if found.now == 0.0:
        return "nothing is gained or lost: nobody is raised"
    words = "pays" if found.pays else "does not pay"
    return (
        f"the policy {words} at every value from {found.driver.show(found.low)} to "
        f"{found.driver.show(found.high)} ({formats.compact(found.now)} a year now)"
    )
