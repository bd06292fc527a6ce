"""What each command does: load, simulate, write; the words are in :mod:`analytics.cli.texts`."""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from analytics import assumptions as assuming
from analytics import policy as levers
from analytics.assumptions import Assumptions
from analytics.cli import texts
from analytics.cli.arguments import SAMPLE, SCORE_BAND, date, pairs
from analytics.currencies import default_policy
from analytics.errors import ExportError, HeadroomError, ParameterError
from analytics.export import (
    Progress,
    export_policy,
    export_zip,
    load_policy,
    verify_export,
    zip_name,
)
from analytics.export.bundle import FILES
from analytics.export.record import Json, simulation_record
from analytics.ingest import Declaration, Duplicates, Loaded, load_file, load_sample, parse_mapping
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.scales import parse_scale
from analytics.simulation import Simulation, simulate

T = TypeVar("T")
DONE, REJECTED, CHANGED = 0, 1, 1


def check(options: argparse.Namespace) -> int:
    """Load a portfolio and report on it."""
    with _loaded(options) as loaded:
        report = loaded.report
        _print(report.to_json() if options.json else texts.load_report(report))
        return REJECTED if report.rejected else DONE


def run_simulation(options: argparse.Namespace) -> int:
    """Show what a policy does to a portfolio."""
    with _loaded(options) as loaded:
        simulation = _simulated(loaded.portfolio, options, by=options.by)
        groups = simulation.bands if options.by == SCORE_BAND else simulation.groups
        if options.json:
            _print_json(simulation_record(simulation, groups if options.by else None))
        else:
            _print(texts.simulation(simulation, options.by, groups if options.by else ()))
    return DONE


def export(options: argparse.Namespace) -> int:
    """Write policy, accounts and manifest."""
    folder = Path(options.out)
    _refuse_own_input(options, folder)
    with _loaded(options) as loaded:
        simulation = _simulated(loaded.portfolio, options, by=None)
        stamped = dt.datetime.now(dt.UTC)
        if options.zip:
            _make(folder)
            exported = export_zip(
                simulation,
                folder / zip_name(simulation.policy),
                stamped=stamped,
                accounts=options.accounts,
                viewing=options.viewing,
                progress=_progress(),
            )
        else:
            exported = export_policy(
                simulation,
                folder,
                stamped=stamped,
                accounts=options.accounts,
                viewing=options.viewing,
                progress=_progress(),
            )
        if options.json:
            _print_json(texts.export_record(exported))
        else:
            _print(texts.export_report(simulation, exported))
    return DONE


def verify(options: argparse.Namespace) -> int:
    """Check an export against its manifest."""
    place = Path(options.place)
    faults = verify_export(place)
    for fault in faults:
        sys.stderr.write(f"headroom: {fault}\n")
    if not faults:
        _print(f"{place} is whole: every file is what its manifest says.")
    return CHANGED if faults else DONE


def list_parameters(options: argparse.Namespace) -> int:
    """List every lever and assumption."""
    if options.json:
        _print_json(texts.parameters_record())
    else:
        _print(texts.parameters_list())
    return DONE


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": check,
    "simulate": run_simulation,
    "export": export,
    "verify-export": verify,
    "parameters": list_parameters,
}


@contextmanager
def _loaded(options: argparse.Namespace) -> Iterator[Loaded]:
    declaration = _declaration(options)
    if options.portfolio != SAMPLE:
        loaded = load_file(Path(options.portfolio), declaration)
    elif declaration == Declaration():
        loaded = load_sample()
    else:
        raise ParameterError(
            f"The portfolio {SAMPLE} is read as it is: leave out the options on how a file is read."
        )
    try:
        yield loaded
    finally:
        close = getattr(loaded.portfolio.database, "close", None)
        if close:
            close()


def _declaration(options: argparse.Namespace) -> Declaration:
    """Return what the user states about the file; every fault is named at once."""
    faults: list[str] = []
    scale = _try(faults, lambda: parse_scale(options.scale)) if options.scale else None
    as_of = _try(faults, lambda: date(options.as_of)) if options.as_of else None
    mapping = _try(faults, lambda: parse_mapping(options.map)) or ()
    given: dict[str, object] = {
        "name": options.name,
        "currency": options.currency,
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "decimal": options.decimal,
        "header_line": options.header_line,
        "sheet": options.sheet,
        "duplicates": Duplicates(options.duplicates) if options.duplicates else None,
    }
    stated = {name: value for name, value in given.items() if value is not None}
    declaration = _try(
        faults,
        lambda: Declaration(
            scale=scale,
            as_of=as_of,
            mapping=mapping,
            blank_words=tuple(options.blank),
            sentinels=tuple(options.no_score),
            derive_score=options.derive_score,
            **stated,  # type: ignore[arg-type]
        ),
    )
    if faults or declaration is None:
        raise ParameterError(faults)
    return declaration


def _simulated(portfolio: Portfolio, options: argparse.Namespace, *, by: str | None) -> Simulation:
    """Return the simulation of the policy and assumptions given; every fault is named at once."""
    faults: list[str] = []
    policy = _try(faults, lambda: _policy(portfolio, options))
    assumptions = _try(faults, lambda: _assumptions(portfolio, options))
    _try(faults, lambda: _check_segment(portfolio, by))
    if policy:
        faults.extend(policy.faults_on(portfolio.scale))
    if faults or policy is None or assumptions is None:
        raise ParameterError(faults)
    segment = None if by == SCORE_BAND else by
    return simulate(portfolio, policy, assumptions, by=segment)


def _policy(portfolio: Portfolio, options: argparse.Namespace) -> Policy:
    """Return the policy of the file, or the one to start from, with the settings applied."""
    settings = []
    if options.threshold is not None:
        settings.append(("score_threshold", options.threshold))
    if options.raise_rate is not None:
        settings.append(("raise_rate", options.raise_rate))
    faults: list[str] = []
    further = _try(faults, lambda: pairs("--set", options.set)) or []
    path = options.policy
    start = (
        _try(faults, lambda: load_policy(Path(path)))
        if path
        else default_policy(portfolio.currency, portfolio.scale)
    )
    changed = _try(faults, lambda: levers.set_values(start or Policy(), [*settings, *further]))
    if faults or changed is None:
        raise ParameterError(faults)
    return changed


def _assumptions(portfolio: Portfolio, options: argparse.Namespace) -> Assumptions:
    shipped = Assumptions.for_scale(portfolio.scale)
    return assuming.set_values(shipped, pairs("--assume", options.assume))


def _check_segment(portfolio: Portfolio, by: str | None) -> None:
    known = (*portfolio.segments, SCORE_BAND)
    if by is None or by in known:
        return
    near = difflib.get_close_matches(by, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ParameterError(
        f"--by {by!r}: the portfolio has no such segment.{hint} It can be grouped by "
        f"{', '.join(known)}."
    )


def _refuse_own_input(options: argparse.Namespace, folder: Path) -> None:
    """Refuse an export that would replace a file that it reads from."""
    written = {(folder / name).resolve() for name in FILES}
    for path in (options.portfolio, options.policy):
        if path and path != SAMPLE and Path(path).resolve() in written:
            raise ExportError(
                f"The export would replace {path}, which it reads: choose another folder for --out."
            )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ExportError(f"The folder {folder} cannot be made: choose another one.") from None


def _progress() -> Progress | None:
    """Return what shows progress on a terminal; nothing is shown elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{done:,} of {total:,} accounts{end}")
        sys.stderr.flush()

    return show


def _try(faults: list[str], make: Callable[[], T]) -> T | None:
    try:
        return make()
    except HeadroomError as error:
        faults.extend(error.faults)
        return None


def _print(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


def _print_json(record: Mapping[str, Json]) -> None:
    """Print in ASCII, so that the object survives every terminal and pipe."""
    _print(json.dumps(record, allow_nan=False, indent=2))
