"""The command on a rival's line: what is at stake if it raises, and which choice is better."""

from __future__ import annotations

import argparse
import dataclasses

from analytics.cli.arguments import SCORE_BAND
from analytics.cli.inputs import loaded_portfolio, print_json, print_text, settled
from analytics.cli.risk_texts import input_record
from analytics.cli.tables import table
from analytics.cli.texts import context
from analytics.declared.language import ENGLISH, say, spoken
from analytics.export.record import Record
from analytics.results.rival import Rival, rival
from analytics.results.simulation import Group, Simulation, simulate
from analytics.shown import formats
from analytics.shown.rival import rival_sentences

DONE = 0


def run_rival(options: argparse.Namespace) -> int:
    """Show what a policy is worth against a rival's line."""
    with loaded_portfolio(options) as loaded:
        portfolio, by = loaded.portfolio, options.by
        policy, assumptions = settled(portfolio, options, by=by)
        segment = None if by == SCORE_BAND else by
        result = simulate(portfolio, policy, assumptions, by=segment)
        groups = result.bands if by == SCORE_BAND else result.groups
        if options.json:
            print_json(rival_record(result, groups if by else None))
        else:
            print_text(rival_text(result, by, groups if by else ()))
    return DONE


@spoken(ENGLISH)
def rival_record(result: Simulation, groups: tuple[Group, ...] | None) -> Record:
    """Return what a policy is worth against a rival, for JSON; null without accounts."""
    record = input_record(result.portfolio, result.policy, result.assumptions)
    found = rival(result.total)
    record |= _record(found, result.policy.temporary_days)
    if groups is not None:
        days = result.policy.temporary_days
        record["groups"] = {group.label: _record(rival(group), days) for group in groups}
    return record


def rival_text(result: Simulation, by: str | None, groups: tuple[Group, ...]) -> str:
    """Return what a policy is worth against a rival, as text."""
    found, code = rival(result.total), result.portfolio.currency
    paragraphs = [context(result.portfolio, result.policy, result.assumptions)]
    if found:
        sentences = rival_sentences(found, days=result.policy.temporary_days)
        paragraphs += ["\n".join(sentences), _matrix(found, code), _figures(found, result)]
    if by:
        paragraphs.append(_groups(by, groups, code))
    return "\n\n".join(paragraphs)


def _record(found: Rival | None, days: int | None) -> Record:
    if found is None:
        return dict.fromkeys(_KEYS)
    return {
        "raised": found.raised,
        "at_stake": found.at_stake,
        "matrix": dataclasses.asdict(found.matrix),
        "reach": found.reach,
        "break_even_reach": found.break_even_reach,
        "verdict": found.verdict.value,
        "sentences": list(rival_sentences(found, days=days)),
    }


_KEYS = ("raised", "at_stake", "matrix", "reach", "break_even_reach", "verdict", "sentences")


def _matrix(found: Rival, code: str) -> str:
    cells, matrix = formats.amount, found.matrix
    return table(
        [
            [
                say("A year's value, {currency}", currency=code),
                say("The rival does not raise"),
                say("The rival raises"),
            ],
            [say("We do not raise"), cells(matrix.neither, code), cells(matrix.rival_alone, code)],
            [say("We raise"), cells(matrix.we_alone, code), cells(matrix.both, code)],
        ]
    )


def _figures(found: Rival, result: Simulation) -> str:
    assumptions = result.assumptions
    counted = result.portfolio.has("external_limit")
    rows = [
        [say("At stake"), formats.amount(found.at_stake, result.portfolio.currency)],
        [
            say("Reach, counted where limits elsewhere are known")
            if counted
            else say("Reach, assumed"),
            formats.percent(found.reach),
        ],
        [say("Reach of break-even"), formats.percent(found.break_even_reach)],
        [say("Moved to the rival, assumed"), formats.percent(assumptions.rival_shift)],
        [say("Rise of attrition, assumed"), formats.percent(assumptions.rival_attrition)],
    ]
    return table(rows)


def _groups(by: str, groups: tuple[Group, ...], code: str) -> str:
    header = [
        say("By {segment}", segment=by),
        say("Raised"),
        say("At stake"),
        say("Reach"),
        say("We alone"),
        say("Both raise"),
    ]
    rows = []
    for group in groups:
        found = rival(group)
        if found is None:
            rows.append([group.label, *[formats.DASH] * (len(header) - 1)])
            continue
        rows.append(
            [
                group.label,
                formats.count(found.raised),
                formats.amount(found.at_stake, code),
                formats.percent(found.reach),
                formats.amount(found.matrix.we_alone, code),
                formats.amount(found.matrix.both, code),
            ]
        )
    return table([header, *rows])
