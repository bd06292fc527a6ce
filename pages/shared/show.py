"""How results are shown: context line, figures' cards, tables, charts, and what went wrong."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from analytics.assumptions import Assumptions
from analytics.declared.first_faults import first_faults
from analytics.declared.language import calendar_day, say, say_n
from analytics.declared.measures import BY_NAME, Direction, MeasureUnit
from analytics.errors import HeadroomError
from analytics.portfolio import Portfolio
from analytics.results.simulation import Group
from analytics.results.verdicts import Outcome, Outlook, State, Verdict
from analytics.shown import formats, words
from analytics.shown.figures.drawing import Drawing
from analytics.shown.palette import Palette, palette
from analytics.shown.verdict import period

LOG = logging.getLogger("headroom")
_MARKDOWN = re.compile(r"([\\`*_\[\]()!#$:<>|~{}+\-.&])")
_ADDRESS = re.compile(r"(?<=:/)(?=/)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"
CARD_WIDTH = 152
"""Pixels: seven cards stand side by side at 1600, and wrap on a smaller window."""
CELL_PADDING, CHARACTER_WIDTH = 24, 6
"""Pixels of a table's cell beside its text, and of a character on average."""
P = ParamSpec("P")
T = TypeVar("T")
Width = int | Literal["stretch"]
CHART = {"displaylogo": False, "displayModeBar": False}


def plain(text: str) -> str:
    """Return a user's text so that it is shown as it is, whatever Markdown it holds.

    An address gets an invisible joiner, for the browser would make a link of it.
    """
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(_JOINER, " ".join(text.split())))


def colours() -> Palette:
    """Return the palette of the theme in view."""
    return palette(dark=st.context.theme.type == "dark")


def faults(sentences: Iterable[str], *, lead: str = "") -> None:
    """Show what is wrong, every fault at once, one sentence each."""
    lines = [plain(sentence) for sentence in first_faults(sentences)]
    if lines:
        body = lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
        st.error(f"{lead}\n\n{body}" if lead else body, icon=":material/error:")


def notes(sentences: Sequence[str]) -> None:
    """Show what a user should know, none of which stops the work."""
    for sentence in first_faults(sentences):
        st.warning(plain(sentence), icon=":material/info:")


def failure(error: HeadroomError) -> None:
    """Show a named failure in its own words."""
    faults(error.faults)


def unexpected(error: Exception) -> None:
    """Show that something failed which nobody foresaw; details go to the log, under a number."""
    number = uuid.uuid4().hex[:8]
    LOG.error("error %s", number, exc_info=error)
    st.error(
        say(
            "Something failed that should not. Your portfolio and policy are as they were; "
            "reload the page to go on. The log has the details under number {number}.",
            number=number,
        ),
        icon=":material/error:",
    )


def part(draw: Callable[P, T]) -> Callable[P, T | None]:
    """Return a part of a page that keeps its faults to itself: they are said where it stands.

    So no part takes the others with it, nor the ways out: levers, navigation, another portfolio.
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return draw(*args, **kwargs)
        except HeadroomError as error:
            failure(error)
        except Exception as error:  # noqa: BLE001 - a boundary: a sentence here, the rest in the log
            unexpected(error)
        return None

    return drawn


def heading(title: str, *, detail: str = "") -> None:
    """Show a section's finding in bold, with what it shows in grey beside it."""
    st.markdown(f"**{plain(title)}**" + (f" :gray[{plain(detail)}]" if detail else ""))


def context(portfolio: Portfolio) -> str:
    """Return what the figures stand on: portfolio, date, accounts used, currency and data."""
    parts = [portfolio.name]
    if portfolio.as_of:
        parts.append(say("as of {as_of}", as_of=calendar_day(portfolio.as_of)))
    if portfolio.rows_rejected:
        parts.append(portfolio.rows_used)
    else:
        parts.append(say_n("{count:,} account", "{count:,} accounts", portfolio.accounts))
    parts += [
        portfolio.currency,
        say("scale {scale}", scale=portfolio.scale),
        say("data {fingerprint}", fingerprint=portfolio.fingerprint[:8]),
    ]
    parts += [
        say("{column} derived ({how})", column=column, how=how) for column, how in portfolio.derived
    ]
    return " · ".join(parts)


def standing(portfolio: Portfolio, assumptions: Assumptions) -> str:
    """Return what the figures stand on: the portfolio, and the assumptions that differ."""
    changed = assumptions.changed_from(Assumptions.for_scale(portfolio.scale))
    name = words.choice_title(assumptions.response_name)
    if not changed:
        of_assumptions = say("assumptions: {name} response, none changed", name=name)
    else:
        of_assumptions = say(
            "assumptions: {name} response, {count} changed ({changed})",
            name=name,
            count=len(changed),
            changed=tuple(changed),
        )
    return f"{context(portfolio)} · {of_assumptions}"


def card(group: Group, name: str, *, foot: str = "", width: Width = CARD_WIDTH) -> None:
    """Show a measure as a card: baseline and proposed, the increment, and a line below it."""
    measure = BY_NAME[name]
    before, after, more = triple(group, name)
    _card(
        measure.title,
        f"{formats.measure(name, before)} {formats.ARROW} {formats.measure(name, after)}",
        increment_text(name, more, before),
        colour=_delta_colour(measure.direction, more),
        arrow=_arrow(more),
        foot=foot,
        explained=f"{measure.help} {full_figures(name, before, after, more)}",
        width=width,
    )


def raised_card(group: Group, threshold: int) -> None:
    """Show how many accounts are raised, of whom."""
    share = group.increment.raised_share if group.increment else None
    _card(
        BY_NAME["raised"].title,
        formats.count(group.raised),
        say("{share} of all", share=formats.percent(share)),
        colour="off",
        arrow="off",
        foot=say(
            "of {count} at {threshold}+",
            count=formats.count(group.at_threshold),
            threshold=threshold,
        ),
        explained=BY_NAME["raised"].help,
    )


def change_card(group: Group, name: str) -> None:
    """Show a measure that only a raise moves: its increment alone."""
    measure = BY_NAME[name]
    _, _, more = triple(group, name)
    _card(
        measure.title,
        formats.measure(name, more),
        "",
        explained=f"{measure.help} {say('Increment {more}.', more=formats.to_check(name, more))}",
    )


def value_card(found: Outlook, *, foot: str = "") -> None:
    """Show what the policy brings over the horizon, and from which month it has paid.

    Coloured only where every response agrees on the sign.
    """
    paid = formats.month(found.payback_months)
    delta = {
        Outcome.PAYS: say("pays from {month}", month=paid) if found.days is None else say("pays"),
        Outcome.UNCERTAIN: say("sign uncertain"),
        Outcome.LOSES: say("never pays back") if found.days is None else say("does not pay"),
        Outcome.NOTHING: "",
    }[found.outcome]
    colour = {Outcome.PAYS: "green", Outcome.LOSES: "red"}.get(found.outcome, "gray")
    _card(
        say("Value, {period}", period=period(found)),
        formats.change("npv", found.value),
        delta,
        colour=colour,
        foot=foot,
        explained=f"{BY_NAME['npv'].help} {formats.to_check('npv', found.value)}",
    )


def customers_card(group: Group) -> None:
    """Show what the policy does to customers: who is newly strained, and whose cover is thin."""
    measure = BY_NAME["strained"]
    counts = {name: triple(group, name) for name in ("strained", "thin_cover", "short_cover")}
    before, _, more = counts["strained"]
    thin, short = counts["thin_cover"][2], counts["short_cover"][2]
    if group.baseline is not None and before is None:
        _card(
            say("Newly strained"),
            formats.DASH,
            "",
            foot=say("no column monthly_income"),
            explained=measure.help,
        )
        return
    _card(
        say("Newly strained"),
        formats.count(more or 0.0),
        say("thin cover {change}", change=formats.change("thin_cover", thin)),
        colour=_delta_colour(BY_NAME["thin_cover"].direction, thin),
        foot=say("short cover {change}", change=formats.change("short_cover", short)),
        explained=" ".join(
            f"{BY_NAME[name].help} {full_figures(name, *three)}" for name, three in counts.items()
        ),
    )


def _card(
    title: str,
    value: str,
    delta: str,
    *,
    colour: Any = "off",
    arrow: Any = "off",
    foot: str = "",
    explained: str,
    width: Width = CARD_WIDTH,
) -> None:
    with st.container(width=width, gap="xxsmall"):
        st.metric(
            title,
            value,
            delta=delta or None,
            delta_color=colour,
            delta_arrow=arrow,
            help=plain(explained),
        )
        st.caption(plain(foot) if foot else "&nbsp;")


def increment_text(name: str, more: float | None, before: float | None) -> str:
    """Return an increment of a measure: signed, absolute and, but for a rate, relative."""
    text = formats.change(name, more)
    if BY_NAME[name].unit is MeasureUnit.RATE:
        return text
    share = formats.relative(more, before)
    return text if share == formats.DASH else f"{text} ({share})"


def full_figures(name: str, before: float | None, after: float | None, more: float | None) -> str:
    """Return baseline, proposed and increment in full, for the help of a card."""
    return say(
        "Baseline {before}; proposed {after}; increment {more}.",
        before=formats.to_check(name, before),
        after=formats.to_check(name, after),
        more=formats.to_check(name, more),
    )


def verdict(found: Verdict) -> None:
    """Show how a policy stands to one constraint, by a mark and in words."""
    marks = {State.MET: ":green[✓]", State.BROKEN: ":red[✗]", State.UNKNOWN: ":gray[?]"}
    st.markdown(f"{marks[found.state]} {plain(words.verdict_sentence(found))}")


def chart(figure: Drawing, *, key: str, alt: str, **options: Any) -> Any:
    """Show a figure in the product's own look."""
    return st.plotly_chart(figure, key=key, theme=None, config=CHART, alt=alt, **options)


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    alt: str,
    height: int | str = "content",
    left: Collection[str] = (),
) -> None:
    """Show a small table of formatted texts, set to the right.

    The first column and those of ``left`` are set to the left; these are as wide as their words.
    """
    config: dict[Any, Any] = {
        name: st.column_config.TextColumn(
            alignment="left" if index == 0 or name in left else "right",
            width=_width_of(frame[name]) if name in left else None,
        )
        for index, name in enumerate(frame.columns)
    }
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        key=key,
        alt=alt,
        height=height,  # type: ignore[arg-type]
        row_height=28,
        placeholder=formats.DASH,
    )


def _width_of(texts: pd.Series) -> int:
    """Return the pixels that a column's longest text takes."""
    return CELL_PADDING + CHARACTER_WIDTH * max(map(formats.cells, texts.dropna()), default=0)


def triple(group: Group, name: str) -> tuple[float | None, float | None, float | None]:
    """Return a measure's baseline, proposed and increment; None where it has none."""
    sides = (group.baseline, group.proposed, group.increment)
    before, after, more = (side.get(name) if side is not None else None for side in sides)
    return before, after, more


def masked(account_id: str) -> str:
    """Return an account's id as a screen may show it: its last characters alone; blank as blank."""
    if not account_id.strip():
        return ""
    return f"…{account_id[-3:]}" if len(account_id) > 5 else "…"


def download(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV in full precision."""
    st.download_button(
        f"{name}.csv",
        data=lambda: csv(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"download_{name}",
        icon=":material/download:",
        type="tertiary",
    )


def csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV in full precision: UTF-8 with a mark that spreadsheets read."""
    return b"\xef\xbb\xbf" + frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _delta_colour(direction: Direction, more: float | None) -> Any:
    if not more or direction is Direction.NEUTRAL:
        return "gray"
    return "green" if (more > 0) == (direction is Direction.GOOD) else "red"


def _arrow(more: float | None) -> Any:
    if not more:
        return "off"
    return "up" if more > 0 else "down"
