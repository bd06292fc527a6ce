"""An export as a whole: policy, accounts and manifest, in a folder or in one zip.

In a folder, everything is first written and synced beside its place, and only then put in it, the
manifest last. So a full disk leaves the earlier export untouched; and a process killed at any
moment leaves no file cut short, and a manifest only where all files belong together.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from analytics.declared.choices import Which
from analytics.declared.files import exists, fault_of, regular
from analytics.declared.language import say
from analytics.errors import ExportError
from analytics.export.accounts_file import (
    HEADER_1,
    AccountsOnDisk,
    accounts_on_disk,
)
from analytics.export.atomic import Produce, Sink, Written, produce_file, staging
from analytics.export.manifest import FORMAT_KEY, MANIFEST, FileFacts, manifest_json, utc_text
from analytics.export.policy_context import Context
from analytics.export.policy_file import POLICY_COLUMNS, policy_csv, policy_rows
from analytics.export.viewing import policy_view, write_accounts_view
from analytics.policy import Policy
from analytics.portfolio import Progress
from analytics.results.simulation import Simulation

POLICY = "policy.csv"
ACCOUNTS = "accounts.csv"
POLICY_VIEW = "policy_for_viewing.csv"
ACCOUNTS_VIEW = "accounts_for_viewing.csv"
FILES = (POLICY, ACCOUNTS, POLICY_VIEW, ACCOUNTS_VIEW, MANIFEST)
"""Every name that an export may write."""

_EARLIEST = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2107, 12, 31, tzinfo=dt.UTC)
"""The first and last day that a zip can hold."""
_COMPRESSION = 3
_BEGINNINGS = {
    POLICY: ",".join(POLICY_COLUMNS),
    ACCOUNTS: HEADER_1,
    POLICY_VIEW: ",".join(POLICY_COLUMNS),
    ACCOUNTS_VIEW: HEADER_1,
}
"""What a file begins with that an export wrote, of this version or an earlier one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote, and where."""

    place: Path | None
    """The folder or the zip; None for an open file."""
    files: tuple[FileFacts, ...]
    """Every file but the manifest, with what the manifest says of it."""
    manifest: Written


Write = Callable[[str, Produce], Written]
"""Writes one named file from what a function writes."""


def export_policy(
    simulation: Simulation,
    folder: Path,
    *,
    stamped: dt.datetime,
    accounts: Which = Which.ALL,
    viewing: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write the chosen policy, its accounts and the manifest into a folder.

    Parameters
    ----------
    stamped : datetime
        The moment of the export, with its time zone; the same one gives the same bytes.
    accounts : "all" or "raised"
        Which accounts ``accounts.csv`` lists.
    viewing : bool
        Write copies for a spreadsheet too.
    progress : callable, optional
        Called with the accounts written so far and their number.

    Raises
    ------
    ExportError, DatabaseError
        Nothing was written; an earlier export in the folder is as it was.
    """
    utc_text(stamped)
    check_folder(folder)
    with accounts_on_disk(simulation, accounts, progress) as listed, staging(folder) as files:
        facts = _write_files(simulation, listed, files.write, viewing, progress)
        data = manifest_json(simulation, facts, which=accounts, stamped=stamped)
        manifest = files.write(MANIFEST, lambda sink: sink.write(data))
        names = {item.name for item in facts}
        old = [name for name in FILES if name not in names and name != MANIFEST]
        files.publish(last=MANIFEST, without=old)
    return Exported(place=folder, files=facts, manifest=manifest)


def export_zip(
    simulation: Simulation,
    target: Path | BinaryIO,
    *,
    stamped: dt.datetime,
    accounts: Which = Which.ALL,
    viewing: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write the same files into one zip: at a path (whole or not at all), or into an open file.

    The manifest is the zip's last member; all members carry the time ``stamped``, so that the same
    export gives the same bytes. For a name see :func:`zip_name`.

    Raises
    ------
    ExportError, DatabaseError
        The zip could not be written.
    """
    utc_text(stamped)
    with accounts_on_disk(simulation, accounts, progress) as listed:

        def fill(sink: Sink) -> Exported:
            return _fill_zip(simulation, listed, sink, stamped, accounts, viewing, progress)

        if not isinstance(target, Path):
            return fill(Sink(target))
        made: list[Exported] = []
        produce_file(target, lambda sink: made.append(fill(sink)))
        return Exported(place=target, files=made[0].files, manifest=made[0].manifest)


def zip_name(policy: Policy) -> str:
    """Return the file name of a policy's zip: made from its name and fingerprint, plain ASCII."""
    plain = unicodedata.normalize("NFKD", policy.name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return f"headroom-{slug or 'policy'}-{policy.fingerprint[:8]}.zip"


def check_folder(folder: Path) -> None:
    """Refuse a folder in which an export would replace somebody else's file.

    Raises
    ------
    ExportError
        A file of an export's name is there and no export wrote it.
    """
    try:
        there = exists(folder) or folder.is_symlink()
        fault = "" if not there or folder.is_dir() else say("it is no folder")
    except OSError as error:
        fault = fault_of(error)
    if fault:
        raise ExportError(
            say(
                "{folder} cannot be written to: {fault}. Name another folder.",
                folder=folder,
                fault=fault,
            )
        )
    found = [name for name in FILES if not _is_ours(folder / name)]
    if found:
        raise ExportError(
            say(
                "{path} is there and was not written by an export: choose another folder "
                "or move that file away.",
                path=folder / found[0],
            )
        )


def _is_ours(path: Path) -> bool:
    try:
        with regular(path).open("rb") as file:
            beginning = file.read(200).removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    known = _BEGINNINGS.get(path.name, f'{{\n  "{FORMAT_KEY}"')
    return beginning.startswith(known.encode())


def _write_files(
    simulation: Simulation,
    listed: AccountsOnDisk,
    write: Write,
    viewing: bool,  # noqa: FBT001 - handed on from the public keyword
    progress: Progress | None,
) -> tuple[FileFacts, ...]:
    policy, totals = simulation.policy, listed.totals
    context = Context.of(simulation.portfolio, simulation.assumptions)
    rules = len(list(policy_rows(policy, context)))
    sums = totals.control_sums()
    facts = [
        _facts(write(POLICY, lambda sink: sink.write(policy_csv(policy, context))), rules),
        _facts(
            write(ACCOUNTS, lambda sink: listed.copy_to(sink.write, progress)), totals.rows, sums
        ),
    ]
    if viewing:
        facts += [
            _facts(
                write(POLICY_VIEW, lambda sink: sink.write(policy_view(policy, context))), rules
            ),
            _facts(
                write(ACCOUNTS_VIEW, lambda sink: write_accounts_view(listed.path, sink.write)),
                totals.rows,
                sums,
            ),
        ]
    return tuple(facts)


def _facts(written: Written, rows: int, sums: dict[str, str] | None = None) -> FileFacts:
    return FileFacts(
        name=written.name,
        sha256=written.sha256,
        bytes=written.bytes,
        rows=rows,
        control_sums=sums or {},
    )


def _fill_zip(
    simulation: Simulation,
    listed: AccountsOnDisk,
    file: Sink,
    stamped: dt.datetime,
    which: Which,
    viewing: bool,  # noqa: FBT001 - handed on from the public keyword
    progress: Progress | None,
) -> Exported:
    with zipfile.ZipFile(cast(BinaryIO, file), "w", zipfile.ZIP_DEFLATED) as archive:

        def write(name: str, produce: Produce) -> Written:
            member = zipfile.ZipInfo(name, _zip_time(stamped))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            member._compresslevel = _COMPRESSION  # type: ignore[attr-defined]  # noqa: SLF001
            with archive.open(member, "w", force_zip64=True) as inside:
                sink = Sink(cast(BinaryIO, inside))
                produce(sink)
            return sink.written(name)

        facts = _write_files(simulation, listed, write, viewing, progress)
        data = manifest_json(simulation, facts, which=which, stamped=stamped)
        manifest = write(MANIFEST, lambda sink: sink.write(data))
    return Exported(place=None, files=facts, manifest=manifest)


def _zip_time(stamped: dt.datetime) -> tuple[int, int, int, int, int, int]:
    moment = min(max(stamped.astimezone(dt.UTC), _EARLIEST), _LATEST)
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
