"""The only place that caches; what depends on what is for the engine to say, step by step.

A result is kept by its step (:mod:`analytics.results.steps`): fingerprints and frozen parameters,
never data. Results are immutable and as many of each kind are kept as :data:`KEPT` says. What holds
on to a portfolio, and so to its accounts, belongs to the session that loaded it and goes when
another comes into view.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from analytics import ingest
from analytics.accounts.allowance import ON_PAGES, allowed
from analytics.accounts.asker import Asker
from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.choices import Sample
from analytics.declared.language import say
from analytics.declared.treatments import Treatments
from analytics.errors import ParameterError
from analytics.ingest import Loaded
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import optimum, profile, simulation, stress
from analytics.results import ranges as ranging
from analytics.results.calibration import Finding, load_calibration
from analytics.results.ranges import IncrementRanges, Pools, Ranges
from analytics.results.simulation import Baseline, Sweep
from analytics.results.smaller import SmallerStep, load_smaller_steps
from analytics.results.steps import Step, StepKind
from analytics.results.stress import StressPools
from analytics.results.surface import Surface, load_surface
from analytics.results.temporary import Lengths, compare_lengths
from analytics.results.treatments import TreatmentCounts, load_treatments
from analytics.results.whitespace import Whitespace, load_whitespace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many results of a kind are kept, by the process for all or by each session for itself."""

    most: int
    per_session: bool = False


KEPT: dict[StepKind, Keeping] = {
    StepKind.BASELINE: Keeping(64),
    StepKind.ELIGIBILITY: Keeping(128),
    StepKind.RAISE: Keeping(256),
    StepKind.BASELINE_POOLS: Keeping(32),
    StepKind.RAISED_POOLS: Keeping(128),
    StepKind.RANGES: Keeping(512),
    StepKind.INCREMENT_RANGES: Keeping(128),
    StepKind.PROFILE: Keeping(64),
    StepKind.SEGMENT: Keeping(64),
    StepKind.CALIBRATION: Keeping(64),
    StepKind.TREATED: Keeping(8),
    StepKind.SMALLER_STEPS: Keeping(64),
    StepKind.STANDING_POOLS: Keeping(16),
    StepKind.STRESS_POOLS: Keeping(32),
    # These hold on to the portfolio.
    StepKind.SURFACE: Keeping(8, per_session=True),
}


class Shelves:
    """Results by step, a bounded number of each kind: the one used longest ago goes first.

    Sessions that want the same result at once wait for the first to make it.
    """

    def __init__(self, kinds: Iterable[StepKind]) -> None:
        self._held: dict[StepKind, OrderedDict[Step, _Place]] = {k: OrderedDict() for k in kinds}
        self._lock = threading.Lock()

    def recall(self, step: Step, make: Callable[[], T]) -> T:
        """Return the result of a step: what is kept of it, or what ``make`` returns."""
        place = self._place(step)
        with place.lock:
            if not place.filled:
                place.result, place.filled = make(), True
            result: T = place.result
        return result

    def clear(self) -> None:
        """Keep nothing any longer."""
        with self._lock:
            for shelf in self._held.values():
                shelf.clear()

    def _place(self, step: Step) -> _Place:
        with self._lock:
            shelf = self._held[step.kind]
            place = shelf.setdefault(step, _Place())
            shelf.move_to_end(step)
            while len(shelf) > KEPT[step.kind].most:
                shelf.popitem(last=False)
            return place


class _Place:
    """Where one result stands, or is to stand."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.filled = False
        self.result: Any = None


@st.cache_resource(show_spinner=False)
def _of_all() -> Shelves:
    """Return what the process keeps for all sessions."""
    return Shelves(kind for kind, keeping in KEPT.items() if not keeping.per_session)


@st.cache_resource(show_spinner=False, scope="session")
def _of_session() -> Shelves:
    """Return what the session keeps for itself."""
    return Shelves(kind for kind, keeping in KEPT.items() if keeping.per_session)


@st.cache_resource(show_spinner=False, scope="session", on_release=Asker.leave)
def asker() -> Asker:
    """Return on whose behalf the session asks: once its browser is gone, nothing runs for it."""
    return Asker(allowed(ON_PAGES))


def keep(step: Step, make: Callable[[], T]) -> T:
    """Return the result of a step, made once and kept: the engine's memo."""
    shelves = _of_session() if KEPT[step.kind].per_session else _of_all()
    return shelves.recall(step, make)


def forget() -> None:
    """Let go of what holds on to the session's portfolio, when another comes into view."""
    _of_session().clear()


@st.cache_resource(show_spinner=False)
def _places_of_samples() -> dict[Sample, _Place]:
    """Return where the process keeps the sample portfolios."""
    return {which: _Place() for which in Sample}


def sample(which: Sample = Sample.HUABEI_LIKE) -> Loaded:
    """Return a generated sample portfolio, one for the process; it is only read."""
    place = _places_of_samples()[which]
    if not place.filled:
        with st.spinner(say("Opening the sample portfolio ...")), place.lock:
            if not place.filled:
                place.result, place.filled = ingest.load_sample(which), True
    found: Loaded = place.result
    return found


def sweep(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> Sweep:
    """Return one raise at every threshold."""
    return simulation.sweep(portfolio, policy, assumptions, by=by, memo=keep)


def responses(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> dict[str, Sweep]:
    """Return one raise at every threshold under each response preset; none that do not fit."""
    try:
        presets = {preset: assumptions.with_preset(preset) for preset in PRESETS}
    except ParameterError:
        return {}
    return {name: sweep(portfolio, policy, assumed) for name, assumed in presets.items()}


def baseline(portfolio: Portfolio, assumptions: Assumptions, by: str | None = None) -> Baseline:
    """Return how the accounts stand today, by score."""
    return simulation.load_baseline(portfolio, assumptions, by=by, memo=keep)


def surface(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Surface:
    """Return every threshold with every raise; its progress is shown where the call stands."""
    return load_surface(portfolio, policy, assumptions, memo=keep, progress=_Progress())


def preset_surfaces(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> dict[str, Surface]:
    """Return the surface under each response preset."""
    return optimum.preset_surfaces(portfolio, policy, assumptions, memo=keep, progress=_Progress())


def pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Pools:
    """Return the pools that ranges are computed from."""
    return ranging.load_pools(portfolio, policy, assumptions, memo=keep)


def ranges(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Ranges:
    """Return the ranges beside the point figures of a policy."""
    return ranging.load_ranges(portfolio, policy, assumptions, memo=keep)


def increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> IncrementRanges:
    """Return the range of the increment of projected defaults at every threshold."""
    return ranging.load_increment_ranges(portfolio, policy, assumptions, memo=keep)


def stress_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> StressPools:
    """Return the pools for stress and sensitivity."""
    return stress.load_stress_pools(portfolio, policy, assumptions, memo=keep)


def distributions(portfolio: Portfolio, assumptions: Assumptions) -> profile.Profile:
    """Return the distributions of the portfolio."""
    return profile.load_profile(portfolio, assumptions, memo=keep)


def segment(
    portfolio: Portfolio, assumptions: Assumptions, name: str
) -> tuple[profile.SegmentRow, ...]:
    """Return the rows of one segment."""
    return profile.segment_rows(portfolio, assumptions, name, memo=keep)


def calibration(portfolio: Portfolio, assumptions: Assumptions) -> tuple[Finding, ...]:
    """Return what makes the portfolio implausible, and what was assumed of it."""
    return load_calibration(portfolio, assumptions, memo=keep)


def treatments(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    table: Treatments,
    by: str | None = None,
) -> TreatmentCounts:
    """Return who gets what under a policy, by the table in force."""
    return load_treatments(portfolio, policy, assumptions, by=by, table=table, memo=keep)


def whitespace(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> Whitespace:
    """Return what each rule of a policy alone keeps from a raise."""
    return load_whitespace(portfolio, policy, assumptions, by=by, memo=keep)


def smaller_steps(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> tuple[SmallerStep, ...]:
    """Return what ceilings leave of the raises that they stop."""
    return load_smaller_steps(portfolio, policy, assumptions, memo=keep)


def lengths(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Lengths:
    """Return the policy's raise for some days, and for good."""
    return compare_lengths(portfolio, policy, assumptions, memo=keep)


class _Progress:
    """A bar on the page while a surface is built; nothing where one is kept."""

    def __init__(self) -> None:
        self._place: Any = None

    def __call__(self, share: float, doing: str) -> None:
        if self._place is None:
            self._place = st.empty()
        self._place.progress(share, say("Every policy: {doing}", doing=doing.lower()))
        if share >= 1:
            self._place.empty()
            self._place = None
