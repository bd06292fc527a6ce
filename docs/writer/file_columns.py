"""Every column of every exported table, in the order of the file: what its cells mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.declared.choices import Arm, MessageArm, Reason, TextStatus
from analytics.declared.measures import MEASURES
from analytics.declared.parameters import Mark
from analytics.export.accounts_lines import ACCOUNTS_COLUMNS, HOLD, OFFER, RAISE
from analytics.export.assumptions_file import FORMAT as ASSUMPTIONS
from analytics.export.messages_file import MESSAGE_COLUMNS
from analytics.export.policy_file import POLICY_COLUMNS
from analytics.export.scenarios_file import FORMAT as SCENARIOS
from analytics.export.treatments_file import FORMAT as TREATMENTS

MARKS = ", ".join(mark.value for mark in Mark)


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of one file by name, each with what its cells mean."""

    file: str
    words: Mapping[str, str]


def file_columns() -> tuple[FileColumns, ...]:
    """Return the columns of every table that is written."""
    return (
        _columns("policy.csv", POLICY_COLUMNS, _POLICY),
        _columns("accounts.csv", [name for name, _ in ACCOUNTS_COLUMNS], _ACCOUNTS),
        _columns("treatments.csv", TREATMENTS.columns, _TREATMENTS),
        _columns("messages.csv", MESSAGE_COLUMNS, _MESSAGES),
        _columns("assumptions.csv", ASSUMPTIONS.columns, _ASSUMPTIONS),
        _columns("scenarios.csv", SCENARIOS.columns, _SCENARIOS),
        FileColumns("rejected.csv", _REJECTED),
        FileColumns("surface.csv", _surface()),
    )


def _columns(
    file: str, names: tuple[str, ...] | list[str], words: Mapping[str, str]
) -> FileColumns:
    """Return a file's columns in its own order; one without words is a mistake of ours."""
    return FileColumns(file, {name: words[name] for name in names})


def _surface() -> dict[str, str]:
    """Return the columns of the surface: the measures with their words from the registry."""
    known = {
        "score_threshold": "the threshold of the policy",
        "raise_rate": "its raise, a decimal; where it is 0 the row is the baseline",
        "raised": "accounts raised",
    }
    sides = {
        measure.name: f"{measure.title}, proposed. {measure.help}"
        for measure in MEASURES
        if measure.name != "raised" and not measure.of_increment
    }
    more = {
        f"increment_{measure.name}": f"{measure.title}, proposed less baseline"
        for measure in MEASURES
        if measure.name not in ("accounts", "raised")
    }
    evidence = {"beyond_evidence": "whether the raise is beyond what the response was studied on"}
    return known | sides | more | evidence


_POLICY = {
    "rule": "the lever's name; `headroom_policy` in the first row, then what the policy was made "
    "for, `constraint` in the last ones",
    "score_from": "of a tier's `raise_rate`: the score from which it holds; else empty",
    "value": "the value as canonical text",
    "unit": "what the value is: rate (a decimal), money, score, count, multiple, flag (on, off), "
    "choice, text, date; for reading only",
    "title": "the lever's title; for reading only",
}
_ACCOUNTS = {
    "account_id": "the id, byte for byte",
    "score": "whole number",
    "current_limit": "money with two decimals",
    "new_limit": "money with two decimals; that of today where nothing is raised",
    "increase": "new limit less current limit",
    "decision": f"`{RAISE}` (`{OFFER}` where customers opt in), `{Reason.HELD_OUT}` or `{HOLD}`",
    "reason": "the outcome: the first rule that fails, or `raised`",
    "binding": "what set the new limit; empty unless raised",
    "would_be_limit": "the limit that raised and held-out accounts would get; that of today for "
    "others",
    "end_date": "day on which a raised account's temporary raise ends; empty for others, and where "
    "the policy has no `effective_date`",
    "limit_after_end": "the limit that holds again then, that of before, which is no lowering; "
    "empty for others",
    "treatment": "what the account gets, the first row of the table that fits",
    "message_code": "code of the message to send; empty where there is none, or it is withheld",
    "message_arm": f"arm of the messages: `{MessageArm.MESSAGE}` or `{MessageArm.HELD_OUT}` "
    "(withheld at random); empty where the treatment has no message",
    "wait_months": "of who waits: months until both rules of time pass; else empty",
    "missing_item": "of who is asked: the column whose cell is blank, the income first; else empty",
    "asked_limit": "of who passes the rules and is stopped by a ceiling: the limit that the raise "
    "rate asked for, in whole minor units; else empty",
    "affordable_limit": "largest limit that the income bears, before rounding; empty where the "
    "income is not known, or bounds nothing",
    "arm": f"arm of the trial: `{Arm.RAISED}` or `{Arm.HELD_OUT}`; empty for others",
}
_TREATMENTS = {
    "treatment": "the treatment's name; `headroom_treatments` in the first row",
    "on": "`on` or `off`: accounts of one that is off get the next that fits; `support` and `none` "
    "cannot be off",
    "message_code": "code of the message that goes with it, or `none`; in the first row the "
    "version",
}
_MESSAGES = {
    "treatment": "a treatment that is on and has a message",
    "message_code": "its code, as in `accounts.csv`",
    "language": "tag of the language: `en`, `zh`",
    "status": f"`{TextStatus.SUGGESTION}`, to be reviewed before it is sent; "
    f"`{TextStatus.MISSING}` where no text is shipped",
    "text": "one or two sentences; `{wait_months}` and `{missing_item}` stand for the cells of "
    "`accounts.csv`",
}
_ASSUMPTIONS = {
    "name": "the assumption's name; `headroom_assumptions` in the first row",
    "value": "the value; by band one for each of `band_edges`, blanks between; `none` for a curve "
    "that is not declared",
    "unit": "fraction, rate (decimals), number, multiple, choice, score; for reading only",
    "low": "its plausible low case; for reading only",
    "high": "its plausible high case; for reading only",
    "mark": f"how it is supported: {MARKS}; for reading only",
    "source": "by what; for reading only",
    "changed": "yes where it differs from the value shipped, else no; for reading only",
}
_SCENARIOS = {
    "name": "the scenario's name; `headroom_scenarios` in the first row",
    "title": "what it is called on screen",
    "years": "the year is the worst in so many; `years` or `factor`, not both",
    "factor": "the common factor itself, low is bad",
    "odds_multiplier": "multiplies the odds of default; empty is 1",
    "lgd_add": "added to every loss given default, a decimal; empty is 0",
    "drawdown": "share of the unused line drawn on top, a decimal; empty is 0",
    "mark": f"how it is supported: {MARKS}; empty is A",
    "source": "where it comes from",
}
_REJECTED = {
    "line": "the line of the file, or the row of the sheet",
    "column": "the column at fault",
    "value": "the cell as it was read; an apostrophe is before what a spreadsheet runs or changes",
    "reason": "why, as one of the words below",
}
