"""The commands on customers: who gets what, and what one rule alone keeps from a raise."""

from __future__ import annotations

import argparse
from pathlib import Path

from analytics.cli import customer_texts
from analytics.cli.arguments import SCORE_BAND
from analytics.cli.inputs import loaded_portfolio, print_json, print_text, settled
from analytics.declared.language import say
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import ParameterError
from analytics.export.treatments_file import load_treatments_file
from analytics.results.treatments import load_treatments
from analytics.results.whitespace import load_whitespace

DONE = 0


def treat(options: argparse.Namespace) -> int:
    """Show who gets what under a policy."""
    with loaded_portfolio(options) as loaded:
        portfolio, by = loaded.portfolio, options.by
        policy, assumptions = settled(portfolio, options, lambda: given_table(options), by=by)
        segment = None if by == SCORE_BAND else by
        found = load_treatments(
            portfolio,
            policy,
            assumptions,
            by=segment,
            table=given_table(options),
            every_threshold=False,
        )
        groups = found.bands if by == SCORE_BAND else found.groups
        if options.json:
            print_json(
                customer_texts.treatments_record(found, by, groups, messages=options.messages)
            )
        else:
            print_text(customer_texts.treatments_text(found, by, groups, messages=options.messages))
    return DONE


def whitespace(options: argparse.Namespace) -> int:
    """Show what each rule alone keeps from a raise, and the near misses."""
    with loaded_portfolio(options) as loaded:
        portfolio, by = loaded.portfolio, options.by
        policy, assumptions = settled(portfolio, options, lambda: _check_segment(by), by=by)
        found = load_whitespace(portfolio, policy, assumptions, by=by, every_threshold=False)
        if options.json:
            print_json(customer_texts.whitespace_record(found))
        else:
            print_text(customer_texts.whitespace_text(found))
    return DONE


def given_table(options: argparse.Namespace) -> Treatments:
    """Return the table of treatments that a command line names, or the one declared."""
    return load_treatments_file(Path(options.treatments)) if options.treatments else SHIPPED


def _check_segment(by: str | None) -> None:
    if by == SCORE_BAND:
        raise ParameterError(
            say(
                "--by {by}: name a text column of the portfolio; the score is a rule of its own "
                "here.",
                by=by,
            )
        )
