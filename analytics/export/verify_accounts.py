"""Whether what a list of accounts adds up to is what the other files of its export say."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import Any

from analytics.declared.choices import MessageArm, Treatment
from analytics.declared.language import say, say_n
from analytics.declared.treatments import Treatments
from analytics.errors import ParameterError
from analytics.export.accounts_lines import ACCOUNTS
from analytics.export.accounts_read import Table
from analytics.export.manifest import MANIFEST
from analytics.export.messages_file import MESSAGES, read_message_codes
from analytics.export.treated_read import TreatedRows
from analytics.export.treatments_file import TREATMENTS, read_treatments_csv

Read = Callable[[str], bytes | None]
"""Gives the bytes of a file of the export by its name; None where it is not there."""


def treatment_faults(accounts: Table, manifest: Mapping[str, Any], read: Read) -> list[str]:
    """Return where an export contradicts itself on treatments; one without them never does."""
    said = manifest.get("treatments")
    given = accounts.treated
    if said is None and given is None:
        return []
    if said is None or given is None:
        return [
            say(
                "Of {accounts} and {manifest} one has treatments and one has none: export again.",
                accounts=ACCOUNTS,
                manifest=MANIFEST,
            )
        ]
    data = read(TREATMENTS)
    if data is None:
        return [say("{name} is missing: export again.", name=TREATMENTS)]
    try:
        table = read_treatments_csv(data)
    except ParameterError as error:
        return [f"{TREATMENTS}: {fault}" for fault in error.faults]
    return [
        *_count_faults(given, manifest),
        *_table_faults(table, said),
        *_code_faults(table, given),
        *_text_faults(table, read(MESSAGES)),
    ]


def raise_faults(table: Table, manifest: Mapping[str, Any]) -> list[str]:
    """Return where the accounts raised, or their increase, are not what the manifest says."""
    found = []
    if manifest.get("raised") != table.raised:
        found.append(
            say_n(
                "{file} raises {count:,} account, and the manifest says raised = {listed}.",
                "{file} raises {count:,} accounts, and the manifest says raised = {listed}.",
                table.raised,
                file=ACCOUNTS,
                listed=manifest.get("raised", say("nothing")),
            )
        )
    increase = table.sums["increase"]
    if manifest.get("effective_raise") != float(increase):
        found.append(
            say(
                "{file} raises by {increase}, and the manifest says effective_raise = {listed}.",
                file=ACCOUNTS,
                increase=increase,
                listed=manifest.get("effective_raise", say("nothing")),
            )
        )
    said = manifest.get("accounts")
    day = said.get("end_date") if isinstance(said, dict) else None
    if table.ends and table.ends != {day or ""}:
        found.append(
            say(
                "{file} has another end_date than the manifest says ({listed}).",
                file=ACCOUNTS,
                listed=day or say("nothing"),
            )
        )
    return found


def _count_faults(given: TreatedRows, manifest: Mapping[str, Any]) -> list[str]:
    told = manifest.get("messages")
    said: dict[str, Any] = {n: _of(manifest["treatments"], n, "accounts") for n in Treatment}
    said |= {n: told.get(n) if isinstance(told, dict) else None for n in MessageArm}
    counted: dict[str, int] = {n: given.treatments.get(n, 0) for n in Treatment}
    counted |= {n: given.messages.get(n, 0) for n in MessageArm}
    return [
        say(
            "{file} has {counted:,} accounts with {name}, and the manifest says {listed}.",
            file=ACCOUNTS,
            counted=count,
            name=name,
            listed=say("nothing") if said[name] is None else said[name],
        )
        for name, count in counted.items()
        if said[name] != count
    ]


def _table_faults(table: Treatments, said: Any) -> list[str]:
    other = [
        name
        for name in Treatment
        if _of(said, name, "on") is not (name not in table.off)
        or _of(said, name, "message_code") != (table.message_code(name) or None)
    ]
    if not other:
        return []
    return [
        say(
            "{file} says another {names} than the manifest: it was changed. Export again.",
            file=TREATMENTS,
            names=tuple(other),
        )
    ]


def _code_faults(table: Treatments, given: TreatedRows) -> list[str]:
    """Return the treatments whose rows are not as the treatments file says."""
    off = [name for name in given.treatments if name in table.off]
    codes = [name for name, code in given.codes if table.message_code(Treatment(name)) != code]
    silent = [name for name in given.silent if table.message_code(Treatment(name))]
    other = sorted({*off, *codes, *silent})
    if not other:
        return []
    return [
        say(
            "{file} gives {names} otherwise than {table} says: export again.",
            file=ACCOUNTS,
            names=tuple(other),
            table=TREATMENTS,
        )
    ]


def _text_faults(table: Treatments, data: bytes | None) -> list[str]:
    if data is None:
        return [say("{name} is missing: export again.", name=MESSAGES)]
    wanted = {
        (str(row.treatment), code)
        for row in table.rows()
        if (code := table.message_code(row.treatment))
    }
    try:
        same = read_message_codes(data) == wanted
    except (ValueError, csv.Error):
        same = False
    if same:
        return []
    return [
        say(
            "{file} does not hold the messages that {table} says: export again.",
            file=MESSAGES,
            table=TREATMENTS,
        )
    ]


def _of(said: Any, name: str, key: str) -> Any:
    """Return what the manifest says of a treatment; None where it does not."""
    entry = said.get(name) if isinstance(said, dict) else None
    return entry.get(key) if isinstance(entry, dict) else None


__all__ = ["raise_faults", "treatment_faults"]
