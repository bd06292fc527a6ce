"""Tables of what is declared: columns, levers, assumptions with their cases, measures, regimes."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    BandParameter,
)
from analytics.declared.cases import CASES, Setting
from analytics.declared.columns import COLUMNS, Kind
from analytics.declared.language import clauses, listed, marked, say
from analytics.declared.measures import MEASURES, Direction, MeasureUnit
from analytics.declared.parameters import Mark, Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import CAPITAL, CONVERSION, PACKS
from analytics.declared.scales import KNOWN
from analytics.method.bands import band_labels
from analytics.method.guardrails import GUARDRAILS
from analytics.shown.markdown import code, table
from analytics.shown.method.formulas import FORMULAS

KINDS = {
    Kind.TEXT: marked("text"),
    Kind.SCORE: marked("whole score"),
    Kind.MONEY: marked("money, at least 0"),
    Kind.RATE: marked("decimal, 0 to 1"),
    Kind.COUNT: marked("whole number, at least 0"),
    Kind.FLAG: marked("true or false"),
    Kind.STATUS: marked("a word for closed or open"),
}
UNITS = {
    MeasureUnit.ACCOUNTS: marked("accounts"),
    MeasureUnit.MONTHS: marked("months"),
    MeasureUnit.MONEY: marked("money"),
    MeasureUnit.RATE: marked("rate"),
}
DIRECTIONS = {
    Direction.GOOD: marked("more is better"),
    Direction.NEUTRAL: marked("neither"),
    Direction.BAD: marked("less is better"),
}


def columns_table() -> str:
    """Return the column dictionary: name, kind, meaning, and which rules read the column."""
    rules: dict[str, list[str]] = {}
    for rule in GUARDRAILS:
        rules.setdefault(rule.column, []).append(code(rule.name))
    rows = (
        (
            code(column.name),
            column.title,
            say(KINDS[column.kind]),
            say("yes") if column.required else say("no"),
            column.help,
            listed(rules.get(column.name, ())),
        )
        for column in COLUMNS
    )
    return table(
        (
            say("column"),
            say("title"),
            say("cells"),
            say("required"),
            say("meaning"),
            say("rule that reads it"),
        ),
        rows,
    )


def levers_tables() -> str:
    """Return every lever of a policy, a table for each section."""
    return _by_section(POLICY_PARAMETERS)


def assumptions_tables() -> str:
    """Return every assumption that has one value, a table for each section."""
    return _by_section(ASSUMPTION_PARAMETERS)


def bands_tables() -> str:
    """Return the assumptions by score band: the values under each preset, then their support."""
    scale = KNOWN[0]
    labels = band_labels(scale.band_edges, scale.lowest)
    rows = [row for band in BAND_PARAMETERS for row in _band_rows(band)]
    values = table((say("assumption"), say("preset"), *labels), rows)
    support = table(
        (say("assumption"), say("name"), say("what it says"), say("allowed"), say("support")),
        (
            (p.title, code(p.name), p.help, p.allowed, supported(p.mark, p.source))
            for p in (band.declared for band in BAND_PARAMETERS)
        ),
    )
    return f"{values}\n\n{support}"


def cases_table() -> str:
    """Return how far each assumption may plausibly be off: its low and its high case."""
    rows = (
        (
            parameter.title,
            code(parameter.name),
            _shown(parameter, CASES[parameter.name].low),
            _shown(parameter, CASES[parameter.name].high),
            supported(CASES[parameter.name].mark, CASES[parameter.name].source),
        )
        for parameter in (*(b.declared for b in BAND_PARAMETERS), *ASSUMPTION_PARAMETERS)
    )
    return table((say("assumption"), say("name"), say("low"), say("high"), say("support")), rows)


def measures_table() -> str:
    """Return every measure: words, unit, direction and formula."""
    rows = (
        (
            measure.title,
            code(measure.name),
            say(UNITS[measure.unit]),
            say(DIRECTIONS[measure.direction]),
            measure.help,
            say(FORMULAS[measure.name]),
        )
        for measure in MEASURES
    )
    return table(
        (
            say("measure"),
            say("name"),
            say("unit"),
            say("for the lender"),
            say("meaning"),
            say("formula"),
        ),
        rows,
    )


def scales_table() -> str:
    """Return the score scales that are known, with their bands and curves."""
    rows = (
        (
            scale.name,
            str(scale),
            listed(map(str, scale.band_edges)),
            scale.default_threshold,
            say(
                "{odds:g} to 1 at {score:g}, doubling every {points:g}",
                odds=scale.curve.anchor_odds,
                score=scale.curve.anchor_score,
                points=scale.curve.points_to_double_odds,
            )
            if scale.curve
            else say("to be declared"),
        )
        for scale in KNOWN
    )
    header = (
        say("scale"),
        say("range"),
        say("lower edges of the bands"),
        say("first threshold"),
        say("odds, good to bad"),
    )
    return table(header, rows)


def regimes_table() -> str:
    """Return the small sets of values: conversion factors, and capital by approach."""
    rows = (
        (
            kind,
            regime.title,
            clauses(f"{code(name)} {value}" for name, value in regime.values.items()),
            regime.source,
        )
        for kind, regimes in ((say("conversion factor"), CONVERSION), (say("capital"), CAPITAL))
        for regime in regimes
    )
    return table((say("sets"), say("as in"), say("values"), say("source")), rows)


def packs_table() -> str:
    """Return what each rule book sets, a value a row: marked, sourced, and whether to check it."""
    registry = {p.name: p for p in (*ASSUMPTION_PARAMETERS, *POLICY_PARAMETERS)}
    rows = [
        (
            pack.title if place == 0 else "",
            code(pack.name) if place == 0 else "",
            code(ruled.name),
            registry[ruled.name].show(ruled.value),
            supported(ruled.mark, ruled.source),
        )
        for pack in PACKS
        for place, ruled in enumerate(pack)
    ]
    header = (say("rule book"), say("name"), say("sets"), say("to"), say("support"))
    return table(header, rows)


def supported(mark: Mark, source: str) -> str:
    """Return how a value is supported: its mark, and by what."""
    return f"[{mark.value}] {source}".rstrip()


def default_text(parameter: Parameter) -> str:
    """Return the value shipped as a person reads it."""
    if parameter.unit is Unit.TEXT and not parameter.default:
        return say("empty")
    return parameter.show(parameter.default)


def _by_section(parameters: Iterable[Parameter]) -> str:
    known = tuple(parameters)
    return "\n\n".join(
        f"### {say(section)}\n\n{_parameters([p for p in known if p.section == section])}"
        for section in dict.fromkeys(p.section for p in known)
    )


def _parameters(parameters: Iterable[Parameter]) -> str:
    rows = (
        (p.title, code(p.name), p.help, default_text(p), p.allowed, supported(p.mark, p.source))
        for p in parameters
    )
    return table(
        (
            say("title"),
            say("name"),
            say("what it does"),
            say("default"),
            say("allowed"),
            say("support"),
        ),
        rows,
    )


def _band_rows(band: BandParameter) -> list[tuple[str, ...]]:
    """Return a row a preset; one row where the presets agree."""
    cases = [
        (say("low"), band.low_case),
        (say("central"), band.central),
        (say("high"), band.high_case),
    ]
    if band.low_case == band.central == band.high_case:
        cases = [(say("every"), band.central)]
    return [
        (band.declared.title, preset, *map(band.declared.show, values)) for preset, values in cases
    ]


def _shown(parameter: Parameter, setting: Setting) -> str:
    if isinstance(setting, tuple):
        texts = [parameter.show(value) for value in setting]
        return texts[0] if len(set(texts)) == 1 else listed(texts)
    return parameter.show(setting)
