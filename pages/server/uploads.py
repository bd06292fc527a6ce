"""What may be sent in: the files that a session asks for, within bounds, while it uses them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from analytics.declared.language import say
from pages.server.browsers import browser_of
from pages.server.doors import refuse

MOST_FILES = 8
"""Files that a session may hold: the pages have a few boxes for one file each."""
MOST_TIMES = 2
"""The largest upload, so often, is what the files of a session may weigh together."""
CLAIM_SECONDS = 60.0
"""How long a file is kept that no box of the page holds."""
_UPLOAD = re.compile(r"(?:^|/)_stcore/upload_file/([^/]+)/([^/]+)$")
_MEGABYTE = 1 << 20


@dataclass(slots=True)
class _Held:
    """One file of a session; ``free_since`` is None while a box of the page holds it."""

    size: int
    free_since: float | None


@dataclass(slots=True)
class _Session:
    browser: str
    offered: dict[str, None] = field(default_factory=dict)
    held: dict[str, _Held] = field(default_factory=dict)


class Uploads:
    """The files of every session, by what was offered, sent and claimed.

    Parameters
    ----------
    drop : callable
        Called with a session and a file that is no longer kept.
    """

    def __init__(
        self, drop: Callable[[str, str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._drop = drop
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def begin(self, session: str, browser: str) -> None:
        """Note whose a session is; who resumes one has it from then on."""
        self._sessions.setdefault(session, _Session(browser)).browser = browser

    def end(self, session: str) -> None:
        """Forget a session; its files go with it."""
        self._sessions.pop(session, None)

    def offer(self, session: str, message: ForwardMsg) -> None:
        """Note the addresses to which a session may send files."""
        found = self._sessions.get(session)
        if found is not None:
            for urls in message.file_urls_response.file_urls:
                found.offered[urls.file_id] = None
            while len(found.offered) > MOST_FILES:
                del found.offered[next(iter(found.offered))]

    def claim(self, session: str, files: Iterable[str]) -> None:
        """Note which files the boxes of a page hold now; the others are free."""
        found, claimed = self._sessions.get(session), set(files)
        for name, held in found.held.items() if found is not None else ():
            if name in claimed:
                held.free_since = None
            elif held.free_since is None:
                held.free_since = self._clock()

    def sweep(self) -> None:
        """Drop the files that no box has held for a while."""
        until = self._clock() - CLAIM_SECONDS
        for session, found in self._sessions.items():
            late = [
                name
                for name, held in found.held.items()
                if held.free_since is not None and held.free_since <= until
            ]
            for name in late:
                del found.held[name]
                self._drop(session, name)

    def may_send(self, session: str, file: str, browser: str) -> bool:
        """Whether a browser may send a file under an address."""
        found = self._sessions.get(session)
        return found is not None and browser == found.browser != "" and file in found.offered

    def take(self, session: str, file: str, size: int) -> bool:
        """Take note of a file on its way in; whether there is room for it."""
        held = self._sessions[session].held
        others = [item.size for name, item in held.items() if name != file]
        most = MOST_TIMES * config.get_option("server.maxUploadSize") * _MEGABYTE
        if len(others) >= MOST_FILES or sum(others) + size > most:
            return False
        held[file] = _Held(size, self._clock())
        return True

    def lose(self, session: str, file: str) -> None:
        """Take note that a file was not kept after all, or was taken away."""
        found = self._sessions.get(session)
        if found is not None:
            found.held.pop(file, None)


class UploadGuard:
    """Lets in the files that were asked for, and knows what becomes of them."""

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all but files beyond a session's bounds."""
        found = _UPLOAD.search(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in {"PUT", "DELETE"}:
            await self._app(scope, receive, send)
            return
        session, file = found.groups()
        refused = self._refused(scope, session, file)
        if refused is not None:
            await refuse(scope, receive, send, *refused)
            return
        kept = False

        async def sent(message: Message) -> None:
            nonlocal kept
            if message["type"] == "http.response.start":
                kept = scope["method"] == "PUT" and message["status"] == HTTPStatus.NO_CONTENT
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            if not kept:
                self._uploads.lose(session, file)

    def _refused(self, scope: Scope, session: str, file: str) -> tuple[HTTPStatus, str] | None:
        if not self._uploads.may_send(session, file, browser_of(scope)):
            return HTTPStatus.NOT_FOUND, say("No session of this browser asked for this file.")
        if scope["method"] == "DELETE":
            return None
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal():
            return HTTPStatus.LENGTH_REQUIRED, say("An upload says how long it is.")
        if not self._uploads.take(session, file, int(length)):
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, say(
                "This session holds as many files as it may: take one out of its box first."
            )
        return None
