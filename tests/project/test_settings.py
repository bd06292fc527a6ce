"""The app ships with safe settings, all known to Streamlit, and a theme that can be read."""

import tomllib
from collections.abc import Iterator

import pytest

from tests.contrast import contrast
from tests.places import ROOT


def settings(path: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


SAFE_SETTINGS = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
    "server.disconnectedSessionTTL": 60,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.maxCacheDataSize": "1gb",
    "server.maxMessageSize": 50,
    "server.maxUploadSize": 300,
    "server.xsrfCookieSameSite": "strict",
}


@pytest.mark.parametrize(("option", "value"), SAFE_SETTINGS.items(), ids=list(SAFE_SETTINGS))
def test_app_ships_with_safe_settings(option: str, value: object) -> None:
    section, name = option.split(".")
    assert settings(".streamlit/config.toml")[section][name] == value


def test_streamlit_knows_every_setting() -> None:
    from streamlit import config

    known = set(config.get_config_options())

    def names(table: dict[str, object], prefix: str = "") -> Iterator[str]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from names(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"

    ours = set(names(dict(settings(".streamlit/config.toml"))))
    assert ours <= known, f"unknown to Streamlit: {sorted(ours - known)}"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_has_aa_contrast_on_every_ground(name: str) -> None:
    theme = settings(".streamlit/config.toml")["theme"][name]
    assert isinstance(theme, dict)
    grounds = {
        value
        for table in (theme, theme["sidebar"])
        for key, value in table.items()
        if key.endswith("ackgroundColor")
    }
    for ground in grounds:
        for ink in ("textColor", "linkColor", "primaryColor"):
            assert contrast(theme[ink], ground) >= 4.5, f"{name}: {ink} on {ground}"
        # Captions and help texts are the text colour at 60 %.
        assert contrast(theme["textColor"], ground, opacity=0.6) >= 4.5, f"{name}: {ground}"
    # White marks (the tick of a checkbox) on the accent are graphics: 3 to 1.
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 3
