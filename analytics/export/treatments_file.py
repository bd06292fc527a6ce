"""``treatments.csv``: which treatments an institution gives, and what it calls their messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from analytics.declared.choices import Treatment
from analytics.declared.language import say
from analytics.declared.parameters import OFF_WORDS, ON_WORDS
from analytics.declared.treatments import (
    ALWAYS_ON,
    BY_TREATMENT,
    MAX_CODE,
    SHIPPED,
    WITHOUT_HOLDOUT,
    Treatments,
)
from analytics.declared.visible import unseen_fault
from analytics.errors import ParameterError
from analytics.export.table_file import Row, TableFormat, read_bytes, read_table, table_csv
from analytics.shown.harmless import begins_a_formula

TREATMENTS = "treatments.csv"
FORMAT = TableFormat(
    name=TREATMENTS,
    english_file="treatments file",
    english_a_file="a treatments file",
    rule="headroom_treatments",
    version="1",
    columns=("treatment", "on", "message_code"),
    needed=("treatment", "on", "message_code"),
    numbers=(),
)
TREATMENT_ROWS = len(BY_TREATMENT) + 1
"""Rows below the header: that of the version, and one a treatment."""
NO_MESSAGE = "none"
"""What a message code says where there is no message."""
SILENT = frozenset({Treatment.CONTROL, Treatment.NONE})
"""Treatments that stand for nothing done: a message would be something."""
_CODE = re.compile(r"[\w.:/ -]+")


def treatments_csv(table: Treatments = SHIPPED) -> bytes:
    """Return the table in force as CSV: UTF-8 without a byte order mark, LF."""
    return table_csv(FORMAT, _rows(table))


def load_treatments_file(path: Path) -> Treatments:
    """Return the table that a file makes of the one declared.

    Raises
    ------
    ParameterError
        The file cannot be opened or read; every fault is named at once.
    """
    return read_treatments_csv(read_bytes(path, FORMAT))


def read_treatments_csv(data: bytes) -> Treatments:
    """Return the table that CSV bytes make of the one declared: the inverse of writing it.

    A treatment without a row stays as declared, as does one whose message code is empty.

    Raises
    ------
    ParameterError
        Not a treatments file, one of another version, a treatment that is not known, named twice or
        cannot be off, or a message code that cannot be one; every fault is named at once.
    """
    faults: list[str] = []
    off: set[Treatment] = set()
    messages: dict[Treatment, str] = {}
    seen: set[Treatment] = set()
    for row in read_table(data, FORMAT).rows:
        try:
            treatment = Treatment(row["treatment"].lower())
        except ParameterError as error:
            faults += _on_line(row, *error.faults)
            continue
        if treatment in seen:
            faults += _on_line(
                row, say("{name} is there more than once: keep one row.", name=treatment)
            )
        seen.add(treatment)
        found = [*_switch_faults(row, treatment), *_code_faults(row, treatment)]
        faults += _on_line(row, *found)
        if row["on"].lower() in OFF_WORDS:
            off.add(treatment)
        if row["message_code"]:
            text = row["message_code"]
            messages[treatment] = "" if text.lower() == NO_MESSAGE else text
    kept = tuple(
        (treatment, code)
        for treatment, code in sorted(messages.items(), key=lambda item: item[0].code)
        if code != SHIPPED.message_code(treatment)
    )
    table = Treatments(off=frozenset(off), messages=kept)
    faults += _arm_faults(table)
    if faults:
        raise ParameterError(faults)
    return table


def _rows(table: Treatments) -> Iterator[tuple[str, ...]]:
    for treatment in BY_TREATMENT:
        on = "off" if treatment in table.off else "on"
        yield (treatment, on, table.message_code(treatment) or NO_MESSAGE)


def _on_line(row: Row, *faults: str) -> list[str]:
    return [say("Line {line}: {fault}", line=row.line, fault=fault) for fault in faults]


def _switch_faults(row: Row, treatment: Treatment) -> list[str]:
    text = row["on"].lower()
    if text and text not in OFF_WORDS | ON_WORDS:
        return [say("on = {text!r} was not understood: give on or off.", text=row["on"])]
    if text not in OFF_WORDS or treatment not in ALWAYS_ON:
        return []
    if treatment is Treatment.SUPPORT:
        return [
            say(
                "support cannot be off: customers in hardship or past due are referred to help, "
                "whatever else is done. Set it on, or leave out the row."
            )
        ]
    if treatment is Treatment.NONE:
        return [say("none cannot be off: it is what is left. Set it on, or leave out the row.")]
    return [
        say(
            "{treatment} cannot be off: who is raised or held out is set by the policy. Set it on, "
            "or leave out the row.",
            treatment=treatment,
        )
    ]


def _code_faults(row: Row, treatment: Treatment) -> list[str]:
    """Return what is wrong with a message code."""
    code = row["message_code"]
    if code.lower() == NO_MESSAGE and treatment in WITHOUT_HOLDOUT:
        return [
            say(
                "{treatment} keeps a message: help for customers in hardship or past due is never "
                "withheld. Give its message_code, or leave the cell empty.",
                treatment=treatment,
            )
        ]
    if not code or code.lower() == NO_MESSAGE:
        return []
    if treatment in SILENT:
        return [
            say(
                "{treatment} stands for nothing done and has no message: give none as its "
                "message_code.",
                treatment=treatment,
            )
        ]
    problem = _problem(code)
    if problem is None:
        return []
    return [
        say(
            "message_code = {code!r} {problem}: give 1 to {most} letters, digits and . : / _ -",
            code=code,
            problem=problem,
            most=MAX_CODE,
        )
    ]


def _problem(code: str) -> str | None:
    if len(code) > MAX_CODE:
        return say("has {count:,} characters", count=len(code))
    if begins_a_formula(code):
        return say("begins as a formula does")
    hidden = unseen_fault(code)
    if hidden:
        return hidden
    return None if _CODE.fullmatch(code) else say("holds other characters")


def _arm_faults(table: Treatments) -> list[str]:
    """Return whether the arms of the trial would differ by more than the raise."""
    arms = (Treatment.RAISE_WITH_GUIDANCE, Treatment.CONTROL_WITH_GUIDANCE)
    messages = {table.message_code(arm) for arm in arms}
    if len(messages) == 1 and len(table.off.intersection(arms)) != 1:
        return []
    return [
        say(
            "{first} and {second} are the arms of one trial and may differ by the raise alone: "
            "set both on or off, with the same message_code.",
            first=arms[0],
            second=arms[1],
        )
    ]


__all__ = [
    "FORMAT",
    "TREATMENTS",
    "TREATMENT_ROWS",
    "load_treatments_file",
    "read_treatments_csv",
    "treatments_csv",
]
