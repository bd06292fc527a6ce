"""The only place that caches. Keys are fingerprints and frozen parameters, never data.

Results are immutable and shared: what is cached is read, never changed. Every cache is bounded.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable
from typing import Any

import streamlit as st

from analytics import ingest, profile, simulation
from analytics import ranges as ranging
from analytics.assumptions import PRESETS, Assumptions
from analytics.ingest import Loaded
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.profile import Profile
from analytics.ranges import BaselinePools, Pools, RaisedPools, Ranges
from analytics.simulation import Baseline, Eligibility, Raise, Sweep
from analytics.stress import StressPools, load_stress_pools, pools_key
from analytics.surface import Surface, load_surface, surface_key

BY_FINGERPRINT: dict[str | type[Any], Callable[[Any], Any]] = {
    Portfolio: lambda portfolio: portfolio.fingerprint
}


@st.cache_resource(show_spinner="Opening the sample portfolio ...")
def sample() -> Loaded:
    """Return the generated sample portfolio, one for the process; it is only read."""
    loaded = ingest.load_sample()
    gc.collect()
    gc.freeze()  # the framework collects after every run; what stays need not be walked each time
    atexit.register(gc.unfreeze)
    return loaded


def sweep(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Sweep:
    """Return one raise at every threshold; another threshold or name runs no statement."""
    before = baseline(portfolio, assumptions)
    return Sweep(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        by=None,
        baseline=before,
        eligibility=_eligibility(portfolio, policy.for_eligibility(), before),
        raising=_raise(portfolio, policy.for_sweep(), assumptions, before),
    )


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_FINGERPRINT)
def baseline(portfolio: Portfolio, assumptions: Assumptions) -> Baseline:
    """Return how the accounts stand today, by score."""
    return simulation.load_baseline(portfolio, assumptions)


def surface(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Surface:
    """Return every threshold with every raise; threshold, raise and name build nothing anew.

    While it is built, its progress is shown where the call stands on the page.
    """
    place = st.empty()

    def tell(share: float, doing: str) -> None:
        place.progress(share, text=f"Every policy: {doing.lower()}")

    found = _surface(
        portfolio,
        surface_key(policy),
        assumptions,
        baseline(portfolio, assumptions),
        tell,
    )
    place.empty()
    return found


def pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Pools:
    """Return the pools that ranges are computed from; another threshold runs no statement."""
    return Pools(
        baseline=_baseline_pools(portfolio, assumptions),
        raised=_raised_pools(portfolio, policy.for_sweep(), assumptions),
    )


def ranges(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Ranges:
    """Return the ranges beside the point figures of a policy."""
    found = pools(portfolio, policy, assumptions)
    return ranging.ranges_at(found, policy.score_threshold, assumptions)


def stress_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> StressPools:
    """Return the pools for stress and sensitivity; only the PD curve and the rules matter."""
    return _stress_pools(portfolio, policy.for_sweep(), pools_key(assumptions))


def increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> tuple[ranging.Ints, ranging.Floats, ranging.Floats]:
    """Return the range of the increment of projected defaults at every threshold."""
    return _increment_ranges(portfolio, policy.for_sweep(), assumptions)


def preset_surfaces(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> dict[str, Surface]:
    """Return the surface under each response preset."""
    return {
        preset: surface(portfolio, policy, assumptions.with_preset(preset)) for preset in PRESETS
    }


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_FINGERPRINT)
def distributions(portfolio: Portfolio, assumptions: Assumptions) -> Profile:
    """Return the distributions of the portfolio."""
    return profile.load_profile(portfolio, assumptions)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_FINGERPRINT)
def segment(
    portfolio: Portfolio, assumptions: Assumptions, name: str
) -> tuple[profile.SegmentRow, ...]:
    """Return the rows of one segment."""
    return profile.segment_rows(portfolio, assumptions, name)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=BY_FINGERPRINT)
def _eligibility(portfolio: Portfolio, policy: Policy, _baseline: Baseline) -> Eligibility:
    return simulation.load_eligibility(portfolio, policy, _baseline)


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=BY_FINGERPRINT)
def _raise(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, _baseline: Baseline
) -> Raise:
    return simulation.load_raise(portfolio, policy, assumptions, _baseline)


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=BY_FINGERPRINT)
def _baseline_pools(portfolio: Portfolio, assumptions: Assumptions) -> BaselinePools:
    return ranging.load_baseline_pools(portfolio, assumptions)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=BY_FINGERPRINT)
def _raised_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> RaisedPools:
    return ranging.load_raised_pools(portfolio, policy, assumptions)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_FINGERPRINT)
def _stress_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> StressPools:
    return load_stress_pools(portfolio, policy, assumptions)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=BY_FINGERPRINT)
def _increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> tuple[ranging.Ints, ranging.Floats, ranging.Floats]:
    return ranging.increment_ranges_by_threshold(pools(portfolio, policy, assumptions), assumptions)


@st.cache_resource(show_spinner=False, max_entries=12, hash_funcs=BY_FINGERPRINT)
def _surface(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    _baseline: Baseline,
    _tell: Callable[[float, str], None],
) -> Surface:
    return load_surface(portfolio, policy, assumptions, baseline=_baseline, progress=_tell)
