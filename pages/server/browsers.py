"""Whose a file is: what was offered to a browser's sessions is given to it, while they live."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import PurePosixPath

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from analytics.declared.language import say
from pages.server.doors import refuse

COOKIE = "headroom_browser"
MOST_OFFERED = 1_000
"""Files that are remembered for a browser; the oldest are forgotten first."""
_MEDIA = re.compile(r"(?<!/static)/media/([^/]+)$")
"""The address of a file, below any prefix; the framework's own fonts are in ``/static/media``."""


def browser_of(scope: Scope) -> str:
    """Return by what a browser is known; empty where it has not been given a cookie."""
    return HTTPConnection(scope).cookies.get(COOKIE, "")


class Browsers:
    """Which browsers have sessions, and which files were offered to them.

    Parameters
    ----------
    patience : float
        Seconds that a browser without a connection is waited for: a network may stumble.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._offered: dict[str, dict[str, None]] = {}
        self._connections: dict[str, int] = {}
        self._left: dict[str, float] = {}

    def arrive(self, browser: str) -> None:
        """Note a connection of a browser."""
        self._connections[browser] = self._connections.get(browser, 0) + 1
        self._left.pop(browser, None)

    def leave(self, browser: str) -> None:
        """Note that a connection has ended."""
        self._connections[browser] -= 1
        if not self._connections[browser]:
            del self._connections[browser]
            self._left[browser] = self._clock()

    def offer(self, browser: str, message: ForwardMsg) -> None:
        """Note the files that a message to a browser names."""
        offered = self._offered.setdefault(browser, {})
        for name in _files_in(message):
            offered.pop(name, None)
            offered[name] = None
        while len(offered) > MOST_OFFERED:
            del offered[next(iter(offered))]

    def may_fetch(self, browser: str, name: str) -> bool:
        """Whether a file was offered to a browser that still has a session."""
        self.forget()
        return bool(browser) and name in self._offered.get(browser, {})

    def forget(self) -> None:
        """Forget the browsers whose last session has ended."""
        until = self._clock() - self._patience
        for browser in [name for name, moment in self._left.items() if moment <= until]:
            del self._left[browser]
            self._offered.pop(browser, None)


class Media:
    """Gives a file to the browser that it was made for, and lets nobody keep a copy of it."""

    def __init__(self, app: ASGIApp, browsers: Browsers) -> None:
        self._app = app
        self._browsers = browsers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all but files of others."""
        found = _MEDIA.search(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
        elif not self._browsers.may_fetch(browser_of(scope), PurePosixPath(found[1]).stem):
            why = say("This file belongs to a session that has ended, or to another browser.")
            await refuse(scope, receive, send, HTTPStatus.NOT_FOUND, why)
        else:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)["Cache-Control"] = "no-store"
                await send(message)

            await self._app(scope, receive, sent)


def _files_in(message: ForwardMsg) -> Iterator[str]:
    """Yield the names of the files that a message gives the addresses of.

    Only fields that the server fills with an address: a text of a portfolio offers nothing.
    """
    element = message.delta.new_element
    addresses = [
        message.logo.image,
        message.logo.icon_image,
        message.page_config_changed.favicon,
        message.backend_operation_response.deferred_file.url,
        element.download_button.url,
        *(image.url for image in element.imgs.imgs),
    ]
    for address in addresses:
        found = _MEDIA.search(address)
        if found:
            yield PurePosixPath(found[1]).stem
