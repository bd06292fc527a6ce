"""What tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pages.shared import intake


@pytest.fixture(scope="package", autouse=True)
def _own_mappings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep confirmed mappings in a folder of the tests, not in the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "MAPPINGS", tmp_path_factory.mktemp("mappings"))
        yield
