"""What a person does in the browser and sees there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from tests.places import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)
QUIET = 0.35
PATIENCE = 180.0
HERE = (sys.executable, "-m", "analytics.cli")
"""The command line of this repository."""

_FORBIDDEN = """addEventListener('securitypolicyviolation', event => {
  if (event.blockedURI !== 'wasm-eval')
    console.error(`forbidden: ${event.effectiveDirective} ${event.blockedURI}`);
})"""
"""Says in the console what the policy of a page's content forbids. The framework's whole numbers
ask once whether they may be compiled, and are reckoned plainly where they may not.
"""
_CUT_OFF = """() => {
  const shown = '[data-testid=stMetric] *, [data-testid=stMarkdownContainer] *, button *, label *';
  const cut = [...document.querySelectorAll(shown)].filter(item => {
    const style = getComputedStyle(item);
    return item.clientWidth > 0 && style.overflowX !== 'visible' && style.visibility !== 'hidden'
      && item.scrollWidth > item.clientWidth + 1 && item.textContent.trim();
  });
  return [...new Set(cut.map(item => item.textContent.trim()))];
}"""
_PICK = """(chart, wanted) => {
  const plot = chart.querySelector('.js-plotly-plot');
  const layer = plot._fullData.find(trace => trace.name === 'policies');
  const {xaxis, yaxis} = plot._fullLayout;
  let best = null;
  for (let i = 0; i < layer.x.length; i++) {
    const far = Math.abs(layer.x[i] - wanted[1]) + Math.abs(layer.y[i] - wanted[0]) / 6;
    if (best === null || far < best.far) best = {far, i};
  }
  const box = plot.getBoundingClientRect();
  return {
    threshold: layer.y[best.i],
    percent: layer.x[best.i],
    left: box.left + xaxis._offset + xaxis.l2p(layer.x[best.i]),
    top: box.top + yaxis._offset + yaxis.l2p(layer.y[best.i]),
  };
}"""


def chromium_program() -> str | None:
    """Return the browser's program: the one named in CHROMIUM, else what is found; None without."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def serving(
    log: Path,
    *,
    program: Sequence[str] = HERE,
    arguments: Sequence[str] = ("app", "--no-browser"),
    folder: Path = ROOT,
    settings: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run ``headroom app``, or another server, on a free port; end it by its own process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*program, *arguments, "--port", str(port)]
    with log.open("wb") as out:
        temporary = log.parent / "temporary"
        temporary.mkdir(exist_ok=True)
        own = os.environ | {"HEADROOM_HOME": str(log.parent / "home"), "TMPDIR": str(temporary)}
        own |= settings or {}
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=out, stderr=out)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310
            return
        time.sleep(0.2)
    raise AssertionError(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


class Visit:
    """One browser profile with one page open on the app."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.noise: list[str] = []
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.noise.append(f"script error: {error}"))
        page.on("request", self._see)
        page.add_init_script(_FORBIDDEN)

    @classmethod
    @contextlib.contextmanager
    def of(
        cls, browser: Browser, address: str, width: int = 1600, height: int = 900
    ) -> Iterator[Visit]:
        """Open a fresh profile: nothing is kept from another visit."""
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        try:
            yield cls(context.new_page(), address)
        finally:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        own = "/_stcore/" in str(message.location) and "404" in message.text
        if message.type == "error" and not own:
            self.noise.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        host = urlsplit(self.address).netloc
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            self.noise.append(f"request to another host: {request.url}")

    def wrong(self) -> list[str]:
        """List what no visit should meet: other hosts, console errors, exception boxes."""
        boxes = self.page.locator("[data-testid=stException]").all_inner_texts()
        failed = [text for text in self.errors() if "should not" in text]
        return [*self.noise, *boxes, *failed]

    def faults(self) -> list[str]:
        """List what does not fit in the window: sideways scrolling, and texts cut off."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        main = self.page.evaluate(
            "(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))"
        )
        found = [f"the page is {max(wide, main)} pixels too wide"] if max(wide, main) > 1 else []
        return found + [f"cut off: {text!r}" for text in self.page.evaluate(_CUT_OFF)]

    def open(self, path: str = "/") -> Visit:
        """Go to an address of the app, or to a whole link."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self.settled()

    def settled(self) -> Visit:
        """Wait until the app has finished and the page stands still."""
        begin = last = time.monotonic()
        seen = None
        while time.monotonic() - begin < PATIENCE:
            state = self.page.evaluate(
                """() => {
                  const app = document.querySelector('[data-testid=stApp]');
                  const busy = document.querySelector(
                    '[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]');
                  const idle = app && app.dataset.testScriptState === 'notRunning' && !busy
                    && document.querySelector(
                      '[data-testid=stMain] :is([data-testid=stMarkdown], [data-testid=stAlert])');
                  return idle ? document.body.innerText + location.href : null;
                }"""
            )
            if state is None or state != seen:
                seen, last = state, time.monotonic()
            elif time.monotonic() - last > QUIET:
                return self
            time.sleep(0.05)
        raise AssertionError("the page did not come to rest")

    # ---- Reading

    def cards(self) -> dict[str, str]:
        """Return the page's cards: title -> value, increment and the line below."""
        found = {}
        for metric in self.page.locator("[data-testid=stMetric]").all():
            title = metric.locator("[data-testid=stMetricLabel]").inner_text().strip()
            card = metric.locator("xpath=ancestor::*[@data-testid='stVerticalBlock'][1]")
            found[title] = " ".join(card.inner_text().removeprefix(title).split())
        return found

    def text(self) -> str:
        """Return all that can be read on the page."""
        return self.page.inner_text("body").replace("\N{WORD JOINER}", "")

    def strange_links(self) -> list[str]:
        """List images and links that lead away from the app."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('a[href], img[src]')].map(e => e.href || e.src)"
        )
        own = (self.address, "data:", "blob:")
        return [address for address in found if not address.startswith(own)]

    def errors(self) -> list[str]:
        """Return the texts of the boxes that say that something is wrong."""
        boxes = self.page.locator("[data-testid=stAlert]:has([data-testid=stAlertContentError])")
        return boxes.all_inner_texts()

    def link(self) -> dict[str, str]:
        """Return what the address bar holds."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def lever(self, label: str) -> int:
        """Return where a slider stands."""
        return int(self._handle(label).input_value())

    # ---- Doing

    def _handle(self, label: str) -> Locator:
        return self.page.locator(f"[data-testid=stSlider] input[aria-label='{label}']")

    def _slider(self, label: str) -> Locator:
        inside = self.page.locator(f"input[aria-label='{label}']")
        return self.page.locator("[data-testid=stSlider]", has=inside)

    def drag(self, label: str, value: int) -> Visit:
        """Drag a slider with the mouse to about a value."""
        handle = self._handle(label)
        low, high = (int(handle.get_attribute(name) or 0) for name in ("min", "max"))
        track = self._slider(label).locator("[role=group] > div").first.bounding_box()
        thumb = self._slider(label).locator("[data-testid=stSliderThumbValue]").bounding_box()
        assert track
        assert thumb
        mouse, top = self.page.mouse, track["y"] + track["height"] / 2
        mouse.move(track["x"] + track["width"] * (self.lever(label) - low) / (high - low), top)
        mouse.down()
        mouse.move(track["x"] + track["width"] * (value - low) / (high - low), top, steps=6)
        mouse.up()
        return self.settled()

    def press(self, label: str, key: str, times: int = 1) -> Visit:
        """Move a slider by a key of the keyboard, at a person's pace."""
        for _ in range(times):
            self._handle(label).press(key)
            self.settled()
        return self

    def type(self, label: str, text: str) -> Visit:
        """Type into a box and leave it with Enter."""
        box = self.page.get_by_label(label, exact=True)
        box.fill(text)
        box.press("Enter")
        return self.settled()

    def click(self, name: str, role: Any = "button") -> Visit:
        """Press a button, a link or a tab by its name."""
        self.page.get_by_role(role, name=re.compile(rf"{re.escape(name)}$")).first.click()
        return self.settled()

    def unfold(self, title: str) -> Visit:
        """Open a folded section of the levers."""
        self.page.locator("[data-testid=stExpander] summary", has_text=title).click()
        return self.settled()

    def turn_to(self, title: str) -> Visit:
        """Go to another page by the navigation."""
        self.page.locator("[data-testid=stTopNavLink]", has_text=title).first.click()
        return self.settled()

    def take_cell(self, threshold: int, percent: int) -> tuple[int, int]:
        """Click the cell of the map nearest to a policy; return what that cell stands for."""
        chart = self.page.locator(".st-key-policies")
        chart.locator(".js-plotly-plot .scatterlayer").wait_for(state="attached")
        chart.scroll_into_view_if_needed()
        spot = chart.evaluate(_PICK, [threshold, percent])
        self.page.mouse.move(spot["left"], spot["top"])
        # A click takes the mark that the pointer was seen over.
        chart.locator(".hoverlayer .hovertext").first.wait_for(state="attached")
        self.page.mouse.click(spot["left"], spot["top"])
        self.settled()
        return round(spot["threshold"]), round(spot["percent"])

    def save(self, button: str, folder: Path) -> Path:
        """Press a download button; return the file as it was saved."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("button", name=re.compile(rf"{re.escape(button)}$")).click()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path
