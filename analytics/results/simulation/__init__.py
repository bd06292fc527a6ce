"""The one verb: a portfolio, a policy and assumptions go in, a simulation comes out.

A policy runs as three statements in the database that holds the accounts, each grouped by score:
how the accounts stand today (depends on the assumptions), which of them pass the guardrails
(depends on the rules), and what the raise does to those that pass (depends on the rest). What
comes back has one row a score. Cumulative sums over score then give every threshold at once, so
that another threshold costs no statement, and another raise one.
"""

from analytics.results.simulation.groups import Group, Simulation
from analytics.results.simulation.readings import (
    PARTS,
    Baseline,
    Eligibility,
    Raise,
    load_baseline,
    load_eligibility,
    load_raise,
    places,
)
from analytics.results.simulation.statements import (
    baseline_statement,
    eligibility_statement,
    headline_statement,
    raise_statement,
)
from analytics.results.simulation.sweep import Sweep, from_the_top, simulate, sweep

__all__ = [
    "PARTS",
    "Baseline",
    "Eligibility",
    "Group",
    "Raise",
    "Simulation",
    "Sweep",
    "baseline_statement",
    "eligibility_statement",
    "from_the_top",
    "headline_statement",
    "load_baseline",
    "load_eligibility",
    "load_raise",
    "places",
    "raise_statement",
    "simulate",
    "sweep",
]
