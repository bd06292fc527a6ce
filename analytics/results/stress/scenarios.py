"""Scenarios: named states of the world that a portfolio is put under, each with its source."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.declared.language import marked, say
from analytics.declared.near import hint
from analytics.declared.parameters import Mark
from analytics.declared.visible import unseen_fault
from analytics.errors import ParameterError
from analytics.method.factor import factor_of_year
from analytics.results.whatif.figures import Shift

LARGEST_FACTOR = 5.0
"""Values of the factor go from minus to plus this many standard deviations."""
LEAST_YEARS, MOST_YEARS = 2.0, 1_000_000.0
"""The worst year in fewer than two would be better than an average one."""
MOST_ODDS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario; frozen. Without any of its numbers it is the base: nothing is stressed.

    Parameters
    ----------
    name, title : what it is called in code and files, and on screen
    source, mark : where it comes from, and how well that supports it
    years : the year is the worst in so many (at least 2), by the one-factor model
    factor : the common factor itself, low is bad (METHOD 9: z); ``years`` or ``factor``, not both
    odds_multiplier : the odds of default are multiplied
    lgd_add : added to every loss given default, which stays within 0 and 1
    drawdown : share of the unused line drawn by default on top of the conversion factor

    Raises
    ------
    ParameterError
        Values out of bounds; every fault is named at once.
    """

    name: str
    title: str
    source: str = ""
    mark: Mark = Mark.ASSUMPTION
    years: float | None = None
    factor: float | None = None
    odds_multiplier: float = 1.0
    lgd_add: float = 0.0
    drawdown: float = 0.0

    def __post_init__(self) -> None:
        for name in ("name", "title", "source"):
            object.__setattr__(self, name, getattr(self, name).strip())
        found = self._faults()
        name = self.name or say("without a name")
        if found:
            raise ParameterError(
                say("Scenario {name}: {fault}", name=name, fault=fault) for fault in found
            )

    def shift(self) -> Shift:
        """Return what the scenario changes, for pools."""
        worst = None if self.years is None else float(factor_of_year(self.years))
        return Shift(
            odds=self.odds_multiplier,
            factor=self.factor if worst is None else worst,
            lgd_add=self.lgd_add,
            drawdown=self.drawdown,
        )

    def _faults(self) -> list[str]:
        texts = (("name", 1, 64), ("title", 1, 100), ("source", 0, 300))
        found = [
            say(
                "its {name} is to be a text of {least} to {most} characters in one line.",
                name=name,
                least=least,
                most=most,
            )
            for name, least, most in texts
            if not least <= len(getattr(self, name)) <= most or unseen_fault(getattr(self, name))
        ]
        if self.years is not None and self.factor is not None:
            found.append(say("years and factor both say how bad the year is: give one of them."))
        bounds = (
            ("years", self.years, LEAST_YEARS, MOST_YEARS, say("from 2 to 1,000,000")),
            ("factor", self.factor, -LARGEST_FACTOR, LARGEST_FACTOR, say("from -5 to 5")),
            ("odds_multiplier", self.odds_multiplier, 0.0, MOST_ODDS, say("above 0, at most 100")),
            ("lgd_add", self.lgd_add, -1.0, 1.0, say("a rate from -100 % to 100 %")),
            ("drawdown", self.drawdown, 0.0, 1.0, say("a rate from 0 % to 100 %")),
        )
        for name, value, low, high, allowed in bounds:
            if value is None:
                continue
            open_ended = name == "odds_multiplier" and value == low
            if not math.isfinite(value) or not low <= value <= high or open_ended:
                found.append(
                    say(
                        "{name} = {value:g} is out of bounds: give a number {allowed}.",
                        name=name,
                        value=value,
                        allowed=allowed,
                    )
                )
        return found


BASE = Scenario(name="base", title=marked("Base"), source=marked("Assumptions in force"))
SHIPPED: tuple[Scenario, ...] = (
    BASE,
    Scenario(
        name="1-in-20",
        title=marked("1 in 20 years"),
        source=marked("One-factor model, METHOD 9 (CRE31)"),
        mark=Mark.REGULATION,
        years=20.0,
    ),
    Scenario(
        name="1-in-1000",
        title=marked("1 in 1,000 years"),
        source=marked("One-factor model at 99.9 %, as in IRB capital (CRE31)"),
        mark=Mark.REGULATION,
        years=1000.0,
    ),
    Scenario(
        name="ant-2020",
        title=marked("Ant 2020"),
        source=marked(
            "Ant consumer credit, 30+ days past due 1.76 % -> 3.01 %, January to May 2020"
        ),
        mark=Mark.EVIDENCE,
        odds_multiplier=1.7,
    ),
)


def find_scenario(name: str, known: Iterable[Scenario] = SHIPPED) -> Scenario:
    """Return the scenario of that name.

    Raises
    ------
    ParameterError
        No scenario has that name; the nearest are suggested.
    """
    by_name = {scenario.name.lower(): scenario for scenario in known}
    found = by_name.get(name.strip().lower())
    if found is None:
        listed = say("give {names}.", names=tuple(by_name))
        meant = hint(name.strip().lower(), by_name, otherwise=listed)
        raise ParameterError(say("There is no scenario {name!r}: {hint}", name=name, hint=meant))
    return found
