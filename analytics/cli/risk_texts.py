"""What the commands on risk print: for people, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.cli.tables import table
from analytics.cli.texts import context, not_applied_lines
from analytics.declared.cases import Setting
from analytics.declared.language import ENGLISH, say, spoken
from analytics.declared.measures import BY_NAME
from analytics.declared.method_version import METHOD_VERSION
from analytics.export.record import (
    Json,
    Record,
    assumptions_record,
    policy_record,
    portfolio_record,
)
from analytics.method.guardrails import not_applied
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.sensitivity import BreakEven, Driver, Tornado, TwoWay
from analytics.results.stress import (
    CapitalSide,
    LossDistribution,
    LossSide,
    ScenarioOutcome,
    StressResult,
    StressSide,
)
from analytics.shown import formats, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stressed:
    """A portfolio and a policy under scenarios, with loss distribution and capital."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    result: StressResult
    distribution: LossDistribution | None
    """None where no account can lose anything."""
    capital: tuple[CapitalSide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A policy with what it hangs on."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    tornado: Tornado
    break_evens: tuple[BreakEven, ...]
    two_way: TwoWay | None


@spoken(ENGLISH)
def input_record(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Record:
    """Return what a result stands on: method, portfolio, policy, assumptions, rules not applied."""
    missing: Record = {
        found.guardrail: words.not_applied_sentence(found, portfolio.accounts)
        for found in not_applied(portfolio, policy)
    }
    return {
        "method_version": METHOD_VERSION,
        "portfolio": portfolio_record(portfolio),
        "policy": policy_record(policy),
        "assumptions": assumptions_record(assumptions),
        "not_applied": missing,
    }


@spoken(ENGLISH)
def stress_record(found: Stressed) -> Record:
    """Return scenarios, loss distribution and capital, for JSON."""
    distribution = found.distribution
    return {
        **input_record(found.portfolio, found.policy, found.assumptions),
        "scenarios": [_outcome_record(outcome) for outcome in found.result.outcomes],
        "loss_distribution": {
            "baseline": _loss_record(distribution.baseline),
            "proposed": _loss_record(distribution.proposed),
            "economic_capital_increment": distribution.more_capital,
        }
        if distribution
        else None,
        "capital": [
            {
                "approach": side.approach,
                "baseline": {"rwa": side.baseline_rwa, "capital": side.baseline_capital},
                "proposed": {"rwa": side.proposed_rwa, "capital": side.proposed_capital},
                "increment": {
                    "rwa": side.proposed_rwa - side.baseline_rwa,
                    "capital": side.increment,
                },
            }
            for side in found.capital
        ],
    }


def stress_text(found: Stressed) -> str:
    """Return scenarios, loss distribution and capital as text."""
    code = found.portfolio.currency
    note = say("Money in {currency}. Increment = proposed - baseline.", currency=code)
    return "\n\n".join(
        [
            context(found.portfolio, found.policy, found.assumptions),
            _outcomes_text(found.result, code),
            _losses_text(found.distribution, code),
            _capital_text(found.capital, code),
            "\n".join([note, *_missing(found.portfolio, found.policy)]),
        ]
    )


def _outcomes_text(result: StressResult, code: str) -> str:
    header = [
        say("Scenario"),
        say("Loss, baseline"),
        say("Proposed"),
        say("Increment"),
        say("Policy's share"),
        say("What it is"),
    ]
    rows = [
        [
            words.scenario_title(outcome.scenario),
            *_sides(
                outcome.baseline.expected_loss,
                outcome.proposed.expected_loss,
                outcome.increment.expected_loss,
                code,
            ),
            formats.percent(outcome.policy_share),
            f"{words.scenario_words(outcome.scenario)} [{outcome.scenario.mark.value}]",
        ]
        for outcome in result.outcomes
    ]
    return table([header, *rows], left=(0, 5))


def _losses_text(distribution: LossDistribution | None, code: str) -> str:
    if distribution is None:
        return say("No account of the portfolio can lose anything: there is no loss distribution.")
    rows = [[say("Loss in a year"), say("Baseline"), say("Proposed"), say("Increment")]]
    for name in words.LOSS_TITLES:
        before, after = getattr(distribution.baseline, name), getattr(distribution.proposed, name)
        rows.append([words.loss_title(name), *_sides(before, after, after - before, code)])
    return table(rows)


def _capital_text(capital: Sequence[CapitalSide], code: str) -> str:
    rows = [[say("Capital"), say("Baseline"), say("Proposed"), say("Increment")]]
    for side in capital:
        sides = _sides(side.baseline_capital, side.proposed_capital, side.increment, code)
        rows.append([words.approach_title(side.approach), *sides])
    return table(rows)


def _sides(before: float, after: float, more: float, code: str) -> tuple[str, str, str]:
    """Return baseline, proposed and increment of an amount of money, in full."""
    increment = formats.signed(formats.amount(more, code), more)
    return formats.amount(before, code), formats.amount(after, code), increment


@spoken(ENGLISH)
def sensitivity_record(found: Moved) -> Record:
    """Return break-evens, tornado and the two-way table, for JSON."""
    record = input_record(found.portfolio, found.policy, found.assumptions)
    record["measure"] = found.tornado.measure
    record["central"] = found.tornado.central
    record["break_even"] = [
        {
            **_driver_record(item.driver),
            "current": item.current,
            "pays": item.pays,
            "value": item.value,
            "others": list(item.others),
            "reason": words.break_even_reason(item),
            "searched": [item.low, item.high],
        }
        for item in found.break_evens
    ]
    record["tornado"] = [
        {
            **_driver_record(bar.driver),
            "low_case": _plain(bar.driver.low),
            "high_case": _plain(bar.driver.high),
            "at_low": bar.low,
            "at_high": bar.high,
            "swing": bar.swing,
        }
        for bar in found.tornado.bars
    ]
    if found.two_way:
        two = found.two_way
        record["two_way"] = {
            "first": {**_driver_record(two.first), "settings": _list(two.first_settings)},
            "second": {**_driver_record(two.second), "settings": _list(two.second_settings)},
            "values": [
                [None if math.isnan(value) else value for value in row]
                for row in two.values.tolist()
            ],
        }
    return record


def sensitivity_text(found: Moved) -> str:
    """Return break-evens, tornado and the two-way table as text."""
    code = found.portfolio.currency
    note = say("Money in {currency}, a year but for value over months.", currency=code)
    sentences = (words.break_even_sentence(item) for item in found.break_evens)
    paragraphs = [
        context(found.portfolio, found.policy, found.assumptions),
        "\n".join(
            [
                say("Where the value over the horizon becomes 0, each alone"),
                *(f"  {sentence}" for sentence in sentences),
            ]
        ),
        _tornado_text(found.tornado, code),
        *([_two_way_text(found.two_way, code)] if found.two_way else []),
        "\n".join([note, *_missing(found.portfolio, found.policy)]),
    ]
    return "\n\n".join(paragraphs)


def _tornado_text(found: Tornado, code: str) -> str:
    header = [
        say("Increment of {measure}", measure=BY_NAME[found.measure].title.lower()),
        say("Low case"),
        say("High case"),
        say("At low"),
        say("At high"),
        "",
    ]
    rows = [
        [
            bar.driver.title,
            bar.driver.show(bar.driver.low),
            bar.driver.show(bar.driver.high),
            formats.moved(found.measure, bar.low, code),
            formats.moved(found.measure, bar.high, code),
            f"[{bar.driver.mark.value}]",
        ]
        for bar in found.bars
    ]
    return table([header, *rows], left=(0, 5))


def _two_way_text(two: TwoWay, code: str) -> str:
    header = [
        say(
            "{first} (down), {second} (across)",
            first=two.first.title,
            second=two.second.title.lower(),
        ),
        *(two.second.show(setting) for setting in two.second_settings),
    ]
    rows = [
        [
            two.first.show(setting),
            *(formats.moved(two.measure, value, code) for value in values),
        ]
        for setting, values in zip(two.first_settings, two.values.tolist(), strict=True)
    ]
    return table([header, *rows])


def _missing(portfolio: Portfolio, policy: Policy) -> list[str]:
    return not_applied_lines(not_applied(portfolio, policy), portfolio)


def _outcome_record(outcome: ScenarioOutcome) -> Json:
    scenario = outcome.scenario
    return {
        "name": scenario.name,
        "title": scenario.title,
        "what": words.scenario_words(scenario),
        "mark": scenario.mark.value,
        "source": scenario.source,
        "baseline": _side_record(outcome.baseline),
        "proposed": _side_record(outcome.proposed),
        "increment": _side_record(outcome.increment),
        "policy_share": outcome.policy_share,
        "policy_share_of_rise": outcome.policy_share_of_rise,
    }


def _side_record(side: StressSide) -> Json:
    return {
        "projected_defaults": side.projected_defaults,
        "expected_loss": side.expected_loss,
        "ead": side.ead,
        "loss_rate": side.loss_rate,
    }


def _loss_record(side: LossSide) -> Json:
    return {
        "expected_loss": side.expected,
        "loss_95": side.bad_year,
        "loss_99_9": side.worst_year,
        "economic_capital": side.economic_capital,
    }


def _driver_record(driver: Driver) -> dict[str, Json]:
    return {
        "name": driver.name,
        "title": driver.title,
        "kind": driver.kind.value,
        "mark": driver.mark.value,
        "source": driver.source,
    }


def _plain(setting: Setting) -> Json:
    return list(setting) if isinstance(setting, tuple) else setting


def _list(settings: tuple[Setting, ...]) -> list[Json]:
    return [_plain(setting) for setting in settings]
