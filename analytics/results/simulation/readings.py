"""What the statements bring: how accounts stand, who passes, what the raise does; all by score.

Each reading is a step (:mod:`analytics.results.steps`) that says what it depends on: how accounts
stand today on the assumptions, who passes on the rules, what the raise does on the rest. None
depends on the threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import LossPart, Reason, RivalLine
from analytics.declared.columns import MAX_TOTAL, MINOR_UNITS
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.method import measures, response
from analytics.method.bands import take_up
from analytics.method.guardrails import REASONS
from analytics.method.limits import BINDINGS
from analytics.method.measures import Sums
from analytics.method.months import Schedule
from analytics.method.rival import LINES
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.moved import hold_equal, hold_whole, hold_within, moved
from analytics.results.simulation.statements import (
    baseline_statement,
    eligibility_statement,
    further_bindings,
    headline_statement,
    raise_statement,
    witness_statement,
)
from analytics.results.steps import Memo, Step, StepKind, afresh

PARTS = tuple(LossPart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How the accounts stand today, by group and score.

    ``sums`` has arrays of shape (groups, scores), scores ascending over the whole scale.
    """

    groups: tuple[str, ...]
    scores: Ints
    sums: Sums
    incomes: bool

    def schedule(self, assumptions: Assumptions) -> Schedule:
        """Return over which coefficients value is counted: one survival for all of one score."""
        accounts = self.sums.accounts.sum(axis=0)
        defaults = self.sums.projected_defaults.sum(axis=0)
        return Schedule.of(self.scores, accounts, defaults, assumptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Which accounts pass the guardrails, by group, score and reason.

    ``accounts`` and ``limit`` (minor units) have shape (groups, scores, reasons); the last reason
    stands for accounts that pass.
    """

    accounts: Ints
    limit: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What the raise does to the accounts that pass, by group and score.

    ``sums`` are increments. ``parts`` of the increment of expected loss and ``expected_takers``
    have shape (groups, scores); ``accounts`` and ``limit`` (today's, minor units) by reason have
    shape (groups, scores, reasons), of those that pass the rules; ``binding`` has shape (groups,
    scores, bindings). ``earned`` (minor units) is what raised customers leave as things stand and
    ``lines`` how many they are, of those who may be in a rival's reach: shape (groups, scores,
    lines). ``above_old_limit`` counts who is expected to owe more than the old limit when a
    temporary raise ends, shape (groups, scores); None of a permanent one. ``cut_headline`` is the
    headline raise of a policy with a largest raise (10,000 x minor units) and None for any other:
    :meth:`~analytics.results.simulation.Sweep.headline` is there for both.
    """

    sums: Sums
    cut_headline: Ints | None
    parts: Mapping[LossPart, Numbers] = field(hash=False)
    expected_takers: Floats
    offered_limit: Ints
    accounts: Ints
    limit: Ints
    binding: Ints
    earned: Floats
    lines: Ints
    above_old_limit: Numbers | None


def load_baseline(
    portfolio: Portfolio,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    memo: Memo = afresh,
) -> Baseline:
    """Return how the accounts stand today; no policy matters.

    Raises
    ------
    PortfolioError
        The limits or balances sum to more than exact arithmetic holds, or the accounts are no
        longer those that the portfolio was opened with.
    """
    step = Step.of(StepKind.BASELINE, portfolio, assumptions, by)
    return memo(step, lambda: _read_baseline(portfolio, assumptions, by))


def load_eligibility(
    portfolio: Portfolio,
    policy: Policy,
    baseline: Baseline,
    *,
    by: str | None = None,
    memo: Memo = afresh,
) -> Eligibility:
    """Return which accounts pass the guardrails; of the policy only its rules matter.

    Raises
    ------
    PortfolioError
        The accounts are no longer those of the baseline.
    """
    rules = policy.for_eligibility()
    step = Step.of(StepKind.ELIGIBILITY, portfolio, rules, by)
    return memo(step, lambda: _read_eligibility(portfolio, rules, baseline, by))


def load_raise(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    baseline: Baseline,
    *,
    by: str | None = None,
    memo: Memo = afresh,
) -> Raise:
    """Return what the raise does to the accounts that pass.

    Threshold and name do not matter, nor does what is assumed of a rival.

    In opt-in mode every increment is scaled by the band's take-up; who is offered what is not.

    Raises
    ------
    PortfolioError
        The accounts are no longer those of the baseline.
    """
    sweeping = policy.for_sweep()
    step = Step.of(StepKind.RAISE, portfolio, sweeping, assumptions, by)
    return memo(step, lambda: _read_raise(portfolio, sweeping, assumptions, baseline, by))


def hold_together(baseline: Baseline, eligibility: Eligibility, raising: Raise) -> None:
    """Refuse readings that are not of the same accounts, in any group or at any score.

    Raises
    ------
    PortfolioError
        Accounts by reason do not sum to the baseline's, or more are raised than pass.
    """
    hold_equal(
        baseline.sums.accounts, eligibility.accounts.sum(axis=-1), say("the accounts by reason")
    )
    hold_equal(
        baseline.sums.limit, eligibility.limit.sum(axis=-1), say("their limits in minor units")
    )
    passing = eligibility.accounts[..., Reason.RAISED.code]
    hold_within(raising.accounts.sum(axis=-1), passing, say("the accounts that can be raised"))


def _read_baseline(portfolio: Portfolio, assumptions: Assumptions, by: str | None) -> Baseline:
    """Run the baseline statement and spread its rows over groups and the whole score scale."""
    if max(portfolio.total_limit, portfolio.total_balance) > MAX_TOTAL:
        raise PortfolioError(
            say(
                "The limits or balances of the portfolio sum to more than {most:,}, "
                "which cannot be computed exactly: bring fewer accounts, or money in "
                "thousands.",
                most=MAX_TOTAL // MINOR_UNITS,
            )
        )
    rows = portfolio.door.sums(baseline_statement(portfolio, assumptions, by))
    scale = portfolio.scale
    scores = np.arange(scale.lowest, scale.highest + 1, dtype=np.int64)
    groups = ("",) if by is None else tuple(sorted(set(rows[response.GROUP].tolist()))) or ("",)
    spread = _Spread(groups, scores, rows)
    incomes = portfolio.has("monthly_income")
    given = {name: spread(name) for name in rows if name in measures.SUM_NAMES}
    sums = measures.standing(given, scores, assumptions)
    hold_whole(portfolio, sums.accounts, say("the scores"))
    amounts = int(sums.limit.sum()), int(sums.balance.sum())
    if amounts != (portfolio.total_limit, portfolio.total_balance):
        raise moved(
            say("limits or balances sum to other amounts than when the portfolio was opened")
        )
    return Baseline(groups=groups, scores=scores, sums=sums, incomes=incomes)


def _read_eligibility(
    portfolio: Portfolio, policy: Policy, baseline: Baseline, by: str | None
) -> Eligibility:
    """Run the eligibility statement and spread its rows over groups, scores and reasons."""
    rows = portfolio.door.sums(eligibility_statement(portfolio, policy, by))
    spread = _Spread(baseline.groups, baseline.scores, rows, rows["reason"], len(REASONS))
    return Eligibility(accounts=spread("accounts"), limit=spread("limit"))


def _read_raise(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    baseline: Baseline,
    by: str | None,
) -> Raise:
    """Run the raise statement and spread its rows over groups and scores."""
    rows = portfolio.door.sums(raise_statement(portfolio, policy, assumptions, by))
    _hold_there(portfolio, rows)
    by_outcome = _Spread(baseline.groups, baseline.scores, rows, rows["outcome"], len(REASONS))

    def spread(name: str) -> Numbers:
        return by_outcome(name)[..., Reason.RAISED.code]

    taking, temporary = take_up(baseline.scores, assumptions), policy.temporary_days is not None
    raised = spread("accounts")
    offered = {n: spread(n) for n in rows if n in measures.SUM_NAMES} | {"raised": raised}
    del offered["accounts"]
    parts = {part: spread(part) for part in PARTS}
    offered["expected_loss"] = sum(parts.values(), np.zeros_like(parts[PARTS[0]]))
    none = np.zeros_like(raised)
    further = {name: spread(f"by_{name}") for name in further_bindings(portfolio, policy)}
    own = raised - sum(further.values(), none)
    earned, lines = _by_line(spread, rows, raised)
    return Raise(
        sums=measures.increments(
            offered,
            baseline.scores,
            assumptions,
            baseline.schedule(assumptions).worths(),
            days=policy.temporary_days,
        ),
        cut_headline=_load_cut_headline(portfolio, policy, assumptions, baseline, by),
        parts=measures.parts_in_time(
            {part: values * taking for part, values in parts.items()},
            offered["day_after_loss"] * taking,
            assumptions,
            days=policy.temporary_days,
        ),
        expected_takers=raised * taking,
        offered_limit=offered["limit"],
        accounts=by_outcome("accounts"),
        limit=by_outcome("limit_today"),
        binding=np.stack([own, *(further.get(n, none) for n in BINDINGS[1:])], axis=-1),
        earned=earned,
        lines=lines,
        above_old_limit=spread("above_old_limit") * taking if temporary else None,
    )


def _by_line(
    spread: Callable[[str], Numbers], rows: Mapping[str, Numbers], raised: Ints
) -> tuple[Floats, Ints]:
    """Return what raised customers earn, and their number, by what is known of their lines.

    Nothing is known of anybody's where the portfolio has no limits elsewhere.
    """
    found = {name: spread(name) for name in rows if name.startswith(("earned_", "count_"))}
    if f"count_{RivalLine.AT_HAND}" not in found:
        found[f"count_{RivalLine.UNKNOWN}"] = raised
    none = np.zeros_like(raised)
    earned, lines = (
        np.stack([found.get(f"{what}_{line}", none) for line in LINES], axis=-1)
        for what in ("earned", "count")
    )
    return earned.astype(np.float64), lines


def _hold_there(portfolio: Portfolio, rows: Mapping[str, Numbers]) -> None:
    """Refuse a reading of some accounts beside which there were others than at the opening.

    Who is not raised may come, go or change between two statements, and the raised alone do not
    show it. Where nobody is raised, the accounts are counted by a statement of their own.
    """
    if not len(rows["accounts_there"]):
        rows = portfolio.door.sums(witness_statement(portfolio))
    expected = (portfolio.accounts, portfolio.total_limit, portfolio.total_balance)
    names = ("accounts_there", "limit_there", "balance_there")
    found = tuple(int(rows[name][0]) for name in names)
    if found != expected:
        raise moved(
            say(
                "there were {accounts:,} when the portfolio was opened, and {found:,} stood there "
                "with the raised ones, or their limits and balances are others",
                accounts=portfolio.accounts,
                found=found[0],
            )
        )


def _load_cut_headline(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    baseline: Baseline,
    by: str | None,
) -> Ints | None:
    if policy.max_increment is None:
        return None
    rows = portfolio.door.sums(headline_statement(portfolio, policy, assumptions, by))
    return _Spread(baseline.groups, baseline.scores, rows)("headline")


def places(groups: tuple[str, ...], scores: Ints, rows: Mapping[str, Numbers]) -> tuple[Ints, Ints]:
    """Return the position of each row's group and of its score.

    Raises
    ------
    PortfolioError
        A row has a group or a score that is not there.
    """
    at_score: Ints = rows["score"].astype(np.int64) - scores[0]
    if ((at_score < 0) | (at_score >= len(scores))).any():
        raise moved(say("there are now scores off the portfolio's scale"))
    if response.GROUP not in rows:
        return np.zeros(len(at_score), dtype=np.int64), at_score
    seen, labels = pd.factorize(np.asarray(rows[response.GROUP], dtype=object))
    place = {label: index for index, label in enumerate(groups)}
    if not place.keys() >= set(labels):
        raise moved(say("the segment has values that it did not have before"))
    numbers = np.array([place[label] for label in labels], dtype=np.int64)
    return numbers[seen], at_score


class _Spread:
    """Puts the rows of a statement into arrays over groups and scores, 0 where there is no row."""

    def __init__(
        self,
        groups: tuple[str, ...],
        scores: Ints,
        rows: Mapping[str, Numbers],
        further: Ints | None = None,
        width: int = 0,
    ) -> None:
        self._rows = rows
        self._index: tuple[Any, ...] = places(groups, scores, rows)
        self._shape: tuple[int, ...] = (len(groups), len(scores))
        if further is not None:
            self._index, self._shape = (*self._index, further), (*self._shape, width)

    def __call__(self, name: str) -> Numbers:
        values = self._rows[name]
        out = np.zeros(self._shape, dtype=values.dtype)
        out[self._index] = values
        return out
