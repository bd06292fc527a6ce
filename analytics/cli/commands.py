"""What each command does: load, simulate, write; the words are in :mod:`analytics.cli.texts`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from analytics.assumptions import Assumptions
from analytics.cli import decisions, risk, serve, texts
from analytics.cli.arguments import SCORE_BAND
from analytics.cli.inputs import loaded_portfolio, print_json, print_text, settled
from analytics.cli.shared_options import SAMPLE
from analytics.declared.choices import Which
from analytics.declared.files import fault_of, resolved
from analytics.declared.first_faults import first_faults
from analytics.declared.language import say
from analytics.errors import ExportError
from analytics.export import export_policy, export_zip, verify_export, zip_name
from analytics.export.bundle import FILES
from analytics.export.record import ranges_record, simulation_record
from analytics.portfolio import Portfolio, Progress
from analytics.results.calibration import load_calibration
from analytics.results.ranges import Ranges, load_ranges
from analytics.results.simulation import Simulation, simulate
from analytics.shown.calibration import calibration_sentences

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
        simulation = _simulated(loaded.portfolio, options, by=options.by)
        groups = simulation.bands if options.by == SCORE_BAND else simulation.groups
        if options.json:
            record = dict(simulation_record(simulation, groups if options.by else None))
            print_json(record | {"ranges_95": ranges_record(_ranges(simulation))})
        else:
            print_text(texts.simulation(simulation, options.by, groups if options.by else ()))
    return DONE


def _ranges(simulation: Simulation) -> Ranges:
    """Return the central 95 % of defaults and realised loss of a simulation."""
    return load_ranges(simulation.portfolio, simulation.policy, simulation.assumptions)


def export(options: argparse.Namespace) -> int:
    """Write policy, accounts and manifest."""
    folder = Path(options.out)
    _refuse_own_input(options, folder)
    with loaded_portfolio(options) as loaded:
        simulation = _simulated(loaded.portfolio, options, by=None)
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
            )
        else:
            exported = export_policy(
                simulation,
                folder,
                stamped=stamped,
                accounts=Which(options.accounts),
                viewing=options.viewing,
                progress=_progress(),
            )
        if options.json:
            print_json(texts.export_record(exported))
        else:
            print_text(texts.export_report(simulation, exported))
    return DONE


def verify(options: argparse.Namespace) -> int:
    """Check an export against its manifest."""
    place = Path(options.place)
    faults = verify_export(place)
    for fault in first_faults(faults):
        sys.stderr.write(f"headroom: {fault}\n")
    if not faults:
        print_text(say("{place} is whole: every file is what its manifest says.", place=place))
    return CHANGED if faults else DONE


def list_parameters(options: argparse.Namespace) -> int:
    """List every lever and assumption."""
    if options.json:
        print_json(texts.parameters_record())
    else:
        print_text(texts.parameters_list())
    return DONE


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": check,
    "simulate": run_simulation,
    "export": export,
    "verify-export": verify,
    "parameters": list_parameters,
    "stress": risk.stress,
    "sensitivity": risk.sensitivity,
    "surface": decisions.surface,
    "optimise": decisions.optimise,
    "app": serve.serve,
}


def _simulated(portfolio: Portfolio, options: argparse.Namespace, *, by: str | None) -> Simulation:
    """Return the simulation of the policy and assumptions given; every fault is named at once."""
    policy, assumptions = settled(portfolio, options, by=by)
    segment = None if by == SCORE_BAND else by
    return simulate(portfolio, policy, assumptions, by=segment)


def _refuse_own_input(options: argparse.Namespace, folder: Path) -> None:
    """Refuse an export that would replace a file that it reads from."""
    written = {resolved(folder / name) for name in FILES}
    for path in (options.portfolio, options.policy, options.assumptions):
        if path and path != SAMPLE and resolved(Path(path)) in written:
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
