"""What the pages keep: bounded by kind, made once, and by the session what holds a portfolio."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import (
    ScriptRunContext,
    add_script_run_ctx,
)
from streamlit.runtime.state import SafeSessionState, SessionState

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.steps import Step, StepKind
from pages.shared import cached
from pages.shared.cached import KEPT, Shelves
from tests.oracle import load_cases
from tests.pages import driver
from tests.portfolios import portfolio_of


def step(kind: StepKind, number: int = 0) -> Step:
    return Step(kind, "portfolio", (number,))


@pytest.fixture
def shelves() -> Shelves:
    return Shelves(StepKind)


@pytest.fixture
def portfolio() -> Iterator[Portfolio]:
    portfolio = portfolio_of(load_cases())
    yield portfolio
    portfolio.door.close()


def never() -> Any:
    raise AssertionError("it was kept, and is made again")


def test_every_kind_of_step_is_kept_and_those_that_hold_a_portfolio_by_the_session() -> None:
    assert set(KEPT) == set(StepKind)
    own = {kind for kind, keeping in KEPT.items() if keeping.per_session}
    assert own == {StepKind.SURFACE}


@pytest.mark.parametrize("kind", StepKind)
def test_as_many_of_a_kind_are_kept_as_declared_the_last_used(
    shelves: Shelves, kind: StepKind
) -> None:
    most = KEPT[kind].most
    for number in range(most):
        shelves.recall(step(kind, number), lambda number=number: number)
    assert shelves.recall(step(kind, 0), never) == 0
    shelves.recall(step(kind, most), lambda: most)
    assert shelves.recall(step(kind, 0), never) == 0
    assert shelves.recall(step(kind, 1), lambda: "made again") == "made again"


def test_many_of_one_kind_push_out_none_of_another(shelves: Shelves) -> None:
    shelves.recall(step(StepKind.BASELINE), lambda: "kept")
    for number in range(KEPT[StepKind.RANGES].most + 1):
        shelves.recall(step(StepKind.RANGES, number), lambda: None)
    assert shelves.recall(step(StepKind.BASELINE), never) == "kept"


def test_what_failed_is_made_again(shelves: Shelves) -> None:
    with pytest.raises(ZeroDivisionError):
        shelves.recall(step(StepKind.RAISE), lambda: 1 // 0)
    assert shelves.recall(step(StepKind.RAISE), lambda: "made") == "made"


def test_sessions_that_want_the_same_at_once_make_it_once(shelves: Shelves) -> None:
    started, made = threading.Event(), []

    def make() -> str:
        started.wait(10)
        made.append("once")
        return "the same"

    with ThreadPoolExecutor(4) as sessions:
        results = [sessions.submit(shelves.recall, step(StepKind.RAISE), make) for _ in range(4)]
        started.set()
        assert {result.result() for result in results} == {"the same"}
    assert made == ["once"]


def test_one_that_is_slow_holds_up_no_other(shelves: Shelves) -> None:
    release = threading.Event()
    with ThreadPoolExecutor(1) as session:
        slow = session.submit(shelves.recall, step(StepKind.RAISE), lambda: release.wait(10))
        assert shelves.recall(step(StepKind.RAISE, 1), lambda: "quick") == "quick"
        assert shelves.recall(step(StepKind.BASELINE), lambda: "quick") == "quick"
        release.set()
        assert slow.result()


def context_of(name: str) -> ScriptRunContext:
    """Return what Streamlit knows of a session's run, without a browser."""
    return ScriptRunContext(
        session_id=name,
        _enqueue=lambda _: None,
        query_string="",
        session_state=SafeSessionState(SessionState(), lambda: None),
        uploaded_file_mgr=MemoryUploadedFileManager("uploads"),
        main_script_path=str(driver.ROOT / "app.py"),
        user_info={},
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=PagesManager(str(driver.ROOT / "app.py")),
    )


def in_session(name: str, work: Callable[[], Any]) -> Any:
    """Return what work gives in a session of that name."""

    def within() -> Any:
        add_script_run_ctx(threading.current_thread(), context_of(name))
        return work()

    with ThreadPoolExecutor(1) as session:
        return session.submit(within).result()


def test_surfaces_are_each_sessions_own_and_the_rest_is_shared(
    portfolio: Portfolio,
) -> None:
    policy, assumptions = Policy(), Assumptions()

    def results() -> tuple[Any, ...]:
        return (
            cached.surface(portfolio, policy, assumptions),
            cached.stress_pools(portfolio, policy, assumptions),
            cached.baseline(portfolio, assumptions),
            cached.sweep(portfolio, policy, assumptions).raising,
            cached.ranges(portfolio, policy, assumptions),
        )

    first, again = in_session("first", results), in_session("first", results)
    assert all(one is other for one, other in zip(first, again, strict=True))
    second = in_session("second", results)
    shared = [one is other for one, other in zip(first, second, strict=True)]
    assert shared == [False, *[True] * 4]

    def after_forgetting() -> tuple[Any, ...]:
        cached.forget()
        return results()

    third = in_session("second", after_forgetting)
    kept = [one is other for one, other in zip(second, third, strict=True)]
    assert kept == [False, *[True] * 4]
    assert in_session("first", results)[0] is first[0], "another session's surfaces stay"
