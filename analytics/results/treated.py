"""What became of the accounts and what each would bring without one rule, in one statement.

Treatments and whitespace are both made of this one reading (METHOD 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.choices import Reason
from analytics.declared.language import say
from analytics.method import formulas, measures, response, treatments
from analytics.method.elementwise import as_double
from analytics.method.months import Schedule
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.moved import hold_whole, moved
from analytics.results.simulation import places
from analytics.results.steps import Memo, Step, StepKind, afresh


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Treated:
    """Accounts summed by group, score and what became of them: one entry each in every array.

    Parameters
    ----------
    groups : tuple of str
        Labels of the groups; one empty label without a segment.
    group, score : array of int
        The place of the entry's group, and its score.
    outcome : array of int
        Code of the reason in the end, as if every score were at the threshold; read for one
        threshold alone, of a low score further below it than a near miss.
    support, careful : array of bool
        Whether the accounts are in hardship or past due; whether their raise (of who is raised or
        held out) comes with guidance.
    accounts, limit, balance, expected_loss : array
        As they stand; money in minor units.
    freed : array of int
        Accounts that would be raised without the rule of their outcome, or are raised or held out.
    more_limit, net_value, npv : array of float
        What the raises of these would add and bring, minor units.
    wait_months : array of int
        The longest wait of any of these until both rules of time pass; 0 where there is none.
    """

    groups: tuple[str, ...]
    group: Ints
    score: Ints
    outcome: Ints
    support: Flags
    careful: Flags
    accounts: Ints
    limit: Ints
    balance: Ints
    expected_loss: Floats
    freed: Ints
    more_limit: Floats
    net_value: Floats
    npv: Floats
    wait_months: Ints

    def above(self, score_threshold: int) -> Flags:
        """Return which entries have at least the threshold's score."""
        return self.score >= score_threshold


def load_treated(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    every_threshold: bool = True,
    memo: Memo = afresh,
) -> Treated:
    """Return what became of the accounts; a policy's name and its draw of messages do not matter.

    Parameters
    ----------
    every_threshold : bool
        Read for all thresholds, so that another one needs no statement, rather than for the
        policy's alone, which is quicker once.

    Raises
    ------
    PortfolioError
        The portfolio lacks what the assumptions need or the segment asked for, or the accounts are
        no longer those that it was opened with.
    """
    kept = policy.for_sweep(every_threshold=every_threshold)
    step = Step.of(StepKind.TREATED, portfolio, kept, assumptions, by)
    return memo(step, lambda: _read(portfolio, kept, assumptions, by))


def treated_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement, one row a group, score, outcome and flags; it reads accounts once."""
    columns = response.columns_of(policy) | treatments.OF_TREATMENTS
    priced = response.priced(portfolio, assumptions, by, columns=columns)
    tried = treatments.tried(priced, policy, portfolio)
    rest = treatments.without_raise(tried)
    freed = treatments.freed(tried, policy, assumptions, portfolio)
    raises = response.responded(freed, assumptions)
    values = treatments.foregone_sums(raises, assumptions)
    grows = raises.c.new_limit > raises.c.credit_limit
    waits = treatments.wait_months(raises, policy, portfolio)
    of_raises = {
        "freed": sa.func.sum(sa.case((grows, 1), else_=0)),
        "wait_months": sa.func.max(sa.case((grows, waits))),
    }
    nothing: dict[str, Any] = dict.fromkeys(of_raises, sa.literal(0, sa.BigInteger()))
    nothing |= dict.fromkeys(values, sa.literal(0.0, sa.Double()))
    careful = treatments.care(raises, assumptions)
    both = sa.union_all(
        _grouped(rest, by, None, _standing(rest, _exposure(rest, assumptions)) | nothing),
        _grouped(raises, by, careful, _standing(raises, raises.c.exposure) | of_raises | values),
    ).subquery("treated")
    return sa.select(*both.c)


def _standing(accounts: sa.CTE, exposure: Any) -> dict[str, Any]:
    """Return the sums over accounts as they stand."""
    c = accounts.c
    loss = formulas.expected_loss(c.default_probability, c.loss_given_default, exposure)
    return {
        "accounts": sa.func.count(),
        "limit_today": _whole(c.credit_limit),
        "balance_today": _whole(c.balance),
        "loss_today": sa.func.sum(loss),
        "defaults_today": sa.func.sum(c.default_probability),
    }


def _exposure(accounts: sa.CTE, assumptions: Assumptions) -> Any:
    c = accounts.c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    return formulas.ead(as_double(c.balance), unused, assumptions.credit_conversion_factor)


def _grouped(
    accounts: sa.CTE,
    by: str | None,
    careful: sa.ColumnElement[bool] | None,
    sums: dict[str, Any],
) -> sa.Select[Any]:
    c = accounts.c
    keys = [c[response.GROUP]] if by else []
    keys += [c.score, c.outcome, c.support]
    flag = (sa.false() if careful is None else careful).label("careful")
    found = sa.select(*keys, flag, *(value.label(name) for name, value in sums.items()))
    return found.group_by(*keys, *(() if careful is None else (careful,)))


def _whole(value: Any) -> Any:
    return sa.func.sum(value, type_=sa.BigInteger())


def _read(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None
) -> Treated:
    """Run the statement and value the raises, over the survival of all accounts of a score."""
    rows = portfolio.door.sums(treated_statement(portfolio, policy, assumptions, by))
    _hold_there(portfolio, rows)
    groups = ("",) if by is None else tuple(sorted(set(rows[response.GROUP].tolist()))) or ("",)
    scale = portfolio.scale
    scores = np.arange(scale.lowest, scale.highest + 1, dtype=np.int64)
    group, place = places(groups, scores, rows)
    accounts, defaults = (
        np.bincount(place, rows[name], len(scores)) for name in ("accounts", "defaults_today")
    )
    npv = Schedule.of(scores, accounts, defaults, assumptions).worths()["npv"]
    offered = {name: rows[name] for name in rows if name in treatments.OF_VALUE}
    sums = measures.increments(
        offered | {"raised": rows["freed"]},
        scores[place],
        assumptions,
        {"npv": {of: weight[place] for of, weight in npv.items()}},
        days=policy.temporary_days,
    )
    return Treated(
        groups=groups,
        group=group,
        score=scores[place],
        outcome=rows["outcome"],
        support=rows["support"].astype(bool),
        careful=rows["careful"].astype(bool),
        accounts=rows["accounts"],
        limit=rows["limit_today"],
        balance=rows["balance_today"],
        expected_loss=rows["loss_today"],
        freed=rows["freed"],
        more_limit=np.asarray(sums.limit, dtype=np.float64),
        net_value=measures.additive(sums.by_name(), assumptions)["net_value"],
        npv=sums.npv,
        wait_months=rows["wait_months"].astype(np.int64),
    )


def _hold_there(portfolio: Portfolio, rows: Columns) -> None:
    """Refuse accounts that are not those that the portfolio was opened with."""
    hold_whole(portfolio, rows["accounts"], say("the treatments"))
    amounts = int(rows["limit_today"].sum()), int(rows["balance_today"].sum())
    if amounts != (portfolio.total_limit, portfolio.total_balance):
        raise moved(
            say("limits or balances sum to other amounts than when the portfolio was opened")
        )


BELOW = Reason.SCORE_BELOW_THRESHOLD.code
__all__ = ["BELOW", "Treated", "load_treated", "treated_statement"]
