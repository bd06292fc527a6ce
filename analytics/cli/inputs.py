"""What commands take in (portfolio, policy, assumptions), and how they print."""

from __future__ import annotations

import argparse
import functools
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from analytics import assumptions as assuming
from analytics import policy as levers
from analytics.accounts.connect import open_database
from analytics.accounts.settings import known_databases
from analytics.assumptions import Assumptions
from analytics.cli.arguments import SCORE_BAND, date, pairs, whole
from analytics.cli.remembered import loaded_file, refuse_memory
from analytics.declared.files import exists
from analytics.declared.language import listed, say
from analytics.declared.near import nearest
from analytics.declared.regimes import Pack, pack_of
from analytics.declared.scales import parse_scale
from analytics.errors import HeadroomError, ParameterError, PolicyFileError
from analytics.export import load_stated
from analytics.export.assumptions_file import Given, load_given
from analytics.export.record import Json
from analytics.ingest import (
    CreditBalances,
    Declaration,
    Duplicates,
    Loaded,
    SumRow,
    load_sample,
    named_sample,
    parse_mapping,
    parse_marks,
    parse_statuses,
)
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy, default_policy
from analytics.portfolio import Portfolio
from analytics.regime import applied, changes
from analytics.shown.calibration import assumed_sentence
from analytics.shown.words import regime_sentences

T = TypeVar("T")


@contextmanager
def loaded_portfolio(options: argparse.Namespace) -> Iterator[Loaded]:
    """Give the portfolio that a command line names; its database is closed in the end."""
    declaration = _declaration(options)
    alias, _, table = options.portfolio.partition(":")
    sample = named_sample(options.portfolio)
    if _is_table(options.portfolio):
        refuse_memory(options)
        loaded = _opened(alias, table, declaration)
    elif sample is None:
        loaded = loaded_file(Path(options.portfolio), declaration, options)
    elif declaration == Declaration():
        refuse_memory(options)
        loaded = load_sample(sample)
    else:
        raise ParameterError(
            say(
                "The portfolio {sample} is read as it is: leave out the options on how a "
                "file is read.",
                sample=sample,
            )
        )
    try:
        if options.command != "check":
            _say_assumed(loaded)
        yield loaded
    finally:
        loaded.portfolio.door.close()


def _say_assumed(loaded: Loaded) -> None:
    """Say beside what a command prints what of the portfolio nobody declared."""
    assumed = assumed_sentence(loaded.portfolio)
    if assumed:
        sys.stderr.write(f"headroom: {assumed}\n")


def _opened(alias: str, table: str, declaration: Declaration) -> Loaded:
    """Return the portfolio in a table; where it cannot be used, its database is closed."""
    database = open_database(alias)
    try:
        return load_warehouse(database, table, declaration)
    except BaseException:
        database.close()
        raise


def _is_table(text: str) -> bool:
    """Whether a portfolio is named as alias:table, and not as a file."""
    alias, _, table = text.partition(":")
    if not table or exists(Path(text)):
        return False
    return alias in known_databases() or bool(_ALIAS.fullmatch(alias) and not _FILE.search(table))


_ALIAS = re.compile(r"[^/\\.]{2,}")
"""What may be the name of a database; one letter before a colon is a drive."""
_FILE = re.compile(r"[/\\]|\.(csv|tsv|txt|parquet|xlsx|xlsm|gz)$", re.IGNORECASE)


def _declaration(options: argparse.Namespace) -> Declaration:
    """Return what the user states about the file; every fault is named at once."""
    faults: list[str] = []
    scale = _stated(faults, options.scale, parse_scale)
    as_of = _stated(faults, options.as_of, date)
    mapping = attempt(faults, lambda: parse_mapping(options.map)) or ()
    statuses = attempt(faults, lambda: parse_statuses(options.status)) or ()
    marks = attempt(faults, lambda: parse_marks(options.mark)) or ()
    given: dict[str, object] = {
        "name": options.name,
        "currency": options.currency,
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "decimal": options.decimal,
        "header_line": _stated(faults, options.header_line, _whole("--header-line")),
        "sheet": options.sheet,
        "duplicates": Duplicates(options.duplicates) if options.duplicates else None,
        "credit_balances": (
            CreditBalances(options.credit_balances) if options.credit_balances else None
        ),
        "sum_row": SumRow(options.sum_row) if options.sum_row else None,
        "pd_horizon_months": _stated(
            faults, options.pd_horizon_months, _whole("--pd-horizon-months")
        ),
    }
    stated = {name: value for name, value in given.items() if value is not None}
    scores = [_stated(faults, text, _whole("--no-score")) for text in options.no_score]
    declaration = attempt(
        faults,
        lambda: Declaration(
            scale=scale,
            as_of=as_of,
            mapping=mapping,
            blank_words=tuple(options.blank),
            statuses=statuses,
            marks=marks,
            sentinels=tuple(score for score in scores if score is not None),
            derive_score=options.derive_score,
            **stated,  # type: ignore[arg-type]
        ),
    )
    if faults or declaration is None:
        raise ParameterError([*faults, *_setting_faults(options)])
    return declaration


def _stated(faults: list[str], text: str | None, read: Callable[[str], T]) -> T | None:
    """Return what an option says; None where it is not given, or is a fault kept for later."""
    return None if text is None else attempt(faults, lambda: read(text))


def _whole(option: str) -> Callable[[str], int]:
    """Return what reads the whole number of an option."""
    return functools.partial(whole, option)


def _setting_faults(options: argparse.Namespace) -> list[str]:
    """Return what is wrong with levers and assumptions by themselves, without a portfolio."""
    if not hasattr(options, "assume"):
        return []
    faults: list[str] = []
    named = (("score_threshold", options.threshold), ("raise_rate", options.raise_rate))
    settings = [(name, text) for name, text in named if text is not None]
    settings += attempt(faults, lambda: pairs("--set", options.set)) or []
    faults += (fault for setting in settings for fault in levers.setting_faults(*setting))
    attempt(faults, lambda: _pack(options))
    assumed = attempt(faults, lambda: pairs("--assume", options.assume)) or []
    attempt(faults, lambda: assuming.set_values(Assumptions(), assumed))
    return faults


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be known of policy and assumptions: of their files, and what a rule book moves."""

    of_files: list[str] = field(default_factory=list)
    of_rules: list[str] = field(default_factory=list)


def given_policy(portfolio: Portfolio, options: argparse.Namespace, said: Said) -> Policy:
    """Return the policy of the file, or the one to start from, with the settings applied.

    What is to be known of it is added to ``said``.
    """
    settings = []
    if options.threshold is not None:
        settings.append(("score_threshold", options.threshold))
    if options.raise_rate is not None:
        settings.append(("raise_rate", options.raise_rate))
    if getattr(options, "message_holdout_rate", None) is not None:
        settings.append(("message_holdout_rate", options.message_holdout_rate))
    faults: list[str] = []
    further = attempt(faults, lambda: pairs("--set", options.set)) or []
    path = options.policy
    start = (
        attempt(faults, lambda: _policy_of_file(portfolio, options, said))
        if path
        else default_policy(portfolio.currency, portfolio.scale)
    )
    settings += further
    if start and (pack := attempt([], lambda: _pack(options))):
        moved = [one for one in changes(pack, start, Assumptions()) if one.of_policy]
        said.of_rules.extend(regime_sentences(pack, moved))
        start = applied(pack, start, Assumptions())[0]
    changed = attempt(faults, lambda: levers.set_values(start or Policy(), settings))
    if faults or changed is None:
        begun = start or default_policy(portfolio.currency, portfolio.scale)
        raise ParameterError([*faults, *_off_scale(portfolio, begun, settings)])
    return changed


def _policy_of_file(portfolio: Portfolio, options: argparse.Namespace, said: Said) -> Policy:
    """Return the policy of the file named; what is to be known of it is added to ``said``.

    Raises
    ------
    PolicyFileError
        The file cannot be read, or its amounts are not meant for the portfolio.
    """
    stated = load_stated(Path(options.policy))
    found = stated.faults_on(portfolio)
    if found:
        raise PolicyFileError(found)
    assumptions = attempt([], lambda: given_assumptions(portfolio, options, Said()))
    said.of_files.extend(stated.notes_on(portfolio, assumptions or Assumptions()))
    return stated.policy


def _off_scale(
    portfolio: Portfolio, policy: Policy, settings: Sequence[tuple[str, str]]
) -> list[str]:
    """Return which scores are off the scale, of what can be read of settings with other faults."""
    good = [setting for setting in settings if not levers.setting_faults(*setting)]
    found: list[str] = []
    for chunk in (good, *([setting] for setting in good)):
        changed = attempt([], functools.partial(levers.set_values, policy, chunk))
        found += changed.faults_on(portfolio.scale, portfolio.currency) if changed else []
    return list(dict.fromkeys(found))


def given_assumptions(portfolio: Portfolio, options: argparse.Namespace, said: Said) -> Assumptions:
    """Return the assumptions of the file, or those shipped, with what is set by name.

    What is to be known of them is added to ``said``.
    """
    faults: list[str] = []
    settings = attempt(faults, lambda: pairs("--assume", options.assume)) or []
    path = options.assumptions
    shipped = Assumptions.for_scale(portfolio.scale)
    given = attempt(faults, lambda: load_given(Path(path))) if path else Given(shipped)
    start = given.assumptions if given else shipped
    if pack := attempt(faults, lambda: _pack(options)):
        moved = [one for one in changes(pack, Policy(), start) if not one.of_policy]
        said.of_rules.extend(regime_sentences(pack, moved))
        start = applied(pack, Policy(), start)[1]
    changed = attempt(faults, lambda: assuming.set_values(start, settings))
    if faults or given is None or changed is None:
        raise ParameterError(faults)
    said.of_files.extend([given.note] if given.note else [])
    return changed


def _pack(options: argparse.Namespace) -> Pack | None:
    """Return the rule book that is asked for, None without one."""
    return None if options.regime is None else pack_of(options.regime)


def check_segment(portfolio: Portfolio, by: str | None) -> None:
    """Refuse a segment that the portfolio cannot be grouped by."""
    if by == SCORE_BAND and SCORE_BAND in portfolio.segments:
        raise ParameterError(
            say(
                "--by {score_band} has two meanings here: the bands of the score, and the "
                "column {score_band} of the portfolio. Give the column another name in the "
                "portfolio.",
                score_band=SCORE_BAND,
            )
        )
    known = tuple(dict.fromkeys((*portfolio.segments, SCORE_BAND)))
    if by is None or by in known:
        return
    portfolio.hold_no_outcome(by)
    near = nearest(by, known, most=1)
    names = listed(known)
    if near:
        raise ParameterError(
            say(
                "--by {by!r}: the portfolio has no such segment. Did you mean {near}? It can be "
                "grouped by {names}.",
                by=by,
                near=near[0],
                names=names,
            )
        )
    raise ParameterError(
        say(
            "--by {by!r}: the portfolio has no such segment. It can be grouped by {names}.",
            by=by,
            names=names,
        )
    )


def settled(
    portfolio: Portfolio,
    options: argparse.Namespace,
    *further: Callable[[], object],
    by: str | None = None,
) -> tuple[Policy, Assumptions]:
    """Return the policy and the assumptions given; every fault is named at once.

    ``further`` are checks of other options: what they raise is named too.
    """
    faults: list[str] = []
    said = Said()
    policy = attempt(faults, lambda: given_policy(portfolio, options, said))
    assumptions = attempt(faults, lambda: given_assumptions(portfolio, options, said))
    attempt(faults, lambda: check_segment(portfolio, by))
    for check in further:
        attempt(faults, check)
    if policy:
        faults.extend(policy.faults_on(portfolio.scale, portfolio.currency))
    if faults or policy is None or assumptions is None:
        raise ParameterError(faults)
    for sentence in (*said.of_files, *(said.of_rules or _in_force(options))):
        sys.stderr.write(f"headroom: {sentence}\n")
    return policy, assumptions


def _in_force(options: argparse.Namespace) -> list[str]:
    """Return that the rule book asked for moves nothing; nothing without one."""
    pack = _pack(options)
    if pack is None:
        return []
    return [
        say(
            "{book}: every value of the rule book was in force before; headroom parameters lists "
            "them.",
            book=pack.title,
        )
    ]


def attempt(faults: list[str], make: Callable[[], T]) -> T | None:
    """Return what can be made; faults are kept for later."""
    try:
        return make()
    except HeadroomError as error:
        faults.extend(error.faults)
        return None


def print_text(text: str) -> None:
    """Print a text and end its line."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def print_json(record: Mapping[str, Json]) -> None:
    """Print in ASCII, so that the object survives every terminal and pipe."""
    print_text(json.dumps(record, allow_nan=False, indent=2))
