"""Addresses of databases in parts, checked; no part of one is ever in an error."""

from __future__ import annotations

import sqlalchemy as sa

from analytics.declared.language import listed, say
from analytics.errors import DatabaseError

_OPTIONS: dict[str, frozenset[str]] = {
    "duckdb": frozenset(),
    "postgresql": frozenset(
        {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding"}
    ),
    "hive": frozenset({"auth", "kerberos_service_name"}),
}
_DRIVERS = {
    "duckdb": "duckdb",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "hive": "hive+headroom",
}


def parsed(address: str, label: str) -> sa.URL:
    """Return the address in parts.

    Raises
    ------
    DatabaseError
        It is no address of a database that is read here, or has settings that are not taken.
        Nothing of it is in the error: it may hold a password.
    """
    try:
        url = sa.make_url(address.strip())
        driver = _DRIVERS[url.drivername]
    except KeyError:
        kinds = listed(f"{name}://" for name in _OPTIONS)
        raise DatabaseError(
            say(
                "The database {label} is of a kind that is not read here: known are {kinds}.",
                label=label,
                kinds=kinds,
            )
        ) from None
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(
            say(
                "The address of the database {label} was not understood: write "
                "kind://user:password@host:port/database.",
                label=label,
            )
        ) from None
    if any(mark in (url.host or "") for mark in "@?#%/ "):
        raise DatabaseError(
            say(
                "The address of the database {label} was not understood: in user and "
                "password write @ : / ? # % as %40 %3A %2F %3F %23 %25.",
                label=label,
            )
        )
    url = url.set(drivername=driver)
    _refuse_options(url, label)
    return url


def _refuse_options(url: sa.URL, label: str) -> None:
    allowed = _OPTIONS[url.get_backend_name()]
    if any(name not in allowed for name in url.query):
        if not allowed:
            raise DatabaseError(
                say(
                    "The address of the database {label} has settings after the question mark "
                    "that are not taken: nothing may stand there. A password belongs before "
                    "the @.",
                    label=label,
                )
            )
        raise DatabaseError(
            say(
                "The address of the database {label} has settings after the question mark "
                "that are not taken: only {names} can stand there. A password belongs before "
                "the @.",
                label=label,
                names=tuple(sorted(allowed)),
            )
        )
