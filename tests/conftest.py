"""What every test may use: the folder of worked material, and repeatable examples."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.wheel import build_wheel, install

# The same examples on every run and machine, and the line that repeats a failing one.
settings.register_profile("headroom", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("headroom"), max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "headroom")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder `shared` beside the repository, or skip the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder `shared` beside the repository, which is not here")
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once; return its path."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh environment; return the program ``headroom`` in it."""
    return install(wheel, tmp_path_factory.mktemp("installed"))
