"""A login that may do more than read, by whatever role, is refused before a table is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.connect import open_database
from analytics.errors import DatabaseError
from tests.databases.engines import CANARY, PostgreSQL

pytestmark = pytest.mark.postgres
OFFICES = ("boss", "middle", "upper_office")


@pytest.fixture
def server(postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """Give the server with three roles; afterwards the reader may only read again."""
    postgresql.run(*(f"CREATE ROLE {name} NOLOGIN" for name in OFFICES))
    yield postgresql
    postgresql.run(
        "ALTER ROLE reader NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT",
        "ALTER ROLE reader RESET role",
        *(f"REVOKE {role} FROM reader" for role in PREDEFINED),
        "DROP TABLE IF EXISTS guarded",
        *(f"DROP ROLE {name}" for name in OFFICES),
    )


PREDEFINED = {
    "pg_read_server_files": "reach the server's files",
    "pg_write_server_files": "reach the server's files",
    "pg_execute_server_program": "run programs on the server",
    "pg_write_all_data": "write to every table",
    "pg_signal_backend": "interfere with what others run",
}
ATTRIBUTES = {
    "SUPERUSER": "be a superuser",
    "CREATEROLE": "make roles",
    "REPLICATION": "copy the whole server",
}
WAYS = {
    "itself": ("ALTER ROLE reader {power}",),
    "a role": ("ALTER ROLE boss {power}", "GRANT boss TO reader"),
    "a role that it does not inherit": (
        "ALTER ROLE reader NOINHERIT",
        "ALTER ROLE boss {power}",
        "GRANT boss TO reader WITH INHERIT FALSE, SET TRUE",
    ),
    "roles in roles": (
        "ALTER ROLE boss {power}",
        "GRANT boss TO middle WITH INHERIT FALSE",
        "GRANT middle TO upper_office",
        "GRANT upper_office TO reader WITH INHERIT FALSE",
    ),
    "a role that it administers": (
        "ALTER ROLE boss {power}",
        "GRANT boss TO reader WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
    ),
    "the role that it begins with": (
        "ALTER ROLE boss {power}",
        "GRANT boss TO reader",
        "ALTER ROLE reader SET role = boss",
    ),
}


def refused(server: PostgreSQL) -> str:
    with pytest.raises(DatabaseError, match="Give it a user that may only SELECT") as caught:
        server.open()
    assert "reader" not in str(caught.value)
    assert CANARY not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("power", ATTRIBUTES)
def test_power_is_found_by_every_way_to_it(server: PostgreSQL, power: str, way: str) -> None:
    server.run(*(statement.format(power=power) for statement in WAYS[way]))
    assert ATTRIBUTES[power] in refused(server)


@pytest.mark.parametrize("nested", [False, True], ids=["granted", "by a role"])
@pytest.mark.parametrize("role", PREDEFINED)
def test_roles_that_reach_beyond_the_tables_are_refused(
    server: PostgreSQL, role: str, nested: bool
) -> None:
    if nested:
        server.run(f"GRANT {role} TO middle", "GRANT middle TO reader WITH INHERIT FALSE")
    else:
        server.run(f"GRANT {role} TO reader")
    assert PREDEFINED[role] in refused(server)


def test_every_power_is_named_at_once(server: PostgreSQL) -> None:
    server.run("ALTER ROLE boss CREATEROLE REPLICATION", "GRANT boss TO reader")
    assert "make roles; copy the whole server" in refused(server)


def test_to_bypass_policies_matters_where_there_are_some(server: PostgreSQL) -> None:
    server.run("ALTER ROLE reader BYPASSRLS")
    server.open().close()
    server.run("CREATE TABLE guarded (a int)", "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
    assert "see rows that a policy of the database hides" in refused(server)


def test_a_role_without_power_is_let_in(server: PostgreSQL) -> None:
    server.run("GRANT pg_read_all_data TO middle", "GRANT middle, boss TO reader")
    server.open().close()


def test_no_sentence_is_said_of_a_superuser_that_a_test_allows(postgresql: PostgreSQL) -> None:
    open_database(postgresql.address("postgres", None), Limits(allow_superuser=True)).close()


def test_a_function_in_a_view_cannot_make_the_session_write(postgresql: PostgreSQL) -> None:
    postgresql.run(
        "CREATE TABLE IF NOT EXISTS taken (a int)",
        "GRANT INSERT ON taken TO reader",
        """CREATE OR REPLACE FUNCTION sly() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
        PERFORM set_config('default_transaction_read_only', 'off', false);
        PERFORM set_config('statement_timeout', '0', false);
        RETURN 1; END $$""",
        """CREATE OR REPLACE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO taken VALUES (1); RETURN 1; END $$""",
        "CREATE OR REPLACE VIEW lures AS SELECT sly() AS n",
        "CREATE OR REPLACE VIEW steals AS SELECT writes() AS n",
        "GRANT SELECT ON lures, steals TO reader",
    )
    limits = Limits(statement_seconds=2)
    database = open_database(postgresql.address("reader", CANARY), limits)
    lures, steals = (sa.select(sa.table(n, sa.column("n")).c.n) for n in ("lures", "steals"))
    assert database.one(lures) == {"n": 1}
    with pytest.raises(DatabaseError, match="asked to write"):
        database.one(steals)
    with pytest.raises(DatabaseError, match="within the time limit"):
        database.one(sa.select(sa.func.pg_sleep(30)))
    database.close()
    with postgresql.owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM taken").scalar_one() == 0
    postgresql.run("DROP VIEW lures, steals", "DROP FUNCTION sly, writes", "DROP TABLE taken")
