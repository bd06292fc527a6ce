"""The only touch of the session's state and of the address: what is in view, and who set it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from analytics.accounts.asker import ask_for
from analytics.accounts.connect import open_database
from analytics.accounts.database import Database
from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.declared.choices import Sample
from analytics.declared.language import ENGLISH, REMEMBERED, nearest, set_language
from analytics.declared.scales import ScoreScale
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import ParameterError
from analytics.ingest import FolderMemory, HeldMemory, Loaded, Memory, own_folder
from analytics.policy import Policy, default_policy
from analytics.portfolio import Portfolio
from pages.shared import assumed, cached

_PORTFOLIO, _POLICY, _LINK, _NOTES = "portfolio_in_view", "policy_in_view", "link", "notes"
_EDITS = "assumption_edits"
_TREATMENTS = "treatments_in_force"
_NEXT = "policy_of_the_next_run"
_WRITTEN = "links_written"
_MOST_WRITTEN = 50
_MOST_MADE = 8
_LANGUAGE, _SWITCHED = "language", "language_switched"
_DATABASE = "database_open"
_MEMORY = "mappings_confirmed"
_UNSET = object()
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page of results is about."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    appetite: Appetite


def view() -> View:
    """Return the portfolio, policy, assumptions and appetite in view."""
    return View(
        portfolio=loaded().portfolio,
        policy=policy(),
        assumptions=assumptions(),
        appetite=parse_appetite(policy().constraints),
    )


# ---- The language


def speak() -> None:
    """Speak the session's language from now on in this run: the one chosen, or the browser's."""
    set_language(st.session_state.get(_LANGUAGE) or _of_browser())


def take_language(tag: str) -> None:
    """Speak another language in this session from now on.

    Choices are set anew: the browser holds them by their words in the language before.
    """
    st.session_state[_LANGUAGE] = tag
    st.session_state[_SWITCHED] = True
    for key, value in dict(st.session_state).items():
        if isinstance(value, str | int) and not isinstance(value, bool):
            st.session_state[key] = value


def has_switched() -> bool:
    """Whether a language was chosen in this session."""
    return _SWITCHED in st.session_state


def _of_browser() -> str:
    """Return the language that this browser was switched to before, else the browser's own."""
    wanted = (st.context.cookies.get(REMEMBERED), st.context.locale)
    known = (nearest(tag) for tag in wanted if isinstance(tag, str))
    return next((found for found in known if found), ENGLISH)


def attend() -> None:
    """Ask databases on the session's behalf from now on in this run, until its browser is gone.

    Raises
    ------
    ParameterError
        A setting of the administrator's was not understood.
    """
    ask_for(cached.asker())


def speaking(callback: Callable[P, T]) -> Callable[P, T]:
    """Return a callback that speaks and asks as the session: it is called before the run begins."""

    @wraps(callback)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> T:
        speak()
        attend()
        return callback(*args, **kwargs)

    return spoken


# ---- The portfolio


def loaded() -> Loaded:
    """Return the portfolio in view and its load report; the sample until another is loaded."""
    found: Loaded | None = st.session_state.get(_PORTFOLIO)
    return found if found is not None else cached.sample()


def put_in_view(new: Loaded) -> None:
    """Take another portfolio into view; levers keep their values where its scale allows."""
    before, old = policy(), loaded().portfolio
    st.session_state[_PORTFOLIO] = new
    portfolio = new.portfolio
    same_money = old.currency == portfolio.currency
    keep = same_money and not before.faults_on(portfolio.scale, portfolio.currency)
    _let_go(old.scale)
    _wait_with(before if keep else default_policy(portfolio.currency, portfolio.scale))


def show_sample(which: Sample = Sample.HUABEI_LIKE) -> None:
    """Take a sample portfolio into view, with every lever at its default."""
    old = loaded().portfolio
    st.session_state[_PORTFOLIO] = cached.sample(which)
    _let_go(old.scale)
    portfolio = loaded().portfolio
    _wait_with(default_policy(portfolio.currency, portfolio.scale))


def _let_go(scale: ScoreScale) -> None:
    """Forget what belongs to the portfolio that was in view: its results, and its scale's edits."""
    cached.forget()
    if scale != loaded().portfolio.scale:
        st.session_state.pop(_EDITS, None)


# ---- The mappings that were confirmed


def memory() -> Memory:
    """Return the user's own memory of mappings: never one that several users of a server share.

    Who signed in has a folder; whoever did not is known as long as the session lasts.
    """
    if st.user.get("is_logged_in") and st.user.get("sub"):
        return FolderMemory(own_folder(f"{st.user.get('iss')}\n{st.user.get('sub')}"))
    held: Memory = st.session_state.setdefault(_MEMORY, HeldMemory())
    return held


# ---- The database that tables are chosen from


def database(alias: str) -> Database:
    """Return the database of a name in the settings: signed in to once, until it is let go.

    Another one that was open is closed.

    Raises
    ------
    DatabaseError
        The database does not let us in.
    """
    name, held = st.session_state.get(_DATABASE, ("", None))
    if held is not None and name == alias:
        found: Database = held
        return found
    close_database()
    found = open_database(alias)
    st.session_state[_DATABASE] = (alias, found)
    return found


def close_database() -> None:
    """Close the database that is open, if any; the next look at it signs in again."""
    _, held = st.session_state.pop(_DATABASE, ("", None))
    if held is not None:
        held.close()


def hand_over_database() -> None:
    """Leave the database that is open to the portfolio in view, which closes it."""
    st.session_state.pop(_DATABASE, None)


# ---- The policy


def policy() -> Policy:
    """Return the policy in view: the last one whose levers were all within bounds."""
    found: Policy | None = st.session_state.get(_POLICY)
    if found is not None:
        return found
    portfolio = loaded().portfolio
    return default_policy(portfolio.currency, portfolio.scale)


def has_policy() -> bool:
    """Whether the levers have been set in this session."""
    return _POLICY in st.session_state


def take_policy(new: Policy) -> None:
    """Put a policy in view; one that is equal changes nothing."""
    if st.session_state.get(_POLICY) != new:
        st.session_state[_POLICY] = new


def _wait_with(policy: Policy) -> None:
    """Keep a policy for the next run: the levers stand already, they are set when it begins."""
    st.session_state[_NEXT] = policy


def waiting_policy() -> Policy | None:
    """Return the policy that waited for this run, once."""
    found: Policy | None = st.session_state.pop(_NEXT, None)
    return found


# ---- The assumptions


def shipped_assumptions() -> Assumptions:
    """Return the assumptions shipped for the portfolio's score scale."""
    return Assumptions.for_scale(loaded().portfolio.scale)


def assumptions() -> Assumptions:
    """Return the assumptions in force: shipped, then the levers' settings, then single edits."""
    return assumed.with_edits(_from_settings(), edits())


def settings() -> dict[str, str]:
    """Return the settings of the assumptions that stand among the levers, those that are set."""
    held = {name: widget(lever_key(name)) for name in assumed.AMONG_LEVERS}
    return {name: value for name, value in held.items() if value}


def edits() -> Mapping[str, Any]:
    """Return the single edits of assumptions, by name."""
    found: Mapping[str, Any] = st.session_state.get(_EDITS, {})
    return found


def edit_assumption(name: str, value: Any) -> list[str]:
    """Set one assumption; return why it cannot be had, in which case nothing changes."""
    base = _from_settings()
    changed = {**edits(), name: value}
    if value == getattr(base, name):
        del changed[name]
    try:
        base.with_changes(**changed)
    except ParameterError as error:
        return list(error.faults)
    st.session_state[_EDITS] = changed
    return []


def take_assumptions(new: Assumptions) -> None:
    """Take a whole set of assumptions into force, those of the levers included."""
    taken = assumed.settings_of(new)
    base = assumed.with_settings(shipped_assumptions(), taken)
    set_assumptions(taken, assumed.edits_between(base, new))


def reset_assumptions() -> None:
    """Take the shipped assumptions into force again; what was wrong before is over."""
    keep("assumption_faults", [])
    take_assumptions(shipped_assumptions())


def set_assumptions(settings: Mapping[str, str], edits: Mapping[str, Any]) -> None:
    """Set the levers that are assumptions, and the single edits."""
    for name, value in settings.items():
        set_widget(lever_key(name), value)
    st.session_state[_EDITS] = dict(edits)


def _from_settings() -> Assumptions:
    return assumed.with_settings(shipped_assumptions(), settings())


# ---- The treatments


def treatments() -> Treatments:
    """Return the table of treatments in force: the one loaded, or the one shipped."""
    found: Treatments = st.session_state.get(_TREATMENTS, SHIPPED)
    return found


def take_treatments(new: Treatments) -> None:
    """Take a table of treatments into force."""
    st.session_state[_TREATMENTS] = new


# ---- The address


def address() -> dict[str, str]:
    """Return the parameters that stand in the address."""
    return dict(st.query_params)


def link() -> dict[str, str] | None:
    """Return the link that was followed or written last."""
    found: dict[str, str] | None = st.session_state.get(_LINK)
    return found


def take_link(asked: Mapping[str, str]) -> None:
    """Keep the link that is followed, so that it is followed once."""
    st.session_state[_LINK] = dict(asked)


def write_link(new: dict[str, str]) -> None:
    """Write a link into the address, where it does not stand there already."""
    if link() != new or address() != new:
        st.session_state[_LINK] = new
        written = st.session_state.get(_WRITTEN, [])
        st.session_state[_WRITTEN] = [*written[-_MOST_WRITTEN:], new]
        st.query_params.from_dict(new)


def has_written(asked: Mapping[str, str]) -> bool:
    """Whether an address is one of our own."""
    return asked in st.session_state.get(_WRITTEN, [])


# ---- What stands above the page, widgets, and what a page keeps


def notes() -> list[str]:
    """Return the sentences that stand above the page."""
    found: list[str] = st.session_state.get(_NOTES, [])
    return found


def note(sentences: list[str]) -> None:
    """Keep sentences to be shown above the page until the levers are set anew."""
    st.session_state[_NOTES] = sentences


def lever_key(name: str) -> str:
    """Return the widget key of a lever."""
    return f"lever_{name}"


def widget(key: str, default: Any = None) -> Any:
    """Return what a widget holds, or the default where it has not been drawn or set."""
    return st.session_state.get(key, default)


def set_widget(key: str, value: Any) -> None:
    """Set a widget before it is drawn, or in a callback."""
    st.session_state[key] = value


def hold(key: str, value: Any) -> None:
    """Set a widget to a value, unless it has it: what is set undoes what a user does meanwhile."""
    if widget(key, _UNSET) != value:
        set_widget(key, value)


def fresh(name: str, value: Any, *, stays: bool = False) -> str:
    """Return the key of a widget that shows a value: a new one where the last shows another.

    A widget that is set to a value is set in the browser too, over what a user does meanwhile, and
    what the browser last knew of it comes back as if the user had done it. A new one has no past.
    Where it ``stays`` it is the last, whatever it shows.
    """
    made: dict[str, Any] = state(f"made_{name}", {})
    last = next(reversed(made), None)
    if last is not None and (stays or widget(last, value) == value):
        if last not in st.session_state:
            made[last] = value
        return last
    key = f"{name}_{state(f'number_{name}', 0)}"
    kept = list(made.items())[-_MOST_MADE:]
    keep(f"made_{name}", {**dict(kept), key: value})
    keep(f"number_{name}", state(f"number_{name}", 0) + 1)
    return key


def edited(name: str, key: str) -> bool:
    """Whether a user changed a widget of :func:`fresh`, or the browser tells what is known of it.

    What is told late, of a widget that has given way or in a run that was cut short, is no change.
    """
    made: dict[str, Any] = state(f"made_{name}", {})
    found = widget(key)
    if key not in made or made[key] == found:
        return False
    made[key] = found
    return True


def clicked(key: str) -> list[dict[str, Any]]:
    """Return the points that were clicked on a chart."""
    points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
    return points


def state(name: str, default: Any = None) -> Any:
    """Return a value that a page keeps in the session."""
    return st.session_state.get(f"page_{name}", default)


def keep(name: str, value: Any) -> None:
    """Keep a page's value in the session."""
    st.session_state[f"page_{name}"] = value
