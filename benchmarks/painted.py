"""From a key on the threshold's slider to the last thing painted, each page against its floor.

The floor is the framework alone replaying, key by key, what the page showed at one threshold after
another (:mod:`benchmarks.moves`). Both are served alike and stand in tabs of one Chromium; keys go
to one and the other in turn. It needs Chromium or Chrome on the path, or named in CHROMIUM.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.starlette import App

from benchmarks import moves
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import rounds
from tests.browser.visit import FLAGS, PATIENCE, chromium_program, serving

RECORDED = 12
"""Moves that the floor knows; it begins again after the last."""
SETTLING = 5_000
"""Milliseconds until a page that has just opened stands."""
_WATCH = """() => {
  const seen = window.seen = {start: null, last: 0};
  const note = () => { seen.last = performance.now() };
  addEventListener('keydown', () => { seen.start = seen.last = performance.now() }, true);
  new MutationObserver(note).observe(document.querySelector('[data-testid=stMain]'), {
    subtree: true, childList: true, characterData: true,
    attributes: true, attributeFilter: ['d', 'transform', 'x', 'y', 'width', 'height'],
  });
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (...args) {
    note();
    return draw.apply(this, args);
  };
}"""
"""Notes when a key went down, and when anything of the page was last drawn."""
_QUIET = "() => seen.start !== null && performance.now() - seen.last > 700"
_TOOK = "() => { const took = seen.last - seen.start; seen.start = null; return took }"


def painted(page: str, setting: Setting) -> Measured:
    """Return the milliseconds of a page over those of its floor, key by key."""
    # In a thread of its own: there may be one browser to a thread, and a caller may have one.
    with ThreadPoolExecutor(max_workers=1) as own:
        return own.submit(_measured, page, setting).result()


def _measured(page: str, setting: Setting) -> Measured:
    with contextlib.ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory())) / "log.txt" for _ in "ab"
        ]
        own = (sys.executable, "-m", "benchmarks.painted")
        app = stack.enter_context(serving(folders[0]))
        floor = stack.enter_context(serving(folders[1], program=own, arguments=(page,)))
        browser = stack.enter_context(_chromium())
        tabs = [_opened(browser, f"{app}/{page}"), _opened(browser, floor)]
        times: list[list[float]] = [[], []]
        for tab in tabs:
            for _ in range(2):
                _key(tab)
        for number in rounds(setting):
            for which in (0, 1) if number % 2 else (1, 0):
                times[which].append(_key(tabs[which]))
    ratios = tuple(ours / floor for ours, floor in zip(*times, strict=True))
    (ours, floor_times) = (sorted(side) for side in times)
    note = ", ".join(
        f"{name} {_at(ours, share):.0f} ms against {_at(floor_times, share):.0f} ms "
        f"({_at(ours, share) / _at(floor_times, share):.2f})"
        for name, share in (("p50", 0.5), ("p95", 0.95))
    )
    return Measured(values=ratios, note=note)


def _at(values: Sequence[float], share: float) -> float:
    return values[round(share * (len(values) - 1))]


def _key(tab: Page) -> float:
    """Press a key on the slider of the threshold; return how long until nothing more is drawn."""
    tab.bring_to_front()
    tab.get_by_role("slider").first.press("ArrowRight")
    tab.wait_for_function(_QUIET, timeout=PATIENCE * 1_000)
    took: float = tab.evaluate(_TOOK)
    return took


def _opened(browser: Browser, address: str) -> Page:
    """Open an address and wait until it stands."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.goto(address)
    page.get_by_role("slider").first.wait_for(timeout=PATIENCE * 1_000)
    page.wait_for_timeout(SETTLING)
    page.evaluate(_WATCH)
    return page


@contextlib.contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        program = chromium_program()
        browser = play.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the floor of a page: ``python -m benchmarks.painted customers --port 8600``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("page", choices=moves.PAGES)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    moves.record(options.page, RECORDED)
    gc.collect()
    gc.freeze()
    address = {"server.port": options.port, "server.address": "127.0.0.1"}
    App(Path(__file__).with_name("floor.py")).run(config={**address, "server.headless": True})


def _benchmark(page: str) -> Benchmark:
    return Benchmark(
        name=f"painted-{page}",
        title=f"A key on {page.capitalize()}, to the last paint, against the framework alone",
        unit=Unit.RATIO,
        target=1.5,
        run=lambda setting: painted(page, setting),
        by_default=False,
    )


BENCHMARKS = tuple(_benchmark(page) for page in moves.PAGES)

if __name__ == "__main__":
    main()
