"""An oracle of the method: a second, independent calculation to hold the engine against.

It is plain Python integers for who is raised and to what, and plain NumPy for what follows. It
imports nothing from the product, and it states every rule in the order and in the words of the
method specification (the section numbers in the comments are the specification's). It is written
to be read next to the specification, not to be fast or general.

``simulate`` takes plain mappings, as do ``treat``, ``whitespace``, ``rival`` and ``at_its_end``.
``DEFAULT_POLICY`` and ``DEFAULT_ASSUMPTIONS`` hold the defaults, ``preset`` the response of the
presets.
"""

from tests.oracle.cases import load_cases, portfolio_from_csv, portfolio_from_parquet
from tests.oracle.defaults import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, preset
from tests.oracle.rival import rival
from tests.oracle.simulation import simulate
from tests.oracle.temporary import at_its_end
from tests.oracle.treatments import treat
from tests.oracle.whitespace import whitespace

__all__ = [
    "DEFAULT_ASSUMPTIONS",
    "DEFAULT_POLICY",
    "at_its_end",
    "load_cases",
    "portfolio_from_csv",
    "portfolio_from_parquet",
    "preset",
    "rival",
    "simulate",
    "treat",
    "whitespace",
]
