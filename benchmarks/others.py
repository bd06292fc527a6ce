"""How the others fare while one visitor loads what is made to take all there is.

A server of its own, asked over its sockets as browsers do: light sessions move the threshold, first
alone, then beside one more that uploads a file and loads it. The rival is the same server in the
same run just before, since both share the machine with whatever else runs on it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from tests.bombs import bombs

ROOT = Path(__file__).resolve().parents[1]
SESSIONS = 5
PAUSE = 0.5
"""Seconds between two moves of one session."""
MOST = 4
PATIENCE = 120.0
QUOTES, COLUMNS, ROWS = 150_000_000, 60_000, 200_000
HEADER = b"account_id,credit_limit,balance,score\n"


class Visitor:
    """A browser without a window: its cookies, and one session on the app."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._cookies: dict[str, str] = {}
        self._ask("GET", "/", {"Accept": "text/html"})
        self._ask("GET", "/_stcore/health")
        self._leaving = contextlib.ExitStack()
        self._socket = self._connected()
        self._widgets: dict[str, Any] = {}
        self._told: list[str] = []
        self._page = ""

    def _connected(self) -> ClientConnection:
        protocols: Any = ["streamlit", self._cookies.get("_streamlit_xsrf", "")]
        origin: Any = f"http://{self._host}"
        connection = connect(
            f"ws://{self._host}/_stcore/stream",
            origin=origin,
            subprotocols=protocols,
            additional_headers={"Cookie": self._cookie},
            max_size=None,
        )
        return self._leaving.enter_context(connection)

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> int:
        link = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        with contextlib.closing(link):
            link.request(method, path, body, {"Cookie": self._cookie, **(headers or {})})
            answer = link.getresponse()
            answer.read()
        for value in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: one.value for name, one in SimpleCookie(value).items()}
        return answer.status

    def run(self, *changes: Callable[[Any], None], page: str = "") -> float:
        """Run the app's script, after changes of widgets; return its seconds on the clock."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = self._page
        for change in changes:
            change(message.rerun_script.widget_states.widgets.add())
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        self._until("script_finished")
        return time.perf_counter() - started

    def _until(self, kind: str) -> ForwardMsg:
        while True:
            data: Any = self._socket.recv(timeout=PATIENCE)
            message: ForwardMsg = ForwardMsg.FromString(data)
            found = message.WhichOneof("type")
            if found == "navigation":
                self._page = message.navigation.page_script_hash
            if found == "delta" and message.delta.HasField("new_element"):
                self._note(message.delta.new_element)
            if found == kind:
                return message

    def _note(self, element: Any) -> None:
        if element.HasField("alert"):
            self._told.append(element.alert.body)
        if element.HasField("button") and element.button.label == "Load this portfolio":
            self._widgets["button"] = element.button
        if element.HasField("slider"):
            self._widgets.setdefault("slider", element.slider)
        if element.HasField("file_uploader") and element.file_uploader.label.startswith("CSV"):
            self._widgets["file_uploader"] = element.file_uploader

    def move(self, threshold: int) -> float:
        """Move the threshold, which is the first slider; return the seconds until all is shown."""
        own = self._widgets["slider"].id

        def change(state: Any) -> None:
            state.id = own
            state.double_array_value.data.append(threshold)

        return self.run(change)

    def bring(self, file: Path) -> float:
        """Upload a file on the page Load and let it be read; return the seconds of it all."""
        started = time.perf_counter()
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.file_names.append(file.name)
        self._socket.send(message.SerializeToString())
        urls = self._until("file_urls_response").file_urls_response.file_urls[0]
        status = self._put(urls.upload_url, file)
        if status >= 400:
            raise AssertionError(f"The upload was answered with {status}.")
        own = self._widgets["file_uploader"].id

        def change(state: Any) -> None:
            state.id = own
            one = state.file_uploader_state_value.uploaded_file_info.add()
            one.file_id, one.name, one.size = urls.file_id, file.name, file.stat().st_size
            one.file_urls.CopyFrom(urls)

        self._told.clear()
        self._widgets.pop("button", None)
        self.run(change)
        if "button" in self._widgets:
            press = self._widgets["button"].id

            def load(state: Any) -> None:
                state.id, state.trigger_value = press, True

            self.run(change, load)
        if not self._told:
            raise AssertionError(f"Nothing was said of {file.name}: it was not refused.")
        return time.perf_counter() - started

    def _put(self, address: str, file: Path) -> int:
        edge = uuid.uuid4().hex
        kind = f'Content-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        body = f"--{edge}\r\n{kind}".encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-Xsrftoken": self._cookies.get("_streamlit_xsrf", ""),
            "Origin": f"http://{self._host}",
        }
        return self._ask("PUT", address, headers, body)

    def close(self) -> None:
        """Leave."""
        self._leaving.close()


@dataclass(slots=True)
class Light:
    """Sessions that move the threshold, each at its own pace, and what every move took."""

    visitors: list[Visitor]
    seconds: list[float] = field(default_factory=list)

    def while_lasts(self, work: Callable[[], object]) -> tuple[float, float]:
        """Let them move while something runs; return the median and the 95th percentile."""
        self.seconds.clear()
        over = threading.Event()
        threads = [threading.Thread(target=self._moved, args=(v, over)) for v in self.visitors]
        for thread in threads:
            thread.start()
        try:
            work()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        return statistics.median(self.seconds), float(np.percentile(self.seconds, 95))

    def _moved(self, visitor: Visitor, over: threading.Event) -> None:
        place = 0
        while True:
            place += 1
            self.seconds.append(visitor.move(600 + place % 200))
            if over.wait(PAUSE):
                return


def quotes(path: Path, size: int) -> Path:
    """Write nothing but quotation marks below a header."""
    path = path.with_suffix(".csv")
    path.write_bytes(HEADER + b'"' * (QUOTES // size))
    return path


def columns(path: Path, size: int) -> Path:
    """Write a header of thousands of columns."""
    path = path.with_suffix(".csv")
    path.write_bytes(b",".join(b"c%d" % place for place in range(COLUMNS // size)) + b"\n1\n")
    return path


def long_ids(path: Path, size: int) -> Path:
    """Write a Parquet file of one long id in every row."""
    rows = ROWS // size
    own = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["x" * 45_000])
    )
    good: dict[str, list[float]] = {"credit_limit": [1000.0], "balance": [100.0], "score": [700]}
    table = {"account_id": own, **{name: value * rows for name, value in good.items()}}
    path = path.with_suffix(".parquet")
    pq.write_table(pa.table(table), path)
    return path


def workbook(path: Path, size: int) -> Path:
    """Write a workbook of far more rows than its directory says that it unpacks to."""
    rows = bombs.repeated(bombs.ROW, 10 * ROWS // size)
    return bombs.forged(bombs.workbook(path.with_suffix(".xlsx"), rows))


BOMBS: dict[str, Callable[[Path, int], Path]] = {
    "quotes": quotes,
    "columns": columns,
    "parquet": long_ids,
    "workbook": workbook,
}
"""What is loaded beside, by its name: each a file of so much less than its full size."""


def beside(setting: Setting) -> Measured:
    """Return the 95th percentile of a move beside each bomb, for that of one alone.

    A setting without further seconds (a test) has small bombs and few moves.
    """
    size = 1 if setting.seconds else 1000
    with tempfile.TemporaryDirectory() as folder:
        files = {name: make(Path(folder) / name, size) for name, make in BOMBS.items()}
        with _served(Path(folder)) as port:
            return _measured(port, files, 6.0 if setting.seconds else 0.2)


def _measured(port: int, files: dict[str, Path], seconds: float) -> Measured:
    with contextlib.ExitStack() as stack:
        light = Light([_entered(stack, port, "") for _ in range(SESSIONS)])
        light.while_lasts(lambda: time.sleep(seconds))  # warm, and not counted
        said, ratios = [], []
        for name, file in files.items():
            alone = light.while_lasts(lambda: time.sleep(seconds))
            along = light.while_lasts(partial(_for, port, file, seconds))
            ratios.append(along[1] / alone[1])
            half, most = (
                f"{a * 1e3:,.0f} to {b * 1e3:,.0f}" for a, b in zip(alone, along, strict=True)
            )
            said.append(f"{name} {ratios[-1]:.2f} x (median {half} ms, 95% {most} ms)")
    return Measured(values=tuple(ratios), note="; ".join(said))


def _for(port: int, file: Path, seconds: float) -> None:
    """Load a file for so long, once at least: each time in a session of its own, as uploads add up.

    And not more often than ``MOST`` times, as the server keeps a session for a while.
    """
    end = time.perf_counter() + seconds
    for _ in range(MOST):
        with contextlib.ExitStack() as stack:
            _entered(stack, port, "load").bring(file)
        if time.perf_counter() > end:
            return


def _entered(stack: contextlib.ExitStack, port: int, page: str) -> Visitor:
    visitor = Visitor(port)
    stack.callback(visitor.close)
    visitor.run(page=page)
    return visitor


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[int]:
    """Serve the app on a free port of this machine; give the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    temporary = folder / "temporary"
    temporary.mkdir()
    own = {"HEADROOM_HOME": str(folder / "home"), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "analytics.cli", "app", "--no-browser", "--port", str(port)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310 - ours
            return
        time.sleep(0.2)
    raise AssertionError("The app did not start.")


BENCHMARKS = (
    Benchmark(
        name="others",
        title="A move of the threshold (95th percentile) while another session loads a bomb",
        unit=Unit.RATIO,
        target=2.0,
        run=beside,
    ),
)
