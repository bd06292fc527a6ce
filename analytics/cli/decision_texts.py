"""What the commands on policies print: for people, and as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from analytics.appetite import Appetite
from analytics.cli.risk_texts import input_record
from analytics.cli.texts import context, table
from analytics.declared.measures import BY_NAME, MEASURES, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS
from analytics.export.record import Json, Record
from analytics.ingest.report import counted
from analytics.method.guardrails import not_applied
from analytics.policy import Policy
from analytics.results.optimum import Infeasible, Optimum, Robustness
from analytics.results.surface import Surface
from analytics.results.verdicts import Verdict
from analytics.shown import formats, words

Found = Optimum | Infeasible


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimised:
    """The best policies found, and what they were found under."""

    surface: Surface
    policy: Policy
    appetite: Appetite
    maximise: str
    single: Found
    tiered: Found | None
    robustness: Robustness | None


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
            f"Written to {path}: {counted(rows, 'policy', 'policies')}.",
            (
                f"Thresholds {scores[0]} to {scores[-1]}, "
                f"raises {raises[0] / 100:g} to {raises[-1] / 100:g} %."
            ),
            *_missing(surface, policy),
        ]
    )


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
                "label": contender.label,
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
        paragraphs.append("No policy raises anybody: nobody passes the rules.")
    paragraphs.append(_found_text("One threshold, one raise", found.single))
    if found.tiered:
        paragraphs.append(_found_text("By tiers", found.tiered))
    gain = _gain(found)
    if gain is not None:
        paragraphs.append(f"The tiers gain {_shown(found.maximise, gain)} over one raise.")
    if found.robustness:
        rows = [
            [contender.preset, contender.label, _sentence(contender.found)]
            for contender in found.robustness.contenders
        ]
        paragraphs.append(table([["Response", "", "Best policy"], *rows], left=(0, 1, 2)))
    missing = _missing(surface, found.policy)
    note = f"Money in {surface.portfolio.currency}, over 12 months."
    return "\n\n".join([*paragraphs, "\n".join([note, *missing])])


def _tiers_ignored(policy: Policy) -> list[str]:
    if not policy.tiers:
        return []
    return ["The tiers of the policy given are ignored: thresholds and raises are all tried."]


def _found_text(title: str, found: Found) -> str:
    lines = [f"{title}: {_sentence(found)}"]
    if isinstance(found, Infeasible):
        return lines[0]
    if found.gap:
        lines.append(f"  proven within {formats.percent(found.gap)} of the best")
    lines += [f"  {words.verdict_sentence(verdict)}" for verdict in found.verdicts]
    lines += [
        f"  without {cost.constraint}: +{_shown(found.maximise, cost.gain)}"
        for cost in found.costs
        if cost.gain > 0
    ]
    return "\n".join(lines)


def _sentence(found: Found) -> str:
    return words.optimum_sentence(found)


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
        "proposed": {m.name: _finite(proposed.get(m.name)) for m in MEASURES},
        "increment": {m.name: _finite(increment.get(m.name)) for m in MEASURES},
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


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _shown(measure: str, value: float) -> str:
    unit = BY_NAME[measure].unit
    if unit is MeasureUnit.RATE:
        return formats.percentage_points(value).removeprefix("+")
    return formats.count(value) if unit is MeasureUnit.ACCOUNTS else formats.compact(value)


def _missing(surface: Surface, policy: Policy) -> list[str]:
    portfolio = surface.portfolio
    return [f"{found.sentence(portfolio.accounts)}." for found in not_applied(portfolio, policy)]
