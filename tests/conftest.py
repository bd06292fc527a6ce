"""What every test may use: the worked material, a database, the wheel, repeatable examples."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from analytics.accounts.database import EmbeddedDatabase
from tests.places import SHARED
from tests.wheel import build_wheel, install

# Sentences are expected in English, whatever the machine speaks; tests of languages ask for them.
os.environ["LC_ALL"] = "C.UTF-8"

# The same examples on every run and machine, and the line that repeats a failing one.
settings.register_profile("headroom", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("headroom"), max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "headroom")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder `shared` beside the repository, or skip the test where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder `shared` beside the repository, which is not here")
    return SHARED


@pytest.fixture(scope="session")
def taiwan(shared: Path) -> Path:
    """Return the file of real card accounts, or skip the test where it is absent."""
    path = shared / "data" / "taiwan_cards.csv"
    if not path.is_file():
        pytest.skip("needs shared/data/taiwan_cards.csv, which is not here")
    return path


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    """Open a database that holds the accounts of one portfolio after another."""
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.execute("SET threads = 1")  # a few rows at a time gain nothing from more
    yield database
    database.close()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once; return its path."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh environment; return the program ``headroom`` in it."""
    return install(wheel, tmp_path_factory.mktemp("installed"))
