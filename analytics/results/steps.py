"""The steps that results are made in, each named with all that it depends on.

A step asks the accounts once, or computes from what others found. Its name holds fingerprints and
frozen parameters only, so whoever keeps results by it (a :class:`Memo`) holds no data in the key.
Each module says beside its statements which step they are; nobody else has to know what depends on
what.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from analytics.portfolio import Portfolio

T = TypeVar("T")


class StepKind(Enum):
    """The kinds of steps; the value says what comes of one."""

    BASELINE = "how the accounts stand today"
    ELIGIBILITY = "which accounts pass the guardrails"
    RAISE = "what a raise does to those that pass"
    BASELINE_POOLS = "pools of the accounts as they stand"
    RAISED_POOLS = "pools of the accounts that a raise reaches"
    RANGES = "ranges at one threshold"
    INCREMENT_RANGES = "ranges of the increment at every threshold"
    STRESS_POOLS = "pools for stress and sensitivity"
    SURFACE = "every threshold with every raise"
    PROFILE = "distributions of the portfolio"
    SEGMENT = "rows of one segment"


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
        """Return the step of a portfolio."""
        return cls(kind, portfolio.fingerprint, inputs)


class Memo(Protocol):
    """Gives the result of a step: what it kept of it, or what ``make`` returns."""

    def __call__(self, step: Step, make: Callable[[], T]) -> T:
        """Return the result of a step."""
        ...


def afresh(step: Step, make: Callable[[], T]) -> T:  # noqa: ARG001 - a Memo takes both
    """Return the result of a step made anew: nothing is kept."""
    return make()
