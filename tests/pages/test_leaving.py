"""What runs for a browser ends when its connection does; proved on a server of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.places import ROOT

PATIENCE = 90
ENDLESS = """
CREATE VIEW endless AS SELECT 'A' || a.range || '-' || b.range AS account_id, 700 AS score,
CAST(1000 AS DECIMAL(18, 2)) AS credit_limit, CAST(10 AS DECIMAL(18, 2)) AS balance
FROM range(100000000) a, range(100000000) b
"""
pytestmark = pytest.mark.timeout(300)


class Browser:
    """A session on the app as a browser has it: messages by a socket, no page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.page = ""
        self.buttons: dict[str, str] = {}

    def run(self, page: str = "", press: str = "") -> None:
        """Ask for a run of the app, with a button pressed by its label."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = self.page
        if press:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = self.buttons[press], True
        self._connection.send(message.SerializeToString())

    def read(self) -> None:
        """Take in what the app sends, until the run has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            data = self._connection.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            self._take(message)
            if message.WhichOneof("type") == "script_finished":
                return
        raise AssertionError("the app did not send what was waited for")

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        if kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            if element.HasField("button"):
                self.buttons[element.button.label] = element.button.id


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Path, int]]:
    """Serve the app over a DuckDB file with a view that has no end; give port, log and process."""
    file, log = tmp_path / "bank.duckdb", tmp_path / "log.txt"
    with duckdb.connect(file) as connection:
        connection.execute(ENDLESS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "HEADROOM_DATABASES": json.dumps({"bank": f"duckdb:///{file}"}),
        "HEADROOM_SECONDS": "600",
        "HEADROOM_MEMORY": "300MB",
        "HEADROOM_HOME": str(tmp_path / "home"),
    }
    command = [sys.executable, "-m", "analytics.cli", "app", "--no-browser", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=out, stderr=out)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield port, log, process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310 - ours
            return
        time.sleep(0.2)
    raise AssertionError("the app did not start")


def wait_until(so: Callable[[], bool]) -> bool:
    """Wait until something is so, for a while; return whether it is."""
    end = time.monotonic() + PATIENCE
    while not so() and time.monotonic() < end:
        time.sleep(0.2)
    return so()


def readers(server: int) -> list[str]:
    """Return the processes of a server's that read a view for it."""
    tasks = Path(f"/proc/{server}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text(encoding="ascii").split()]
    return [child for child in children if "first_reader" in command_of(child)]


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def test_a_view_without_end_runs_no_longer_than_the_browser_that_asked(
    served: tuple[int, Path, int],
) -> None:
    port, log, server = served
    own = f"127.0.0.1:{port}"
    origin: Any = f"http://{own}"
    with connect(
        f"ws://{own}/_stcore/stream", origin=origin, max_size=None, ping_interval=None
    ) as socket_:
        browser = Browser(socket_)
        browser.run("load")
        browser.read()
        browser.run(press="Open this table")
        assert wait_until(lambda: bool(readers(server)))
        time.sleep(3)
        assert readers(server), "it reads on"
        assert "database bank" not in log.read_text(errors="replace")
    assert wait_until(lambda: not readers(server))
    assert wait_until(lambda: "database bank: CANCELLED" in log.read_text(errors="replace"))
