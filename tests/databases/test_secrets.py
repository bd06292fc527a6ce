"""Addresses hold passwords: no part of them is ever shown, logged or kept where it could be."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path

import pytest

from analytics.accounts.connect import open_database
from analytics.accounts.settings import ENVIRONMENT, known_databases
from analytics.errors import DatabaseError
from tests.databases.engines import CANARY, PostgreSQL

HOST = "127.0.0.1:9"
ADDRESSES = [
    f"postgresql://reader:{CANARY}@{HOST}/bank",
    f"postgresql+psycopg://reader:{CANARY}@{HOST}/bank",
    f"postgres://reader:{CANARY}@{HOST}/bank",
    f"postgresql://reader:{CANARY}@no-such-host.invalid/bank",
    f"postgresql://reader:p@{CANARY}@{HOST}/bank",
    f"postgresql://reader:p@ss:{CANARY}@{HOST}/bank",
    f"postgresql://reader:p/{CANARY}@{HOST}/bank",
    f"postgresql://reader:p#{CANARY}@{HOST}/bank",
    f"postgresql://reader:p?{CANARY}@{HOST}/bank",
    f"postgresql://reader:%40{CANARY}@{HOST}/bank",
    f"postgresql://reader:%zz{CANARY}@{HOST}/bank",
    f"postgresql://{CANARY}@{HOST}/bank",
    f"postgresql://:{CANARY}@{HOST}/bank",
    f"postgresql://reader@{HOST}/bank?password={CANARY}",
    f"postgresql://{HOST}/bank?user=reader&password={CANARY}",
    f"postgresql://reader@{HOST}/bank?sslpassword={CANARY}",
    f"postgresql://reader@{HOST}/bank?options=-c%20x%3D{CANARY}",
    f"postgresql://reader:{CANARY}@{HOST}",
    f"postgresql://reader:{CANARY}@:notaport/bank",
    f"postgresql://reader:{CANARY}@[::1]:9/bank",
    f"postgresql://reader:{CANARY}@/bank?host=/nowhere/{CANARY}",
    f"mysql://reader:{CANARY}@{HOST}/bank",
    f"sqlite:////etc/{CANARY}",
    f"hive://reader:{CANARY}@{HOST}/bank?auth=LDAP",
    f"hive://reader:{CANARY}@{HOST}/bank",
    f"hive+https://reader:{CANARY}@{HOST}/bank",
    f"hive://reader:{CANARY}@{HOST}/bank?auth={CANARY}",
    f"hive://reader:{CANARY}@{HOST}/bank?auth=KERBEROS",
    f"hive://reader:{CANARY}@{HOST}/bank?auth=LDAP&kerberos_service_name={CANARY}",
    f"duckdb:///nowhere/{CANARY}.duckdb",
    f"duckdb:///:memory:?password={CANARY}",
    f"://{CANARY}",
    f"jdbc:postgresql://{HOST}/bank?password={CANARY}",
]


@pytest.mark.parametrize("alias", [True, False], ids=["by name", "by address"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_secret_is_in_no_error_no_traceback_and_no_log(
    address: str,
    alias: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(ENVIRONMENT, json.dumps({"bank": address}))
    with pytest.raises(DatabaseError) as caught:
        open_database("bank" if alias else address)
    error = caught.value
    if alias:
        assert "bank" in str(error)
    seen = [
        str(error),
        repr(error),
        "".join(error.faults),
        "".join(traceback.format_exception(error)[-1:]),
        caplog.text,
        "".join(capfd.readouterr()),
    ]
    for text in seen:
        assert CANARY not in text
        assert HOST not in text
        assert "reader" not in text


@pytest.mark.postgres
def test_open_database_does_not_hold_its_address_where_it_is_shown(postgresql: PostgreSQL) -> None:
    database = postgresql.open()
    for text in (repr(database), str(database.engine), repr(database.engine.url), database.label):
        assert CANARY not in text
        assert "reader" not in text
        assert postgresql.socket not in text
    database.close()


def test_databases_are_known_by_their_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    for folder, address in ((home, "duckdb:///a"), (work, "duckdb:///b")):
        (folder / ".streamlit").mkdir(parents=True)
        text = f'[databases]\nrisk = "{address}"\n{folder.name} = "{address}"\n'
        (folder / ".streamlit" / "secrets.toml").write_text(text)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    monkeypatch.setenv(ENVIRONMENT, '{"lake": "duckdb:///nowhere"}')
    assert known_databases() == ("home", "lake", "risk", "work")
    with pytest.raises(DatabaseError, match="The database lake is not there"):
        open_database("lake")
    with pytest.raises(DatabaseError, match="known are home, lake, risk, work"):
        open_database("other")


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"": "duckdb:///x"}', '"x"'])
def test_settings_that_are_not_understood_are_said_without_being_shown(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, text)
    with pytest.raises(DatabaseError, match="HEADROOM_DATABASES"):
        known_databases()


def test_secrets_file_that_is_no_toml_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f"password = {CANARY}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(DatabaseError, match="has to be TOML") as caught:
        known_databases()
    assert CANARY not in str(caught.value)
