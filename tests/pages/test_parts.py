"""No error of one part of a page takes the others with it, nor the ways out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.errors import DatabaseError
from pages.shared import cached, frame, intake, maps, outcome, show, sidebar, table_intake
from tests.pages import driver
from tests.pages.driver import HOME, LOAD, PAGES, RAISE, THRESHOLD
from tests.places import ROOT

SAID = "The database bank could not answer."
UNEXPECTED = "Something failed that should not."


def functions(page: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / page).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def is_part(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(item) == "show.part" for item in function.decorator_list)


def parts(page: str) -> list[str]:
    return [name for name, function in functions(page).items() if is_part(function)]


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_page_shows_by_a_function_of_its_own_is_a_part(page: str) -> None:
    own = functions(page)
    shown = {
        node.value.func.id
        for node in ast.walk(own["page"])
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    }
    assert {name for name in shown if not is_part(own[name])} == set()
    assert parts(page)


@pytest.mark.parametrize(
    "shared",
    [
        intake.bring,
        table_intake.bring_table,
        maps.every_policy,
        outcome.headline,
        outcome.policy_in_words,
    ],
)
def test_what_pages_share_is_a_part_as_well(shared: Callable[..., object]) -> None:
    assert shared.__wrapped__  # type: ignore[attr-defined]


class Failing:
    """Makes the part of a name fail, whatever page it stands on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.name, self.error, self.failed = "", Exception(), 0
        self._part = show.part
        patch.setattr(show, "part", self.part)

    def part(self, draw: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(draw)
        def drawn(*args: Any, **kwargs: Any) -> Any:
            if draw.__name__ == self.name:
                self.failed += 1
                raise self.error
            return draw(*args, **kwargs)

        return self._part(drawn)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    return Failing(monkeypatch)


def ways_out(app: AppTest) -> list[str]:
    """Return what of the levers, and on Load of the ways to another portfolio, is missing."""
    wanted = {"lever": f"{THRESHOLD}_slider", "raise": f"{RAISE}_slider"}
    missing = [name for name, key in wanted.items() if not _has(app.slider, key)]
    labels = [button.label for button in app.button]
    return missing + [name for name in ("Reset",) if name not in labels]


def _has(elements: Any, key: str) -> bool:
    return any(str(element.key).startswith(key) for element in elements)


@pytest.mark.parametrize("page", PAGES)
def test_each_part_fails_alone_and_the_others_stay(page: str, failing: Failing) -> None:
    app = driver.opened(page)
    assert driver.complaints(app) == []
    for name in parts(page):
        for failing.error, said in (
            (DatabaseError(SAID), SAID),
            (ZeroDivisionError("/etc/passwd c4n4ry"), UNEXPECTED),
        ):
            failing.name, failing.failed = name, 0
            app.run()
            complaints = driver.complaints(app)
            assert len(complaints) == failing.failed, (name, complaints)
            assert all(text.startswith(said) for text in complaints), (name, complaints)
            assert "c4n4ry" not in driver.words(app)
            assert ways_out(app) == [], name
            if page == LOAD:
                assert app.get("file_uploader"), name
                assert "Show the sample portfolio" in [b.label for b in app.button], name
    failing.name = ""
    app.run()
    assert driver.complaints(app) == []


@pytest.mark.parametrize("name", ["begin", "finish", "draw"])
def test_a_frame_that_fails_leaves_the_page(name: str, failing: Failing) -> None:
    app = driver.opened(LOAD)
    failing.name, failing.error = name, RuntimeError("c4n4ry")
    assert getattr(sidebar if name == "draw" else frame, name)
    app.run()
    assert failing.failed == 1
    assert len(driver.complaints(app)) == 1
    assert app.get("file_uploader")
    assert driver.complaints(driver.turned_to(app, HOME))


def test_a_setting_that_is_not_understood_is_said_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cached, "asker", cached.asker.__wrapped__)
    monkeypatch.setenv("HEADROOM_SECONDS", "soon")
    app = driver.opened()
    assert len(driver.complaints(app)) == 1
    assert driver.complaints(app)[0].startswith("The setting HEADROOM_SECONDS is 'soon'")
