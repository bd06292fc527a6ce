"""A zip that has one reading alone; what an export's zip may not be is in test_verify."""

from __future__ import annotations

import io
import zipfile

import pytest

from analytics.export.zip_form import ZipError, check_zip


def test_a_zip_of_known_names_is_taken_and_any_other_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.csv", "x")
    with zipfile.ZipFile(data) as archive:
        check_zip(archive, {"a.csv", "b.csv"})
        with pytest.raises(ZipError, match=r"it holds 'a\.csv', which no export writes"):
            check_zip(archive, {"b.csv"})
