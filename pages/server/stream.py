"""What goes over a session's WebSocket: messages that pages send, and what it is told in return."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.server.browsers import Browsers, browser_of
from pages.server.uploads import MOST_FILES, Uploads

logger = logging.getLogger(__name__)

PASSED = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
"""Messages of a browser that are passed on as they are. Others end every user's results
(``clear_cache``), change how the app runs, tell of the repository, or write on the server's disk.
"""
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""Requests to the server that the pages make: downloads, and the rows of a long table."""
_NAMES_FILES = (b"/media/", b"/upload_file/")


class Sessions:
    """Which sessions have a connection, and since when others have none.

    Parameters
    ----------
    patience : float
        Seconds that a session without a connection is waited for.
    close : callable
        Ends a session for good.
    """

    def __init__(
        self,
        patience: float,
        close: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._close = close
        self._clock = clock
        self._connected: dict[str, int] = {}
        self._left: dict[str, float] = {}

    def arrive(self, session: str) -> None:
        """Note a connection of a session."""
        self._connected[session] = self._connected.get(session, 0) + 1
        self._left.pop(session, None)

    def leave(self, session: str) -> None:
        """Note that a connection has ended."""
        self._connected[session] -= 1
        if not self._connected[session]:
            del self._connected[session]
            self._left[session] = self._clock()

    def sweep(self) -> list[str]:
        """End the sessions that nobody has come back to; return them.

        One that cannot be ended keeps no other from it, and is tried again as much later.
        """
        now = self._clock()
        due = [session for session, moment in self._left.items() if moment <= now - self._patience]
        ended: list[str] = []
        for session in due:
            try:
                self._close(session)
            except Exception:
                logger.exception("A session could not be ended; it is tried again.")
                self._left[session] = now
            else:
                del self._left[session]
                ended.append(session)
        return ended


class Stream:
    """Passes on what pages send, and takes note of what a session is offered and claims."""

    def __init__(
        self, app: ASGIApp, *, browsers: Browsers, uploads: Uploads, sessions: Sessions
    ) -> None:
        self._app = app
        self._browsers = browsers
        self._uploads = uploads
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything that is no WebSocket, and what may pass of one."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        browser, session = browser_of(scope), ""

        async def received() -> Message:
            while True:
                message = await receive()
                data = message.get("bytes")
                if message["type"] != "websocket.receive" or not data or self._heard(session, data):
                    return message

        async def sent(message: Message) -> None:
            nonlocal session
            data = message.get("bytes") if message["type"] == "websocket.send" else None
            if data and not session:
                session = self._begun(browser, data)
            if data and any(part in data for part in _NAMES_FILES):
                told = ForwardMsg.FromString(data)
                self._browsers.offer(browser, told)
                self._uploads.offer(session, told)
            await send(message)

        self._browsers.arrive(browser)
        try:
            await self._app(scope, received, sent)
        finally:
            self._browsers.leave(browser)
            if session:
                self._sessions.leave(session)

    def _begun(self, browser: str, data: bytes) -> str:
        """Return the session that a message to the browser opens; empty if it opens none."""
        session = str(ForwardMsg.FromString(data).new_session.initialize.session_id)
        if session:
            self._sessions.arrive(session)
            self._uploads.begin(session, browser)
        return session

    def _heard(self, session: str, data: bytes) -> bool:
        """Take note of a message of the browser; whether it is passed on."""
        message = BackMsg()
        try:
            message.ParseFromString(data)
        except DecodeError:
            return True  # the framework closes the connection
        if not may_pass(message):
            logger.warning("Dropped a message that no page sends: %s", message.WhichOneof("type"))
            return False
        if message.HasField("rerun_script"):
            self._uploads.claim(session, _files_held(message))
        return True


def may_pass(message: BackMsg) -> bool:
    """Whether a message is one that the pages of this app send."""
    kind = message.WhichOneof("type")
    if kind == "file_urls_request":
        return len(message.file_urls_request.file_names) <= MOST_FILES
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in OPERATIONS
    return kind in PASSED


def _files_held(message: BackMsg) -> Iterator[str]:
    """Yield the files that the boxes of the page hold."""
    for widget in message.rerun_script.widget_states.widgets:
        for info in widget.file_uploader_state_value.uploaded_file_info:
            yield info.file_id
