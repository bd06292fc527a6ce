"""Results by group of accounts: the whole portfolio, a segment's values, and score bands."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import Reason
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import measures
from analytics.method.guardrails import REASONS, NotApplied
from analytics.method.limits import BINDINGS
from analytics.method.measures import Measures, Sums
from analytics.method.months import STATES, Schedule
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation.readings import Baseline, Eligibility, Raise
from analytics.results.simulation.timeline import Timeline, make_timelines


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cuts:
    """Groups of accounts: all, each score band, and each segment's value where there are any.

    Parameters
    ----------
    band : array of int
        The place of each score's band.
    bands : int
        How many bands there are.
    first : int
        The place of the lowest score that the threshold lets through.
    segments : bool
        Whether the rows of arrays are groups as well.
    """

    band: Ints
    bands: int
    first: int
    segments: bool

    def whole(self, values: Numbers) -> Numbers:
        """Return the sums over each group, of values of shape (rows, scores, ...).

        Shape (groups, ...): all, the bands, then the segment's values.
        """
        return self._summed(values, slice(None))

    def reached(self, values: Numbers) -> Numbers:
        """Return the sums over each group's scores at the threshold and above."""
        return self._summed(values, slice(self.first, None))

    def below(self, values: Numbers) -> Numbers:
        """Return the sums over each group's scores below the threshold."""
        return self._summed(values, slice(self.first))

    def by_score(self, values: Numbers) -> Numbers:
        """Return the sums at each score, 0 below the threshold and where a group is not."""
        every = values.sum(axis=0)
        banded = np.where(self.band == np.arange(self.bands)[:, None], every, 0)
        rows = values if self.segments else values[:0]
        found = np.concatenate([every[None], banded, rows])
        found[:, : self.first] = 0
        return found

    def _summed(self, values: Numbers, scores: slice) -> Numbers:
        part = values[:, scores]
        every = part.sum(axis=0)
        banded = np.zeros((self.bands, *every.shape[1:]), dtype=every.dtype)
        np.add.at(banded, self.band[scores], every)
        rows = part.sum(axis=1) if self.segments else part[:0].sum(axis=1)
        return np.concatenate([every.sum(axis=0)[None], banded, rows])


def make_groups(
    labels: Sequence[str],
    cuts: Cuts,
    *,
    assumptions: Assumptions,
    baseline: Baseline,
    eligibility: Eligibility,
    raising: Raise,
    headline: Floats,
    stake: Floats,
    reached: Floats,
    schedule: Schedule | None,
) -> tuple[Group, ...]:
    """Return the results of every group; ``headline`` as :meth:`Sweep.headline` gives it.

    ``stake`` is at stake against a rival (minor units) and ``reached`` counts who is in its reach,
    shape (rows, scores). ``schedule`` is over what value is counted by month, None for a temporary
    raise.
    """
    above = raising.above_old_limit
    more = raising.sums.each(cuts.reached)
    parts = {part: cuts.reached(values) / MINOR_UNITS for part, values in raising.parts.items()}
    reasons, limits = _reasons(cuts, eligibility, raising)
    binding = cuts.reached(raising.binding).tolist()
    values = {
        "raised": more.raised,
        "expected_takers": cuts.reached(raising.expected_takers).astype(np.float64),
        "headline_raise": cuts.reached(headline) / BASIS_POINTS / MINOR_UNITS,
        "effective_raise_minor": cuts.reached(raising.offered_limit),
        "at_stake": cuts.reached(stake) / MINOR_UNITS,
        "in_reach": cuts.reached(reached).astype(np.float64),
    }
    each = {name: found.tolist() for name, found in values.items()}
    at_end = [None] * len(labels) if above is None else cuts.reached(above).astype(float).tolist()
    compared = _compared(cuts, baseline, raising, more, assumptions, schedule)
    return tuple(
        Group(
            label=label,
            **compared[at],
            **{name: found[at] for name, found in each.items()},
            expected_loss_parts={part: float(found[at]) for part, found in parts.items()},
            reasons=dict(zip(REASONS, zip(reasons[at], limits[at], strict=True), strict=True)),
            binding=dict(zip(BINDINGS, binding[at], strict=True)),
            above_old_limit=at_end[at],
        )
        for at, label in enumerate(labels)
    )


def _compared(
    cuts: Cuts,
    baseline: Baseline,
    raising: Raise,
    more: Sums,
    assumptions: Assumptions,
    schedule: Schedule | None,
) -> list[dict[str, Any]]:
    """Return baseline, proposed, increment and timeline of each group; None without accounts."""
    before = baseline.sums.each(cuts.whole)
    lines: Sequence[Timeline | None] = [None] * len(before.accounts)
    if schedule is None:
        more = dataclasses.replace(more, **measures.unknown_of_temporary(more.limit))
    else:
        by_score = {name: cuts.by_score(getattr(raising.sums, name)) for name in STATES}
        cost, raised = more.action_cost.astype(np.float64), more.raised
        lines = make_timelines(schedule, by_score, action_cost=cost, raised=raised)
    today = measures.sides(before, assumptions, incomes=baseline.incomes)
    after = measures.sides(before + more, assumptions, incomes=baseline.incomes)
    paid = [line.payback_months if line else None for line in lines]
    added = measures.differences(today, after, more, assumptions, paybacks=paid)
    names = ("baseline", "proposed", "increment", "timeline")
    return [
        dict(zip(names, found, strict=True)) if accounts else dict.fromkeys(names)
        for accounts, *found in zip(
            before.accounts.tolist(), today, after, added, lines, strict=True
        )
    ]


def _reasons(
    cuts: Cuts, eligibility: Eligibility, raising: Raise
) -> tuple[list[list[int]], list[list[float]]]:
    """Return accounts and limit of each group by reason.

    Those that pass and are not raised have too little.
    """
    counts, limits = cuts.reached(eligibility.accounts), cuts.reached(eligibility.limit)
    found, found_limits = cuts.reached(raising.accounts), cuts.reached(raising.limit)
    small, made = Reason.RAISE_TOO_SMALL.code, Reason.RAISED.code
    found[:, small] = counts[:, made] - found.sum(axis=1)
    found_limits[:, small] = limits[:, made] - found_limits.sum(axis=1)
    counts[:, made] = limits[:, made] = 0
    counts, limits = counts + found, limits + found_limits
    below = Reason.SCORE_BELOW_THRESHOLD.code
    counts[:, below] = cuts.below(eligibility.accounts).sum(axis=1)
    limits[:, below] = cuts.below(eligibility.limit).sum(axis=1)
    return counts.tolist(), (limits / MINOR_UNITS).tolist()
