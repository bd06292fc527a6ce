"""Whether an export is still what was written: files and manifest against each other.

Hashes, rows and control sums are counted again; what the manifest says of the raise, the policy and
the assumptions is derived again; and a digest over the manifest itself finds any other edit of it.
A spreadsheet that opens ``accounts.csv`` and saves it again loses leading zeros and long ids; a
copy can stop half way. Both are found here, before an engine reads the file.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

from analytics.assumptions import fingerprint_of
from analytics.errors import PolicyFileError
from analytics.export.accounts_file import OFFER, RAISE, SUMMED
from analytics.export.atomic import fault_of
from analytics.export.bundle import ACCOUNTS, ACCOUNTS_VIEW, FILES, POLICY
from analytics.export.manifest import (
    DIGEST_KEY,
    FORMAT_KEY,
    FORMAT_VERSION,
    MANIFEST,
    digest_of,
)
from analytics.export.policy_file import MAX_BYTES, read_policy_csv
from analytics.export.record import as_json, policy_record
from analytics.shown.formats import counted

MAX_MANIFEST = 10_000_000
Open = Callable[[str], contextlib.AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class _Export:
    """A folder or zip that holds an export: which files, and how to open one."""

    place: Path
    names: frozenset[str]
    open: Open


@dataclass(frozen=True, slots=True)
class _Table:
    """What a table holds: rows below its header, sums of its money columns, accounts raised."""

    rows: int
    sums: Mapping[str, Decimal]
    raised: int = 0


def verify_export(place: Path) -> list[str]:
    """Return every fault of an export in a folder or zip, one sentence each; none if it is whole.

    Files of other names beside it are not looked at.
    """
    try:
        with _opened(place) as export:
            return _faults(export)
    except zipfile.BadZipFile:
        return [f"{place} is not a whole zip: export again, or copy it again."]
    except OSError as error:
        return [f"{place} cannot be read: {fault_of(error)}."]


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[_Export]:
    if place.is_dir():
        names = frozenset(name for name in FILES if (place / name).exists())
        yield _Export(place, names, lambda name: (place / name).open("rb"))
        return
    with zipfile.ZipFile(place) as archive:

        @contextlib.contextmanager
        def member(name: str) -> Iterator[BinaryIO]:
            with archive.open(name) as file:
                yield file  # type: ignore[misc]

        yield _Export(place, frozenset(archive.namelist()) & frozenset(FILES), member)


def _faults(export: _Export) -> list[str]:
    if MANIFEST not in export.names:
        return [f"{export.place} has no {MANIFEST}: there is no complete export. Export again."]
    try:
        manifest = _manifest(export)
        listed = {entry["name"]: entry for entry in manifest["files"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return [f"{MANIFEST} was changed or cut short and cannot be read: export again."]
    if manifest[FORMAT_KEY] != FORMAT_VERSION:
        return [
            f"{MANIFEST} is not of format {FORMAT_VERSION}: check it with the version it names."
        ]
    found = _digest_faults(manifest)
    found += [
        f"{name} is there, but the manifest does not name it: it is of another export."
        for name in FILES
        if name in export.names and name not in listed and name != MANIFEST
    ]
    found += [
        f"The manifest names no {name}: export again."
        for name in (POLICY, ACCOUNTS)
        if name not in listed
    ]
    for name, entry in listed.items():
        found += _file_faults(export, name, entry, manifest)
    return found + _policy_faults(export, manifest) + _assumption_faults(manifest)


def _manifest(export: _Export) -> Mapping[str, Any]:
    with export.open(MANIFEST) as file:
        text = file.read(MAX_MANIFEST).decode("utf-8")
    manifest = json.loads(text, object_pairs_hook=_once)
    if not isinstance(manifest, dict) or FORMAT_KEY not in manifest:
        raise ValueError(MANIFEST)
    return manifest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; one that names a value twice reads two ways and is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(MANIFEST)
    return found


def _digest_faults(manifest: Mapping[str, Any]) -> list[str]:
    said = manifest.get(DIGEST_KEY)
    if said is None:
        return [
            (
                f"{MANIFEST} has no digest of its own ({DIGEST_KEY}): an earlier version wrote it, "
                "or it was taken out, so that an edit of it cannot be found. Export again."
            )
        ]
    if said != digest_of(manifest):
        return [f"{MANIFEST} was changed after the export: its digest is another. Export again."]
    return []


def _file_faults(
    export: _Export, name: str, entry: Mapping[str, Any], manifest: Mapping[str, Any]
) -> list[str]:
    if name not in FILES or name == MANIFEST:
        return ["The manifest names a file that no export writes: it was changed. Export again."]
    if name not in export.names:
        return [f"{name} is missing: export again."]
    try:
        digest, size = _digest(export, name)
        same = (digest, size) == (entry["sha256"], entry["bytes"])
        rows, sums = entry["rows"], dict(entry.get("control_sums") or {})
    except (KeyError, TypeError, ValueError):
        return [f"{MANIFEST} was changed and says too little of {name}: export again."]
    found = []
    if not same:
        found.append(
            f"{name} was changed after the export: its SHA-256 or its size ({size:,} bytes) is not "
            "the manifest's. Do not use it; export again."
        )
    try:
        table = _read(export, name)
    except (csv.Error, UnicodeDecodeError, InvalidOperation, ValueError, IndexError):
        return [*found, f"{name} cannot be read as the table that was exported: do not use it."]
    if table.rows != rows:
        has = counted(table.rows, "row", "rows")
        found.append(f"{name} has {has}, and the manifest says {rows}.")
    found += [
        f"{name}: {column} adds up to {total}, and the manifest says {sums.get(column, 'nothing')}."
        for column, total in table.sums.items()
        if str(total) != sums.get(column)
    ]
    return found + (_raise_faults(table, manifest) if name == ACCOUNTS else [])


def _raise_faults(table: _Table, manifest: Mapping[str, Any]) -> list[str]:
    """Return where the accounts raised, or their increase, are not what the manifest says."""
    found = []
    if manifest.get("raised") != table.raised:
        found.append(
            f"{ACCOUNTS} raises {counted(table.raised, 'account', 'accounts')}, and the manifest "
            f"says raised = {manifest.get('raised', 'nothing')}."
        )
    increase = table.sums["increase"]
    if manifest.get("effective_raise") != float(increase):
        found.append(
            f"{ACCOUNTS} raises by {increase}, and the manifest says effective_raise = "
            f"{manifest.get('effective_raise', 'nothing')}."
        )
    return found


def _read(export: _Export, name: str) -> _Table:
    """Return what a table of an export holds."""
    with export.open(name) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, [])
        if name not in (ACCOUNTS, ACCOUNTS_VIEW):
            return _Table(sum(1 for _ in reader), {})
        places, decision = [header.index(c) for c in SUMMED], header.index("decision")
        totals, count, raised = [Decimal("0.00") for _ in places], 0, 0
        for row in reader:
            count += 1
            raised += row[decision] in (RAISE, OFFER)
            for at, place in enumerate(places):
                totals[at] += Decimal(row[place])
    return _Table(count, dict(zip(SUMMED, totals, strict=True)), raised)


def _digest(export: _Export, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with export.open(name) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _policy_faults(export: _Export, manifest: Mapping[str, Any]) -> list[str]:
    if POLICY not in export.names:
        return []
    with export.open(POLICY) as file:
        data = file.read(MAX_BYTES + 1)
    try:
        policy = read_policy_csv(data)
    except PolicyFileError as error:
        return [f"{POLICY}: {fault}" for fault in error.faults]
    said = manifest.get("policy")
    if not isinstance(said, dict) or said.get("fingerprint") != policy.fingerprint:
        return [f"{POLICY} is not the policy that the manifest describes: export again."]
    held = json.loads(as_json(policy_record(policy)))
    other = [name for name in {**held, **said} if held.get(name) != said.get(name)]
    if other:
        return [
            (
                f"The manifest says another {', '.join(other)} of the policy than {POLICY}: it was "
                "changed. Export again."
            )
        ]
    return []


def _assumption_faults(manifest: Mapping[str, Any]) -> list[str]:
    """Return whether the values of the assumptions are not those of their fingerprint."""
    try:
        said = manifest["assumptions"]
        values = {name: entry["value"] for name, entry in said["values"].items()}
        values["band_edges"] = said["band_edges"]
        plain = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        same = fingerprint_of(plain) == said["fingerprint"]
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        same = False
    if same:
        return []
    return [
        (
            f"The assumptions in {MANIFEST} are not those of their fingerprint: it was changed. "
            "Export again."
        )
    ]
