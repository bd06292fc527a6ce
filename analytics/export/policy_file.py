"""``policy.csv``: a policy as a table of rules, for a decision engine and for a colleague.

What the policy was made for comes first (:mod:`analytics.export.policy_context`), then one row a
rule, in the order of the registry; a policy with tiers has one ``raise_rate`` row a tier. Read
back, the file gives the identical policy, of the same fingerprint. Values are canonical text (rates
as decimals, money plain, ``on`` and ``off``, ``none`` for what is off) and never altered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.assumptions import Assumptions
from analytics.declared.first_faults import ENOUGH
from analytics.declared.language import marked, say, together
from analytics.declared.method_version import METHOD_VERSION
from analytics.errors import PolicyFileError
from analytics.export.atomic import write_file
from analytics.export.policy_context import METHOD, STATED, Context
from analytics.export.policy_reading import BY_NAME, CONSTRAINT, PolicyReading
from analytics.export.table_file import (
    Table,
    TableFormat,
    read_bytes,
    read_table,
    rows_csv,
)
from analytics.policy import Policy
from analytics.portfolio import Portfolio

FORMAT_RULE = "headroom_policy"
FORMAT_1, FORMAT_VERSION = "1", "2"
VIEWING = f"{FORMAT_VERSION} for viewing"
"""The version of a copy for viewing: its texts were altered, so it is never read as a policy."""
POLICY_COLUMNS = ("rule", "score_from", "value", "unit", "title")
FORMAT = TableFormat(
    name="policy.csv",
    english_file="policy file",
    english_a_file="a policy file",
    rule=FORMAT_RULE,
    version=FORMAT_VERSION,
    columns=POLICY_COLUMNS,
    needed=POLICY_COLUMNS[:3],
    earlier=(FORMAT_1,),
    viewing=VIEWING,
    error=PolicyFileError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A policy as a file gives it, and what the file says that it was made for."""

    policy: Policy
    context: Context
    fingerprint: str
    """SHA-256 over the levers as they stand in the file: of one that nobody changed, that of the
    policy by the version that wrote it."""

    def faults_on(self, portfolio: Portfolio) -> list[str]:
        """Return why the policy cannot be used on a portfolio, one sentence a fault."""
        return self.context.faults_on(self.policy, portfolio)

    def notes_on(self, portfolio: Portfolio, assumptions: Assumptions) -> tuple[str, ...]:
        """Return what is to be known before the policy is used on a portfolio."""
        return self.context.notes_on(self.policy, portfolio, assumptions)


def policy_csv(policy: Policy, context: Context | None = None) -> bytes:
    """Return a policy as CSV: UTF-8 without a byte order mark, LF, quoted only where needed.

    ``context`` is what it was made for; without one, the file says that this is not known.
    """
    return rows_csv([POLICY_COLUMNS, *policy_rows(policy, context)])


def policy_rows(policy: Policy, context: Context | None = None) -> Iterator[tuple[str, ...]]:
    """Return the rows below the header: rule, score_from, value, unit and title."""
    yield (FORMAT_RULE, "", FORMAT_VERSION, "format", marked("Format of this file"))
    yield from (context or Context()).rows(policy)
    for name, score_from, value in policy.rows():
        if name == CONSTRAINT:
            yield (name, score_from, value, "constraint", marked("Risk appetite"))
            continue
        declared = BY_NAME[name]
        yield (name, score_from, value, declared.unit.value, declared.english_title)


def save_policy(policy: Policy, path: Path, context: Context | None = None) -> None:
    """Write a policy to a file, whole or not at all; ``context`` as for :func:`policy_csv`.

    Raises
    ------
    ExportError
        The file could not be written; what was there before is untouched.
    """
    write_file(path, policy_csv(policy, context))


def load_policy(path: Path) -> Policy:
    """Return the policy that a file holds.

    Raises
    ------
    PolicyFileError
        The file cannot be opened or read; every fault is named at once.
    """
    return load_stated(path).policy


def load_stated(path: Path) -> Stated:
    """Return the policy that a file holds, with what it was made for.

    Raises
    ------
    PolicyFileError
        The file cannot be opened or read; every fault is named at once.
    """
    return read_stated(read_bytes(path, FORMAT))


def read_policy_csv(data: bytes) -> Policy:
    """Return the policy that CSV bytes hold: the inverse of :func:`policy_csv`.

    Raises
    ------
    PolicyFileError
        As for :func:`read_stated`.
    """
    return read_stated(data).policy


def read_stated(data: bytes) -> Stated:
    """Return the policy that CSV bytes hold, with what it was made for.

    A file that went through a spreadsheet is read too, see :func:`read_table`; no unit and title,
    blanks around numbers. One of version 1 lacks the levers that came later, and stands as it did.

    Raises
    ------
    PolicyFileError
        Not a policy file, one of another version, or rules unknown, missing, repeated or out of
        bounds; every fault is named at once. Nothing is ever filled in by default.
    """
    table = read_table(data, FORMAT)
    reading = PolicyReading(table.numbers, _method_version(table))
    for row in table.rows:
        reading.take(row)
        if len(reading.faults) >= ENOUGH:
            raise PolicyFileError(reading.faults)
    policy = reading.policy()
    levers = (row for row in table.rows if row["rule"] not in STATED)
    written = [[row.as_written(name) for name in FORMAT.needed] for row in levers]
    canonical = json.dumps(written, ensure_ascii=True)
    return Stated(
        policy=policy,
        context=reading.context(),
        fingerprint=hashlib.sha256(canonical.encode("ascii")).hexdigest(),
    )


def _method_version(table: Table) -> int:
    """Return the version of the method that a file was made by; one not known is refused first.

    A file of format 2 that does not name it is read as if it did, so that all it lacks is named.
    """
    expected = 1 if table.version == FORMAT_1 else METHOD_VERSION
    said = [row["value"] for row in table.rows if row["rule"].lower() == METHOD]
    if said and said != [str(expected)]:
        raise PolicyFileError(
            say(
                "method_version = {said!r}: a policy file of format {format} is of version "
                "{expected} of the method, the latest that this Headroom knows is {latest}. "
                "Export the policy again from a version that agrees.",
                said=together(said),
                format=table.version,
                expected=expected,
                latest=METHOD_VERSION,
            )
        )
    return expected
