"""``headroom app``: what it starts, what it refuses, and that a wheel alone is enough."""

from __future__ import annotations

import os
import re
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.cli.serve import APP, WILDCARDS, is_loopback, start_command
from analytics.errors import ParameterError
from tests.browser.visit import serving
from tests.places import ROOT


@pytest.fixture(autouse=True)
def caught(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Catch what would take the place of this process."""
    found: list[list[str]] = []

    def catch(program: str, words: list[str]) -> None:
        assert program == words[0]
        found.append(words)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", catch)
    return found


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["app", *words])
    return int(end.value.code or 0)


def test_the_app_is_started_on_this_machine_alone_by_this_python(
    caught: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    run()
    (words,) = caught
    assert words == [sys.executable, "-P", "-m", "pages.server", "--server.address=127.0.0.1"]
    assert capsys.readouterr().err == ""


def test_port_and_browser_are_passed_on(caught: list[list[str]]) -> None:
    run("--port", "8600", "--headless")
    run("--port", "8600", "--no-browser")
    assert caught[0] == caught[1]
    assert caught[0][-2:] == ["--server.port=8600", "--server.headless=true"]


@pytest.mark.parametrize("address", [*WILDCARDS, "192.0.2.7", "limits.example.org"])
def test_an_address_that_others_reach_is_warned_about_in_one_sentence(
    address: str, caught: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    run("--address", address)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"headroom: whoever reaches {address} ")
    assert "proxy with sign-in" in said
    assert f"--server.address={address}" in caught[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_no_warning(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert is_loopback(address)
    run("--address", address)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("address", WILDCARDS)
def test_no_outside_service_is_asked_for_the_address_of_the_machine(address: str) -> None:
    # Streamlit asks one for what it prints, unless the address to print is given.
    words = start_command(port=None, address=address, headless=True)
    assert "--browser.serverAddress=localhost" in words


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--port", "0"), "--port 0 is no port: give a whole number from 1 to 65535."),
        (("--port", "65536"), "--port 65536 is no port"),
        (("--address", ""), "--address '' is neither an IP address nor"),
        (("--address", "1.2.3"), "--address '1.2.3' is neither"),
        (("--address", "http://x"), "--address 'http://x' is neither"),
        (("--address=--server.port=1",), "--address '--server.port=1' is neither"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_starts(
    words: tuple[str, ...],
    says: str,
    caught: list[list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["app", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"headroom: {says}")
    assert caught == []


def test_all_faults_are_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", "--port", "0", "--address", "1.2.3"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_package_without_the_app_says_so(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="was not found beside the package"):
        start_command(port=None, address="127.0.0.1", headless=True, app=tmp_path / "app.py")


def tracked() -> set[str]:
    """Return every file of the app, as it lies in the repository; translators' own stay there."""
    found = {"app.py", ".streamlit/config.toml"}
    for folder in ("analytics", "pages", "sample_data"):
        for path in (ROOT / folder).rglob("*"):
            own = "__pycache__" not in path.parts and path.suffix not in {".po", ".pot"}
            if path.is_file() and own:
                found.add(path.relative_to(ROOT).as_posix())
    return found


def test_the_wheel_holds_every_module_page_icon_setting_and_sample(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        settings = archive.read(".streamlit/config.toml")
    assert names == tracked()
    assert settings == (ROOT / ".streamlit" / "config.toml").read_bytes()
    samples = {f"sample_data/huabei_{kind}.parquet" for kind in ("like", "plus")}
    for name in ("analytics/py.typed", "pages/shared/icon.png", *samples):
        assert name in names
    titles = re.findall(r'st\.Page\("([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert titles
    assert set(titles) <= names


def test_the_wheel_has_the_version_and_the_licence_of_the_project(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        info = f"headroom-{project['version']}.dist-info"
        metadata = archive.read(f"{info}/METADATA").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert f"\nVersion: {project['version']}\n" in metadata


def test_the_installed_app_starts_in_an_empty_folder_and_leaves_it_empty(
    installed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    program = (str(installed),)
    with (
        serving(tmp_path / "log.txt", program=program, folder=folder) as address,
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer,  # noqa: S310
    ):
        assert answer.read() == b"ok"
    assert list(folder.iterdir()) == []


def test_the_app_lies_beside_the_package() -> None:
    assert APP == ROOT / "app.py"
