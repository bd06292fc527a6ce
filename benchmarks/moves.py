"""A moved threshold on each page: the server's time, beside that of the framework alone.

For the framework alone a page's calls are recorded and made again: the same charts, tables, cards
and widgets in the same places, and nothing computed. Both run without a browser, in turn; what is
timed is the script.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import Clocked, Pairs, rounds

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("simulate", "frontier", "stress", "value", "customers")
RECORDED = 8
FIRST = 640
"""The threshold that the moves start from; it is raised by one at each."""
_FLOOR = "from benchmarks import moves\n\nmoves.replay()\n"
_METHODS = tuple(
    name
    for name in dir(DeltaGenerator)
    if not name.startswith("_") and callable(getattr(DeltaGenerator, name))
)


class Call(NamedTuple):
    """One call of the framework: in which place, what, and how many places it gave."""

    place: int
    method: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    gives: int


class Recording:
    """The calls of one run; the places are the page, the sidebar, and each container given."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._places: list[Any] = [st._main, st.sidebar]  # noqa: SLF001 - the page itself
        self._inside = False

    def method(self, name: str) -> Callable[..., Any]:
        """Return a method that does what the framework's does and notes the outermost call."""
        original = getattr(DeltaGenerator, name)

        @functools.wraps(original)
        def noted(place: Any, *args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return original(place, *args, **kwargs)
            at = next(i for i, one in enumerate(self._places) if one is place._active_dg)  # noqa: SLF001
            self._inside = True
            try:
                found = original(place, *args, **kwargs)
            finally:
                self._inside = False
            given = _places_of(found)
            self._places += given
            self.calls.append(Call(at, name, args, kwargs, len(given)))
            return found

        return noted


_RECORDED: list[list[Call]] = []
"""What :func:`replay` replays, one run after the other: a script can be given nothing else."""
_NEXT = itertools.count()


def replay() -> None:
    """Make the calls of the next recorded run again, in their places."""
    places: list[Any] = [st._main, st.sidebar]  # noqa: SLF001 - the page itself
    for call in _RECORDED[next(_NEXT) % len(_RECORDED)]:
        found = getattr(places[call.place], call.method)(*call.args, **call.kwargs)
        places += _places_of(found)


def record(page: str, times: int) -> Callable[[], AppTest]:
    """Record so many moves of the threshold on a page for the floor; return a further move."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.run()
    app.switch_page(f"pages/policy/{page}.py").run()
    thresholds = itertools.count(FIRST)

    def move() -> AppTest:
        box = next(b for b in app.text_input if str(b.key).startswith("lever_score_threshold"))
        box.set_value(str(next(thresholds)))
        app.run()
        if app.exception or app.error:
            raise AssertionError(f"The page {page} complains.")
        return app

    move()
    _RECORDED.clear()
    for _ in range(times):
        with _recording() as recording:
            move()
        _RECORDED.append(recording.calls)
    return move


def _timed(page: str, setting: Setting) -> Pairs:
    """Time moves of the threshold on a page and its floor in turn."""
    move = record(page, RECORDED)
    floor = AppTest.from_string(_FLOOR, default_timeout=300)
    floor.run()
    if floor.exception or len(floor.markdown) < len(move().markdown) - 2:
        raise AssertionError(f"The floor of {page} does not show what the page shows.")
    ours: list[Clocked] = []
    theirs: list[Clocked] = []
    with _clock() as clocked:
        for number in rounds(setting):
            for work, times in ((move, ours), (floor.run, theirs))[:: -1 if number % 2 else 1]:
                work()
                times.append(clocked())
    return Pairs(tuple(ours), tuple(theirs))


@contextmanager
def _recording() -> Iterator[Recording]:
    """Note the calls of what runs within the block."""
    found = Recording()
    methods: dict[str, Any] = {name: found.method(name) for name in _METHODS}
    with patch.multiple(DeltaGenerator, **methods):
        functions = {n: getattr(st._main, n) for n in _METHODS if hasattr(st, n)}  # noqa: SLF001
        with patch.dict(vars(st), functions):
            yield found


@contextmanager
def _clock() -> Iterator[Callable[[], Clocked]]:
    """Give a function that returns what the last run of a script took."""
    last: list[Clocked] = []
    original = ScriptRunner._run_script  # noqa: SLF001 - where a run begins and ends

    def timed(runner: Any, *args: Any) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        try:
            return original(runner, *args)
        finally:
            last.append(Clocked(time.perf_counter() - wall, time.process_time() - processor))

    with patch.object(ScriptRunner, "_run_script", timed):
        yield lambda: last[-1]


def _places_of(found: Any) -> list[Any]:
    """Return the containers that a call gave."""
    several = found if isinstance(found, list | tuple) else [found]
    return [one for one in several if isinstance(one, DeltaGenerator)]


def _benchmark(page: str) -> Benchmark:
    def run(setting: Setting) -> Measured:
        timed = _timed(page, setting)
        values = tuple(run.processor * 1e3 for run in timed.ours)
        return Measured(values=values, note=f"the framework alone: {timed.note}")

    return Benchmark(
        name=f"move-{page}",
        title=f"A moved threshold on {page.capitalize()}, of the server's processor",
        unit=Unit.MILLISECONDS,
        target=100.0,
        run=run,
    )


BENCHMARKS = tuple(_benchmark(page) for page in PAGES)
