"""An export as a whole: policy, accounts, treatments and manifest, in a folder or in one zip.

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
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from analytics.declared.choices import Which
from analytics.declared.files import exists, fault_of, regular
from analytics.declared.language import say
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import ExportError
from analytics.export.accounts_file import AccountsOnDisk, accounts_on_disk
from analytics.export.accounts_lines import ACCOUNTS, HEADER_1
from analytics.export.atomic import Produce, Sink, Written, produce_file, staging
from analytics.export.manifest import FORMAT_KEY, MANIFEST, FileFacts, manifest_json, utc_text
from analytics.export.messages_file import MESSAGE_COLUMNS, MESSAGES, message_rows, messages_csv
from analytics.export.policy_context import Context
from analytics.export.policy_file import POLICY_COLUMNS, policy_csv, policy_rows
from analytics.export.treatments_file import FORMAT as TREATMENTS_FORMAT
from analytics.export.treatments_file import TREATMENT_ROWS, TREATMENTS, treatments_csv
from analytics.export.viewing import policy_view, write_accounts_view
from analytics.policy import Policy
from analytics.portfolio import Progress
from analytics.results.simulation import Simulation

POLICY = "policy.csv"
POLICY_VIEW = "policy_for_viewing.csv"
ACCOUNTS_VIEW = "accounts_for_viewing.csv"
FILES = (POLICY, ACCOUNTS, TREATMENTS, MESSAGES, POLICY_VIEW, ACCOUNTS_VIEW, MANIFEST)
"""Every name that an export may write."""

_EARLIEST = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2107, 12, 31, tzinfo=dt.UTC)
"""The first and last day that a zip can hold."""
_COMPRESSION = 3
_BEGINNINGS = {
    POLICY: ",".join(POLICY_COLUMNS),
    ACCOUNTS: HEADER_1,
    TREATMENTS: ",".join(TREATMENTS_FORMAT.columns),
    MESSAGES: ",".join(MESSAGE_COLUMNS),
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
    treatments: Treatments = SHIPPED,
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
    treatments : Treatments
        The table of treatments in force.

    Raises
    ------
    ExportError, DatabaseError
        Nothing was written; an earlier export in the folder is as it was.
    """
    order = _Order(simulation, treatments, Which(accounts), stamped, viewing, progress)
    check_folder(folder)
    with order.accounts() as listed, staging(folder) as files:
        facts, manifest = _write_all(order, listed, files.write)
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
    treatments: Treatments = SHIPPED,
) -> Exported:
    """Write the same files into one zip: at a path (whole or not at all), or into an open file.

    The manifest is the zip's last member; all members carry the time ``stamped``, so that the same
    export gives the same bytes. For a name see :func:`zip_name`.

    Raises
    ------
    ExportError, DatabaseError
        The zip could not be written.
    """
    order = _Order(simulation, treatments, Which(accounts), stamped, viewing, progress)
    with order.accounts() as listed:

        def fill(sink: Sink) -> Exported:
            return _fill_zip(order, listed, sink)

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


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be exported, and how."""

    simulation: Simulation
    treatments: Treatments
    which: Which
    stamped: dt.datetime
    viewing: bool
    progress: Progress | None

    def __post_init__(self) -> None:
        utc_text(self.stamped)

    def accounts(self) -> AbstractContextManager[AccountsOnDisk]:
        """Give the finished list of accounts."""
        return accounts_on_disk(self.simulation, self.which, self.progress, table=self.treatments)


def _write_all(
    order: _Order, listed: AccountsOnDisk, write: Write
) -> tuple[tuple[FileFacts, ...], Written]:
    """Write every file, the manifest last."""
    facts = _write_files(order, listed, write)
    data = manifest_json(
        order.simulation,
        facts,
        listed.totals,
        which=order.which,
        stamped=order.stamped,
        table=order.treatments,
    )
    return facts, write(MANIFEST, lambda sink: sink.write(data))


def _write_files(order: _Order, listed: AccountsOnDisk, write: Write) -> tuple[FileFacts, ...]:
    simulation, totals = order.simulation, listed.totals
    policy = simulation.policy
    context = Context.of(simulation.portfolio, simulation.assumptions)
    rules, sums = len(list(policy_rows(policy, context))), totals.control_sums()

    def copy(sink: Sink) -> None:
        listed.copy_to(sink.write, order.progress)

    def view(sink: Sink) -> None:
        write_accounts_view(listed.path, sink.write)

    def plain(name: str, data: bytes, rows: int) -> FileFacts:
        return _facts(write(name, lambda sink: sink.write(data)), rows)

    table = order.treatments
    facts = [
        plain(POLICY, policy_csv(policy, context), rules),
        _facts(write(ACCOUNTS, copy), totals.rows, sums),
        plain(TREATMENTS, treatments_csv(table), TREATMENT_ROWS),
        plain(MESSAGES, messages_csv(table), len(message_rows(table))),
    ]
    if order.viewing:
        facts += [
            plain(POLICY_VIEW, policy_view(policy, context), rules),
            _facts(write(ACCOUNTS_VIEW, view), totals.rows, sums),
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


def _fill_zip(order: _Order, listed: AccountsOnDisk, file: Sink) -> Exported:
    with zipfile.ZipFile(cast(BinaryIO, file), "w", zipfile.ZIP_DEFLATED) as archive:

        def write(name: str, produce: Produce) -> Written:
            member = zipfile.ZipInfo(name, _zip_time(order.stamped))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            member._compresslevel = _COMPRESSION  # type: ignore[attr-defined]  # noqa: SLF001
            with archive.open(member, "w", force_zip64=True) as inside:
                sink = Sink(cast(BinaryIO, inside))
                produce(sink)
            return sink.written(name)

        facts, manifest = _write_all(order, listed, write)
    return Exported(place=None, files=facts, manifest=manifest)


def _zip_time(stamped: dt.datetime) -> tuple[int, int, int, int, int, int]:
    moment = min(max(stamped.astimezone(dt.UTC), _EARLIEST), _LATEST)
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
