"""What went wrong in a database, in one sentence that holds no secret and no cell of the data.

Drivers put addresses, passwords and cells into their messages. So none of their text is passed
on: the class of an error and its SQLSTATE choose one of the sentences written here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import duckdb
import sqlalchemy as sa

from analytics.declared.language import marked, say
from analytics.errors import DatabaseError

logger = logging.getLogger(__name__)


class Trouble(Enum):
    """What can go wrong; the value is the sentence about a database."""

    UNREACHABLE = marked(
        "The database {label} cannot be reached: check that it is running and that its address "
        "is right."
    )
    SIGN_IN = marked(
        "The database {label} refused the sign-in: check the user and the password in the settings."
    )
    NO_DATABASE = marked(
        "The database {label} is not there: check the name of the database in the settings."
    )
    NO_FILE = marked(
        "The database {label} cannot be opened: check that the file is there, whole and not "
        "open for writing."
    )
    NO_TABLE = marked("The database {label} no longer has the table: open the portfolio again.")
    NO_COLUMN = marked(
        "The database {label} no longer has a column that the portfolio uses: open the "
        "portfolio again."
    )
    NOT_ALLOWED = marked(
        "The database {label} does not let this user read what was asked for: ask for the right "
        "to SELECT."
    )
    READ_ONLY = marked(
        "The database {label} was asked to write, which it is never meant to be: nothing was "
        "changed."
    )
    CUT = marked("The database {label} ended the connection before it answered: try again.")
    TOO_LONG = marked(
        "The database {label} did not answer within the time limit: try again, or have the limit "
        "raised (the setting HEADROOM_SECONDS)."
    )
    CANCELLED = marked("The database {label} was told to stop before it answered: ask again.")
    EXHAUSTED = marked(
        "The database {label} ran out of memory, disk or connections: try again later."
    )
    TOO_LARGE = marked(
        "The columns of this table in the database {label} take more memory to read than there is "
        "for it (the setting HEADROOM_MEMORY): make a view without long texts."
    )
    NO_ROOM = marked(
        "The database {label} found no room on the disk of the temporary folder: make room "
        "there and try again."
    )
    ARITHMETIC = marked(
        "The database {label} holds a value too large to compute with: check the columns that "
        "are mapped."
    )
    REFUSED = marked("The database {label} could not answer.")


LOADED_FILE = ""
"""The name of a loaded file's own database, which nobody knows by one: its user sees a file."""


class FileTrouble(Enum):
    """What can go wrong in a loaded file's own database; the value is the sentence about it."""

    TOO_LONG = marked(
        "The file could not be worked through within the time limit: try again, or have the limit "
        "raised (the settings HEADROOM_LOADING_SECONDS and HEADROOM_SECONDS)."
    )
    CANCELLED = marked("The work on the file was told to stop before it was done: ask again.")
    EXHAUSTED = marked(
        "The file needs more memory or disk than there is: try again later, or connect the "
        "database that holds it."
    )
    NO_ROOM = marked(
        "The file found no room on the disk of the temporary folder: make room there and try again."
    )
    ARITHMETIC = marked(
        "The file holds a value too large to compute with: check the columns that are mapped."
    )
    REFUSED = marked("The accounts of the file could not be worked through.")


_BY_STATE: tuple[tuple[str, Trouble], ...] = (
    ("28", Trouble.SIGN_IN),
    ("3D", Trouble.NO_DATABASE),
    ("3F", Trouble.NO_DATABASE),
    ("42704", Trouble.NO_DATABASE),
    ("42P01", Trouble.NO_TABLE),
    ("42S02", Trouble.NO_TABLE),
    ("42703", Trouble.NO_COLUMN),
    ("42501", Trouble.NOT_ALLOWED),
    ("25006", Trouble.READ_ONLY),
    ("57014", Trouble.TOO_LONG),
    ("HYT00", Trouble.TOO_LONG),
    ("25P03", Trouble.CUT),
    ("57P", Trouble.CUT),
    ("08", Trouble.CUT),
    ("53", Trouble.EXHAUSTED),
    ("22", Trouble.ARITHMETIC),
)
_BY_CLASS: tuple[tuple[type[BaseException], Trouble], ...] = (
    (duckdb.CatalogException, Trouble.NO_TABLE),
    (duckdb.BinderException, Trouble.NO_COLUMN),
    (duckdb.PermissionException, Trouble.NOT_ALLOWED),
    (duckdb.OutOfMemoryException, Trouble.EXHAUSTED),
    (duckdb.InterruptException, Trouble.TOO_LONG),
    (duckdb.OutOfRangeException, Trouble.ARITHMETIC),
    (duckdb.ConversionException, Trouble.ARITHMETIC),
    (duckdb.IOException, Trouble.NO_FILE),
    (duckdb.SerializationException, Trouble.NO_FILE),
    (sa.exc.NoSuchTableError, Trouble.NO_TABLE),
    (sa.exc.TimeoutError, Trouble.EXHAUSTED),
    (TimeoutError, Trouble.UNREACHABLE),
    (ConnectionRefusedError, Trouble.UNREACHABLE),
    (EOFError, Trouble.CUT),
    (ConnectionError, Trouble.CUT),
    (OSError, Trouble.UNREACHABLE),
)
# Errors at sign-in reach us without SQLSTATE: only then the text is searched, never shown.
_BY_TEXT: tuple[tuple[str, Trouble], ...] = (
    ("authentication failed", Trouble.SIGN_IN),
    ("no password supplied", Trouble.SIGN_IN),
    ("no pg_hba.conf entry", Trouble.SIGN_IN),
    ("bad status: 3", Trouble.SIGN_IN),
    ("error validating the login", Trouble.SIGN_IN),
    ("is not permitted to log in", Trouble.SIGN_IN),
    ('role "', Trouble.SIGN_IN),
    ('database "', Trouble.NO_DATABASE),
    ("too many clients", Trouble.EXHAUSTED),
    ("remaining connection slots", Trouble.EXHAUSTED),
    ("starting up", Trouble.UNREACHABLE),
    ("query timed out", Trouble.TOO_LONG),
    ("but found timedout", Trouble.TOO_LONG),
    ("but found canceled", Trouble.CUT),
    ("but found closed", Trouble.CUT),
    ("invalid sessionhandle", Trouble.CUT),
    ("read operation timed out", Trouble.TOO_LONG),
    ("tsocket read 0 bytes", Trouble.CUT),
    ("connection already closed", Trouble.CUT),
    ("server closed the connection", Trouble.CUT),
    ("the connection is closed", Trouble.CUT),
    ("connection is lost", Trouble.CUT),
    ("could not connect", Trouble.UNREACHABLE),
    ("connection failed", Trouble.UNREACHABLE),
    ("connection timeout", Trouble.UNREACHABLE),
    ("failed to resolve", Trouble.UNREACHABLE),
    ("name or service not known", Trouble.UNREACHABLE),
)
_DRIVERS = ("psycopg", "pyhive", "thrift", "puresasl")
_FULL = ("no space left", "out of disk")


class StatementError(DatabaseError):
    """A database did not answer a statement, or refused it.

    Parameters
    ----------
    trouble : Trouble
        What went wrong, for those who answer some troubles in words of their own.
    label : str
        What the user calls the database, or ``LOADED_FILE``.
    """

    def __init__(self, trouble: Trouble, label: str) -> None:
        self.trouble = trouble
        if label == LOADED_FILE:
            known = FileTrouble.__members__
            of_file = known.get(trouble.name, FileTrouble.REFUSED)
            super().__init__(say(of_file.value))
        else:
            super().__init__(say(trouble.value, label=label))


@dataclass(slots=True)
class Watch:
    """One use of a connection: whether it was told to stop, or took too long, and its seconds."""

    cancelled: bool = False
    expired: bool = False
    seconds: float = 0.0

    @property
    def trouble(self) -> Trouble | None:
        """Why it was ended from outside, if it was."""
        if self.cancelled:
            return Trouble.CANCELLED
        return Trouble.TOO_LONG if self.expired else None


@contextlib.contextmanager
def guarded(
    label: str, watch: Watch | None = None, only: type[Exception] = Exception
) -> Iterator[None]:
    """Turn what a driver raises inside into a StatementError of one sentence.

    Errors of the code itself pass through as they are, and those that are not ``only``. What a
    statement raises once it was told to stop says so, whatever the driver calls it.
    """
    try:
        yield
    except only as error:
        if not is_failure(error):
            raise
        raise failure(error, label, watch) from None


def is_failure(error: Exception) -> bool:
    """Whether an error comes from a database or from the way to it."""
    known = (sa.exc.SQLAlchemyError, duckdb.Error, OSError, EOFError)
    return isinstance(error, known) or type(error).__module__.split(".")[0] in _DRIVERS


def failure(error: Exception, label: str, watch: Watch | None = None) -> StatementError:
    """Return the failure to show in place of an error, and note its kind in the log."""
    cause = _cause(error)
    trouble = (watch.trouble if watch else None) or trouble_of(error)
    state = _state(cause) or "none"
    logger.debug("database %s: raised as %s", logged(label), type(cause).__name__)
    return noted(trouble, label, state)


def noted(trouble: Trouble, label: str, state: str = "none") -> StatementError:
    """Return the failure of a kind, noted in the log."""
    logger.warning("database %s: %s (SQLSTATE %s)", logged(label), trouble.name, state)
    return StatementError(trouble, label)


def logged(label: str) -> str:
    """Return what a database is called in the log."""
    return label or "file"


def trouble_of(error: Exception) -> Trouble:
    """Return what an error means, by SQLSTATE, then by class, then by the text of a sign-in."""
    cause = _cause(error)
    state = _state(cause)
    for prefix, trouble in _BY_STATE:
        if state.startswith(prefix):
            return trouble
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return Trouble.CUT
    text = str(cause).casefold() if type(cause).__module__.split(".")[0] in _DRIVERS else ""
    for words, trouble in _BY_TEXT:
        if words in text:
            return trouble
    if isinstance(cause, duckdb.Error) and any(words in str(cause).casefold() for words in _FULL):
        return Trouble.NO_ROOM
    for kind, trouble in _BY_CLASS:
        if isinstance(cause, kind):
            return trouble
    return Trouble.REFUSED


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return error.orig
    return error


def _state(cause: BaseException) -> str:
    """Return the SQLSTATE, which psycopg and PyHive keep in different places."""
    state: Any = getattr(cause, "sqlstate", None)
    if state is None and cause.args:
        state = getattr(getattr(cause.args[0], "status", None), "sqlState", None)
    return state if isinstance(state, str) else ""
