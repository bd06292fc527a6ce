"""What pyproject.toml cannot say: the app's settings lie beside app.py in an installed package too.

Streamlit reads ``.streamlit/config.toml`` beside the script that it runs, wherever it is started.
That folder is no Python package, so the build copies its one file by hand.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SETTINGS = ".streamlit/config.toml"


class BuildWithSettings(build_py):
    """Build the packages, and lay the settings of the app beside them."""

    def run(self) -> None:
        """Copy the packages, then the settings; an editable install reads them where they are."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, SETTINGS)
            self.mkpath(str(target.parent))
            self.copy_file(SETTINGS, str(target), preserve_mode=False)

    def get_source_files(self) -> list[str]:
        """List what the source archive holds."""
        return [*super().get_source_files(), SETTINGS]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:  # noqa: FBT001, FBT002 - setuptools' own
        """List what the build writes."""
        outputs = super().get_outputs(include_bytecode)
        return [*outputs, str(Path(self.build_lib, SETTINGS))]


setup(cmdclass={"build_py": BuildWithSettings})
