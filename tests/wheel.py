"""The wheel as a user gets it: built from the sources alone, installed where no repository is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.places import ROOT

SOURCES = (
    *(".streamlit", "LICENSE", "README.md", "analytics", "app.py", "pages"),
    *("pyproject.toml", "sample_data", "setup.py"),
)
PATIENCE = 120


def build_wheel(folder: Path) -> Path:
    """Build the wheel of a copy of the sources, offline; return its path."""
    copy = folder / "sources"
    copy.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            left_out = shutil.ignore_patterns("__pycache__", "secrets.toml")
            shutil.copytree(ROOT / name, copy / name, ignore=left_out)
        else:
            shutil.copy2(ROOT / name, copy / name)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    _pip("wheel", *options, "--wheel-dir", str(folder / "dist"), str(copy))
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a fresh environment; return the program ``headroom`` in it.

    What Headroom needs is taken from the environment of the tests, Headroom itself is not: its
    editable install is a path file, which Python reads in its own folder only.
    """
    create = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(create, check=True, timeout=PATIENCE)
    python = folder / "bin" / "python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", "--quiet", str(wheel))
    names = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", scheme="venv", vars=names))
    (own / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "headroom"


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=_environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
