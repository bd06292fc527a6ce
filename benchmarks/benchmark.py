"""What a benchmark is: a name, a question, a target, and a way to run it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from analytics.portfolio import Portfolio
from benchmarks import data


class Unit(Enum):
    """What a benchmark's values are; less is better, but of ``TIMES`` more."""

    RATIO = "ratio"
    MILLISECONDS = "ms"
    STATEMENTS = "statements"
    GIBIBYTES = "GiB"
    TIMES = "x faster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How large, how often and how long a benchmark runs.

    Parameters
    ----------
    accounts : int
        Size of the generated portfolio.
    rounds : int
        Rounds that are run in any case.
    seconds : float
        Further rounds begin until this much time is used.
    folder : Path
        Where generated portfolios are kept.
    """

    accounts: int = 1_000_000
    rounds: int = 5
    seconds: float = 15.0
    folder: Path = data.FOLDER

    def portfolio(self) -> Portfolio:
        """Return the generated portfolio, loaded as the product loads a file."""
        return data.portfolio(self.accounts, self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The values of every round, in a benchmark's unit, and a few words beside them."""

    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of all rounds."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The best round: the one that other programs disturbed least."""
        return min(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One question about speed or memory.

    Parameters
    ----------
    name : str
        What it is called on the command line.
    title : str
        What is compared with what.
    target : float or None
        The most that the median may be, or the least of ``TIMES``; None where it is only reported.
    run : callable
        Measures it in a setting. Raises ``AssertionError`` where the results that are compared
        are not the same.
    larger : tuple of (int, float)
        Targets from so many accounts on, ascending, where they are others.
    by_default : bool
        Whether it runs where no benchmark is named.
    """

    name: str
    title: str
    unit: Unit
    target: float | None
    run: Callable[[Setting], Measured]
    larger: tuple[tuple[int, float], ...] = ()
    by_default: bool = True

    def target_at(self, accounts: int) -> float | None:
        """Return the target for a portfolio of this size."""
        found = self.target
        for size, target in self.larger:
            if accounts >= size:
                found = target
        return found
