"""What each command does: load, simulate, write; the words are in :mod:`analytics.cli.texts`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from analytics.assumptions import Assumptions
from analytics.cli import (
    customers,
    decisions,
    parameter_texts,
    risk,
    rival,
    serve,
    texts,
    value_texts,
)
from analytics.cli.arguments import SCORE_BAND
from analytics.cli.inputs import loaded_portfolio, print_json, print_text, settled
from analytics.cli.temporary_texts import lengths_text
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.choices import ResponsePreset, Which
from analytics.declared.files import fault_of, resolved
from analytics.declared.first_faults import first_faults
from analytics.declared.language import say
from analytics.errors import ExportError
from analytics.export import export_policy, export_zip, zip_name
from analytics.export.bundle import FILES
from analytics.export.record import (
    lengths_record,
    months_record,
    ranges_record,
    simulation_record,
)
from analytics.export.verify import verified
from analytics.ingest import named_sample
from analytics.portfolio import Portfolio, Progress
from analytics.results.calibration import load_calibration
from analytics.results.ranges import Ranges, load_ranges
from analytics.results.simulation import Group, Simulation, sweep
from analytics.results.steps import Memo, Step, afresh
from analytics.results.temporary import Lengths, compare_lengths
from analytics.shown.calibration import calibration_sentences

T = TypeVar("T")
DONE, REJECTED, CHANGED = 0, 1, 1


def check(options: argparse.Namespace) -> int:
    """Load a portfolio and report on it."""
    with loaded_portfolio(options) as loaded:
        report, portfolio = loaded.report, loaded.portfolio
        found = load_calibration(portfolio, Assumptions.for_scale(portfolio.scale))
        if options.json:
            print_text(report.to_json(calibration=found))
        else:
            sentences = calibration_sentences(found)
            print_text("\n".join((texts.load_report(report), *sentences)))
        return REJECTED if report.rejected else DONE


def run_simulation(options: argparse.Namespace) -> int:
    """Show what a policy does to a portfolio."""
    with loaded_portfolio(options) as loaded:
        keep = kept()
        simulation = _simulated(loaded.portfolio, options, by=options.by, memo=keep)
        groups = simulation.bands if options.by == SCORE_BAND else simulation.groups
        under = _under_presets(simulation, by=options.by, memo=keep)
        ranges = _ranges(simulation)
        lengths = _lengths(simulation, memo=keep) if options.compare_temporary else None
        if options.json:
            record = dict(simulation_record(simulation, groups if options.by else None))
            record["months"] = months_record(simulation.total)
            record["by_response"] = value_texts.by_response_record(under)
            record |= {"lengths": lengths_record(lengths)} if lengths else {}
            print_json(record | {"ranges_95": ranges_record(ranges)})
        else:
            shown = groups if options.by else ()
            found = texts.simulation(
                simulation, options.by, shown, under=under, ranges=ranges, months=options.months
            )
            print_text(f"{found}\n\n{_compared(simulation, lengths)}" if lengths else found)
    return DONE


def _lengths(simulation: Simulation, *, memo: Memo) -> Lengths:
    """Return the raise of a simulation for some days and for good."""
    given = (simulation.portfolio, simulation.policy, simulation.assumptions)
    return compare_lengths(*given, memo=memo)


def _compared(simulation: Simulation, lengths: Lengths) -> str:
    """Return both lengths as text."""
    months = simulation.assumptions.horizon_months
    return lengths_text(lengths, months, simulation.portfolio.currency)


def kept() -> Memo:
    """Return what keeps the readings of one command, so that each runs once."""
    found: dict[Step, object] = {}

    def keep(step: Step, make: Callable[[], T]) -> T:
        if step not in found:
            found[step] = make()
        return cast(T, found[step])

    return keep


def _under_presets(simulation: Simulation, *, by: str | None, memo: Memo) -> dict[str, Group]:
    """Return the whole portfolio under each response preset; none where bands are of one's own."""
    portfolio, policy, assumptions = (
        simulation.portfolio,
        simulation.policy,
        simulation.assumptions,
    )
    if len(assumptions.band_edges) != len(BAND_PARAMETERS[0].central):
        return {}
    segment = None if by == SCORE_BAND else by
    return {
        str(preset): sweep(
            portfolio, policy, assumptions.with_preset(preset), by=segment, memo=memo
        )
        .at(policy.score_threshold)
        .total
        for preset in ResponsePreset
    }


def _ranges(simulation: Simulation) -> Ranges:
    """Return the central 95 % of defaults and realised loss of a simulation."""
    return load_ranges(
        simulation.portfolio, simulation.policy, simulation.assumptions, every_threshold=False
    )


def export(options: argparse.Namespace) -> int:
    """Write policy, accounts, treatments and manifest."""
    folder = Path(options.out)
    _refuse_own_input(options, folder)
    with loaded_portfolio(options) as loaded:
        simulation = _simulated(
            loaded.portfolio, options, lambda: customers.given_table(options), by=None, memo=afresh
        )
        treatments = customers.given_table(options)
        stamped = dt.datetime.now(dt.UTC)
        if options.zip:
            _make(folder)
            exported = export_zip(
                simulation,
                folder / zip_name(simulation.policy),
                stamped=stamped,
                accounts=Which(options.accounts),
                viewing=options.viewing,
                progress=_progress(),
                treatments=treatments,
            )
        else:
            exported = export_policy(
                simulation,
                folder,
                stamped=stamped,
                accounts=Which(options.accounts),
                viewing=options.viewing,
                progress=_progress(),
                treatments=treatments,
            )
        if options.json:
            print_json(texts.export_record(exported))
        else:
            print_text(texts.export_report(simulation, exported))
    return DONE


def verify(options: argparse.Namespace) -> int:
    """Check an export against its manifest."""
    place = Path(options.place)
    found = verified(place)
    for fault in first_faults(list(found.faults)):
        sys.stderr.write(f"headroom: {fault}\n")
    if not found.faults:
        print_text(texts.verified(place, found))
    return CHANGED if found.faults else DONE


def list_parameters(options: argparse.Namespace) -> int:
    """List every lever and assumption."""
    if options.json:
        print_json(parameter_texts.parameters_record())
    else:
        print_text(parameter_texts.parameters_list())
    return DONE


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": check,
    "simulate": run_simulation,
    "export": export,
    "verify-export": verify,
    "parameters": list_parameters,
    "treat": customers.treat,
    "whitespace": customers.whitespace,
    "stress": risk.stress,
    "sensitivity": risk.sensitivity,
    "rival": rival.run_rival,
    "surface": decisions.surface,
    "optimise": decisions.optimise,
    "app": serve.serve,
}


def _simulated(
    portfolio: Portfolio,
    options: argparse.Namespace,
    *checks: Callable[[], object],
    by: str | None,
    memo: Memo,
) -> Simulation:
    """Return the simulation of the policy and assumptions given; every fault is named at once."""
    policy, assumptions = settled(portfolio, options, *checks, by=by)
    segment = None if by == SCORE_BAND else by
    found = sweep(portfolio, policy, assumptions, by=segment, memo=memo)
    return found.at(policy.score_threshold)


def _refuse_own_input(options: argparse.Namespace, folder: Path) -> None:
    """Refuse an export that would replace a file that it reads from."""
    written = {resolved(folder / name) for name in FILES}
    for path in (options.portfolio, options.policy, options.assumptions, options.treatments):
        if path and named_sample(path) is None and resolved(Path(path)) in written:
            raise ExportError(
                say(
                    "The export would replace {path}, which it reads: choose another folder "
                    "for --out.",
                    path=path,
                )
            )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            say(
                "The folder {folder} cannot be made: {fault}. Choose another one.",
                folder=folder,
                fault=fault_of(error),
            )
        ) from None


def _progress() -> Progress | None:
    """Return what shows progress on a terminal; nothing is shown elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        counted = say("{done:,} of {total:,} accounts", done=done, total=total)
        sys.stderr.write(f"\r{counted}{end}")
        sys.stderr.flush()

    return show
