"""What the assumptions say in plain terms: a raise of 10 % for the average account of each band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.method import formulas
from analytics.method.bands import band_index, band_labels
from analytics.method.measures import divided
from analytics.results.simulation import Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class BandEffects:
    """Relative changes (decimals) by score band, for the band's average account.

    NaN for a band without accounts, or where the average account has no balance.
    """

    bands: tuple[str, ...]
    balance: Floats
    ead: Floats
    default_probability: Floats
    expected_loss: Floats


def band_effects(
    baseline: Baseline, assumptions: Assumptions, *, growth: float = 0.10
) -> BandEffects:
    """Return what a raise by ``growth`` does to the average account of each band."""
    limit, balance, probability = _averages(baseline, assumptions)
    new = limit * (1 + growth)
    after = formulas.balance_after(
        balance,
        limit,
        new,
        form=assumptions.response_form,
        elasticity=np.asarray(assumptions.elasticity),
        mpb=np.asarray(assumptions.mpb),
        idle_draw=assumptions.idle_draw,
    )
    change = formulas.uplift_change(
        np.asarray(assumptions.pd_uplift),
        growth=growth,
        drawn=(after - balance) / limit,
        reference=np.asarray(assumptions.reference_draw),
        driver=assumptions.pd_uplift_driver,
    )
    riskier = formulas.default_probability_after(probability, change)
    factor = assumptions.credit_conversion_factor
    before = formulas.ead(balance, formulas.headroom(limit, balance), factor)
    exposed = formulas.ead(after, formulas.headroom(new, after), factor)
    return BandEffects(
        bands=band_labels(assumptions.band_edges, int(baseline.scores[0])),
        balance=_change(balance, after),
        ead=_change(before, exposed),
        default_probability=_change(probability, riskier),
        expected_loss=_change(before * probability, exposed * riskier),
    )


def _averages(baseline: Baseline, assumptions: Assumptions) -> tuple[Floats, Floats, Floats]:
    """Return mean limit, balance and default probability by band; NaN where it is empty."""
    place = band_index(baseline.scores, assumptions.band_edges)
    count = len(assumptions.band_edges)
    sums = baseline.sums.each(lambda values: values.sum(axis=0).astype(float))

    def binned(values: Floats) -> Floats:
        return np.bincount(place, weights=values, minlength=count).astype(np.float64)

    accounts = binned(sums.accounts)
    held = np.where(accounts > 0, accounts, np.nan)
    limit = binned(sums.limit) / held
    return (
        np.where(limit > 0, limit, np.nan),
        binned(sums.balance) / held,
        binned(sums.projected_defaults) / held,
    )


def _change(before: Floats, after: Floats) -> Floats:
    return divided(after - before, before)
