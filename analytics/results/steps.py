"""The steps that results are made in, each named with all that it depends on.

A step asks the accounts once, or computes from what others found. Its name holds fingerprints and
frozen parameters only, so whoever keeps results by it (a :class:`Memo`) holds no data in the key.
Each module says beside its statements which step they are; nobody else has to know what depends on
what.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeVar

from analytics.assumptions import Assumptions
from analytics.portfolio import Portfolio

T = TypeVar("T")


class StepKind(Enum):
    """The kinds of steps."""

    BASELINE = auto()
    """How the accounts stand today."""
    ELIGIBILITY = auto()
    """Which accounts pass the guardrails."""
    RAISE = auto()
    """What a raise does to those that pass."""
    BASELINE_POOLS = auto()
    """Pools of the accounts as they stand."""
    RAISED_POOLS = auto()
    """Pools of the accounts that a raise reaches."""
    RANGES = auto()
    """Ranges at one threshold."""
    INCREMENT_RANGES = auto()
    """Ranges of the increment at every threshold."""
    STANDING_POOLS = auto()
    """Of the pools for stress and sensitivity those of the accounts as they stand."""
    STRESS_POOLS = auto()
    """Pools for stress and sensitivity."""
    SURFACE = auto()
    """Every threshold with every raise."""
    PROFILE = auto()
    """Distributions of the portfolio."""
    SEGMENT = auto()
    """Rows of one segment."""
    TREATED = auto()
    """What each account gets, and what one rule alone keeps it from."""
    SMALLER_STEPS = auto()
    """What ceilings leave of the raises that they stop."""
    CALIBRATION = auto()
    """What tells whether the portfolio is plausible."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, by all that it depends on; equal steps have equal results.

    Parameters
    ----------
    fingerprint : str
        The portfolio's.
    inputs : tuple
        Frozen parameters, reduced to what matters to the step.
    """

    kind: StepKind
    fingerprint: str
    inputs: tuple[Hashable, ...]

    @classmethod
    def of(cls, kind: StepKind, portfolio: Portfolio, *inputs: Hashable) -> Step:
        """Return the step of a portfolio; of assumptions, what is assumed of a rival is left out.

        No step depends on it.
        """
        return cls(kind, portfolio.fingerprint, tuple(map(_of_readings, inputs)))


def _of_readings(given: Hashable) -> Hashable:
    return given.for_readings() if isinstance(given, Assumptions) else given


class Memo(Protocol):
    """Gives the result of a step: what it kept of it, or what ``make`` returns."""

    def __call__(self, step: Step, make: Callable[[], T]) -> T:
        """Return the result of a step."""
        ...


def afresh(step: Step, make: Callable[[], T]) -> T:  # noqa: ARG001 - a Memo takes both
    """Return the result of a step made anew: nothing is kept."""
    return make()
