"""What the command parameters prints: every lever and every assumption, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analytics.assumptions import format_value
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.cases import CASES
from analytics.declared.language import ENGLISH, say, spoken
from analytics.declared.parameters import Parameter, find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import PACKS, Pack, Ruled
from analytics.export.record import Json, Record
from analytics.shown import words


def parameters_list() -> str:
    """Return every lever and assumption as text: value, bounds, mark and source."""
    lines = [
        say("Levers of a policy (--set)"),
        *_parameter_lines(_levers()),
        "",
        say("Assumptions (--assume)"),
        *_parameter_lines(_assumed(), moved=True),
        "",
        say("Further: --set tiers=650=5%,700=10%,800=20%; --assume response_preset=low."),
        "",
        say("Rule books (--regime)"),
        *(line for pack in PACKS for line in _pack_lines(pack)),
    ]
    return "\n".join(lines)


def _parameter_lines(
    entries: Iterable[tuple[Parameter, str]], *, moved: bool = False
) -> Iterator[str]:
    """Yield parameters section by section; of what can be ``moved``, its plausible range too."""
    section = ""
    for parameter, default in entries:
        if parameter.section != section:
            section = parameter.section
            yield f"\n  {parameter.section_title}"
        yield f"    {parameter.name} = {default}"
        allowed = say("Give {allowed}.", allowed=parameter.allowed)
        yield f"        {parameter.help} {allowed}"
        source = f": {parameter.source}" if parameter.source else ""
        yield f"        [{parameter.mark.value}] {words.mark_title(parameter.mark)}{source}"
        case = CASES.get(parameter.name) if moved else None
        if case:
            plausible = say(
                "Plausible: {low} to {high}",
                low=format_value(parameter.name, case.low),
                high=format_value(parameter.name, case.high),
            )
            yield f"        {plausible} [{case.mark.value}] {case.source}"
        if parameter.aliases:
            yield "        " + say("Also: {names}", names=tuple(parameter.aliases))


def _pack_lines(pack: Pack) -> Iterator[str]:
    """Yield what a rule book sets: every value with its mark and its source."""
    yield f"\n  {pack.name}: {pack.title}"
    yield f"    {pack.note}"
    for ruled in pack:
        declared = _declared(ruled)
        value = declared.format(ruled.value)
        yield f"    {ruled.name} = {value}  [{ruled.mark.value}] {ruled.source}"


def _declared(ruled: Ruled) -> Parameter:
    """Return the lever or the assumption that a rule book sets."""
    return find((*POLICY_PARAMETERS, *ASSUMPTION_PARAMETERS), ruled.name)


@spoken(ENGLISH)
def parameters_record() -> Record:
    """Return every lever and assumption, for JSON."""

    def cases(name: str) -> Record:
        case = CASES.get(name)
        if case is None:
            return {}
        return {
            "low_case": format_value(name, case.low),
            "high_case": format_value(name, case.high),
            "cases_mark": case.mark.value,
            "cases_source": case.source,
        }

    def listed(entries: Iterable[tuple[Parameter, str]], *, moved: bool = False) -> list[Json]:
        return [
            {
                "name": parameter.name,
                "title": parameter.title,
                "help": parameter.help,
                "unit": parameter.unit.value,
                "default": default,
                "allowed": parameter.allowed,
                "section": parameter.section,
                "mark": parameter.mark.value,
                "source": parameter.source,
                "aliases": list(parameter.aliases),
                **(cases(parameter.name) if moved else {}),
            }
            for parameter, default in entries
        ]

    return {
        "policy": listed(_levers()),
        "assumptions": listed(_assumed(), moved=True),
        "rule_books": [_pack_record(pack) for pack in PACKS],
    }


def _pack_record(pack: Pack) -> Record:
    """Return a rule book for JSON, its values as files hold them."""
    return {
        "name": str(pack.name),
        "title": pack.title,
        "note": pack.note,
        "values": [
            {
                "name": ruled.name,
                "value": _declared(ruled).format(ruled.value),
                "mark": ruled.mark.value,
                "source": ruled.source,
                "to_check": ruled.to_check,
            }
            for ruled in pack
        ],
    }


def _levers() -> list[tuple[Parameter, str]]:
    return [(parameter, parameter.format(parameter.default)) for parameter in POLICY_PARAMETERS]


def _assumed() -> list[tuple[Parameter, str]]:
    single = [(p, p.format(p.default)) for p in ASSUMPTION_PARAMETERS]
    bands = [(b.declared, ",".join(repr(value) for value in b.central)) for b in BAND_PARAMETERS]
    return [*bands, *single]
