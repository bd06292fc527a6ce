"""Whether an export is still what was written: files and manifest against each other.

Hashes, rows and control sums are counted again; what the manifest says of the raise, the policy and
the assumptions is derived again; and a digest over the manifest itself finds any other edit of it.
A spreadsheet that opens ``accounts.csv`` and saves it again loses leading zeros and long ids; a
copy can stop half way. Both are found here, before an engine reads the file.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

from analytics.assumptions import fingerprint_of
from analytics.declared.files import exists, fault_of, regular
from analytics.declared.language import either, say, say_n
from analytics.errors import PolicyFileError
from analytics.export.accounts_lines import ACCOUNTS
from analytics.export.accounts_read import Table, count_rows, read_accounts
from analytics.export.bundle import ACCOUNTS_VIEW, FILES, POLICY
from analytics.export.manifest import (
    DIGEST_KEY,
    FORMAT_KEY,
    FORMAT_VERSION,
    MANIFEST,
    METHOD_OF,
    digest_of,
)
from analytics.export.policy_context import RATES, Context
from analytics.export.policy_file import read_stated
from analytics.export.record import as_json, policy_record
from analytics.export.table_file import MAX_BYTES
from analytics.export.verify_accounts import raise_faults, treatment_faults
from analytics.export.zip_form import UNREADABLE, ZipError, check_zip

MAX_MANIFEST = 10_000_000
UNPACKED, RATIO = 10_000_000, 200
"""Bytes that a file in a zip may unpack to in any case, and for each byte of the zip."""
Open = Callable[[str], contextlib.AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class _Export:
    """A folder or zip that holds an export: which files, and how to open one."""

    place: Path
    names: frozenset[str]
    open: Open
    most: int | None = None
    """Bytes that a file in it may unpack to; None where nothing is packed."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of an export: its faults, and the version of the method that it is of."""

    faults: tuple[str, ...]
    method_version: int | None
    """None where the manifest does not say it."""


def verify_export(place: Path) -> list[str]:
    """Return every fault of an export in a folder or zip, one sentence each; none if it is whole.

    Files of other names beside it are not looked at.
    """
    return list(verified(place).faults)


def verified(place: Path) -> Verified:
    """Return what is found of an export: as :func:`verify_export`, and its version."""
    try:
        with _opened(place) as export:
            return _verified(export)
    except ZipError as error:
        fault = say(
            "{place} is not the zip that an export wrote: {fault}. Do not use it; export again.",
            place=place,
            fault=error,
        )
    except UNREADABLE:
        fault = say("{place} is not a whole zip: export again, or copy it again.", place=place)
    except OSError as error:
        fault = say("{place} cannot be read: {fault}.", place=place, fault=fault_of(error))
    return Verified((fault,), None)


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[_Export]:
    if place.is_dir():
        names = frozenset(name for name in FILES if exists(place / name))
        yield _Export(place, names, lambda name: regular(place / name).open("rb"))
        return
    with zipfile.ZipFile(regular(place)) as archive:
        check_zip(archive, frozenset(FILES))

        @contextlib.contextmanager
        def member(name: str) -> Iterator[BinaryIO]:
            with archive.open(name) as file:
                yield file  # type: ignore[misc]

        most = max(UNPACKED, RATIO * place.stat().st_size)
        yield _Export(place, frozenset(archive.namelist()) & frozenset(FILES), member, most)


def _verified(export: _Export) -> Verified:
    if MANIFEST not in export.names:
        fault = say(
            "{place} has no {manifest}: there is no complete export. Export again.",
            place=export.place,
            manifest=MANIFEST,
        )
        return Verified((fault,), None)
    try:
        manifest = _manifest(export)
        listed = {entry["name"]: entry for entry in manifest["files"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        fault = say(
            "{manifest} was changed or cut short and cannot be read: export again.",
            manifest=MANIFEST,
        )
        return Verified((fault,), None)
    form = manifest[FORMAT_KEY]
    if type(form) is not int or form not in METHOD_OF:
        fault = say(
            "{manifest} is not of format {versions}: check it with the version it names.",
            manifest=MANIFEST,
            versions=either(map(str, METHOD_OF)),
        )
        return Verified((fault,), None)
    return Verified(tuple(_faults(export, manifest, listed)), METHOD_OF[form])


def _faults(
    export: _Export, manifest: Mapping[str, Any], listed: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    found = _digest_faults(manifest)
    found += [
        say(
            "{name} is there, but the manifest does not name it: it is of another export.",
            name=name,
        )
        for name in FILES
        if name in export.names and name not in listed and name != MANIFEST
    ]
    found += [
        say("The manifest names no {name}: export again.", name=name)
        for name in (POLICY, ACCOUNTS)
        if name not in listed
    ]
    for name, entry in listed.items():
        found += _file_faults(export, name, entry, manifest)
    return found + _policy_faults(export, manifest) + _assumption_faults(manifest)


def _small(export: _Export, name: str) -> bytes | None:
    """Return the bytes of a small file of an export, as many as say so of a large one."""
    if name not in export.names:
        return None
    with export.open(name) as file:
        return file.read(MAX_BYTES + 1)


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
            say(
                "{manifest} has no digest of its own ({key}): an earlier version "
                "wrote it, or it was taken out, so that an edit of it cannot be found. "
                "Export again.",
                manifest=MANIFEST,
                key=DIGEST_KEY,
            )
        ]
    if said != digest_of(manifest):
        return [
            say(
                "{manifest} was changed after the export: its digest is another. Export again.",
                manifest=MANIFEST,
            )
        ]
    return []


def _file_faults(
    export: _Export, name: str, entry: Mapping[str, Any], manifest: Mapping[str, Any]
) -> list[str]:
    if name not in FILES or name == MANIFEST:
        return [
            say("The manifest names a file that no export writes: it was changed. Export again.")
        ]
    if name not in export.names:
        return [say("{name} is missing: export again.", name=name)]
    try:
        digest, size = _digest(export, name)
        if export.most is not None and size > export.most:
            return [
                say("{name} unpacks to far more than an export holds: do not use it.", name=name)
            ]
        same = (digest, size) == (entry["sha256"], entry["bytes"])
        rows, sums = entry["rows"], dict(entry.get("control_sums") or {})
    except (KeyError, TypeError, ValueError):
        return [
            say(
                "{manifest} was changed and says too little of {name}: export again.",
                manifest=MANIFEST,
                name=name,
            )
        ]
    found = []
    if not same:
        found.append(
            say(
                "{name} was changed after the export: its SHA-256 or its size ({size:,} "
                "bytes) is not the manifest's. Do not use it; export again.",
                name=name,
                size=size,
            )
        )
    try:
        table = _read(export, name, manifest[FORMAT_KEY])
    except (csv.Error, UnicodeDecodeError, InvalidOperation, ValueError, IndexError):
        return [
            *found,
            say("{name} cannot be read as the table that was exported: do not use it.", name=name),
        ]
    if table.rows != rows:
        found.append(
            say_n(
                "{name} has {count:,} row, and the manifest says {rows}.",
                "{name} has {count:,} rows, and the manifest says {rows}.",
                table.rows,
                name=name,
                rows=rows,
            )
        )
    found += [
        say(
            "{name}: {column} adds up to {total}, and the manifest says {listed}.",
            name=name,
            column=column,
            total=total,
            listed=sums.get(column, say("nothing")),
        )
        for column, total in table.sums.items()
        if str(total) != sums.get(column)
    ]
    found += table.faults
    if name != ACCOUNTS:
        return found
    treated = treatment_faults(table, manifest, functools.partial(_small, export))
    return found + raise_faults(table, manifest) + treated


def _read(export: _Export, name: str, form: int) -> Table:
    """Return what a table of an export holds."""
    with export.open(name) as file:
        if name not in (ACCOUNTS, ACCOUNTS_VIEW):
            return count_rows(file)
        return read_accounts(file, name=name, arms=form == FORMAT_VERSION)


def _digest(export: _Export, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with export.open(name) as file:
        while (export.most is None or size <= export.most) and (piece := file.read(1 << 20)):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _policy_faults(export: _Export, manifest: Mapping[str, Any]) -> list[str]:
    data = _small(export, POLICY)
    if data is None:
        return []
    try:
        stated = read_stated(data)
    except PolicyFileError as error:
        return [f"{POLICY}: {fault}" for fault in error.faults]
    said = manifest.get("policy")
    if not isinstance(said, dict) or said.get("fingerprint") != stated.fingerprint:
        return [
            say(
                "{policy} is not the policy that the manifest describes: export again.",
                policy=POLICY,
            )
        ]
    held = json.loads(as_json(policy_record(stated.policy))) | {"fingerprint": stated.fingerprint}
    names = {**held, **said} if manifest[FORMAT_KEY] == FORMAT_VERSION else said
    other = [name for name in names if held.get(name) != said.get(name)]
    other += _other_context(stated.context, manifest)
    if other:
        return [
            say(
                "The manifest says another {other} of the policy than {policy}: it was "
                "changed. Export again.",
                other=tuple(other),
                policy=POLICY,
            )
        ]
    return []


def _other_context(context: Context, manifest: Mapping[str, Any]) -> list[str]:
    """Return what the policy file says that it was made for, where the manifest says another."""
    if manifest[FORMAT_KEY] != FORMAT_VERSION:
        return []
    try:
        values = manifest["assumptions"]["values"]
        said = {
            "method_version": manifest["method_version"],
            "scale": manifest["portfolio"]["scale"],
            "currency": manifest["portfolio"]["currency"],
            **{name: values[name]["value"] for name in RATES},
        }
    except (KeyError, TypeError):
        return ["context"]
    return [name for name, value in said.items() if getattr(context, name) != value]


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
        say(
            "The assumptions in {manifest} are not those of their fingerprint: it was "
            "changed. Export again.",
            manifest=MANIFEST,
        )
    ]
