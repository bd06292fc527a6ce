"""Who gets what: every account exactly one treatment, by the table in force (METHOD 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Flags, Ints, Numbers, summed_at
from analytics.declared.choices import Reason, Treatment
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import marked
from analytics.declared.treatments import COLUMNS, SHIPPED, NeededColumn, Treatments
from analytics.errors import ParameterError
from analytics.method.bands import band_index, band_labels
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.steps import Memo, afresh
from analytics.results.treated import BELOW, Treated, load_treated


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentFigures:
    """The accounts that get one treatment, as they stand today; money in currency units.

    ``foregone_net_value`` is what raises would bring a year if the rule or ceiling of each
    account's reason alone were off, and of held out ones what their own raises would.
    """

    treatment: Treatment
    accounts: int
    limit: float
    balance: float
    expected_loss: float
    foregone_net_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentGroup:
    """The treatments of a group of accounts: those that are on, in their order."""

    label: str
    figures: tuple[TreatmentFigures, ...]

    @property
    def accounts(self) -> int:
        """Accounts of the group: the sum over treatments."""
        return sum(found.accounts for found in self.figures)

    def of(self, treatment: Treatment) -> TreatmentFigures:
        """Return the figures of one treatment that is on."""
        return next(found for found in self.figures if found.treatment is treatment)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentCounts:
    """Who gets what under a policy: the whole portfolio, groups of a segment, and score bands.

    ``missing`` are the columns that the portfolio lacks, each with what is off without it.
    """

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    table: Treatments
    total: TreatmentGroup
    groups: tuple[TreatmentGroup, ...]
    bands: tuple[TreatmentGroup, ...]
    missing: tuple[NeededColumn, ...]


def load_treatments(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    table: Treatments = SHIPPED,
    every_threshold: bool = True,
    memo: Memo = afresh,
) -> TreatmentCounts:
    """Return who gets what under a policy.

    Parameters
    ----------
    by : str, optional
        A segment of the portfolio to give figures for as well.
    table : Treatments
        The table in force.
    every_threshold : bool
        Read for all thresholds, so that another one needs no statement, rather than for the
        policy's alone, which is quicker once.

    Raises
    ------
    ParameterError
        The policy does not fit the portfolio's score scale.
    PortfolioError
        As for :func:`~analytics.results.treated.load_treated`.
    """
    found = policy.faults_on(portfolio.scale, portfolio.currency)
    if found:
        raise ParameterError(found)
    treated = load_treated(
        portfolio, policy, assumptions, by=by, every_threshold=every_threshold, memo=memo
    )
    edges = assumptions.band_edges
    labels = band_labels(edges, portfolio.scale.lowest)
    tally = _Tally.of(treated, table, policy.score_threshold)
    everybody = np.zeros(len(treated.score), dtype=np.int64)
    return TreatmentCounts(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        table=table,
        total=tally.groups(everybody, (marked("Total"),))[0],
        groups=tally.groups(treated.group, treated.groups) if by else (),
        bands=tally.groups(band_index(treated.score, edges), labels),
        missing=missing_columns(portfolio),
    )


def missing_columns(portfolio: Portfolio) -> tuple[NeededColumn, ...]:
    """Return the columns of treatments that a portfolio lacks, and what is off without each."""
    return tuple(needed for needed in COLUMNS if not portfolio.has(needed.column))


def _codes(treated: Treated, above: Flags, table: Treatments) -> Ints:
    """Return the code of the treatment of each entry."""
    outcome = np.where(above, treated.outcome, BELOW)
    lookup = np.array(
        [
            [
                [
                    table.treatment_of(reason, support=support, careful=careful).code
                    for careful in (False, True)
                ]
                for support in (False, True)
            ]
            for reason in Reason
        ]
    )
    found: Ints = lookup[outcome, treated.support.astype(int), treated.careful.astype(int)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tally:
    """What is summed of entries, by group and treatment: ``codes`` are those of treatments."""

    table: Treatments
    codes: Ints
    sums: Mapping[str, Numbers]

    @classmethod
    def of(cls, treated: Treated, table: Treatments, score_threshold: int) -> _Tally:
        above = treated.above(score_threshold)
        foregone = above & (treated.outcome != Reason.RAISED.code)
        sums = {
            "accounts": treated.accounts,
            "limit": treated.limit,
            "balance": treated.balance,
            "expected_loss": treated.expected_loss,
            "foregone_net_value": np.where(foregone, treated.net_value, 0.0),
        }
        return cls(table=table, codes=_codes(treated, above, table), sums=sums)

    def groups(self, place: Ints, labels: Sequence[str]) -> tuple[TreatmentGroup, ...]:
        """Return the groups at whose place (of ``labels``) the entries are."""
        shape = len(labels), len(Treatment)
        at = place * shape[1] + self.codes
        summed = {name: summed_at(at, values, shape) for name, values in self.sums.items()}
        accounts, *money = summed.values()
        return tuple(
            TreatmentGroup(
                label=label,
                figures=tuple(
                    TreatmentFigures(
                        treatment=row.treatment,
                        accounts=int(accounts[at, row.treatment.code]),
                        **{
                            name: float(values[at, row.treatment.code]) / MINOR_UNITS
                            for name, values in zip(list(summed)[1:], money, strict=True)
                        },
                    )
                    for row in self.table.rows()
                ),
            )
            for at, label in enumerate(labels)
        )


__all__ = [
    "TreatmentCounts",
    "TreatmentFigures",
    "TreatmentGroup",
    "load_treatments",
    "missing_columns",
]
