"""Every key of ``manifest.json``: where it stands, what it holds, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.declared.parameters import Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.export.manifest import DIGEST_KEY, FORMAT_KEY, FORMAT_VERSION

TEXT, NUMBER, WHOLE, YES = "text", "number", "whole number", "true or false"
NUMBER_OR_NULL, TEXT_OR_NULL, TEXTS = "number or null", "text or null", "list of texts"

PLACES = {
    "COLUMN": "a column of the portfolio (of a file: one of its money columns)",
    "HEADER": "a further column, by its header",
    "ASSUMPTION": "an assumption",
    "RULE": "a rule that is on",
    "MEASURE": "a measure",
    "MONTHLY": "a measure over months: npv, payback_months and their kin",
    "PART": "a part of the increment of expected loss",
    "REASON": "a reason",
    "BINDING": "what can set a new limit",
    "TREATMENT": "a treatment",
}
"""Words in capitals stand for one key each of these."""

_BY_UNIT = {
    Unit.RATE: NUMBER,
    Unit.FRACTION: NUMBER,
    Unit.MONEY: NUMBER,
    Unit.SCORE: WHOLE,
    Unit.COUNT: WHOLE,
    Unit.NUMBER: NUMBER,
    Unit.MULTIPLE: NUMBER,
    Unit.FLAG: YES,
    Unit.CHOICE: TEXT,
    Unit.TEXT: TEXT,
    Unit.DATE: TEXT,
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key by its path: steps with points between, ``[]`` for each entry of a list."""

    path: str
    holds: str
    words: str


def manifest_keys() -> tuple[Key, ...]:
    """Return every key in the order of the file; the levers are those of the registry."""
    return (*_HEAD, *_PORTFOLIO, *_policy(), *_ASSUMPTIONS, *_RESULTS, *_FILES)


def _policy() -> Iterator[Key]:
    for parameter in POLICY_PARAMETERS:
        yield Key(f"policy.{parameter.name}", _holds(parameter), parameter.help)
    yield Key("policy.tiers[].score_from", WHOLE, "from this score on; no tiers is an empty list")
    yield Key("policy.tiers[].raise_rate", NUMBER, "this raise, a decimal")
    yield Key("policy.constraints", TEXTS, "the risk appetite, as `ead_increment_rate<=0.05`")
    yield Key(
        "policy.beyond_evidence", YES, "whether a raise is beyond what the response was studied on"
    )
    yield Key("policy.fingerprint", TEXT, "SHA-256 over every value of the policy")


def _holds(parameter: Parameter) -> str:
    kind = _BY_UNIT[parameter.unit]
    return f"{kind} or null" if parameter.optional else kind


_HEAD = (
    Key(FORMAT_KEY, WHOLE, f"version of the format of this file: {FORMAT_VERSION}"),
    Key("version", TEXT, "version of Headroom that wrote it"),
    Key("method_version", WHOLE, "version of the method that its figures follow"),
    Key("stamped", TEXT, "moment of the export in UTC, as 2026-11-24T08:30:05Z"),
)
_PORTFOLIO = (
    Key("portfolio.name", TEXT, "what the portfolio is called; never where it lives"),
    Key("portfolio.as_of", TEXT_OR_NULL, "day that the balances are of"),
    Key("portfolio.currency", TEXT, "ISO code"),
    Key("portfolio.scale", TEXT, "lowest and highest score, as 350-950"),
    Key("portfolio.fingerprint", TEXT, "SHA-256 over the data and how it was read"),
    Key("portfolio.accounts", WHOLE, "accounts used"),
    Key("portfolio.rows_read", WHOLE, "rows that the source held"),
    Key("portfolio.rows_rejected", WHOLE, "rows that broke the contract and are left out"),
    Key("portfolio.assumed", TEXTS, "what of currency, scale and horizon nobody declared"),
    Key("portfolio.protected", TEXTS, "segments that may be looked at and set no tiers"),
    Key("portfolio.outcomes", TEXTS, "columns of what came after the as-of date"),
    Key("portfolio.marked.HEADER", TEXT, "what the user says that a column may be used for"),
    Key("portfolio.pd_horizon_months", WHOLE, "months that the default probabilities are over"),
    Key("portfolio.total_limit", NUMBER, "sum of the limits, currency units"),
    Key("portfolio.total_balance", NUMBER, "sum of the balances, currency units"),
    Key("portfolio.columns", TEXTS, "optional columns that the source brings"),
    Key("portfolio.unknown_cells.COLUMN", WHOLE, "accounts whose cell is blank"),
    Key("portfolio.segments", TEXTS, "text columns to group by"),
    Key("portfolio.derived.COLUMN", TEXT, "how a column was computed from others"),
)
_ASSUMPTIONS = (
    Key("assumptions.response", TEXT, "response preset in force: low, central, high or own"),
    Key("assumptions.band_edges", "list of whole numbers", "lower edge of each score band"),
    Key(
        "assumptions.values.ASSUMPTION.value",
        "number, text, list of numbers or null",
        "the value in force; by band a list",
    ),
    Key("assumptions.values.ASSUMPTION.title", TEXT, "its title"),
    Key("assumptions.values.ASSUMPTION.unit", TEXT, "its unit, as in assumptions.csv"),
    Key("assumptions.values.ASSUMPTION.mark", TEXT, "how it is supported: E, R, P or A"),
    Key("assumptions.values.ASSUMPTION.source", TEXT, "by what"),
    Key("assumptions.values.ASSUMPTION.changed", YES, "whether it differs from the shipped one"),
    Key(
        "assumptions.values.ASSUMPTION.default",
        "number, text, list of numbers or null",
        "the value shipped for the score scale",
    ),
    Key("assumptions.changed", TEXTS, "names of those that differ"),
    Key("assumptions.fingerprint", TEXT, "SHA-256 over every assumption"),
)
_RESULTS = (
    Key("not_applied.RULE", TEXT, "why a rule that is on could not be applied, or not to all"),
    Key("baseline.MEASURE", NUMBER_OR_NULL, "before the policy; null where undefined"),
    Key("proposed.MEASURE", NUMBER_OR_NULL, "with the policy"),
    Key("increment.MEASURE", NUMBER_OR_NULL, "proposed less baseline; of a rate, the difference"),
    Key("time.MONTHLY", NUMBER_OR_NULL, "value over months; null where undefined"),
    Key("raised", WHOLE, "accounts whose limit is raised"),
    Key("expected_takers", NUMBER, "of these, how many are expected to take the raise"),
    Key("headline_raise", NUMBER, "raises before ceilings and rounding, all that pass the rules"),
    Key("effective_raise", NUMBER, "new limits less today's, raised accounts"),
    Key("relieved", NUMBER, "raised customers who were tight and are no longer"),
    Key(
        "above_old_limit",
        NUMBER_OR_NULL,
        "customers expected to owe more than the old limit when a temporary raise ends; else null",
    ),
    Key("loss_per_new_exposure", NUMBER_OR_NULL, "increment of expected loss per that of EAD"),
    Key("expected_loss_parts.PART", NUMBER, "the parts add up to the increment of expected loss"),
    Key("reasons.REASON.accounts", WHOLE, "accounts with this outcome"),
    Key("reasons.REASON.limit", NUMBER, "their limits today, currency units"),
    Key("binding.BINDING", WHOLE, "raised accounts whose new limit this set"),
    Key("accounts.listed", TEXT, "which accounts `accounts.csv` lists: all or raised"),
    Key("accounts.raise_is_called", TEXT, "its word for a raise: raise, or offer (opt-in)"),
    Key(
        "accounts.end_date",
        TEXT_OR_NULL,
        "day on which a temporary raise ends; null without one, or where its first day is not set",
    ),
    Key("treatments.TREATMENT.on", YES, "whether the treatment is given"),
    Key("treatments.TREATMENT.message_code", TEXT_OR_NULL, "code of its message; null without"),
    Key("treatments.TREATMENT.accounts", WHOLE, "rows of `accounts.csv` that get it"),
    Key("messages.message", WHOLE, "rows of `accounts.csv` whose message is sent"),
    Key("messages.held_out", WHOLE, "rows whose message is withheld at random"),
)
_FILES = (
    Key("files[].name", TEXT, "name of an exported file"),
    Key("files[].sha256", TEXT, "SHA-256 of its bytes, hexadecimal"),
    Key("files[].bytes", WHOLE, "its size"),
    Key("files[].rows", WHOLE, "its rows below the header"),
    Key("files[].control_sums.COLUMN", TEXT, "sum of a money column, a decimal text"),
    Key(DIGEST_KEY, TEXT, "SHA-256 over all else in this file: JSON in ASCII, keys sorted"),
)
