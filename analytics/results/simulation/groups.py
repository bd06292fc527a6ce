"""Results by group of accounts: the whole portfolio, a segment's values, and score bands."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Flags, Floats, Numbers
from analytics.declared.choices import Reason
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import measures
from analytics.method.guardrails import REASONS, NotApplied
from analytics.method.limits import BINDINGS
from analytics.method.measures import Measures
from analytics.method.months import STATES, Schedule
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation.readings import Baseline, Eligibility, Raise
from analytics.results.simulation.timeline import Timeline, make_timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Results for a group of accounts: the whole portfolio, a segment's value or a score band.

    ``baseline``, ``proposed`` and ``increment`` are None for a group without accounts, and so is
    ``timeline`` (the flows by month), as well as under a temporary raise.
    Money in currency units; ``effective_raise_minor`` in minor units, whole. ``at_stake`` is what a
    rival that raises alone takes a year of what raised customers leave, and ``in_reach`` how many
    of those are expected to have its line at hand. ``above_old_limit`` are customers expected to
    owe more than the old limit when a temporary raise ends; None of a permanent one.
    """

    label: str
    baseline: Measures | None
    proposed: Measures | None
    increment: Measures | None
    raised: int
    expected_takers: float
    headline_raise: float
    effective_raise_minor: int
    expected_loss_parts: Mapping[str, float] = field(hash=False)
    reasons: Mapping[str, tuple[int, float]] = field(hash=False)
    binding: Mapping[str, int] = field(hash=False)
    at_stake: float
    in_reach: float
    above_old_limit: float | None
    timeline: Timeline | None = field(hash=False, compare=False)

    @property
    def effective_raise(self) -> float:
        """New limits less today's, over raised accounts."""
        return self.effective_raise_minor / MINOR_UNITS

    @property
    def at_threshold(self) -> int:
        """Accounts with at least the threshold's score."""
        return sum(
            count
            for reason, (count, _) in self.reasons.items()
            if reason != Reason.SCORE_BELOW_THRESHOLD
        )

    @property
    def relieved(self) -> float:
        """Raised customers who were tight and are no longer."""
        return self.increment.relieved if self.increment else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A policy against the baseline: the whole portfolio, and groups of it."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    total: Group
    groups: tuple[Group, ...]
    bands: tuple[Group, ...]
    not_applied: tuple[NotApplied, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which rows (groups) and scores are a group's, and which scores the threshold lets through."""

    rows: slice
    members: Flags
    above: Flags

    def whole(self, values: Numbers) -> Any:
        """Return the sum over the group; shape (groups, scores) and what further axes there are."""
        return self._sum(values, self.members)

    def reached(self, values: Numbers) -> Any:
        """Return the sum over the group's scores at the threshold and above."""
        return self._sum(values, self.members & self.above)

    def below(self, values: Numbers) -> Any:
        """Return the sum over the group's scores below the threshold."""
        return self._sum(values, self.members & ~self.above)

    def by_score(self, values: Numbers) -> Any:
        """Return the sums at each score, 0 below the threshold and where the group is not."""
        return values[self.rows].sum(axis=0) * (self.members & self.above)

    def _sum(self, values: Numbers, mask: Flags) -> Any:
        return values[self.rows][:, mask].sum(axis=(0, 1))


def make_group(
    label: str,
    cut: Cut,
    *,
    assumptions: Assumptions,
    baseline: Baseline,
    eligibility: Eligibility,
    raising: Raise,
    headline: Floats,
    stake: Floats,
    reached: Floats,
    schedule: Schedule | None,
) -> Group:
    """Return the results of a group; ``headline`` as :meth:`Sweep.headline` gives it.

    ``stake`` is at stake against a rival (minor units) and ``reached`` counts who is in its reach,
    shape (groups, scores). ``schedule`` is over what value is counted by month, None for a
    temporary raise.
    """
    above = raising.above_old_limit
    before = baseline.sums.each(cut.whole)
    more = raising.sums.each(cut.reached)
    if schedule is None:
        more = dataclasses.replace(more, **measures.unknown_of_temporary(more.limit))
    sides: tuple[Measures | None, ...] = (None, None, None)
    timeline = None
    if before.accounts and schedule is not None:
        by_score = {name: cut.by_score(getattr(raising.sums, name)) for name in STATES}
        cost, raised = float(more.action_cost), float(more.raised)
        timeline = make_timeline(schedule, by_score, action_cost=cost, raised=raised)
    if before.accounts:
        today = measures.side(before, assumptions, incomes=baseline.incomes)
        after = measures.side(before + more, assumptions, incomes=baseline.incomes)
        paid = timeline.payback_months if timeline else None
        sides = (today, after, measures.increment(today, after, more, assumptions, payback=paid))
    return Group(
        label=label,
        baseline=sides[0],
        proposed=sides[1],
        increment=sides[2],
        raised=int(more.raised),
        expected_takers=float(cut.reached(raising.expected_takers)),
        headline_raise=float(cut.reached(headline)) / BASIS_POINTS / MINOR_UNITS,
        effective_raise_minor=int(cut.reached(raising.offered_limit)),
        expected_loss_parts={
            part: float(cut.reached(values)) / MINOR_UNITS for part, values in raising.parts.items()
        },
        reasons=_reasons(cut, eligibility, raising),
        binding=dict(zip(BINDINGS, (int(n) for n in cut.reached(raising.binding)), strict=True)),
        at_stake=float(cut.reached(stake)) / MINOR_UNITS,
        in_reach=float(cut.reached(reached)),
        above_old_limit=None if above is None else float(cut.reached(above)),
        timeline=timeline,
    )


def _reasons(cut: Cut, eligibility: Eligibility, raising: Raise) -> dict[str, tuple[int, float]]:
    """Return accounts and limit by reason; those that pass and are not raised have too little."""
    counts, limits = cut.reached(eligibility.accounts), cut.reached(eligibility.limit)
    found, found_limits = cut.reached(raising.accounts), cut.reached(raising.limit)
    small, made = Reason.RAISE_TOO_SMALL.code, Reason.RAISED.code
    found[small] = counts[made] - found.sum()
    found_limits[small] = limits[made] - found_limits.sum()
    counts[made] = limits[made] = 0
    counts, limits = counts + found, limits + found_limits
    below = Reason.SCORE_BELOW_THRESHOLD.code
    counts[below] = cut.below(eligibility.accounts).sum()
    limits[below] = cut.below(eligibility.limit).sum()
    return {
        name: (int(count), int(limit) / MINOR_UNITS)
        for name, count, limit in zip(REASONS, counts, limits, strict=True)
    }
