"""The commands on risk: scenarios and loss, and what a result hangs on."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterable
from pathlib import Path

from analytics.assumptions import Assumptions
from analytics.cli import risk_texts
from analytics.cli.inputs import attempt, loaded_portfolio, print_json, print_text, settled
from analytics.declared.files import exists
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.export.scenarios_file import load_scenarios
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import ranges
from analytics.results import stress as stressing
from analytics.results.sensitivity import Sensitivity, find_driver
from analytics.results.stress import (
    SHIPPED,
    Scenario,
    capital_by_approach,
    check_measure,
    find_scenario,
    load_stress_pools,
    loss_distribution,
)

DONE = 0


def stress(options: argparse.Namespace) -> int:
    """Put a portfolio and a policy under scenarios."""
    scenarios = _scenarios(options.scenario)
    with loaded_portfolio(options) as loaded:
        portfolio = loaded.portfolio
        policy, assumptions = settled(portfolio, options)
        result = _stressed(portfolio, policy, assumptions, scenarios)
        if options.json:
            print_json(risk_texts.stress_record(result))
        else:
            print_text(risk_texts.stress_text(result))
    return DONE


def sensitivity(options: argparse.Namespace) -> int:
    """Show where a policy stops paying, and what its result hangs on."""
    with loaded_portfolio(options) as loaded:
        portfolio = loaded.portfolio
        policy, assumptions = settled(portfolio, options, lambda: check_measure(options.measure))
        for name in options.two or ():
            find_driver(name, portfolio.contents, assumptions)
        pools = load_stress_pools(portfolio, policy, assumptions, every_threshold=False)
        moved = Sensitivity(pools, policy.score_threshold, assumptions)
        result = risk_texts.Moved(
            portfolio=portfolio,
            policy=policy,
            assumptions=assumptions,
            tornado=moved.tornado(options.measure),
            break_evens=moved.break_evens(),
            two_way=moved.two_way(*options.two, measure=options.measure) if options.two else None,
        )
        if options.json:
            print_json(risk_texts.sensitivity_record(result))
        else:
            print_text(risk_texts.sensitivity_text(result))
    return DONE


def _stressed(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    scenarios: tuple[Scenario, ...],
) -> risk_texts.Stressed:
    pools = load_stress_pools(portfolio, policy, assumptions, every_threshold=False)
    threshold = policy.score_threshold
    losses = ranges.load_pools(portfolio, policy, assumptions, every_threshold=False)
    return risk_texts.Stressed(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        result=stressing.stress(pools, threshold, assumptions, scenarios),
        distribution=(
            loss_distribution(losses, threshold, assumptions)
            if losses.baseline.loss[0].any()
            else None
        ),
        capital=capital_by_approach(pools, threshold, assumptions),
    )


def _scenarios(words: Iterable[str]) -> tuple[Scenario, ...]:
    """Return the scenarios named, or of the files; those shipped without any."""
    faults: list[str] = []
    found: list[Scenario] = []
    for word in words:
        found += attempt(faults, functools.partial(_of_word, word)) or ()
    names = [scenario.name for scenario in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [
        say("The scenario {name} is asked for more than once: name it once.", name=name)
        for name in twice
    ]
    if faults:
        raise ParameterError(faults)
    return tuple(found) or SHIPPED


def _of_word(word: str) -> tuple[Scenario, ...]:
    known = {scenario.name for scenario in SHIPPED}
    path = Path(word)
    if word.strip().lower() in known or not (exists(path) or path.suffix):
        return (find_scenario(word),)
    return load_scenarios(path)
