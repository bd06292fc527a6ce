"""``manifest.json``: what an export holds, from what, and how it can be checked.

It is written last: a folder with a manifest is complete. It names every file with its SHA-256,
size, rows and control sums, so that a changed or shortened file is found, and ends with a digest
over its own content.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.declared.choices import Which
from analytics.declared.method_version import METHOD_VERSION
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.export.accounts_file import Totals
from analytics.export.accounts_lines import made_decision
from analytics.export.record import (
    Json,
    Record,
    as_json,
    day_text,
    group_record,
    not_applied_record,
    policy_record,
    portfolio_record,
    sourced_assumptions,
)
from analytics.results.simulation import Simulation

MANIFEST = "manifest.json"
FORMAT_KEY = "headroom_export"
FORMAT_VERSION = 2
METHOD_OF = {1: 1, FORMAT_VERSION: METHOD_VERSION}
"""The version of the method by the version of the format, for each that is read."""
DIGEST_KEY = "manifest_sha256"
"""The digest over everything else that the manifest says."""
NOT_INSTALLED = "not installed"
"""What records say of a version where the package runs without being installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One exported file: SHA-256 in hexadecimal, bytes, rows below the header, control sums.

    Control sums are sums of money columns as decimal texts.
    """

    name: str
    sha256: str
    bytes: int
    rows: int
    control_sums: Mapping[str, str] = field(default_factory=dict, hash=False)


def manifest_json(
    simulation: Simulation,
    files: Sequence[FileFacts],
    totals: Totals,
    *,
    which: Which,
    stamped: dt.datetime,
    table: Treatments = SHIPPED,
) -> bytes:
    """Return the manifest of an export as JSON in UTF-8.

    Parameters
    ----------
    totals : Totals
        What the rows of the list of accounts add up to.
    stamped : datetime
        The moment of the export, with its time zone.
    table : Treatments
        The table of treatments in force.
    """
    record: Record = {
        FORMAT_KEY: FORMAT_VERSION,
        "version": package_version(),
        "method_version": METHOD_VERSION,
        "stamped": utc_text(stamped),
        "portfolio": portfolio_record(simulation.portfolio),
        "policy": policy_record(simulation.policy),
        "assumptions": sourced_assumptions(simulation.assumptions, simulation.portfolio),
        "not_applied": not_applied_record(simulation),
        **group_record(simulation.total),
        "accounts": {
            "listed": which,
            "raise_is_called": made_decision(simulation.assumptions),
            "end_date": day_text(simulation.policy.end_date),
        },
        "treatments": {
            treatment: {
                "on": treatment not in table.off,
                "message_code": table.message_code(treatment) or None,
                "accounts": accounts,
            }
            for treatment, accounts in totals.treatments.items()
        },
        "messages": dict(totals.messages.items()),
        "files": [_file_record(facts) for facts in files],
    }
    record[DIGEST_KEY] = digest_of(record)
    return (as_json(record) + "\n").encode("utf-8")


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a manifest's content, the digest that it holds left aside.

    The content is written as JSON in ASCII, keys sorted, without blanks.
    """
    content = {name: value for name, value in manifest.items() if name != DIGEST_KEY}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def package_version() -> str:
    """Return the version of the package that is installed."""
    try:
        return importlib.metadata.version("headroom")
    except importlib.metadata.PackageNotFoundError:
        return NOT_INSTALLED


def utc_text(moment: dt.datetime) -> str:
    """Return a moment in UTC as ISO text, to the second.

    Raises
    ------
    ValueError
        The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("the moment of an export needs its time zone")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _file_record(facts: FileFacts) -> dict[str, Json]:
    return {
        "name": facts.name,
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "rows": facts.rows,
        "control_sums": dict(facts.control_sums),
    }
