"""The commands on which policy to take: the whole surface, and the best policy on it."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.cli import decision_texts
from analytics.cli.inputs import (
    check_segment,
    loaded_portfolio,
    print_json,
    print_text,
    settled,
)
from analytics.cli.tables import padded
from analytics.declared.files import resolved
from analytics.declared.language import either, say
from analytics.declared.measures import Measure, find_measure
from analytics.errors import ExportError, ParameterError
from analytics.export import Context, save_policy
from analytics.export.atomic import write_file
from analytics.ingest import named_sample
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import optimum
from analytics.results.optimum import Infeasible, Optimum, TierRules
from analytics.results.surface import Surface, load_surface
from analytics.shown import formats

DONE, INFEASIBLE = 0, 1
KINDS = (".parquet", ".csv")


def surface(options: argparse.Namespace) -> int:
    """Write every threshold with every raise to one file."""
    path = Path(options.out)
    _check_out(options, path, KINDS)
    with loaded_portfolio(options) as loaded:
        portfolio = loaded.portfolio
        policy, assumptions = settled(portfolio, options)
        found = load_surface(portfolio, policy, assumptions, progress=_progress())
        frame = found.table()
        text = io.BytesIO()
        if path.suffix.lower() == ".parquet":
            frame.to_parquet(text, index=False)
        else:
            frame.to_csv(text, index=False, lineterminator="\n")
        write_file(path, text.getvalue())
        record = decision_texts.surface_record(found, path, len(frame), policy)
        if options.json:
            print_json(record)
        else:
            print_text(decision_texts.surface_text(found, path, len(frame), policy))
    return DONE


def optimise(options: argparse.Namespace) -> int:
    """Find the best policy within constraints."""
    if options.out:
        _check_out(options, Path(options.out), (".csv",))
    with loaded_portfolio(options) as loaded:
        portfolio = loaded.portfolio
        policy, assumptions = settled(
            portfolio,
            options,
            lambda: _find_goal(portfolio, options.maximise),
            lambda: _check_bounds(portfolio, options.subject_to),
            lambda: _check_tiers(portfolio, options),
        )
        appetite = parse_appetite([*policy.constraints, *options.subject_to])
        found = _optimised(portfolio, policy, assumptions, appetite, options)
        chosen = found.tiered or found.single
        if options.out and isinstance(chosen, Optimum):
            best = _policy_of(chosen, policy, found.surface, appetite)
            save_policy(best, Path(options.out), Context.of(portfolio, assumptions))
        if options.json:
            print_json(decision_texts.optimum_record(found))
        else:
            print_text(decision_texts.optimum_text(found))
    return INFEASIBLE if isinstance(chosen, Infeasible) else DONE


def _optimised(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    appetite: Appetite,
    options: argparse.Namespace,
) -> decision_texts.Optimised:
    by = options.by
    found = load_surface(portfolio, policy, assumptions, by=by, progress=_progress())
    rules = TierRules(
        max_tiers=options.max_tiers,
        monotone=options.monotone,
        by_segment=by is not None,
        beyond_evidence=options.beyond_evidence,
    )
    best_single = functools.partial(optimum.best_single, beyond_evidence=options.beyond_evidence)
    wants_tiers = _wants_tiers(options)
    robust = None
    if options.robustness:
        surfaces = optimum.preset_surfaces(portfolio, policy, assumptions, by=by)
        best_tiered = functools.partial(optimum.best_tiered, rules=rules)
        solve = best_tiered if wants_tiers else best_single
        robust = optimum.compare_presets(surfaces, appetite, options.maximise, solve=solve)
    single = best_single(found, appetite, options.maximise)
    tiered = None
    if wants_tiers:
        priced = dataclasses.replace(rules, costs=True)
        tiered = optimum.best_tiered(found, appetite, options.maximise, priced)
    return decision_texts.Optimised(
        surface=found,
        policy=policy,
        appetite=appetite,
        maximise=options.maximise,
        single=single,
        tiered=tiered,
        robustness=robust,
        beyond_evidence=options.beyond_evidence,
    )


def _policy_of(best: Optimum, policy: Policy, surface: Surface, appetite: Appetite) -> Policy:
    """Return the best policy, with the constraints that it was found under."""
    texts = tuple(str(constraint) for constraint in appetite.constraints)
    return best.plan.policy(policy, surface).with_changes(constraints=texts)


def _wants_tiers(options: argparse.Namespace) -> bool:
    further = options.max_tiers is not None or options.monotone or options.by is not None
    return options.tiers or further


def _find_goal(portfolio: Portfolio, name: str) -> Measure:
    """Return the measure of a name; that of an outcome column is refused with the reason."""
    portfolio.hold_no_outcome(name)
    return find_measure(name)


def _check_bounds(portfolio: Portfolio, constraints: Iterable[str]) -> Appetite:
    """Return the appetite; bounds on an outcome column are refused with the reason."""
    for text in constraints:
        portfolio.hold_no_outcome(re.split("[<>=]", text, maxsplit=1)[0].strip())
    return parse_appetite(constraints)


def _check_tiers(portfolio: Portfolio, options: argparse.Namespace) -> None:
    """Refuse a number of tiers or a segment that cannot be."""
    if options.max_tiers is not None and options.max_tiers < 1:
        raise ParameterError(
            say(
                "--max-tiers {max_tiers} is too low: give a whole number from 1.",
                max_tiers=options.max_tiers,
            )
        )
    if options.by is None:
        return
    check_segment(portfolio, options.by)
    if options.by in portfolio.segments:
        portfolio.hold_fit_for_tiers(options.by)
    if options.by not in portfolio.segments:
        raise ParameterError(
            say(
                "--by {by!r}: tiers are by score band in any case; name a text column of the "
                "portfolio to tell its values apart.",
                by=options.by,
            )
        )
    if options.out:
        raise ParameterError(
            say(
                "--out: with --by the best policy is one for each value of the segment, "
                "which one policy file cannot hold; leave out one of the two."
            )
        )


def _check_out(options: argparse.Namespace, path: Path, kinds: tuple[str, ...]) -> None:
    """Refuse a file of another kind, or one that the command reads from."""
    if path.suffix.lower() not in kinds:
        raise ExportError(
            say(
                "--out {path}: give a file that ends in {kinds}.",
                path=path,
                kinds=either(kinds),
            )
        )
    if not resolved(path).parent.is_dir():
        raise ExportError(
            say(
                "--out {path}: there is no folder {folder}; make it first.",
                path=path,
                folder=path.parent,
            )
        )
    for read in (options.portfolio, options.policy, options.assumptions):
        if read and named_sample(read) is None and resolved(Path(read)) == resolved(path):
            raise ExportError(
                say("--out {path} would replace a file that is read: choose another.", path=path)
            )


def _progress() -> Any:
    """Return what shows progress on a terminal; nothing is shown elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(share: float, doing: str) -> None:
        end = "\n" if share >= 1 else ""
        stage = padded(doing, 40, left=True)
        sys.stderr.write(f"\r{formats.plain_percent(share):>5} {stage}{end}")
        sys.stderr.flush()

    return show
