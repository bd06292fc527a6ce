"""The only place that caches. Keys are fingerprints and frozen parameters, never data.

Results are immutable and every cache is bounded. What holds on to a portfolio, and so to its
accounts, belongs to the session that loaded it and goes when another comes into view.
"""

from __future__ import annotations

import atexit
import gc
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st

from analytics import ingest
from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.arrays import Floats, Ints
from analytics.ingest import Loaded
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import profile, simulation
from analytics.results import ranges as ranging
from analytics.results.profile import Profile
from analytics.results.ranges import BaselinePools, Pools, RaisedPools, Ranges
from analytics.results.simulation import Baseline, Eligibility, Raise, Sweep
from analytics.results.stress import StressPools, load_stress_pools, pools_key
from analytics.results.surface import Surface, load_surface, surface_key

MOST_SURFACES = 8
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


def forget() -> None:
    """Let go of what holds on to the session's portfolio, when another comes into view."""
    _surfaces().clear()
    _stress_pools.clear()


def sweep(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> Sweep:
    """Return one raise at every threshold; another threshold or name runs no statement."""
    before = baseline(portfolio, assumptions, by)
    return Sweep(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        by=by,
        baseline=before,
        eligibility=_eligibility(portfolio, policy.for_eligibility(), before, by),
        raising=_raise(portfolio, policy.for_sweep(), assumptions, before, by),
    )


def surface(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Surface:
    """Return every threshold with every raise; threshold, raise and name build nothing anew.

    While it is built, its progress is shown where the call stands on the page.
    """
    built = _surfaces()
    key = (portfolio.fingerprint, surface_key(policy), assumptions)
    if key not in built:
        place = st.empty()

        def tell(share: float, doing: str) -> None:
            place.progress(share, f"Every policy: {doing.lower()}")

        built[key] = load_surface(
            portfolio,
            policy,
            assumptions,
            baseline=baseline(portfolio, assumptions),
            progress=tell,
        )
        place.empty()
    built.move_to_end(key)
    while len(built) > MOST_SURFACES:
        built.popitem(last=False)
    return built[key]


def preset_surfaces(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> dict[str, Surface]:
    """Return the surface under each response preset."""
    return {
        preset: surface(portfolio, policy, assumptions.with_preset(preset)) for preset in PRESETS
    }


def pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Pools:
    """Return the pools that ranges are computed from; another threshold runs no statement."""
    return Pools(
        baseline=_baseline_pools(portfolio, assumptions),
        raised=_raised_pools(portfolio, policy.for_sweep(), assumptions),
    )


def ranges(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Ranges:
    """Return the ranges beside the point figures of a policy."""
    return _ranges(portfolio, policy.for_sweep(), assumptions, policy.score_threshold)


def increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> tuple[Ints, Floats, Floats]:
    """Return the range of the increment of projected defaults at every threshold."""
    return _increment_ranges(portfolio, policy.for_sweep(), assumptions)


def stress_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> StressPools:
    """Return the pools for stress and sensitivity; only the PD curve and the rules matter."""
    return _stress_pools(portfolio, policy.for_sweep(), pools_key(assumptions))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_FINGERPRINT)
def baseline(portfolio: Portfolio, assumptions: Assumptions, by: str | None = None) -> Baseline:
    """Return how the accounts stand today, by score."""
    return simulation.load_baseline(portfolio, assumptions, by=by)


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
def _eligibility(
    portfolio: Portfolio, policy: Policy, _baseline: Baseline, by: str | None
) -> Eligibility:
    return simulation.load_eligibility(portfolio, policy, _baseline, by=by)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=BY_FINGERPRINT)
def _raise(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    _baseline: Baseline,
    by: str | None,
) -> Raise:
    return simulation.load_raise(portfolio, policy, assumptions, _baseline, by=by)


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=BY_FINGERPRINT)
def _baseline_pools(portfolio: Portfolio, assumptions: Assumptions) -> BaselinePools:
    return ranging.load_baseline_pools(portfolio, assumptions)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=BY_FINGERPRINT)
def _raised_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> RaisedPools:
    return ranging.load_raised_pools(portfolio, policy, assumptions)


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs=BY_FINGERPRINT)
def _ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, score_threshold: int
) -> Ranges:
    found = pools(portfolio, policy, assumptions)
    return ranging.ranges_at(found, score_threshold, assumptions)


@st.cache_resource(show_spinner=False, max_entries=128, hash_funcs=BY_FINGERPRINT)
def _increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> tuple[Ints, Floats, Floats]:
    found = pools(portfolio, policy, assumptions)
    return ranging.increment_ranges_by_threshold(found, assumptions)


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=BY_FINGERPRINT, scope="session")
def _stress_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> StressPools:
    return load_stress_pools(portfolio, policy, assumptions)


@st.cache_resource(show_spinner=False, max_entries=1, scope="session")
def _surfaces() -> OrderedDict[tuple[str, Policy, Assumptions], Surface]:
    """Return the session's surfaces, the last used at the end; their progress bars stay outside."""
    return OrderedDict()
