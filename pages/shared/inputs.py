"""From a declared parameter to its widget and back: label, help and bounds are read off it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import streamlit as st

from analytics.declared.columns import MAX_MONEY
from analytics.declared.currencies import Currency, currency
from analytics.declared.language import say
from analytics.declared.parameters import Parameter, Unit, Value, percent_of
from analytics.errors import ParameterError
from analytics.shown import words
from pages.shared import session, show
from pages.shared.session import lever_key


def seed(parameter: Parameter, value: Value) -> None:
    """Set a lever's widget to a value of its parameter."""
    session.set_widget(lever_key(parameter.name), shown(parameter, value))
    _say_wrong(parameter, "")


def read(parameter: Parameter) -> Value:
    """Return the value that a lever's widget holds, as its parameter means it."""
    held = session.widget(lever_key(parameter.name), shown(parameter, parameter.default))
    return meant(parameter, held)


def meant(parameter: Parameter, held: Any) -> Value:
    """Return the value that a widget of the parameter holds: the inverse of :func:`shown`."""
    if held is None:
        return None
    match parameter.unit:
        case Unit.RATE | Unit.FRACTION:
            return round(float(held) / 100, 10)
        case Unit.MONEY:
            return Decimal(parameter.format(Decimal(str(round(float(held), 2)))))
        case Unit.SCORE | Unit.COUNT:
            return int(held)
        case Unit.MULTIPLE | Unit.NUMBER:
            return float(held)
        case Unit.FLAG:
            return bool(held)
        case Unit.DATE:
            return held if isinstance(held, dt.date) else None
        case _:
            return str(held)


def slider_with_box(
    parameter: Parameter, low: int, high: int, *, unit: str = "", disabled: bool = False
) -> None:
    """Draw a lever as a slider and a text box that are one control: drag it, or type 765.

    Neither is ever set to a value: one that shows another than the lever's gives way to a new one
    (:func:`session.fresh`). What the browser still says of the old one undoes no move.
    """
    held = session.widget(lever_key(parameter.name))
    wrong = _wrong(parameter)
    place = int(min(max(round(held), low), high))
    text = percent_of(f"{held:g}") if unit else f"{held:g}"
    slid = session.fresh(_slider_key(parameter), place)
    typed = session.fresh(_typed_key(parameter), text, stays=bool(wrong))
    slide, box = st.columns([3.2, 1], vertical_alignment="bottom", gap="small", wrap=False)
    slide.slider(
        parameter.title,
        low,
        high,
        value=place,
        step=1,
        format=f"%d{unit}",
        key=slid,
        help=parameter.help,
        on_change=_follow_slider,
        args=(parameter, slid),
        disabled=disabled,
    )
    box.text_input(
        say("{title}, typed", title=parameter.title),
        value=text,
        key=typed,
        label_visibility="collapsed",
        on_change=_follow_box,
        args=(parameter, typed),
        disabled=disabled,
    )
    if wrong:
        st.caption(f":red[{show.plain(wrong)}]")


def lever(parameter: Parameter) -> None:
    """Draw a lever as the widget that fits its unit; one that can be off can be emptied."""
    name = lever_key(parameter.name)
    empty: dict[str, Any] = {"value": None} if parameter.optional else {}
    if parameter.unit is Unit.FLAG:
        st.toggle(parameter.title, key=name, help=explained(parameter))
    elif parameter.unit is Unit.CHOICE:
        st.segmented_control(
            parameter.title,
            parameter.choices,
            default=parameter.choices[0],
            required=True,
            key=name,
            format_func=words.choice_title,
            help=explained(parameter),
        )
    elif parameter.unit is Unit.TEXT:
        length = int(parameter.high or 80)
        st.text_input(parameter.title, key=name, max_chars=length, help=explained(parameter))
    elif parameter.unit is Unit.DATE:
        st.date_input(
            parameter.title, key=name, help=explained(parameter), format="YYYY-MM-DD", **empty
        )
    else:
        st.number_input(
            _label(parameter),
            key=name,
            help=explained(parameter),
            placeholder=say("off"),
            **bounds(parameter),
            **empty,
        )


def _follow_slider(parameter: Parameter, key: str) -> None:
    if not session.edited(_slider_key(parameter), key):
        return
    moved = session.widget(key)
    _say_wrong(parameter, "")
    value = int(moved) if parameter.unit is Unit.SCORE else moved / 100
    session.set_widget(lever_key(parameter.name), shown(parameter, value))


@session.speaking
def _follow_box(parameter: Parameter, key: str) -> None:
    """Take what was typed; what cannot be had is said below the box, and nothing moves."""
    if not session.edited(_typed_key(parameter), key):
        return
    given = session.widget(key).strip()
    is_bare = parameter.unit is Unit.RATE and given and not given.endswith("%")
    text = f"{given}%" if is_bare else given
    try:
        value = parameter.parse(text)
        fault = _two_ways(parameter, given, value) or parameter.fault(value)
    except ParameterError as error:
        fault, value = str(error), None
    _say_wrong(parameter, fault or "")
    if not fault:
        session.set_widget(lever_key(parameter.name), shown(parameter, value))


def _two_ways(parameter: Parameter, given: str, value: Value) -> str:
    """Return what to do about a rate that means one thing here and another in a file; or nothing.

    Beside a slider 20 is 20 %; a file and the command line write 0.2 for it.
    """
    if parameter.unit is not Unit.RATE or not isinstance(value, float):
        return ""
    if given.endswith("%") or not 0 < value < 0.01:
        return ""
    return say(
        "{given} may be {low} or {high}: write it with %.",
        given=given,
        low=parameter.show(value),
        high=parameter.show(parameter.parse(given)),
    )


def _wrong(parameter: Parameter) -> str:
    """Return what is wrong with the text in a lever's box; empty where nothing is."""
    found: str = session.state(f"wrong_{parameter.name}", "")
    return found


def _say_wrong(parameter: Parameter, fault: str) -> None:
    session.keep(f"wrong_{parameter.name}", fault)


def _slider_key(parameter: Parameter) -> str:
    return lever_key(f"{parameter.name}_slider")


def _typed_key(parameter: Parameter) -> str:
    return lever_key(f"{parameter.name}_typed")


def shown(parameter: Parameter, value: Value) -> Any:
    """Return a value as its widget holds it: rates in percent, money as a float."""
    if value is None:
        return None
    if parameter.unit in (Unit.RATE, Unit.FRACTION) and isinstance(value, int | float):
        return round(float(value) * 100, 8)
    if isinstance(value, Decimal):
        return float(value)
    if parameter.unit in (Unit.MULTIPLE, Unit.NUMBER) and isinstance(value, int | float):
        return float(value)
    return value


def bounds(parameter: Parameter) -> dict[str, Any]:
    """Return the number box's bounds, step and format."""
    low, high = parameter.low, parameter.high
    if parameter.unit in (Unit.COUNT, Unit.SCORE):
        return {"min_value": int(low or 0), "max_value": int(high or 10**9), "step": 1}
    if parameter.unit in (Unit.RATE, Unit.FRACTION):
        return {
            "min_value": float(low or 0) * 100,
            "max_value": float(high or 1) * 100,
            "step": 1.0,
            "format": "%g",
        }
    if parameter.unit is Unit.MONEY:
        return _money_bounds(parameter, currency(session.loaded().portfolio.currency))
    smallest = 0.01 if parameter.above_low else 0.0
    return {
        "min_value": max(float(low or 0), smallest),
        "max_value": float(high or 1e12),
        "step": 0.5,
        "format": "%.12g",
    }


def _money_bounds(parameter: Parameter, own: Currency) -> dict[str, Any]:
    """Return the bounds of an amount: steps and the smallest amount are the currency's own."""
    smallest = float(own.smallest) if parameter.above_low else 0.0
    return {
        "min_value": max(float(parameter.low or 0), smallest),
        "max_value": float(parameter.high or MAX_MONEY),
        "step": float(own.round_amount),
        "format": "%.0f" if own.is_whole else "%.15g",
    }


def _label(parameter: Parameter) -> str:
    return f"{parameter.title}, %" if parameter.unit is Unit.RATE else parameter.title


def explained(parameter: Parameter) -> str:
    """Return the parameter's sentence with its bounds and source, safe as Markdown."""
    give = say("Give {allowed}.", allowed=parameter.allowed)
    support = f" [{parameter.mark.value}] {parameter.source}." if parameter.source else ""
    return f"{parameter.help} {give}{support}".replace("[", "\\[")
