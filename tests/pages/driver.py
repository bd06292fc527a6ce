"""The app run without a browser: pages opened, levers moved, and what a user then reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Caption, Metric, Slider, TextInput

from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.shown import formats
from tests.places import ROOT

HOME = "pages/policy/simulate.py"
LOAD = "pages/portfolio/load.py"
PROFILE = "pages/portfolio/profile.py"
FRONTIER = "pages/policy/frontier.py"
STRESS = "pages/policy/stress.py"
VALUE = "pages/policy/value.py"
CUSTOMERS = "pages/policy/customers.py"
ASSUMPTIONS = "pages/assumptions/edit.py"
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.glob("pages/*/*.py")
    if path.name != "__init__.py" and path.parent.name not in {"server", "shared"}
)
THRESHOLD, RAISE = "lever_score_threshold", "lever_raise_rate"
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNESCAPED_IMAGE = re.compile(r"(?<!\\)!(?<!\\)\[")


def opened(page: str = "", **link: str) -> AppTest:
    """Open a page, by a link if one is given, and run it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    return turned_to(app, page) if page else app


def turned_to(app: AppTest, page: str) -> AppTest:
    """Go to another page of the same session."""
    app.switch_page(page).run()
    return app


def accounts_csv(rows: list[str], header: str = "account_id,score,credit_limit,balance") -> bytes:
    """Return a file of accounts, one row a line."""
    return "\n".join([header, *rows, ""]).encode()


def followed(app: AppTest, page: str, **link: str) -> AppTest:
    """Follow a link to a page in the same session."""
    app.query_params.clear()
    for name, value in link.items():
        app.query_params[name] = value
    return turned_to(app, page)


def with_file(name: str, data: bytes, app: AppTest | None = None) -> AppTest:
    """Give a file to the Load page, which shows how it understands it."""
    app = turned_to(app or opened(), LOAD)
    app.file_uploader(key="portfolio_file").upload(name, data).run()
    return app


def with_portfolio(name: str, data: bytes, app: AppTest | None = None) -> AppTest:
    """Load a file through the Load page; the page is in view afterwards."""
    app = with_file(name, data, app)
    assert complaints(app) == []
    return pressed(app, "Load this portfolio")


def pressed(app: AppTest, label: str) -> AppTest:
    """Press the button of that label."""
    found = [button for button in app.button if button.label == label]
    assert len(found) == 1, f"{len(found)} buttons {label!r}"
    found[0].click().run()
    return app


def slider(app: AppTest, lever: str) -> Slider[Any]:
    """Return the slider of a lever; another takes its place when the lever moves without it."""
    return next(found for found in app.slider if str(found.key).startswith(f"{lever}_slider"))


def box(app: AppTest, lever: str) -> TextInput:
    """Return the box beside the slider of a lever."""
    return next(found for found in app.text_input if str(found.key).startswith(f"{lever}_typed"))


def slide(app: AppTest, threshold: int | None = None, percent: int | None = None) -> AppTest:
    """Move the sliders."""
    if threshold is not None:
        slider(app, THRESHOLD).set_value(threshold).run()
    if percent is not None:
        slider(app, RAISE).set_value(percent).run()
    return app


def typed(app: AppTest, lever: str, text: str) -> AppTest:
    """Type into a lever's box."""
    box(app, lever).set_value(text).run()
    return app


def complaints(app: AppTest) -> list[str]:
    """List what the app says went wrong, exceptions included."""
    return [plain(str(box.value)) for box in (*app.exception, *app.error)]


def notes(app: AppTest) -> list[str]:
    """List the warnings that stand on the page."""
    return [plain(box.value) for box in app.warning]


def policy(app: AppTest) -> Any:
    """Return the policy in view."""
    return app.session_state["policy_in_view"]


def plain(markdown: str) -> str:
    """Return a Markdown text as it is read."""
    return _ESCAPED.sub(r"\1", markdown).replace("\N{WORD JOINER}", "")


def bodies(app: AppTest) -> list[str]:
    """Return every Markdown text of the page and the sidebar, as it is sent to the browser."""
    boxes = (app.markdown, app.caption, app.error, app.warning, app.info, app.success, app.title)
    found = [str(box.value) for kind in boxes for box in kind]
    for metric in app.metric:
        found += [str(text) for text in (metric.label, metric.value, metric.delta, metric.help)]
    return found


def words(app: AppTest) -> str:
    """Return all that is read on the page, tables included."""
    tables = [frame.value.to_csv(index=False) for frame in app.dataframe]
    return "\n".join([*(plain(body) for body in bodies(app)), *tables])


def sent(app: AppTest) -> bytes:
    """Return all that is sent to the browser for the page and the sidebar."""
    parts = []
    for side in (app.main, app.sidebar):
        for element in side:
            proto = getattr(element, "proto", None)
            if proto is not None and hasattr(proto, "SerializeToString"):
                parts.append(proto.SerializeToString())
    return b"\n".join(parts)


def markdown_images(app: AppTest) -> list[str]:
    """Return the texts in which Markdown would find an image or a tag."""
    return [body for body in bodies(app) if _UNESCAPED_IMAGE.search(body) or "<img" in body]


# ---- Cards


HEADLINE = ("limit", "ead", "projected_defaults", "expected_loss")
"""Measures that the home page has a card of, but for the value and the customers."""


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure as it is read: title, value, increment, and the line below."""

    value: str
    delta: str
    foot: str


def cards(app: AppTest) -> dict[str, Card]:
    """Return the page's cards by their title."""
    found: dict[str, Card] = {}
    last = ""
    for element in app.main:
        if isinstance(element, Block):
            continue
        if isinstance(element, Metric):
            last = element.label
            found[last] = Card(element.value, element.delta, "")
            continue
        if isinstance(element, Caption) and last:
            card = found[last]
            found[last] = Card(card.value, card.delta, plain(element.value))
        last = ""
    return found


def expected_cards(expected: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Card]:
    """Return the cards that a result of the oracle should read as, without their last line."""
    found = {}
    for name in names:
        measure = BY_NAME[name]
        before, after, more = (
            expected[side][name] for side in ("baseline", "proposed", "increment")
        )
        if measure.unit is MeasureUnit.MONEY:
            first, second, third = (formats.compact(value) for value in (before, after, more))
        else:
            first, second = (
                formats.count(round(value) if abs(value) >= 100 else value)
                for value in (before, after)
            )
            third = formats.count(more)
        share = formats.relative(more, before)
        delta = formats.signed(third, more) + (f" ({share})" if share != formats.DASH else "")
        found[measure.title] = Card(f"{first} {formats.ARROW} {second}", delta, "")
    share = expected["raised"] / expected["baseline"]["accounts"]
    found["Accounts raised"] = Card(
        formats.count(expected["raised"]), f"{formats.percent(share)} of all", ""
    )
    return found


def differing(app: AppTest, expected: Mapping[str, Card]) -> dict[str, tuple[Card, Card]]:
    """Return the cards that do not read as expected, with what they read instead."""
    shown = cards(app)
    bare = {title: Card(card.value, card.delta, "") for title, card in shown.items()}
    return {title: (bare[title], card) for title, card in expected.items() if bare[title] != card}


def wrong_cards(
    app: AppTest, result: Mapping[str, Any], *, period: str = "36 months"
) -> dict[str, tuple[Any, ...]]:
    """Return what of the home page's cards is not the oracle's, with what they should read."""
    found: dict[str, tuple[Any, ...]] = dict(differing(app, expected_cards(result, HEADLINE)))
    more, shown = result["increment"], cards(app)
    value = formats.signed(formats.compact(more["npv"]), more["npv"])
    title = f"Value, {period}"
    if shown[title].value != value:
        found[title] = (shown[title], value)
    strained, thin = formats.count(more["strained"]), more["thin_cover"]
    cover = f"thin cover {formats.signed(formats.count(thin), thin)}"
    card = shown["Newly strained"]
    if (card.value, card.delta) != (strained, cover):
        found["customers"] = (card, strained, cover)
    return found


# ---- What happens behind the page


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL statements that run meanwhile, on any database."""
    seen: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@contextmanager
def downloads() -> Iterator[dict[str, dict[str, Any]]]:
    """Collect what download buttons offer meanwhile: their arguments by key."""
    offered: dict[str, dict[str, Any]] = {}
    original = st.download_button

    def collect(*args: Any, **options: Any) -> bool:
        offered[options["key"]] = options
        return bool(original(*args, **options))

    with patch.object(st, "download_button", collect):
        yield offered


def notes_on_link(app: AppTest) -> list[str]:
    """List the warnings that are about the link."""
    return [note for note in notes(app) if note.startswith("The link ")]


def address(app: AppTest) -> dict[str, str]:
    """Return the parameters that stand in the address."""
    held: Mapping[str, Any] = app.query_params
    return {name: value[0] if isinstance(value, list) else value for name, value in held.items()}
