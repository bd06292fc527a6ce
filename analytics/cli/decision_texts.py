"""What the commands on policies print: for people, and as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from analytics.appetite import Appetite
from analytics.cli.risk_texts import input_record
from analytics.cli.tables import table
from analytics.cli.texts import context, not_applied_lines
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import ENGLISH, say, say_n, spoken
from analytics.declared.measures import MEASURES, Measure, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS, basis_points, percent_number
from analytics.export.record import Json, Record, time_record
from analytics.method.guardrails import not_applied
from analytics.policy import Policy
from analytics.results.optimum import Infeasible, Optimum, Robustness
from analytics.results.surface import Surface
from analytics.results.verdicts import Verdict
from analytics.shown import formats, words
from analytics.shown.verdict import evidence_sentence

Found = Optimum | Infeasible


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimised:
    """The best policies found, and what they were found under.

    Parameters
    ----------
    beyond_evidence : bool
        Raises were tried too that no study behind the response has looked at.
    """

    surface: Surface
    policy: Policy
    appetite: Appetite
    maximise: str
    single: Found
    tiered: Found | None
    robustness: Robustness | None
    beyond_evidence: bool


def surface_record(surface: Surface, path: Path, rows: int, policy: Policy) -> Record:
    """Return what was written of a surface, for JSON."""
    return {
        **input_record(surface.portfolio, policy, surface.assumptions),
        "place": str(path),
        "rows": rows,
        "thresholds": [int(surface.scores[0]), int(surface.scores[-1])],
        "raise_rates": [int(surface.raises[i]) / BASIS_POINTS for i in (0, -1)],
    }


def surface_text(surface: Surface, path: Path, rows: int, policy: Policy) -> str:
    """Return what was written of a surface, as text."""
    scores, raises = surface.scores, surface.raises
    return "\n".join(
        [
            context(surface.portfolio, policy, surface.assumptions),
            *_tiers_ignored(policy),
            say_n(
                "Written to {place}: {count:,} policy.",
                "Written to {place}: {count:,} policies.",
                rows,
                place=path,
            ),
            say(
                "Thresholds {lowest} to {highest}, raises {least} to {most} %.",
                lowest=scores[0],
                highest=scores[-1],
                least=percent_number(raises[0] / BASIS_POINTS),
                most=percent_number(raises[-1] / BASIS_POINTS),
            ),
            *_missing(surface, policy),
        ]
    )


@spoken(ENGLISH)
def optimum_record(found: Optimised) -> Record:
    """Return the best policies, verdicts, costs and robustness, for JSON."""
    surface = found.surface
    record: Record = {
        **input_record(surface.portfolio, found.policy, surface.assumptions),
        "maximise": found.maximise,
        "constraints": [str(constraint) for constraint in found.appetite.constraints],
        "constraints_not_applied": [
            str(c) for c in found.appetite.not_applied(incomes=surface.incomes)
        ],
        "single": _found_record(found.single),
        "tiered": _found_record(found.tiered) if found.tiered else None,
        "gain_of_tiers": _gain(found),
    }
    if found.robustness:
        record["robustness"] = [
            {
                "preset": contender.preset,
                "label": words.contender_words(contender),
                "found": _found_record(contender.found),
                "under": [
                    {
                        "preset": entry.preset,
                        "value": _finite(entry.value),
                        "within_constraints": entry.within_appetite,
                        "wins": entry.wins,
                    }
                    for entry in contender.elsewhere
                ],
            }
            for contender in found.robustness.contenders
        ]
    return record


def optimum_text(found: Optimised) -> str:
    """Return the best policies, verdicts, costs and robustness as text."""
    surface = found.surface
    paragraphs = [context(surface.portfolio, found.policy, surface.assumptions)]
    paragraphs += _tiers_ignored(found.policy)
    if not surface.increments.raised.any():
        paragraphs.append(say("No policy raises anybody: nobody passes the rules."))
    paragraphs.append(
        _found_text(
            say("One threshold, one raise: {plan}", plan=words.optimum_sentence(found.single)),
            found.single,
            beyond=found.beyond_evidence,
        )
    )
    if found.tiered:
        paragraphs.append(
            _found_text(
                say("By tiers: {plan}", plan=words.optimum_sentence(found.tiered)),
                found.tiered,
                beyond=found.beyond_evidence,
            )
        )
    gain = _gain(found)
    if gain is not None:
        text = formats.gain(found.maximise, gain)
        paragraphs.append(say("The tiers gain {gain} over one raise.", gain=text))
    if found.robustness:
        paragraphs.append(_robustness_text(found.robustness))
    note = say(
        "Money in {currency}; npv over {months} months, all else a year.",
        currency=surface.portfolio.currency,
        months=surface.assumptions.horizon_months,
    )
    return "\n\n".join([*paragraphs, "\n".join([note, *_missing(surface, found.policy)])])


def _robustness_text(found: Robustness) -> str:
    rows = [
        [
            contender.preset,
            words.contender_words(contender),
            _plan_text(contender.found),
        ]
        for contender in found.contenders
    ]
    return table([[say("Response"), "", say("Best policy")], *rows], left=(0, 1, 2))


def _plan_text(found: Found) -> str:
    """Return a plan in one sentence, and whether it lies beyond the evidence."""
    plan = words.optimum_sentence(found)
    if isinstance(found, Infeasible) or not _is_beyond(found):
        return plan
    return say("{plan} Beyond the evidence.", plan=plan)


def _tiers_ignored(policy: Policy) -> list[str]:
    if not policy.tiers:
        return []
    return [say("The tiers of the policy given are ignored: thresholds and raises are all tried.")]


def _found_text(first: str, found: Found, *, beyond: bool) -> str:
    """Return an optimum below its first line: what it costs, how sure it is, verdicts, bounds.

    ``beyond`` says that raises beyond the evidence were tried too.
    """
    untried = [] if beyond else [f"  {_untried()}"]
    if isinstance(found, Infeasible):
        return "\n".join([first, *untried])
    lines = [first]
    if found.point.increment.raised:
        lines.append(f"  {words.harm_words(found.point)}")
    lines += untried if _is_at_edge(found) else []
    if found.gap:
        gap = formats.percent(found.gap)
        lines.append("  " + say("proven within {gap} of the best", gap=gap))
    lines += [f"  {evidence_sentence(_of_highest_raise(found))}"] if _is_beyond(found) else []
    lines += [f"  {words.verdict_sentence(verdict)}" for verdict in found.verdicts]
    for cost in found.costs:
        if cost.gain > 0:
            gain = formats.gain(found.maximise, cost.gain)
            lines.append(
                "  " + say("without {constraint}: +{gain}", constraint=cost.constraint, gain=gain)
            )
    return "\n".join(lines)


def _untried() -> str:
    """Return that raises beyond the evidence were left out, and how to have them looked at."""
    return say(
        "Raises above {most}, where the evidence ends, were not tried: --beyond-evidence looks at "
        "them too.",
        most=formats.stated(EVIDENCE_RAISE),
    )


def _is_at_edge(best: Optimum) -> bool:
    """Whether the evidence alone may be what keeps a plan from a larger raise."""
    return basis_points(_of_highest_raise(best).raise_rate) == basis_points(EVIDENCE_RAISE)


def _is_beyond(best: Optimum) -> bool:
    """Whether a plan has a raise larger than those that the response was studied on."""
    return _of_highest_raise(best).is_beyond_evidence


def _of_highest_raise(best: Optimum) -> Policy:
    """Return a policy with the highest raise of a plan, to tell whether it is within evidence."""
    rates = [tier.raise_rate for _, tiers in best.plan.tiers for tier in tiers]
    return Policy(raise_rate=max(rates, default=0.0))


def _gain(found: Optimised) -> float | None:
    """Return what the tiers gain over one raise; None where either is not there."""
    single, tiered = found.single, found.tiered
    if isinstance(single, Optimum) and isinstance(tiered, Optimum):
        return _finite(tiered.value - single.value)
    return None


def _found_record(found: Found) -> Json:
    if isinstance(found, Infeasible):
        return {
            "feasible": False,
            "sentence": words.optimum_sentence(found),
            "relaxations": [
                {"constraint": str(r.constraint), "bound": _finite(r.bound)}
                for r in found.relaxations
            ],
        }
    increment, proposed = found.point.increment, found.point.proposed
    return {
        "feasible": True,
        "sentence": words.optimum_sentence(found),
        "value": _finite(found.value),
        "gap": _finite(found.gap),
        "by": found.plan.by,
        "tiers": [
            {
                "group": group or None,
                "tiers": [
                    {"score_from": tier.score_from, "raise_rate": tier.raise_rate} for tier in tiers
                ],
            }
            for group, tiers in found.plan.tiers
        ],
        "beyond_evidence": _is_beyond(found),
        "at_edge_of_evidence": _is_at_edge(found),
        "time": time_record(increment),
        "proposed": {m.name: _figure(m, proposed.get(m.name)) for m in MEASURES},
        "increment": {m.name: _figure(m, increment.get(m.name)) for m in MEASURES},
        "verdicts": [_verdict_record(verdict) for verdict in found.verdicts],
        "costs": [
            {
                "constraint": str(cost.constraint),
                "gain_without": _finite(cost.gain),
                "gain_loosened": _finite(cost.gain_loosened),
            }
            for cost in found.costs
        ],
    }


def _verdict_record(verdict: Verdict) -> Json:
    return {
        "constraint": str(verdict.constraint),
        "state": verdict.state.value,
        "figure": _finite(verdict.figure),
        "excess": _finite(verdict.excess),
        "sentence": words.verdict_sentence(verdict),
    }


def _figure(measure: Measure, value: float | None) -> float | int | None:
    """Return a value of a measure; whole accounts as whole numbers, as a simulation has them."""
    figure = _finite(value)
    if figure is None or measure.unit not in (MeasureUnit.ACCOUNTS, MeasureUnit.MONTHS):
        return figure
    return int(figure) if figure.is_integer() else figure


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _missing(surface: Surface, policy: Policy) -> list[str]:
    return not_applied_lines(not_applied(surface.portfolio, policy), surface.portfolio)
